"""Marks that show a field: images, heat maps, contours, meshes of triangles, and vectors. See marks.py for what the functions take and give."""

from __future__ import annotations

from typing import Any

import numpy as np

from labnotes.author.figures.matplotlib.artists import label_of
from labnotes.author.figures.matplotlib.colours import ColourGroups
from labnotes.author.figures.matplotlib.places import is_data, placed_on, projection_before_data, transform_to_data
from labnotes.author.figures.matplotlib.values import (
    PLACES,
    add_opacity,
    add_values,
    float_lists,
    joined_paths,
    kind_by_placement,
    path_parts,
)
from labnotes.author.figures.pixel_values import block_means, picture_digest
from labnotes.model.plots import ArrayValues, Mark, PlainValue

MOST_OF_PICTURE = 30_000
"""Numbers of a picture in red, green and blue that are all recorded; of a larger one its digest, and the means of its blocks."""

BLOCKS = 16
"""Blocks of a large picture along each side."""


def _as_bytes(pixels: Any) -> Any:
    """Pixels as matplotlib draws them, from 0 to 255."""
    largest = 1.0 if np.nanmax(pixels) <= 1 else 255.0
    return np.round(np.clip(np.nan_to_num(pixels) / largest, 0, 1) * 255).astype(np.uint8)


def read_heat_map(mesh: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    projection = projection_before_data(mesh.get_transform(), ax)
    if mesh.get_array() is None or (not projection and placed_on(mesh, ax) != "data"):
        return None
    corners = np.asarray(mesh.get_coordinates(), float)
    arrays: dict[str, ArrayValues] = {"x": corners[..., 0], "y": corners[..., 1]}
    exact: dict[str, PlainValue] = {"coordinates": projection} if projection else {}
    add_values(mesh, arrays, exact)
    add_opacity(mesh, arrays)
    cells = (corners.shape[0] - 1, corners.shape[1] - 1)
    # one value a cell, or (gouraud shading) one a corner; older versions keep them flat
    for shape in (cells, corners.shape[:2]):
        if np.size(arrays["value"]) == shape[0] * shape[1]:
            arrays["value"] = np.reshape(arrays["value"], shape)
            return Mark("heat map", label_of(mesh), None, float_lists(arrays), exact)
    return None


def read_image(image: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    place = placed_on(image, ax)
    to_data = transform_to_data(image.get_transform(), ax) if place not in PLACES else None
    if image.get_array() is None or (place not in PLACES and to_data is None):
        return None
    left, right, bottom, top = image.get_extent()
    exact: dict[str, PlainValue] = {"origin": image.origin}
    arrays: dict[str, ArrayValues] = dict(zip(PLACES[place or "data"], ([left, right], [bottom, top]), strict=True))
    if to_data is not None:  # turned or sheared: three corners tell all
        corners = to_data.transform([(left, bottom), (right, bottom), (left, top)])
        arrays = {"x": corners[:, 0], "y": corners[:, 1]}
    if image.get_array().ndim == 3:  # red, green, blue (and opacity): the picture itself is the data
        pixels = np.asarray(image.get_array(), float)
        arrays["value"] = pixels if pixels.size <= MOST_OF_PICTURE else block_means(pixels, BLOCKS)
        if pixels.size > MOST_OF_PICTURE:
            exact["picture"] = picture_digest(_as_bytes(pixels))
    else:
        add_values(image, arrays, exact)
    add_opacity(image, arrays)
    return Mark(kind_by_placement("image", place), label_of(image), None, float_lists(arrays), exact)


def read_image_on_figure(image: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read an image that stands on the figure itself, pixel by pixel of the paper: its values, wherever it stands."""
    arrays: dict[str, ArrayValues] = {}
    exact: dict[str, PlainValue] = {}
    if np.ndim(image.get_array()) == 3:
        exact["picture"] = picture_digest(image.get_array())
    else:
        add_values(image, arrays, exact)
    return Mark("image on the figure", label_of(image), None, float_lists(arrays), exact)


def read_uneven_image(image: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read an image whose columns and rows have places of their own: their middles, or their edges (one place more)."""
    if image.get_array() is None or placed_on(image, ax) != "data" or image.get_array().ndim != 2:
        return None
    arrays: dict[str, ArrayValues] = {"x": image._Ax, "y": image._Ay}  # no public name
    exact: dict[str, PlainValue] = {}
    image.autoscale_None()
    add_values(image, arrays, exact)
    return Mark("uneven image", label_of(image), None, float_lists(arrays), exact)


def read_contours(contours: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read contours: their levels, and the corners of each line or area. "part" says which level each line or area belongs to (from 0)."""
    paths = _paths_without_labels(contours) if contours.labelTexts else contours.get_paths()
    in_space = getattr(contours, "_3dverts_codes", None)  # in axes of three dimensions
    projection = projection_before_data(contours.get_transform(), ax)
    on_data = bool(in_space is not None or projection or placed_on(contours, ax) == "data")
    if paths is None or not on_data or (in_space and contours.labelTexts):
        return None
    by_level = [path_parts(path) for path in paths]
    if in_space is not None:
        by_level = [[np.asarray(corners, float)] if len(corners) else [] for corners, _ in in_space]
    arrays = joined_paths([part for parts in by_level for part in parts], ("x", "y", "z")[: 2 if in_space is None else 3])
    arrays["part"] = [level for level, parts in enumerate(by_level) for _ in parts]
    arrays["level"] = contours.levels
    exact: dict[str, PlainValue] = {"extended": contours.extend} if contours.extend != "neither" else {}
    exact |= {"coordinates": projection} if projection else {}
    colour = None
    if contours.colors is None:
        contours.autoscale_None()
        add_values(contours, arrays, exact)
    else:
        colour, several = colours.group_of_parts(
            _without_transparent(contours.get_facecolor() if contours.filled else contours.get_edgecolor()), contours
        )
        exact |= several
    if any(contours.hatches):
        exact["hatches"] = _hatch_numbers(contours.hatches)
    if any(text.get_visible() for text in contours.labelTexts):
        exact["labels"] = [str(contours.get_text(level, contours.labelFmt)) for level in sorted(contours.labelLevelList)]
    return Mark("filled contours" if contours.filled else "contours", label_of(contours), colour, float_lists(arrays), exact)


def _hatch_numbers(looks: Any) -> list[int | None]:
    """The number of each hatch in order of appearance, the same number for the same hatch; None for no hatch."""
    seen: dict[Any, int] = {}
    return [seen.setdefault(look, len(seen)) if look else None for look in looks]


def _without_transparent(colours: Any) -> list[Any]:
    """The colours (red, green, blue, opacity) that are not fully transparent."""
    return [colour for colour in colours if colour[3] > 0]


def _paths_without_labels(contours: Any) -> Any:
    """The paths of contours as they were before labels were set into them: how much is cut out depends on the font. None if unknown."""
    if contours.filled:
        return contours.get_paths()
    generator = getattr(contours, "_contour_generator", None)  # no public name; lost when a figure is pickled
    if generator is None:
        return None
    return [_joined_path(*generator.create_contour(level)) for level in contours.levels]


class _PlainPath:
    """The corners and codes of a path, under the names that matplotlib's own paths have."""

    def __init__(self, vertices: Any, codes: Any) -> None:
        self.vertices, self.codes = vertices, codes


def _joined_path(vertices: list[Any], codes: list[Any]) -> _PlainPath:
    return _PlainPath(np.concatenate(vertices), np.concatenate(codes)) if vertices else _PlainPath(np.empty((0, 2)), None)


def read_triangle_mesh(mesh: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a mesh of triangles with a value at each corner and shades between them."""
    if mesh.get_array() is None or placed_on(mesh, ax) != "data":
        return None
    net = mesh._triangulation  # no public name
    arrays: dict[str, ArrayValues] = {"x": net.x, "y": net.y, "corner": net.get_masked_triangles()}
    exact: dict[str, PlainValue] = {}
    mesh.autoscale_None()
    add_values(mesh, arrays, exact)
    return Mark("triangle mesh", label_of(mesh), None, float_lists(arrays), exact)


def read_vectors(arrows: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read the places and components of vectors. How long a unit is drawn is style, unless the author gave it in units of the axes."""
    projection = projection_before_data(arrows.get_offset_transform(), ax)
    if not projection and not is_data(arrows.get_offset_transform(), ax):
        return None
    u, v = (np.ma.array(part, mask=arrows.Umask) for part in (arrows.U, arrows.V))
    arrays: dict[str, ArrayValues] = {"x": arrows.X, "y": arrows.Y, "u": u, "v": v}
    exact: dict[str, PlainValue] = {"pivot": arrows.pivot, **({"coordinates": projection} if projection else {})}
    if not isinstance(arrows.angles, str):
        arrays["angle"] = np.ravel(arrows.angles)
    elif arrows.angles != "uv":
        exact["angles"] = arrows.angles
    if arrows.scale_units in ("x", "y", "xy") and arrows.scale is not None:
        exact["scale"] = [float(arrows.scale), arrows.scale_units]
    return _coloured_mark("vectors", arrows, arrays, exact, colours)


def read_vector_key(key: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read the key that shows how long a vector of known length is drawn."""
    return Mark("vector key", "", None, float_lists({"u": [key.U]}), {"text": key.text.get_text()})


def read_barbs(barbs: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    projection = projection_before_data(barbs.get_offset_transform(), ax)
    if not projection and not is_data(barbs.get_offset_transform(), ax):
        return None
    arrays: dict[str, ArrayValues] = {"x": barbs.x, "y": barbs.y, "u": barbs.u, "v": barbs.v}
    exact: dict[str, PlainValue] = {f"increment of a {name}": float(size) for name, size in sorted(barbs.barb_increments.items())}
    exact |= {"coordinates": projection} if projection else {}
    return _coloured_mark("barbs", barbs, arrays, exact, colours)


def _coloured_mark(kind: str, artist: Any, arrays: dict[str, ArrayValues], exact: dict[str, PlainValue], colours: ColourGroups) -> Mark:
    """A mark of vectors or barbs, with the values that its colours show, or else with the number of its colour."""
    colour = None
    if artist.get_array() is not None:
        artist.autoscale_None()
        add_values(artist, arrays, exact)
    else:
        colour, several = colours.group_of_parts(artist.get_facecolors(), artist)
        exact |= several
    return Mark(kind, label_of(artist), colour, float_lists(arrays), exact)
