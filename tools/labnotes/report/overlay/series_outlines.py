"""Sketches of marks made of several parts: error bars, stems, stairs, events, texts. See outlines.py."""

from __future__ import annotations

import numpy as np

from labnotes.compare.distances import Array
from labnotes.report.overlay.outlines import NOWHERE, Arrays, Sketch, View, Words, joined_strokes, paired_places, places_in_data


def error_bars_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch error bars along x and along y. Where the author left out some of them, the record does not say which, and all are drawn."""
    where: dict[str, Array] = {}
    strokes = []
    for along, across in (("x", "y"), ("y", "x")):
        low, high = arrays.get(f"{along}low"), arrays.get(f"{along}high")
        if low is None or high is None or across not in arrays or not low.size == high.size == arrays[across].size:
            continue
        ends = [np.column_stack([end, arrays[across]] if along == "x" else [arrays[across], end]) for end in (low, high)]
        where |= {f"{along}low": ends[0], f"{along}high": ends[1]}
        strokes += [np.array(pair) for pair in zip(*ends, strict=True)]
        where.setdefault(across, np.mean(ends, axis=0))
    points = NOWHERE
    if "x" in arrays and "y" in arrays and arrays["x"].size == arrays["y"].size:
        places = paired_places(arrays["x"], arrays["y"])
        where |= {"x": places, "y": places}
        points = places if words.get("points", True) else NOWHERE
    return Sketch(joined_strokes(strokes), points, where) if where else None


def stems_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch a stroke from the base line to each point; where the base line is not level, the points alone."""
    if "x" not in arrays or "y" not in arrays:
        return None
    tips = paired_places(arrays["x"], arrays["y"])
    base = np.unique(arrays.get("y0", np.empty(0)))
    where = {"x": tips, "y": tips}
    if len(base) != 1 or not len(tips):
        return Sketch(NOWHERE, tips, where)
    feet = np.column_stack([tips[:, 0], np.full(len(tips), base[0])])
    where["y0"] = np.array([feet[0], feet[-1]])
    return Sketch(joined_strokes(np.array(pair) for pair in zip(feet, tips, strict=True)), tips, where)


def stairs_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch steps between edges; of the two arrays, the longer one holds the edges."""
    if "x" not in arrays or "y" not in arrays or abs(arrays["x"].size - arrays["y"].size) != 1:
        return None
    turned = arrays["x"].size < arrays["y"].size
    edges, values = (arrays["y"], arrays["x"]) if turned else (arrays["x"], arrays["y"])
    names = ("y", "x") if turned else ("x", "y")
    ends = np.concatenate([values[:1], values, values[-1:]])

    def flip_if_turned(places: Array) -> Array:
        return places[:, ::-1] if turned else places

    strokes = [np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(values, 2)])]
    middle = (edges[1:] + edges[:-1]) / 2
    where = {
        names[0]: flip_if_turned(np.column_stack([edges, (ends[1:] + ends[:-1]) / 2])),
        names[1]: flip_if_turned(np.column_stack([middle, values])),
    }
    base = arrays.get(f"{names[1]}0")
    if base is not None and base.size in (1, values.size):
        floor = np.broadcast_to(base.ravel(), values.shape)
        strokes.append(np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(floor, 2)]))
        where[f"{names[1]}0"] = flip_if_turned(np.column_stack([middle, floor])[: base.size])
    return Sketch(flip_if_turned(joined_strokes(strokes)), NOWHERE, where)


def events_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch dashes of one length, across the axis along which they stand."""
    along, across, length = ("x", "y", "height") if "height" in arrays else ("y", "x", "width")
    if along not in arrays or arrays.get(across, NOWHERE).size != 1 or arrays.get(length, NOWHERE).size != 1:
        return None
    at, middle, half = arrays[along], float(arrays[across][0]), float(arrays[length][0]) / 2
    column = ("x", "y").index(along)

    def places_at_height(height: float) -> Array:
        dash_places = np.full((len(at), 2), height)
        dash_places[:, column] = at
        return dash_places

    strokes = joined_strokes(np.array(pair) for pair in zip(places_at_height(middle - half), places_at_height(middle + half), strict=True))
    return Sketch(
        strokes,
        NOWHERE,
        {along: places_at_height(middle), across: places_at_height(middle)[:1], length: places_at_height(middle + half)[:1]},
    )


def text_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch the place where a text stands, or points to. One that has a place along one axis alone stands in the middle of the other."""
    name = "x" if "x" in arrays else "y"
    if name not in arrays:
        return None
    if "x" in arrays and "y" in arrays:
        at = paired_places(arrays["x"], arrays["y"])
    else:
        half = np.full(arrays[name].size, 0.5)
        at = places_in_data(paired_places(*((arrays["x"], half) if name == "x" else (half, arrays["y"]))), name, view)
    where = {axis_name: at for axis_name in ("x", "y") if axis_name in arrays}
    if "x0" not in arrays or "y0" not in arrays:
        return Sketch(NOWHERE, at, where)
    start = paired_places(arrays["x0"], arrays["y0"])
    return Sketch(np.concatenate([start, at]), at, {**where, "x0": start, "y0": start})


def endless_line_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch a straight line through all of the view."""
    if "x" not in arrays or "y" not in arrays or not arrays["x"].size:
        return None
    points = paired_places(arrays["x"], arrays["y"])
    where = {"x": points, "y": points}
    if view is None:
        return Sketch(points, NOWHERE, where)
    second = points[:1] + np.array([1, arrays["slope"][0]]) if "slope" in arrays else points[1:2]
    start, *rest = view.to_shares(np.concatenate([points[:1], second]))
    if not rest or not np.all(np.isfinite([start, rest[0]])) or not np.any(rest[0] - start):
        return Sketch(NOWHERE, points, where)
    step = (rest[0] - start) / np.abs(rest[0] - start).max()
    middle = start + step * ((np.array([0.5, 0.5]) - start) @ step) / (step @ step)  # nearest to the middle of the view
    if "slope" in arrays:
        where["slope"] = view.to_data((middle + 0.4 * step)[None])
    return Sketch(view.to_data(np.array([middle - 3 * step, middle + 3 * step])), points, where)
