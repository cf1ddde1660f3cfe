"""Marks that are shapes: rectangles, polygons, spans, circles, wedges, arrows, and anything drawn as a path. See marks.py for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from labnotes.author.figures.matplotlib.arrow_heads import arrow_heads
from labnotes.author.figures.matplotlib.artists import NOISE, label_of
from labnotes.author.figures.matplotlib.colours import ColourGroups
from labnotes.author.figures.matplotlib.places import place_arrays, place_of, placed_on, transform_to_data
from labnotes.author.figures.matplotlib.values import (
    PLACES,
    add_opacity,
    add_values,
    float_lists,
    joined_paths,
    kind_by_placement,
    path_parts,
)
from labnotes.author.figures.pixel_values import picture_digest
from labnotes.model.plots import ArrayValues, Mark, PlainValue


def read_rectangle(box: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    (x, y), width, height = box.get_xy(), box.get_width(), box.get_height()
    if placed_on(box, ax) == "data":
        arrays = {"x": [x], "y": [y], "width": [width], "height": [height]}
        return Mark(
            "rectangle", label_of(box), colours.reference_number(box), float_lists(arrays), {"angle": box.angle} if box.angle else {}
        )
    return _read_span(box, ax, [x, x + width], [y, y + height], colours)


def read_polygon(polygon: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    corners = np.asarray(polygon.get_xy(), float)
    if placed_on(polygon, ax) == "data":
        return Mark("polygon", label_of(polygon), colours.reference_number(polygon), float_lists({"x": corners[:, 0], "y": corners[:, 1]}))
    # before matplotlib 3.9, axvspan and axhspan draw polygons
    return _read_span(polygon, ax, [corners[:, 0].min(), corners[:, 0].max()], [corners[:, 1].min(), corners[:, 1].max()], colours)


def _read_span(artist: Any, ax: Any, x: list[float], y: list[float], colours: ColourGroups) -> Mark | None:
    """Read a span across the axes, from one end to the other in `x` and in `y`; any other patch by its outline."""
    place = placed_on(artist, ax)
    if place == "x":
        return Mark("vertical span", label_of(artist), colours.reference_number(artist), float_lists({"x": x, "share": y}))
    if place == "y":
        return Mark("horizontal span", label_of(artist), colours.reference_number(artist), float_lists({"y": y, "share": x}))
    return read_outline(artist, ax, colours)


def read_outline(patch: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read any patch by its corners (control points of curves among them)."""
    place, outline = placed_on(patch, ax), patch.get_patch_transform().transform_path(patch.get_path())
    if place not in PLACES:
        to_data = transform_to_data(patch.get_data_transform(), ax)
        if to_data is None and patch.get_data_transform() is ax.figure.dpi_scale_trans:  # in inches, which are style
            return Mark("shape on the paper", label_of(patch), colours.reference_number(patch), {}, {"shape": type(patch).__name__})
        if to_data is None:
            return None
        place, outline = "data", to_data.transform_path(outline)
    corners = joined_paths(path_parts(outline), PLACES[place])
    return Mark(kind_by_placement("shape", place), label_of(patch), colours.reference_number(patch), float_lists(corners))


def read_rounded_box(box: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a box by its place and size, however its corners are rounded."""
    if placed_on(box, ax) != "data":
        x, y, width, height = box.get_x(), box.get_y(), box.get_width(), box.get_height()
        place = placed_on(box, ax)
        if place not in PLACES:
            return None
        corners = dict(zip(PLACES[place], ([x, x + width], [y, y + height]), strict=True))
        return Mark(kind_by_placement("shape", place), label_of(box), colours.reference_number(box), float_lists(corners))
    arrays = {"x": [box.get_x()], "y": [box.get_y()], "width": [box.get_width()], "height": [box.get_height()]}
    return Mark("rectangle", label_of(box), colours.reference_number(box), float_lists(arrays))


def read_ellipse(ellipse: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read an ellipse or an arc: its middle, width, height and angles (degrees)."""
    if placed_on(ellipse, ax) != "data":
        return read_outline(ellipse, ax, colours)
    (x, y), width, height = ellipse.get_center(), ellipse.width, ellipse.height
    arrays: dict[str, ArrayValues] = {"x": [x], "y": [y], "width": [width], "height": [height]}
    if abs(width - height) > NOISE * max(abs(width), abs(height)):
        arrays["angle"] = [ellipse.angle]
    if not hasattr(ellipse, "theta1"):
        return Mark("ellipse", label_of(ellipse), colours.reference_number(ellipse), float_lists(arrays))
    arrays |= {"angle": [ellipse.angle], "theta1": [ellipse.theta1], "theta2": [ellipse.theta2]}
    return Mark("arc", label_of(ellipse), colours.reference_number(ellipse), float_lists(arrays))


def read_circle(circle: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    if placed_on(circle, ax) != "data":
        return read_outline(circle, ax, colours)
    x, y = circle.get_center()
    return Mark(
        "circle", label_of(circle), colours.reference_number(circle), float_lists({"x": [x], "y": [y], "radius": [circle.get_radius()]})
    )


def read_wedge(wedge: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a piece of a pie or of a ring: its middle, radius, angles (degrees), and the width of a ring."""
    if placed_on(wedge, ax) != "data":
        return read_outline(wedge, ax, colours)
    (x, y), ring = wedge.center, {"width": [wedge.width]} if wedge.width is not None else {}
    arrays = {"x": [x], "y": [y], "radius": [wedge.r], **ring, "theta1": [wedge.theta1], "theta2": [wedge.theta2]}
    return Mark("wedge", label_of(wedge), colours.group_number(wedge), float_lists(arrays))


def read_patch_collection(patches: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read many shapes in one artist, for example the regions of a map."""
    place = placed_on(patches, ax)
    if place not in PLACES or np.any(np.asarray(patches.get_offsets())):
        return None
    arrays: dict[str, ArrayValues] = joined_paths([part for path in patches.get_paths() for part in path_parts(path)], PLACES[place])
    exact: dict[str, PlainValue] = {}
    colour = None
    if patches.get_array() is not None:
        patches.autoscale_None()
        add_values(patches, arrays, exact)
    else:
        faces = patches.get_facecolor() if len(patches.get_facecolor()) else patches.get_edgecolor()
        colour, exact = colours.references_of_parts(faces, patches)
    add_opacity(patches, arrays)
    return Mark(kind_by_placement("shapes", place), label_of(patches), colour, float_lists(arrays), exact)


def read_arrow(arrow: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read the two ends of an arrow and which of them have heads. The looks of the heads and the bend of the arrow are style."""
    ends, place = arrow._posA_posB, placed_on(arrow, ax)  # no public name
    if ends is None or place not in PLACES:
        return None
    (x0, y0), (x, y) = (arrow._convert_xy_units(end) for end in ends)
    return Mark(
        kind_by_placement("arrow", place),
        label_of(arrow),
        colours.reference_number(arrow),
        float_lists(_arrow_arrays(place, x0, y0, x, y)),
        {"heads": arrow_heads(arrow)},
    )


def read_plain_arrow(arrow: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read an arrow that `Axes.arrow` draws, a polygon in units of the axes."""
    place = placed_on(arrow, ax)
    if place not in PLACES:
        return None
    x0, y0, dx, dy = arrow._x, arrow._y, arrow._dx, arrow._dy  # no public names
    return Mark(
        kind_by_placement("arrow", place),
        label_of(arrow),
        colours.reference_number(arrow),
        float_lists(_arrow_arrays(place, x0, y0, x0 + dx, y0 + dy)),
        {"heads": "end"},
    )


def _arrow_arrays(place: str, x0: float, y0: float, x: float, y: float) -> dict[str, list[float]]:
    """The arrays that hold the start (x0, y0) and the end (x, y) of an arrow, by what `placed_on` says of it."""
    along, across = PLACES[place]
    if "share" in (along, across):
        return {along: [x0, x], across: [y0, y]}
    return {f"{along}": [x], f"{across}": [y], f"{along}0": [x0], f"{across}0": [y0]}


def read_connection(line: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a line or arrow between two places, which may stand in two pairs of axes; its ends are in data or in shares of their axes."""
    arrays: dict[str, ArrayValues] = {}
    for point, coords, owner, end in ((line.xy1, line.coords1, line.axesA, "0"), (line.xy2, line.coords2, line.axesB, "")):
        placed = place_arrays(point, "data" if coords is ax.transData else coords, owner or ax, end)
        if placed is None:
            return None
        arrays |= placed
    every = ax.figure.axes
    between = [every.index(owner or ax) if (owner or ax) in every else None for owner in (line.axesA, line.axesB)]
    return Mark(
        "connection",
        label_of(line),
        colours.reference_number(line),
        float_lists(arrays),
        {"heads": arrow_heads(line), "between axes": between},
    )


def read_inset_frame(frame: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read the frame around the part of the axes that an inset shows; the lines from it to the inset follow from the layout."""
    return read_rectangle(frame.rectangle, ax, colours)


def read_table(table: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a table inside axes: the text of each cell, and which cells share a colour."""
    cells = sorted(table.get_celld().items())
    texts = {f"cell {row}, {column}": cell.get_text().get_text() for (row, column), cell in cells}
    colour, several = colours.references_of_parts([cell.get_facecolor() for _, cell in cells], table)
    return Mark("table", label_of(table), colour, {}, {**texts, **several})


def read_boxed_content(box: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read what stands in a box beside a place (AnnotationBbox) or at one side of the axes: its texts, pictures, and how many shapes it has."""
    inside = [part for part in box.findobj() if part is not box and part.get_visible()]
    exact: dict[str, PlainValue] = {"texts": [part.get_text() for part in inside if hasattr(part, "get_text") and part.get_text()]}
    pictures = [part.get_array() for part in inside if type(part).__name__.endswith("Image") and hasattr(part, "get_array")]
    digests = [picture_digest(picture) for picture in pictures if picture is not None]
    exact |= {"pictures": digests} if digests else {}
    exact["shapes"] = sum(hasattr(part, "get_path") or hasattr(part, "get_xdata") for part in inside)
    place = place_arrays(box.xy, box.xycoords, ax) if hasattr(box, "xycoords") else {}
    return Mark("boxed", label_of(box), None, float_lists(place), exact) if place is not None else None


def read_boxed_text(box: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a text in a box that stands at one side of the axes."""
    return Mark("text", "", None, {}, {"text": box.txt.get_text()})


def read_scale_bar(bar: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a bar that shows a length in data coordinates."""
    lengths = [child for child in bar.size_bar.get_children() if hasattr(child, "get_width")]
    if len(lengths) != 1 or place_of(bar.size_bar.aux_transform, ax) != "data":
        return None
    return Mark("scale bar", "", None, float_lists({"width": [lengths[0].get_width()]}), {"text": bar.txt_label.get_text()})
