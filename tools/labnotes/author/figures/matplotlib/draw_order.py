"""What covers what: filled marks without opacity that lie over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labnotes.model.plots import Mark

FILLED = ("bars", "rectangle", "polygon", "band", "shape")
"""Kinds of marks that hide what lies below them."""

_TOUCH = 1e-6
"""Share of all extents by which two marks overlap that only touch."""

MOST = 100_000
"""Pairs of parts up to which each is looked at; of more the whole marks are."""


def covered_marks(marks: Sequence[Mark], heights: Mapping[int, float]) -> dict[int, list[str]]:
    """For the marks of one pair of axes, by their numbers in `marks`, which other marks each covers in part.

    `heights` are the places in the order of drawing of those that hide what is below them.
    """
    boxes = {i: _boxes(marks[i]) for i in heights if marks[i].kind in FILLED}
    boxes = {i: box for i, box in boxes.items() if len(box)}
    if len(boxes) < 2:
        return {}
    every = np.concatenate(list(boxes.values()))
    touch = np.maximum(np.ptp(every[:, [0, 2]]), 0) * _TOUCH, np.maximum(np.ptp(every[:, [1, 3]]), 0) * _TOUCH
    covered: dict[int, list[str]] = {}
    for i, upper in boxes.items():
        below = [_name(marks, j) for j, lower in boxes.items() if (heights[j], j) < (heights[i], i) and _overlap(upper, lower, *touch)]
        if below:
            covered[i] = below
    return covered


def _name(marks: Sequence[Mark], index: int) -> str:
    mark = marks[index]
    alike = [i for i, other in enumerate(marks) if other.kind == mark.kind]
    return f"{mark.kind} {mark.label or alike.index(index) + 1}"


def _boxes(mark: Mark) -> Any:
    """The boxes of the parts of a mark as rows of left, bottom, right, top; none for what is not placed on data along both axes."""
    arrays = {name: np.ravel(np.asarray(values, float)) for name, values in mark.arrays.items()}
    if not {"x", "y"} <= arrays.keys():
        return np.empty((0, 4))
    if {"width", "height"} <= arrays.keys():
        x, y = (np.sort([arrays[start], arrays[start] + arrays[length]], axis=0) for start, length in (("x", "width"), ("y", "height")))
        rows = np.stack([x[0], y[0], x[1], y[1]], axis=1)
    else:
        x, y = arrays["x"][np.isfinite(arrays["x"])], arrays["y"][np.isfinite(arrays["y"])]
        rows = np.array([[x.min(), y.min(), x.max(), y.max()]]) if x.size and y.size else np.empty((0, 4))
    return rows[np.isfinite(rows).all(axis=1)]


def _overlap(first: Any, second: Any, across: float, up: float) -> bool:
    if len(first) * len(second) > MOST:
        first, second = (np.array([[*rows[:, :2].min(axis=0), *rows[:, 2:].max(axis=0)]]) for rows in (first, second))
    wide = np.minimum(first[:, None, 2], second[None, :, 2]) - np.maximum(first[:, None, 0], second[None, :, 0])
    high = np.minimum(first[:, None, 3], second[None, :, 3]) - np.maximum(first[:, None, 1], second[None, :, 1])
    return bool(((wide > across) & (high > up)).any())
