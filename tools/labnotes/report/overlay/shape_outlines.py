"""Sketches of shapes: boxes, spans, circles, wedges, arrows. See sketches.py for what the functions take and give."""

from __future__ import annotations

import numpy as np

from labnotes.compare.distances import Array
from labnotes.report.overlay.outlines import NOWHERE, Arrays, Sketch, View, Words, plane, settled, stacked, strung

SIDE = 12
"""Strokes that a side of a box is made of where axes are curved."""

TURN = 72
"""Strokes of a full circle."""


def boxes(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Bars and rectangles: a place stands at the side it begins with, a length at the side where it ends."""
    if any(name not in arrays for name in ("x", "y", "width", "height")):
        return None
    n = min(arrays[name].size for name in ("x", "y", "width", "height"))
    x, y, width, height = (arrays[name].ravel()[:n] for name in ("x", "y", "width", "height"))
    turn = np.radians(float(words.get("angle") or 0))

    def corner(along: float, up: float) -> Array:
        right, top = along * width, up * height
        return np.column_stack([x + right * np.cos(turn) - top * np.sin(turn), y + right * np.sin(turn) + top * np.cos(turn)])

    count = SIDE if view is not None and view.curved else 1
    round_trip = [(k / count, 0.0) for k in range(count)] + [(1.0, k / count) for k in range(count)]
    round_trip += [(1 - k / count, 1.0) for k in range(count)] + [(0.0, 1 - k / count) for k in range(count + 1)]
    outline = np.stack([corner(*at) for at in round_trip], axis=1)
    where = {"x": corner(0, 0.5), "y": corner(0.5, 0), "width": corner(1, 0.5), "height": corner(0.5, 1)}
    return Sketch(strung(outline), NOWHERE, where)


def span(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    found = plane(arrays)
    if found is None or any(arrays[name].size != 2 for name in found[1]):
        return None
    along, (across, up) = found
    (left, right), (low, high) = arrays[across], arrays[up]
    corners = np.array([(left, low), (right, low), (right, high), (left, high), (left, low)])
    middle = np.array([(left + right) / 2, (low + high) / 2])
    where = {across: np.array([(left, middle[1]), (right, middle[1])]), up: np.array([(middle[0], low), (middle[0], high)])}
    return Sketch(settled(corners, along, view), NOWHERE, {name: settled(places, along, view) for name, places in where.items()})


def ellipse(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Circles, ellipses and arcs: a length stands where it ends on the outline, an angle there too."""
    x, y, width, height, radius = (_one(arrays, name) for name in ("x", "y", "width", "height", "radius"))
    if radius is not None:
        width = height = 2 * radius
    if x is None or y is None or width is None or height is None:
        return None
    turn = np.radians(_one(arrays, "angle") or 0.0)
    first, last = _one(arrays, "theta1"), _one(arrays, "theta2")

    def at(degrees: Array) -> Array:
        across, up = width / 2 * np.cos(np.radians(degrees)), height / 2 * np.sin(np.radians(degrees))
        return np.column_stack([x + across * np.cos(turn) - up * np.sin(turn), y + across * np.sin(turn) + up * np.cos(turn)])

    centre = np.array([[x, y]])
    right, top = at(np.array([0.0])), at(np.array([90.0]))
    where = {"x": centre, "y": centre, "width": right, "radius": right, "angle": right, "height": top}
    if first is not None and last is not None:
        where |= {"theta1": at(np.array([first])), "theta2": at(np.array([last]))}
    return Sketch(at(_turns(first, last)), centre, where)


def wedge(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """A piece of a pie or a ring; its angles stand on the outer edge, its radius in the middle of that."""
    x, y, radius, first, last = (_one(arrays, name) for name in ("x", "y", "radius", "theta1", "theta2"))
    if x is None or y is None or radius is None or first is None or last is None:
        return None
    inner = radius - (_one(arrays, "width") or radius)
    turns = np.radians(_turns(first, last))
    unit = np.column_stack([np.cos(turns), np.sin(turns)])
    centre = np.array([[x, y]])
    outline = np.concatenate([centre + radius * unit, centre + inner * unit[::-1], centre + radius * unit[:1]])
    middle = unit[len(unit) // 2][None]
    where = {"x": centre, "y": centre, "radius": centre + radius * middle, "width": centre + inner * middle}
    return Sketch(outline, NOWHERE, {**where, "theta1": centre + radius * unit[:1], "theta2": centre + radius * unit[-1:]})


def arrow(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """From where to where; a point stands at the end. Of a line between two pairs of axes, neither can show both ends."""
    between = words.get("between axes")
    if between and between[0] != between[1]:
        return None
    ends: list[Array] = []
    where: dict[str, Array] = {}
    for end in ("0", ""):
        found = plane({name.removesuffix("0"): values for name, values in arrays.items() if name.endswith("0") == bool(end)})
        if found is None:
            continue
        along, names = found
        places = settled(stacked(*(arrays[name + end] for name in names)), along, view)
        ends.append(places)
        where |= dict.fromkeys((name + end for name in names), places)
    strokes = np.concatenate(ends) if ends else NOWHERE
    return Sketch(strokes, strokes[-1:], where) if len(strokes) else None


def _one(arrays: Arrays, name: str) -> float | None:
    return float(arrays[name].ravel()[0]) if name in arrays and arrays[name].size else None


def _turns(first: float | None, last: float | None) -> Array:
    """Degrees from one angle to the other, counter-clockwise, or all around."""
    if first is None or last is None or not np.isfinite([first, last]).all():
        return np.linspace(0.0, 360.0, TURN + 1)
    turned = (last - first) % 360 or (360.0 if last != first else 0.0)
    return np.linspace(first, first + turned, max(2, int(TURN * turned / 360) + 1))
