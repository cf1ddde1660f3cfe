"""Marks in axes of three dimensions. See marks.py for what the functions take and give.

matplotlib has no public names for the places in space. Places in the plane follow from the camera, which is style.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgba_array

from labnotes.author.figures.matplotlib.artists import label_of, method_of_base
from labnotes.author.figures.matplotlib.colours import ColourGroups
from labnotes.author.figures.matplotlib.values import add_opacity, add_values, float_lists, joined_paths, vary
from labnotes.model.plots import ArrayValues, Mark, PlainValue

SPACE = ("x", "y", "z")


def read_line_in_space(line: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    return Mark("line", label_of(line), colours.group_number(line), float_lists(dict(zip(SPACE, line.get_data_3d(), strict=True))))


def read_scatter_in_space(points: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    arrays: dict[str, ArrayValues] = dict(zip(SPACE, (np.ma.ravel(places) for places in points._offsets3d), strict=True))
    sizes = np.asarray(points._sizes3d, float)
    if vary(sizes):  # one size for all is style
        arrays["size"] = sizes
    exact: dict[str, PlainValue] = {}
    colour = None
    if points.get_array() is not None:
        points.autoscale_None()
        add_values(points, arrays, exact)
    else:
        # the artist's own methods give the colours as the camera sorted and faded them
        faces, edges = (method_of_base(points, "Collection", name)(points) for name in ("get_facecolor", "get_edgecolor"))
        colour, exact = colours.group_of_parts(faces if len(faces) else edges, points)
    add_opacity(points, arrays)
    return Mark("scatter", label_of(points), colour, float_lists(arrays), exact)


def read_segments_in_space(lines: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read segments in space: the lines of a wire frame, vectors, error bars."""
    arrays: dict[str, ArrayValues] = joined_paths([np.asarray(segment, float) for segment in lines._segments3d], SPACE)
    exact: dict[str, PlainValue] = {}
    colour = None
    if lines.get_array() is not None:
        lines.autoscale_None()
        add_values(lines, arrays, exact)
    else:
        colour, exact = colours.group_of_parts(lines.get_colors(), lines)
    return Mark("segments", label_of(lines), colour, float_lists(arrays), exact)


def read_faces_in_space(faces: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read bars where all faces are those of boxes along the axes, else a surface: each corner once, and which corners each face has.

    The colours of a surface are its shading, unless they show values or differ in more than how light they are. Faces that look the same way
    are shaded alike: of boxes, the first face of each is asked.
    """
    polygons = _face_corners(faces)
    arrays = _box_arrays(polygons)
    kind = "bars" if arrays else "surface"
    arrays = arrays or _surface_arrays(polygons)
    exact: dict[str, PlainValue] = {}
    colour = None
    drawn = (
        to_rgba_array(method_of_base(faces, "Collection", "get_facecolor")(faces))
        if not hasattr(faces, "_facecolor3d")
        else faces._facecolor3d
    )
    if faces.get_array() is not None:
        faces.autoscale_None()
        add_values(faces, arrays, exact)
    elif kind == "bars" and len(drawn) in (1, len(polygons)):
        colour, exact = colours.group_of_parts(drawn[::6], faces)
    elif len(drawn) == len(polygons) and _differ_in_hue(drawn):
        arrays["rgb"] = np.asarray(drawn, float)[:, :3]
    return Mark(kind, label_of(faces), colour, float_lists(arrays), exact)


def _differ_in_hue(colours: Any) -> bool:
    """Whether colours differ in more than how light they are."""
    rgb = np.asarray(colours, float)[:, :3]
    return bool(len(rgb) and np.ptp(rgb / np.maximum(rgb.max(axis=1, keepdims=True), 1e-9), axis=0).max() > 0.02)


def _face_corners(faces: Any) -> list[Any]:
    """The corners of each face, an array of rows x, y, z."""
    if hasattr(faces, "_faces"):
        corners: Any = np.ma.filled(np.ma.asarray(faces._faces, float), np.nan)
        hidden = np.broadcast_to(getattr(faces, "_invalid_vertices", False), corners.shape[:2])
        return [face[~gone] for face, gone in zip(corners, hidden, strict=True)]
    return [faces._vec[:3, part].T for part in faces._segslices]  # before matplotlib 3.10


def _box_arrays(polygons: list[Any]) -> dict[str, ArrayValues]:
    """The arrays of boxes of six faces each, their places and sizes; empty if there is any other face."""
    if not polygons or len(polygons) % 6 or any(face.shape != (4, 3) for face in polygons):
        return {}
    corners = np.asarray(polygons).reshape(-1, 24, 3)
    low, high = corners.min(axis=1), corners.max(axis=1)
    if not np.all((corners == low[:, None]) | (corners == high[:, None])) or np.any(
        np.ptp(corners.reshape(-1, 6, 4, 3), axis=2).min(axis=2)
    ):
        return {}
    ends = dict(zip(SPACE, low.T, strict=True))
    return {**ends, **dict(zip(("width", "height", "depth"), (high - low).T, strict=True))}


def _surface_arrays(polygons: list[Any]) -> dict[str, ArrayValues]:
    """The arrays of a surface: corners in order of appearance, and the numbers of each face's corners with a gap (NaN) between faces."""
    numbered: dict[tuple[float, ...], int] = {}
    corners: list[float] = []
    for face in polygons:
        corners += [*(float(numbered.setdefault(tuple(corner), len(numbered))) for corner in face.tolist()), np.nan]
    places = np.asarray(list(numbered), float).reshape(-1, 3)
    return {**dict(zip(SPACE, places.T, strict=True)), "corner": corners[:-1]}


def read_text_in_space(text: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    places = dict(zip(SPACE, ([place] for place in text.get_position_3d()), strict=True))
    return Mark("text", "", None, float_lists(places), {"text": text.get_text()})


def read_patch_in_space(patch: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a flat shape in space, a bar drawn in a plane among them, by its corners."""
    corners = np.asarray(patch._segment3d, float)
    arrays = dict(zip(SPACE, corners.T, strict=True))
    return Mark("shape", label_of(patch), colours.group_number(patch), float_lists(arrays))


def read_patches_in_space(patches: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read shapes that lie at places in space, each in its own plane of the picture: their places."""
    arrays: dict[str, ArrayValues] = dict(zip(SPACE, (np.ma.ravel(places) for places in patches._offsets3d), strict=True))
    return Mark("shapes", label_of(patches), None, float_lists(arrays))
