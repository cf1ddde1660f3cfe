"""Marks: one function for each thing that matplotlib draws from data, under a canonical kind whatever matplotlib's class is called.

Each takes an artist and its axes, or a container and which of its parts are drawn, and returns None where the data cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from labnotes.figures.matplotlib.artists import is_data, label_of, parts, placed_on
from labnotes.figures.matplotlib.colours import Colours, one_or_several
from labnotes.quantities import Mark

NORM_SAMPLES = 9
"""Places at which a norm with parameters of its own is sampled."""


def bars(container: Any, drawn: set[int], colours: Colours) -> Mark:
    bars = [bar for bar in container.patches if id(bar) in drawn]
    arrays = {
        "x": [bar.get_x() for bar in bars],
        "y": [bar.get_y() for bar in bars],
        "width": [bar.get_width() for bar in bars],
        "height": [bar.get_height() for bar in bars],
    }
    names = [label_of(bar) for bar in bars]
    colour, exact = one_or_several([colours.of(bar) for bar in bars])
    label = label_of(container)
    if not label and names and not any(names[1:]):
        label = names[0]  # hist() labels its first bar alone
    elif any(names):
        exact["labels"] = names
    return Mark("bars", label, colour, _numbers(arrays), exact)


def errorbar(container: Any, drawn: set[int], colours: Colours) -> Mark:
    line, _, bars = container.lines
    line = line if id(line) in drawn else None
    arrays: dict[str, Any] = {}
    directions = ["x"] * container.has_xerr + ["y"] * container.has_yerr
    shown = [(direction, bar) for direction, bar in zip(directions, bars, strict=True) if id(bar) in drawn]
    for direction, collection in shown:
        along = 0 if direction == "x" else 1
        ends = [np.asarray(segment, float) for segment in collection.get_segments()]
        arrays[f"{direction}low"] = [end[0, along] if len(end) else np.nan for end in ends]
        arrays[f"{direction}high"] = [end[-1, along] if len(end) else np.nan for end in ends]
        if line is None:
            arrays["y" if along == 0 else "x"] = [end[0, 1 - along] if len(end) else np.nan for end in ends]
    if line is not None:
        arrays["x"], arrays["y"] = line.get_xdata(orig=False), line.get_ydata(orig=False)
    colour = colours.of(shown[0][1] if shown else line)
    return Mark("error bars", label_of(container), colour, _numbers(arrays), {"points": line is not None})


def stem(container: Any, drawn: set[int], colours: Colours) -> Mark | None:
    line, base = container.markerline, container.baseline
    if not {id(part) for part in parts(container)} <= drawn:
        return None
    arrays = {"x": line.get_xdata(orig=False), "y": line.get_ydata(orig=False), "y0": base.get_ydata(orig=False)}
    return Mark("stems", label_of(container), colours.of(line), _numbers(arrays))


def line(line: Any, ax: Any, colours: Colours) -> Mark | None:
    x, y, place = line.get_xdata(orig=False), line.get_ydata(orig=False), placed_on(line, ax)
    style = line.get_drawstyle()
    exact = {"steps": style.removeprefix("steps-").replace("steps", "pre")} if style != "default" else {}
    if place == "data":
        return Mark("line", label_of(line), colours.of(line), _numbers({"x": x, "y": y}), exact)
    if place == "y":
        return Mark("horizontal line", label_of(line), colours.of(line), _numbers({"y": y, "share": x}))
    if place == "x":
        return Mark("vertical line", label_of(line), colours.of(line), _numbers({"x": x, "share": y}))
    return None


def scatter(points: Any, ax: Any, colours: Colours) -> Mark | None:
    if not is_data(points.get_offset_transform(), ax):
        return None
    offsets: Any = np.ma.filled(np.ma.asarray(points.get_offsets(), float), np.nan).reshape(-1, 2)
    arrays: dict[str, Any] = {"x": offsets[:, 0], "y": offsets[:, 1]}
    sizes = np.asarray(points.get_sizes(), float)
    if len(np.unique(sizes)) > 1:  # one size for all is style
        arrays["size"] = sizes
    if points.get_array() is not None:
        exact: dict[str, Any] = {}
        colour = None
        _add_values(points, arrays, exact)
    else:
        faces = points.get_facecolors() if len(points.get_facecolors()) else points.get_edgecolors()
        colour, exact = colours.shared(faces, points)
    _add_opacity(points, arrays)
    return Mark("scatter", label_of(points), colour, _numbers(arrays), exact)


def band(polygons: Any, ax: Any, colours: Colours) -> Mark | None:
    if placed_on(polygons, ax) != "data" or polygons.get_array() is not None or np.any(np.asarray(polygons.get_offsets())):
        return None
    paths = [np.asarray(path.vertices, float) for path in polygons.get_paths()]
    faces = polygons.get_facecolors() if len(polygons.get_facecolors()) else polygons.get_edgecolors()
    colour, exact = colours.shared(faces, polygons)
    return Mark("band", label_of(polygons), colour, _numbers(_joined(paths)), exact)


def segments(lines: Any, ax: Any, colours: Colours) -> Mark | None:
    if placed_on(lines, ax) != "data":
        return None
    arrays: dict[str, Any] = _joined([np.asarray(segment, float) for segment in lines.get_segments()])
    if lines.get_array() is not None:
        exact: dict[str, Any] = {}
        _add_values(lines, arrays, exact)
        return Mark("segments", label_of(lines), None, _numbers(arrays), exact)
    colour, exact = colours.shared(lines.get_colors(), lines)
    return Mark("segments", label_of(lines), colour, _numbers(arrays), exact)


def mesh(mesh: Any, ax: Any, colours: Colours) -> Mark | None:
    if mesh.get_array() is None or placed_on(mesh, ax) != "data":
        return None
    corners = np.asarray(mesh.get_coordinates(), float)
    arrays: dict[str, Any] = {"x": corners[..., 0], "y": corners[..., 1]}
    exact: dict[str, Any] = {}
    _add_values(mesh, arrays, exact)
    _add_opacity(mesh, arrays)
    cells = (corners.shape[0] - 1, corners.shape[1] - 1)
    # one value a cell, or (gouraud shading) one a corner; older versions keep them flat
    for shape in (cells, corners.shape[:2]):
        if arrays["value"].size == shape[0] * shape[1]:
            arrays["value"] = arrays["value"].reshape(shape)
            return Mark("heat map", label_of(mesh), None, _numbers(arrays), exact)
    return None


def image(image: Any, ax: Any, colours: Colours) -> Mark | None:
    if image.get_array() is None or placed_on(image, ax) != "data":
        return None
    left, right, bottom, top = image.get_extent()
    arrays: dict[str, Any] = {"x": [left, right], "y": [bottom, top]}
    exact: dict[str, Any] = {"origin": image.origin}
    if image.get_array().ndim == 3:  # red, green, blue (and opacity): the picture itself is the data
        arrays["value"] = np.asarray(image.get_array(), float)
    else:
        _add_values(image, arrays, exact)
    _add_opacity(image, arrays)
    return Mark("image", label_of(image), None, _numbers(arrays), exact)


def rectangle(box: Any, ax: Any, colours: Colours) -> Mark | None:
    (x, y), width, height = box.get_xy(), box.get_width(), box.get_height()
    if placed_on(box, ax) == "data":
        arrays = {"x": [x], "y": [y], "width": [width], "height": [height]}
        return Mark("rectangle", label_of(box), colours.of(box), _numbers(arrays), {"angle": box.angle} if box.angle else {})
    return _span(box, ax, [x, x + width], [y, y + height], colours)


def polygon(polygon: Any, ax: Any, colours: Colours) -> Mark | None:
    corners = np.asarray(polygon.get_xy(), float)
    if placed_on(polygon, ax) == "data":
        return Mark("polygon", label_of(polygon), colours.of(polygon), _numbers({"x": corners[:, 0], "y": corners[:, 1]}))
    # before matplotlib 3.9, axvspan and axhspan draw polygons
    return _span(polygon, ax, [corners[:, 0].min(), corners[:, 0].max()], [corners[:, 1].min(), corners[:, 1].max()], colours)


def stairs(stairs: Any, ax: Any, colours: Colours) -> Mark | None:
    if placed_on(stairs, ax) != "data":
        return None
    values, edges, baseline = stairs.get_data()
    value, edge = ("y", "x") if stairs.orientation == "vertical" else ("x", "y")
    arrays = {value: values, edge: edges}
    if baseline is not None:
        arrays[f"{value}0"] = np.atleast_1d(baseline)
    return Mark("stairs", label_of(stairs), colours.of(stairs), _numbers(arrays))


def text(text: Any, ax: Any, colours: Colours) -> Mark:
    arrays = {}
    place = placed_on(text, ax)
    if place in ("data", "x"):
        arrays["x"] = [ax.convert_xunits(text.get_position()[0])]
    if place in ("data", "y"):
        arrays["y"] = [ax.convert_yunits(text.get_position()[1])]
    return Mark("text", "", None, _numbers(arrays), {"text": text.get_text()})


def annotation(text: Any, ax: Any, colours: Colours) -> Mark:
    arrays = {}
    if text.xycoords == "data" or text.xycoords is ax.transData:
        arrays = {"x": [ax.convert_xunits(text.xy[0])], "y": [ax.convert_yunits(text.xy[1])]}
        if text.arrow_patch is not None and text.anncoords == "data":  # from where the arrow comes
            arrays |= {"x0": [ax.convert_xunits(text.xyann[0])], "y0": [ax.convert_yunits(text.xyann[1])]}
    return Mark("annotation", "", None, _numbers(arrays), {"text": text.get_text(), "arrow": text.arrow_patch is not None and _arrow(text)})


def _arrow(text: Any) -> str:
    """Which ends of an annotation's arrow have heads."""
    return str(text.arrowprops.get("arrowstyle", "->")) if text.arrowprops else ""


def _span(artist: Any, ax: Any, x: list[float], y: list[float], colours: Colours) -> Mark | None:
    place = placed_on(artist, ax)
    if place == "x":
        return Mark("vertical span", label_of(artist), colours.of(artist), _numbers({"x": x, "share": y}))
    if place == "y":
        return Mark("horizontal span", label_of(artist), colours.of(artist), _numbers({"y": y, "share": x}))
    return None


def _add_values(artist: Any, arrays: dict[str, Any], exact: dict[str, Any]) -> None:
    """Values shown by a colour map, with the limits and the kind of its norm; the colour map itself is style."""
    arrays["value"] = np.ma.filled(np.ma.asarray(artist.get_array()).astype(float), np.nan)
    arrays["norm"] = [np.nan if end is None else float(end) for end in (artist.norm.vmin, artist.norm.vmax)]
    exact["norm"] = type(artist.norm).__name__
    if exact["norm"] not in ("Normalize", "LogNorm", "NoNorm") and np.all(np.isfinite(arrays["norm"])):
        # a norm with parameters of its own: what it makes of values between its limits
        low, high = arrays["norm"]
        shown: Any = np.ma.filled(np.ma.asarray(artist.norm(np.linspace(low, high, NORM_SAMPLES)), dtype=float), np.nan)
        exact["norm samples"] = [round(float(value), 9) for value in shown]


def _add_opacity(artist: Any, arrays: dict[str, Any]) -> None:
    """Opacity where it differs from point to point; one for all is style."""
    if np.ndim(artist.get_alpha()) > 0:
        arrays["opacity"] = artist.get_alpha()


def _joined(paths: list[Any]) -> dict[str, Any]:
    """Several paths as one pair of arrays, with a gap (NaN) between two paths."""
    gap = np.full((1, 2), np.nan)
    parts = [part for path in paths for part in (path, gap)][:-1]
    points = np.concatenate(parts) if parts else np.empty((0, 2))
    return {"x": points[:, 0], "y": points[:, 1]}


def _numbers(arrays: dict[str, Any]) -> dict[str, Any]:
    """Arrays as nested lists of floats, masked values as NaN."""
    return {name: np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).tolist() for name, values in arrays.items()}


CONTAINERS: dict[str, Callable[[Any, set[int], Colours], Mark | None]] = {
    "BarContainer": bars,
    "ErrorbarContainer": errorbar,
    "StemContainer": stem,
}

# exact class names: a subclass (Quiver, EventCollection, ...) may mean something else by the same attributes
ARTISTS: dict[str, Callable[[Any, Any, Colours], Mark | None]] = {
    "Line2D": line,
    "PathCollection": scatter,
    "PolyCollection": band,
    "FillBetweenPolyCollection": band,
    "LineCollection": segments,
    "QuadMesh": mesh,
    "AxesImage": image,
    "Rectangle": rectangle,
    "Polygon": polygon,
    "StepPatch": stairs,
    "Text": text,
    "Annotation": annotation,
}
