"""Marks that are shapes: rectangles, polygons, spans, circles, wedges, arrows, and anything drawn as a path. See marks.py for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from labnotes.author.figures.matplotlib.artists import label_of, place_of, placed_on
from labnotes.author.figures.matplotlib.colours import Colours
from labnotes.author.figures.matplotlib.values import PLACES, add_opacity, add_values, beside, joined, numbers, outlines
from labnotes.model.plots import Mark


def rectangle(box: Any, ax: Any, colours: Colours) -> Mark | None:
    (x, y), width, height = box.get_xy(), box.get_width(), box.get_height()
    if placed_on(box, ax) == "data":
        arrays = {"x": [x], "y": [y], "width": [width], "height": [height]}
        return Mark("rectangle", label_of(box), colours.of(box), numbers(arrays), {"angle": box.angle} if box.angle else {})
    return _span(box, ax, [x, x + width], [y, y + height], colours)


def polygon(polygon: Any, ax: Any, colours: Colours) -> Mark | None:
    corners = np.asarray(polygon.get_xy(), float)
    if placed_on(polygon, ax) == "data":
        return Mark("polygon", label_of(polygon), colours.of(polygon), numbers({"x": corners[:, 0], "y": corners[:, 1]}))
    # before matplotlib 3.9, axvspan and axhspan draw polygons
    return _span(polygon, ax, [corners[:, 0].min(), corners[:, 0].max()], [corners[:, 1].min(), corners[:, 1].max()], colours)


def _span(artist: Any, ax: Any, x: list[float], y: list[float], colours: Colours) -> Mark | None:
    place = placed_on(artist, ax)
    if place == "x":
        return Mark("vertical span", label_of(artist), colours.of(artist), numbers({"x": x, "share": y}))
    if place == "y":
        return Mark("horizontal span", label_of(artist), colours.of(artist), numbers({"y": y, "share": x}))
    return outline(artist, ax, colours)


def outline(patch: Any, ax: Any, colours: Colours) -> Mark | None:
    """Any patch by its corners (control points of curves among them)."""
    place = placed_on(patch, ax)
    if place not in PLACES:
        return None
    corners = joined(outlines(patch.get_patch_transform().transform_path(patch.get_path())), PLACES[place])
    return Mark(beside("shape", place), label_of(patch), colours.of(patch), numbers(corners))


def rounded(box: Any, ax: Any, colours: Colours) -> Mark | None:
    """A box by its corners, however they are rounded."""
    if placed_on(box, ax) != "data":
        x, y, width, height = box.get_x(), box.get_y(), box.get_width(), box.get_height()
        place = placed_on(box, ax)
        if place not in PLACES:
            return None
        corners = dict(zip(PLACES[place], ([x, x + width], [y, y + height]), strict=True))
        return Mark(beside("shape", place), label_of(box), colours.of(box), numbers(corners))
    arrays = {"x": [box.get_x()], "y": [box.get_y()], "width": [box.get_width()], "height": [box.get_height()]}
    return Mark("rectangle", label_of(box), colours.of(box), numbers(arrays))


def ellipse(ellipse: Any, ax: Any, colours: Colours) -> Mark | None:
    """Ellipses and arcs by middle, width, height and angle (degrees)."""
    if placed_on(ellipse, ax) != "data":
        return outline(ellipse, ax, colours)
    (x, y), width, height = ellipse.get_center(), ellipse.width, ellipse.height
    arrays: dict[str, Any] = {"x": [x], "y": [y], "width": [width], "height": [height]}
    if width != height:
        arrays["angle"] = [ellipse.angle]
    if not hasattr(ellipse, "theta1"):
        return Mark("ellipse", label_of(ellipse), colours.of(ellipse), numbers(arrays))
    arrays |= {"angle": [ellipse.angle], "theta1": [ellipse.theta1], "theta2": [ellipse.theta2]}
    return Mark("arc", label_of(ellipse), colours.of(ellipse), numbers(arrays))


def circle(circle: Any, ax: Any, colours: Colours) -> Mark | None:
    if placed_on(circle, ax) != "data":
        return outline(circle, ax, colours)
    x, y = circle.get_center()
    return Mark("circle", label_of(circle), colours.of(circle), numbers({"x": [x], "y": [y], "radius": [circle.get_radius()]}))


def wedge(wedge: Any, ax: Any, colours: Colours) -> Mark | None:
    """A piece of a pie or of a ring: middle, radius, angles (degrees), and for a ring how wide it is."""
    if placed_on(wedge, ax) != "data":
        return outline(wedge, ax, colours)
    (x, y), ring = wedge.center, {"width": [wedge.width]} if wedge.width is not None else {}
    arrays = {"x": [x], "y": [y], "radius": [wedge.r], **ring, "theta1": [wedge.theta1], "theta2": [wedge.theta2]}
    return Mark("wedge", label_of(wedge), colours.of(wedge), numbers(arrays))


def collection(patches: Any, ax: Any, colours: Colours) -> Mark | None:
    """Many shapes in one artist: regions of a map, say."""
    place = placed_on(patches, ax)
    if place not in PLACES or np.any(np.asarray(patches.get_offsets())):
        return None
    arrays: dict[str, Any] = joined([part for path in patches.get_paths() for part in outlines(path)], PLACES[place])
    exact: dict[str, Any] = {}
    colour = None
    if patches.get_array() is not None:
        patches.autoscale_None()
        add_values(patches, arrays, exact)
    else:
        faces = patches.get_facecolor() if len(patches.get_facecolor()) else patches.get_edgecolor()
        colour, exact = colours.shared(faces, patches)
    add_opacity(patches, arrays)
    return Mark(beside("shapes", place), label_of(patches), colour, numbers(arrays), exact)


def arrow(arrow: Any, ax: Any, colours: Colours) -> Mark | None:
    """From where to where, and which ends have heads; their looks and how it bends are style."""
    ends, place = arrow._posA_posB, placed_on(arrow, ax)  # no public name
    if ends is None or place not in PLACES:
        return None
    (x0, y0), (x, y) = (arrow._convert_xy_units(end) for end in ends)
    return Mark(beside("arrow", place), label_of(arrow), colours.of(arrow), numbers(_ends(place, x0, y0, x, y)), {"heads": _heads(arrow)})


def plain_arrow(arrow: Any, ax: Any, colours: Colours) -> Mark | None:
    """What `Axes.arrow` draws: a polygon in units of the axes."""
    place = placed_on(arrow, ax)
    if place not in PLACES:
        return None
    x0, y0, dx, dy = arrow._x, arrow._y, arrow._dx, arrow._dy  # no public names
    return Mark(
        beside("arrow", place), label_of(arrow), colours.of(arrow), numbers(_ends(place, x0, y0, x0 + dx, y0 + dy)), {"heads": "end"}
    )


def _ends(place: str, x0: float, y0: float, x: float, y: float) -> dict[str, list[float]]:
    along, across = PLACES[place]
    if "share" in (along, across):
        return {along: [x0, x], across: [y0, y]}
    return {f"{along}": [x], f"{across}": [y], f"{along}0": [x0], f"{across}0": [y0]}


def _heads(arrow: Any) -> str:
    """At which ends an arrow has a head."""
    begin, _, end = getattr(arrow.get_arrowstyle(), "arrow", "->").partition("-")  # the filled shapes have theirs at the end
    return ("both" if end else "start") if begin else ("end" if end else "none")


def connection(line: Any, ax: Any, colours: Colours) -> Mark | None:
    """A line or arrow between two places, of two pairs of axes perhaps; its ends in data or in shares of their axes."""
    arrays: dict[str, Any] = {}
    sides = ((line.xy1, line.coords1, line.axesA, "0"), (line.xy2, line.coords2, line.axesB, ""))
    for (x, y), coords, owner, end in sides:
        owner = owner or ax
        if coords == "data" or coords is owner.transData or coords is ax.transData:
            arrays |= {f"x{end}": [owner.convert_xunits(x)], f"y{end}": [owner.convert_yunits(y)]}
        elif coords in ("axes fraction", "figure fraction") or coords in (owner.transAxes, ax.transAxes, ax.figure.transFigure):
            arrays |= {f"xshare{end}": [x], f"yshare{end}": [y]}
        else:
            return None
    every = ax.figure.axes
    between = [every.index(owner or ax) if (owner or ax) in every else None for owner in (line.axesA, line.axesB)]
    return Mark("connection", label_of(line), colours.of(line), numbers(arrays), {"heads": _heads(line), "between axes": between})


def inset_frame(frame: Any, ax: Any, colours: Colours) -> Mark | None:
    """What part of the axes an inset shows; the lines that lead to it follow from the layout."""
    return rectangle(frame.rectangle, ax, colours)


def table(table: Any, ax: Any, colours: Colours) -> Mark | None:
    """A table inside axes: the text of each cell, which may have been made of several."""
    cells = {f"cell {row}, {column}": cell.get_text().get_text() for (row, column), cell in sorted(table.get_celld().items())}
    return Mark("table", label_of(table), None, {}, cells)


def boxed_text(box: Any, ax: Any, colours: Colours) -> Mark | None:
    """A text that stands at one side of the axes."""
    return Mark("text", "", None, {}, {"text": box.txt.get_text()})


def scale_bar(bar: Any, ax: Any, colours: Colours) -> Mark | None:
    """A bar that is as long as it says, in data coordinates."""
    lengths = [child for child in bar.size_bar.get_children() if hasattr(child, "get_width")]
    if len(lengths) != 1 or place_of(bar.size_bar.aux_transform, ax) != "data":
        return None
    return Mark("scale bar", "", None, numbers({"width": [lengths[0].get_width()]}), {"text": bar.txt_label.get_text()})
