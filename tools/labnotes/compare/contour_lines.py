"""Contours, compared as lines: how far a point of one lies from the nearest line of the other of the same level.

Where corners lie along a line, and whether it is cut there, hangs on the last digit of the values that it was drawn from.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from labnotes.compare.distances import Array, AxisRanges
from labnotes.compare.figure_differences import FigureDifference, FigurePlace
from labnotes.model.comparison import number_text, percent_text
from labnotes.model.plots import Mark

KINDS = ("contours", "filled contours")

PLACED = ("x", "y", "part")
"""The arrays that hold the lines; the others are compared as they are."""

_AT_ONCE = 200
"""Points whose distances to all lines are computed at once."""


def line_differences(old: Mark, new: Mark, name: str, ranges: AxisRanges) -> Iterator[FigureDifference]:
    """The largest distance between the lines of one level, of recorded and observed contours in the plane."""
    then, now = _lines_by_level(old, ranges), _lines_by_level(new, ranges)
    levels = ranges.comparable_arrays(old)["level"]
    if then.keys() != now.keys():
        only = sorted(then.keys() ^ now.keys())[0]
        shown = number_text(float(levels[only])) if only < len(levels) else str(only)
        what = "is gone" if only in then else "is new"
        yield FigureDifference(np.inf, f"{name}: what is drawn at level {shown} {what}", FigurePlace(array="x"))
        return
    apart = {level: max(_farthest(then[level], now[level]), _farthest(now[level], then[level])) for level in then}
    worst = max(apart, key=lambda level: apart[level], default=None)
    if worst is not None and apart[worst] > 0:
        shown = number_text(float(levels[worst])) if worst < len(levels) else str(worst)
        text = f"{name}: the line of level {shown} is {percent_text(apart[worst])} of the axes away from the recorded one"
        yield FigureDifference(apart[worst], text, FigurePlace(array="x"))


def are_whole(*marks: Mark) -> bool:
    """Whether each of some marks has lines in the plane, and a level for each of them."""
    for mark in marks:
        arrays = {key: np.asarray(values, float) for key, values in mark.arrays.items()}
        if not {*PLACED, "level"} <= arrays.keys() or "z" in arrays or arrays["x"].shape != arrays["y"].shape:
            return False
        if np.isnan(arrays["x"]).sum() + 1 != len(arrays["part"]) and len(arrays["part"]) > 0:
            return False
    return True


def _lines_by_level(mark: Mark, ranges: AxisRanges) -> dict[int, Array]:
    """The corners of the lines of each level as shares of the axes, a gap (NaN) between two lines."""
    arrays = ranges.comparable_arrays(mark)
    points = np.stack([ranges.shares_along("x", arrays["x"]), ranges.shares_along("y", arrays["y"])], axis=1)
    line = np.cumsum(np.isnan(arrays["x"]))
    return {
        level: points[np.isin(line, np.flatnonzero(arrays["part"] == level))]
        for level in dict.fromkeys(int(part) for part in arrays["part"])
    }


def _farthest(points: Array, lines: Array) -> float:
    return float(_distances(points, lines).max(initial=0.0))


def _distances(points: Array, lines: Array) -> Array:
    """The distance of each point to the nearest of some lines; 0 for gaps."""
    first, second = lines[:-1], lines[1:]
    whole = np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    first, second = first[whole], second[whole]
    if not len(first):
        return np.where(np.isfinite(points).all(axis=1), np.inf, 0.0)
    along = second - first
    length = np.maximum((along**2).sum(axis=1), 1e-300)
    nearest = np.zeros(len(points))
    for i in range(0, len(points), _AT_ONCE):
        part = points[i : i + _AT_ONCE, None]
        share = np.clip(((part - first) * along).sum(axis=2) / length, 0, 1)
        apart = np.sqrt(((part - first - share[..., None] * along) ** 2).sum(axis=2))
        nearest[i : i + _AT_ONCE] = apart.min(axis=1)
    return np.nan_to_num(nearest, nan=0.0)
