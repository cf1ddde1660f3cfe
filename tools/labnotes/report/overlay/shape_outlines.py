"""Sketches of shapes: boxes, spans, circles, wedges, arrows. See outlines.py for what the functions take and give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labnotes.compare.distances import Array, float_number
from labnotes.report.overlay.outlines import (
    NOWHERE,
    Arrays,
    Sketch,
    View,
    Words,
    joined_strokes,
    paired_places,
    placement_arrays,
    places_in_data,
)

SIDE = 12
"""Number of strokes that a side of a box is made of where axes are curved."""

TURN = 72
"""Number of strokes of a full circle."""


def boxes_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch bars or rectangles. The place of "x" or "y" is the side where a box begins, that of a length the side where the box ends."""
    if any(name not in arrays for name in ("x", "y", "width", "height")):
        return None
    n = min(arrays[name].size for name in ("x", "y", "width", "height"))
    x, y, width, height = (arrays[name].ravel()[:n] for name in ("x", "y", "width", "height"))
    turn = np.radians(float_number(words.get("angle") or 0))

    def corner_places(along: float, up: float) -> Array:
        right, top = along * width, up * height
        return np.column_stack([x + right * np.cos(turn) - top * np.sin(turn), y + right * np.sin(turn) + top * np.cos(turn)])

    count = SIDE if view is not None and view.curved else 1
    round_trip = [(k / count, 0.0) for k in range(count)] + [(1.0, k / count) for k in range(count)]
    round_trip += [(1 - k / count, 1.0) for k in range(count)] + [(0.0, 1 - k / count) for k in range(count + 1)]
    outline = np.stack([corner_places(*at) for at in round_trip], axis=1)
    where = {"x": corner_places(0, 0.5), "y": corner_places(0.5, 0), "width": corner_places(1, 0.5), "height": corner_places(0.5, 1)}
    return Sketch(joined_strokes(outline), NOWHERE, where)


def span_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    placement = placement_arrays(arrays)
    if placement is None or any(arrays[name].size != 2 for name in placement[1]):
        return None
    along, (across, up) = placement
    (left, right), (low, high) = arrays[across], arrays[up]
    corners = np.array([(left, low), (right, low), (right, high), (left, high), (left, low)])
    middle = np.array([(left + right) / 2, (low + high) / 2])
    where = {across: np.array([(left, middle[1]), (right, middle[1])]), up: np.array([(middle[0], low), (middle[0], high)])}
    return Sketch(
        places_in_data(corners, along, view), NOWHERE, {name: places_in_data(places, along, view) for name, places in where.items()}
    )


def ellipse_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch a circle, an ellipse or an arc. A length and an angle have their place on the outline, where the length ends."""
    x, y, width, height, radius = (_first_number(arrays, name) for name in ("x", "y", "width", "height", "radius"))
    if radius is not None:
        width = height = 2 * radius
    if x is None or y is None or width is None or height is None:
        return None
    turn = np.radians(_first_number(arrays, "angle") or 0.0)
    first, last = _first_number(arrays, "theta1"), _first_number(arrays, "theta2")

    def outline_places(degrees: Array) -> Array:
        across, up = width / 2 * np.cos(np.radians(degrees)), height / 2 * np.sin(np.radians(degrees))
        return np.column_stack([x + across * np.cos(turn) - up * np.sin(turn), y + across * np.sin(turn) + up * np.cos(turn)])

    centre = np.array([[x, y]])
    right, top = outline_places(np.array([0.0])), outline_places(np.array([90.0]))
    where = {"x": centre, "y": centre, "width": right, "radius": right, "angle": right, "height": top}
    if first is not None and last is not None:
        where |= {"theta1": outline_places(np.array([first])), "theta2": outline_places(np.array([last]))}
    return Sketch(outline_places(_arc_degrees(first, last)), centre, where)


def wedge_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch a piece of a pie or a ring. Its angles have their place on the outer edge, its radius in the middle of that edge."""
    x, y, radius, first, last = (_first_number(arrays, name) for name in ("x", "y", "radius", "theta1", "theta2"))
    if x is None or y is None or radius is None or first is None or last is None:
        return None
    inner = radius - (_first_number(arrays, "width") or radius)
    turns = np.radians(_arc_degrees(first, last))
    unit = np.column_stack([np.cos(turns), np.sin(turns)])
    centre = np.array([[x, y]])
    outline = np.concatenate([centre + radius * unit, centre + inner * unit[::-1], centre + radius * unit[:1]])
    middle = unit[len(unit) // 2][None]
    where = {"x": centre, "y": centre, "radius": centre + radius * middle, "width": centre + inner * middle}
    return Sketch(outline, NOWHERE, {**where, "theta1": centre + radius * unit[:1], "theta2": centre + radius * unit[-1:]})


def arrow_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch a stroke from the start of an arrow to its end, with a point at the end.

    None for a line between two pairs of axes, since neither pair can show both ends.
    """
    between = words.get("between axes")
    if isinstance(between, Sequence) and between and between[0] != between[1]:
        return None
    ends: list[Array] = []
    where: dict[str, Array] = {}
    for end in ("0", ""):
        placement = placement_arrays({name.removesuffix("0"): values for name, values in arrays.items() if name.endswith("0") == bool(end)})
        if placement is None:
            continue
        along, names = placement
        places = places_in_data(paired_places(*(arrays[name + end] for name in names)), along, view)
        ends.append(places)
        where |= dict.fromkeys((name + end for name in names), places)
    strokes = np.concatenate(ends) if ends else NOWHERE
    return Sketch(strokes, strokes[-1:], where) if len(strokes) else None


def _first_number(arrays: Arrays, name: str) -> float | None:
    """The first number of an array; None if there is no such array or it is empty."""
    return float(arrays[name].ravel()[0]) if name in arrays and arrays[name].size else None


def _arc_degrees(first: float | None, last: float | None) -> Array:
    """Degrees from one angle to the other, counter-clockwise, in steps; those of a full circle where an angle is not known."""
    if first is None or last is None or not np.isfinite([first, last]).all():
        return np.linspace(0.0, 360.0, TURN + 1)
    turned = (last - first) % 360 or (360.0 if last != first else 0.0)
    return np.linspace(first, first + turned, max(2, int(TURN * turned / 360) + 1))
