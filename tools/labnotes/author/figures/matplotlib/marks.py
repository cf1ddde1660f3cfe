"""Marks: one function for each thing that matplotlib draws from data, under a canonical kind whatever matplotlib's class is called.

Each takes an artist and its axes, or a container and which of its parts are drawn, and returns None where the data cannot be told.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labnotes.author.figures.matplotlib.arrow_heads import arrow_heads
from labnotes.author.figures.matplotlib.artists import NOTHING, container_artists, label_of, method_of_base
from labnotes.author.figures.matplotlib.colours import ColourGroups, one_or_several
from labnotes.author.figures.matplotlib.places import (
    anchor_of,
    is_offset,
    place_arrays,
    place_of,
    placed_on,
    projection_before_data,
    transform_to_data,
)
from labnotes.author.figures.matplotlib.scatters import marker_names, places_without_style, sizes_of
from labnotes.author.figures.matplotlib.values import (
    PLACES,
    add_opacity,
    add_values,
    float_lists,
    joined_paths,
    kind_by_placement,
    vary,
)
from labnotes.model.plots import ArrayValues, Mark, PlainValue


def read_bars(container: Any, drawn: set[int], colours: ColourGroups) -> Mark:
    bars = [bar for bar in container.patches if id(bar) in drawn]
    arrays = {
        "x": [bar.get_x() for bar in bars],
        "y": [bar.get_y() for bar in bars],
        "width": [bar.get_width() for bar in bars],
        "height": [bar.get_height() for bar in bars],
    }
    names = [label_of(bar) for bar in bars]
    colour, exact = one_or_several([colours.group_number(bar) for bar in bars])
    label = label_of(container)
    if not label and names and not any(names[1:]):
        label = names[0]  # hist() labels its first bar alone
    elif any(names):
        exact["labels"] = names
    return Mark("bars", label, colour, float_lists(arrays), exact)


def read_error_bars(container: Any, drawn: set[int], colours: ColourGroups) -> Mark:
    line, _, bars = container.lines
    line = line if id(line) in drawn else None
    arrays: dict[str, ArrayValues] = {}
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
    colour = colours.group_number(shown[0][1] if shown else line)
    steps = _step_words(line) if line is not None else {}
    return Mark("error bars", label_of(container), colour, float_lists(arrays), {"points": line is not None, **steps})


def read_stems(container: Any, drawn: set[int], colours: ColourGroups) -> Mark | None:
    line, base = container.markerline, container.baseline
    if not {id(part) for part in container_artists(container)} <= drawn:
        return None
    arrays = {"x": line.get_xdata(orig=False), "y": line.get_ydata(orig=False), "y0": base.get_ydata(orig=False)}
    return Mark("stems", label_of(container), colours.group_number(line), float_lists(arrays))


def read_line(line: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    x, y, place = line.get_xdata(orig=False), line.get_ydata(orig=False), placed_on(line, ax)
    exact = {**_step_words(line), **_marked_points(line)}
    if place == "data":
        return Mark("line", label_of(line), colours.group_number(line), float_lists({"x": x, "y": y}), exact)
    if place == "y":
        return Mark("horizontal line", label_of(line), colours.reference_number(line), float_lists({"y": y, "share": x}))
    if place == "x":
        return Mark("vertical line", label_of(line), colours.reference_number(line), float_lists({"x": x, "share": y}))
    if place in PLACES:
        return Mark(
            kind_by_placement("line", place),
            label_of(line),
            colours.reference_number(line),
            float_lists(dict(zip(PLACES[place], (x, y), strict=True))),
            exact,
        )
    to_data = transform_to_data(line.get_transform(), ax)
    if to_data is None:
        return None
    moved = to_data.transform(np.column_stack([x, y]))
    return Mark("line", label_of(line), colours.group_number(line), float_lists({"x": moved[:, 0], "y": moved[:, 1]}), exact)


def _step_words(line: Any) -> dict[str, PlainValue]:
    style = line.get_drawstyle()
    return {"steps": style.removeprefix("steps-").replace("steps", "pre")} if style != "default" else {}


def _marked_points(line: Any) -> dict[str, PlainValue]:
    """Which points of a line its markers mark, where these are not all."""
    every = line.get_markevery()
    if every is None or line.get_marker() in NOTHING:
        return {}
    if isinstance(every, slice):
        every = [every.start, every.stop, every.step]
        return {"marked points": ["from, to, every", *every]}
    listed = np.asarray(every).tolist() if np.ndim(every) else every
    return {"marked points": list(listed) if isinstance(listed, list | tuple) else listed}


def read_endless_line(line: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a line without ends: one point and its slope, or two points."""
    place = place_of(method_of_base(line, "Artist", "get_transform")(line), ax)  # its own leads from the edges of the view
    if place not in ("data", "axes"):
        return None
    slope, points = line.get_slope(), [line.get_xy1()]
    if slope is None:
        points.append(line.get_xy2())
    along, up = PLACES[place]
    arrays: dict[str, ArrayValues] = {along: [point[0] for point in points], up: [point[1] for point in points]}
    if slope is not None:
        arrays["slope"] = [slope]
    return Mark(kind_by_placement("endless line", place), label_of(line), colours.reference_number(line), float_lists(arrays))


def read_scatter(points: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    projection = projection_before_data(points.get_offset_transform(), ax)
    place, places = "data" if projection else place_of(points.get_offset_transform(), ax), places_without_style(points)
    if place not in PLACES or places is None:
        return None
    arrays: dict[str, ArrayValues] = dict(zip(PLACES[place], places.T, strict=True))
    sizes = sizes_of(points)
    if vary(sizes):  # one size for all is style
        arrays["size"] = sizes
    if points.get_array() is not None:
        exact: dict[str, PlainValue] = {}
        colour = None
        add_values(points, arrays, exact)
    else:
        faces = points.get_facecolors() if len(points.get_facecolors()) else points.get_edgecolors()
        colour, exact = colours.group_of_parts(faces, points)
    markers = marker_names(points, ax)
    if len(set(markers)) > 1:
        exact["markers"] = markers
    if projection:
        exact["coordinates"] = projection
    add_opacity(points, arrays)
    return Mark(kind_by_placement("scatter", place), label_of(points), colour, float_lists(arrays), exact)


def read_polygon_collection(polygons: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    place = placed_on(polygons, ax)
    if place not in PLACES:
        return None
    paths = [np.asarray(path.vertices, float) for path in polygons.get_paths()]
    if polygons.get_array() is not None:
        return read_coloured_cells(polygons, paths, place, ax)
    if np.any(np.asarray(polygons.get_offsets())):
        return None
    faces = polygons.get_facecolors() if len(polygons.get_facecolors()) else polygons.get_edgecolors()
    colour, exact = colours.group_of_parts(faces, polygons)
    return Mark(kind_by_placement("band", place), label_of(polygons), colour, float_lists(joined_paths(paths, PLACES[place])), exact)


def read_coloured_cells(polygons: Any, paths: list[Any], place: str, ax: Any) -> Mark | None:
    """Read polygons that show a value each: of any shape, or one shape at many places (hexagonal bins).

    On axes that are not linear one shape has other corners at each place. Before matplotlib 3.11 the polygons have those corners.
    """
    offsets: Any = np.ma.filled(np.ma.asarray(polygons.get_offsets(), float), np.nan).reshape(-1, 2)
    exact: dict[str, PlainValue] = {}
    one_shape = place == "data" and len(paths) == 1 and type(polygons.get_offset_transform()).__name__ == "AffineDeltaTransform"
    if one_shape and (ax.get_xscale(), ax.get_yscale()) != ("linear", "linear"):
        shape, drawn = ax.transScale.transform(paths[0]), ax.transScale.inverted()
        paths, offsets = [drawn.transform(shape + offset) for offset in offsets], np.zeros((1, 2))
    if not np.any(offsets):
        kind, arrays = "coloured cells", joined_paths(paths, PLACES[place])
    elif one_shape:
        kind, arrays = "hexagonal bins", {"x": offsets[:, 0], "y": offsets[:, 1]}
        arrays |= {"width": [np.ptp(paths[0][:, 0])], "height": [np.ptp(paths[0][:, 1])]}
    else:
        return None
    polygons.autoscale_None()
    add_values(polygons, arrays, exact)
    add_opacity(polygons, arrays)
    return Mark(kind, label_of(polygons), None, float_lists(arrays), exact)


def read_segments(lines: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    place = placed_on(lines, ax)
    if place not in PLACES:
        return None
    kind = kind_by_placement("segments", place)
    arrays: dict[str, ArrayValues] = joined_paths([np.asarray(segment, float) for segment in lines.get_segments()], PLACES[place])
    if lines.get_array() is not None:
        exact: dict[str, PlainValue] = {}
        add_values(lines, arrays, exact)
        return Mark(kind, label_of(lines), None, float_lists(arrays), exact)
    colour, exact = colours.references_of_parts(lines.get_colors(), lines)
    return Mark(kind, label_of(lines), colour, float_lists(arrays), exact)


def read_stairs(stairs: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    if placed_on(stairs, ax) != "data":
        return None
    values, edges, baseline = stairs.get_data()
    value, edge = ("y", "x") if stairs.orientation == "vertical" else ("x", "y")
    arrays = {value: values, edge: edges}
    if baseline is not None:
        arrays[f"{value}0"] = np.atleast_1d(baseline)
    return Mark("stairs", label_of(stairs), colours.group_number(stairs), float_lists(arrays))


def read_ellipses(ellipses: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read ellipses at many places, with sizes in units of the axes, of the figure or of paper."""
    if place_of(ellipses.get_offset_transform(), ax) != "data":
        return None
    places: Any = np.ma.filled(np.ma.asarray(ellipses.get_offsets(), float), np.nan).reshape(-1, 2)
    arrays: dict[str, ArrayValues] = {"x": places[:, 0], "y": places[:, 1]}
    exact: dict[str, PlainValue] = {"units": str(ellipses._units)}  # no public names, here and below
    sizes = np.column_stack([2 * np.ravel(ellipses._widths), 2 * np.ravel(ellipses._heights)])
    arrays |= {"width": sizes[:, 0], "height": sizes[:, 1], "angle": np.degrees(np.ravel(ellipses._angles))}
    colour = None
    if ellipses.get_array() is not None:
        add_values(ellipses, arrays, exact)
    else:
        colour, several = colours.references_of_parts(ellipses.get_facecolors(), ellipses)
        exact |= several
    return Mark("ellipses", label_of(ellipses), colour, float_lists(arrays), exact)


def read_events(lines: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read dashes of one length at given places along one axis; the arrays of the other axis hold the middle and the length of all."""
    if placed_on(lines, ax) != "data":
        return None
    along, across, length = ("x", "y", "height") if lines.is_horizontal() else ("y", "x", "width")
    arrays = {along: lines.get_positions(), across: [lines.get_lineoffset()], length: [lines.get_linelength()]}
    colour, exact = colours.references_of_parts(lines.get_colors(), lines)
    return Mark("events", label_of(lines), colour, float_lists(arrays), exact)


def read_text_mark(text: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    arrays = place_arrays(text.get_position(), text.get_transform(), ax)
    return Mark("text", "", None, float_lists(arrays), {"text": text.get_text()}) if arrays is not None else None


def read_annotation(text: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a text beside a place: with an arrow that place, and where the arrow comes from; without one, where the text stands."""
    pointed = place_arrays(text.xy, text.xycoords, ax)
    written = pointed if is_offset(text.anncoords) else place_arrays(text.xyann, text.anncoords, ax, "0" if text.arrow_patch else "")
    if pointed is None or written is None:
        return None
    exact: dict[str, PlainValue] = {"text": text.get_text()}
    beside = anchor_of(text.xycoords)
    if beside is not None and hasattr(beside, "get_text"):
        exact["beside"] = beside.get_text()
    if text.arrow_patch is None:
        return Mark("annotation", "", None, float_lists(written), exact)
    exact["heads"] = arrow_heads(text.arrow_patch) if text.arrowprops else "none"
    return Mark("annotation", "", None, float_lists({**pointed, **written}), exact)


def read_text_along_arrow(text: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read a text that stands at a share of the way along an arrow: the arrow's two ends, and the share."""
    arrow = text.arrow
    if arrow._posA_posB is None:  # no public name
        return None
    (x0, y0), (x, y) = (arrow._convert_xy_units(end) for end in arrow._posA_posB)
    exact: dict[str, PlainValue] = {"text": text.get_text(), "heads": "none", "along": float(text.label_pos)}
    return Mark("annotation", "", None, float_lists({"x": [x], "y": [y], "x0": [x0], "y0": [y0]}), exact)
