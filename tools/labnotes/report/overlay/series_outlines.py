"""Sketches of marks made of several parts: error bars, stems, stairs, events, texts, vectors, contours. See sketches.py for what they take and give."""

from __future__ import annotations

import numpy as np

from labnotes.compare.distances import Array
from labnotes.report.overlay.outlines import NOWHERE, Arrays, Sketch, View, Words, by_level, path, settled, stacked, strung


def errorbars(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """The bars of one direction and those of the other; where the author left out some of them, the record does not say which."""
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
        places = stacked(arrays["x"], arrays["y"])
        where |= {"x": places, "y": places}
        points = places if words.get("points", True) else NOWHERE
    return Sketch(strung(strokes), points, where) if where else None


def stems(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """From the base line, where that is level, to each point."""
    if "x" not in arrays or "y" not in arrays:
        return None
    tips = stacked(arrays["x"], arrays["y"])
    base = np.unique(arrays.get("y0", np.empty(0)))
    where = {"x": tips, "y": tips}
    if len(base) != 1 or not len(tips):
        return Sketch(NOWHERE, tips, where)
    feet = np.column_stack([tips[:, 0], np.full(len(tips), base[0])])
    where["y0"] = np.array([feet[0], feet[-1]])
    return Sketch(strung(np.array(pair) for pair in zip(feet, tips, strict=True)), tips, where)


def stairs(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Steps between edges; which of the two arrays holds the edges is told by its length."""
    if "x" not in arrays or "y" not in arrays or abs(arrays["x"].size - arrays["y"].size) != 1:
        return None
    turned = arrays["x"].size < arrays["y"].size
    edges, values = (arrays["y"], arrays["x"]) if turned else (arrays["x"], arrays["y"])
    names = ("y", "x") if turned else ("x", "y")
    ends = np.concatenate([values[:1], values, values[-1:]])

    def flipped(places: Array) -> Array:
        return places[:, ::-1] if turned else places

    strokes = [np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(values, 2)])]
    middle = (edges[1:] + edges[:-1]) / 2
    where = {
        names[0]: flipped(np.column_stack([edges, (ends[1:] + ends[:-1]) / 2])),
        names[1]: flipped(np.column_stack([middle, values])),
    }
    base = arrays.get(f"{names[1]}0")
    if base is not None and base.size in (1, values.size):
        floor = np.broadcast_to(base.ravel(), values.shape)
        strokes.append(np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(floor, 2)]))
        where[f"{names[1]}0"] = flipped(np.column_stack([middle, floor])[: base.size])
    return Sketch(flipped(strung(strokes)), NOWHERE, where)


def events(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Dashes of one length, across the axis along which they stand."""
    along, across, length = ("x", "y", "height") if "height" in arrays else ("y", "x", "width")
    if along not in arrays or arrays.get(across, NOWHERE).size != 1 or arrays.get(length, NOWHERE).size != 1:
        return None
    at, middle, half = arrays[along], float(arrays[across][0]), float(arrays[length][0]) / 2
    column = ("x", "y").index(along)

    def places(height: float) -> Array:
        found = np.full((len(at), 2), height)
        found[:, column] = at
        return found

    strokes = strung(np.array(pair) for pair in zip(places(middle - half), places(middle + half), strict=True))
    return Sketch(strokes, NOWHERE, {along: places(middle), across: places(middle)[:1], length: places(middle + half)[:1]})


def text(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Where a text stands, or points to; in data along one axis alone, in the middle of the axes along the other."""
    name = "x" if "x" in arrays else "y"
    if name not in arrays:
        return None
    if "x" in arrays and "y" in arrays:
        at = stacked(arrays["x"], arrays["y"])
    else:
        half = np.full(arrays[name].size, 0.5)
        at = settled(stacked(*((arrays["x"], half) if name == "x" else (half, arrays["y"]))), name, view)
    where = {each: at for each in ("x", "y") if each in arrays}
    if "x0" not in arrays or "y0" not in arrays:
        return Sketch(NOWHERE, at, where)
    start = stacked(arrays["x0"], arrays["y0"])
    return Sketch(np.concatenate([start, at]), at, {**where, "x0": start, "y0": start})


def levels(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Lines across a colour bar."""
    name = "x" if "x" in arrays else "y"
    if name not in arrays:
        return None
    at = arrays[name]

    def places(share: float) -> Array:
        across = np.full(at.size, share)
        return settled(stacked(*((at, across) if name == "x" else (across, at))), name, view)

    return Sketch(strung(np.array(pair) for pair in zip(places(0), places(1), strict=True)), NOWHERE, {name: places(0.5)})


def endless(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """A straight line through all of the view."""
    if "x" not in arrays or "y" not in arrays or not arrays["x"].size:
        return None
    points = stacked(arrays["x"], arrays["y"])
    where = {"x": points, "y": points}
    if view is None:
        return Sketch(points, NOWHERE, where)
    second = points[:1] + np.array([1, arrays["slope"][0]]) if "slope" in arrays else points[1:2]
    start, *rest = view.shares(np.concatenate([points[:1], second]))
    if not rest or not np.all(np.isfinite([start, rest[0]])) or not np.any(rest[0] - start):
        return Sketch(NOWHERE, points, where)
    step = (rest[0] - start) / np.abs(rest[0] - start).max()
    middle = start + step * ((np.array([0.5, 0.5]) - start) @ step) / (step @ step)  # nearest to the middle of the view
    if "slope" in arrays:
        where["slope"] = view.data((middle + 0.4 * step)[None])
    return Sketch(view.data(np.array([middle - 3 * step, middle + 3 * step])), points, where)


def vectors(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Strokes from the place to where the vector points, the longest a tenth of the axes; a vector's own scale is style."""
    if any(name not in arrays for name in ("x", "y", "u", "v")):
        return None
    feet, reach = stacked(arrays["x"], arrays["y"]), stacked(arrays["u"], arrays["v"])
    where = {name: feet for name in ("x", "y", "value", "opacity", "angle") if name in arrays and arrays[name].size == len(feet)}
    if view is None or len(feet) != len(reach):
        return Sketch(NOWHERE, feet, where)
    lengths = np.hypot(*reach.T)
    longest = np.nanmax(lengths, initial=0.0) or 1.0
    tips = view.data(view.shares(feet) + 0.1 * reach / longest)
    where |= {"u": tips, "v": tips}
    return Sketch(strung(np.array(pair) for pair in zip(feet, tips, strict=True)), feet, where)


def contours(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Lines of all levels; a level stands where the first line of it is."""
    made = path({name: arrays[name] for name in ("x", "y") if name in arrays}, {}, view)
    if made is None:
        return None
    return Sketch(made.strokes, NOWHERE, {**made.where, **by_level(made.strokes, arrays)})
