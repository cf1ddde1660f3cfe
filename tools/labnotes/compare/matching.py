"""Which recorded mark became which observed one, and which point of a scatter which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labnotes.compare.distances import Array, array
from labnotes.model.plots import FigureData, Mark

UNORDERED = ("scatter",)
"""Kinds whose points are drawn alike in any order."""

NEAR = 1e-3
"""Share of the extent within which half of the points must have a partner: else these are other points, not the same in another order."""

MOST = 500
"""Points that found no equal, up to which each is given the nearest one; beyond, they are taken in their order."""

FAR = 1e6
"""Distance of numbers that cannot be compared: any other pair is nearer."""


def matched(then: Sequence[Mark], now: Sequence[Mark]) -> tuple[list[tuple[Mark, Mark]], list[Mark], list[Mark]]:
    """Pairs of one kind and label: equal ones first, then those of the same words, the others in their order. The rest is gone or new.

    Not the nearest ones: of two bars or boxes that exchanged their values, each would be paired with the other series.
    """
    left = list(now)
    partners: dict[int, Mark] = {}
    for same in (same_data, lambda old, new: old.exact == new.exact, lambda old, new: True):
        for i, old in enumerate(then):
            if i in partners:
                continue
            fits = [new for new in left if (new.kind, new.label) == (old.kind, old.label) and same(old, new)]
            if fits:
                partners[i] = fits[0]
                left = [new for new in left if new is not fits[0]]
    pairs = [(old, partners[i]) for i, old in enumerate(then) if i in partners]
    return pairs, [old for i, old in enumerate(then) if i not in partners], left


def same_data(old: Mark, new: Mark) -> bool:
    return (
        old.arrays.keys() == new.arrays.keys()
        and dict(old.exact) == dict(new.exact)
        and all(np.array_equal(array(old.arrays[name]), array(new.arrays[name]), equal_nan=True) for name in old.arrays)
    )


def _apart(then: Array, now: Array, extent: Array) -> Array:
    """Distances as shares of the range of `extent`, at most FAR."""
    finite = extent[np.isfinite(extent)]
    span = float(np.ptp(finite)) if finite.size else 0.0
    same = (then == now) | (np.isnan(then) & np.isnan(now))
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(now - then) / (span or 1.0)
    return np.where(same, 0.0, np.minimum(np.nan_to_num(apart, nan=FAR, posinf=FAR), FAR))


# -- the order of points -----------------------------------------------------------------------------------------------------------------


def aligned(then: FigureData, now: FigureData) -> FigureData:
    """`now` with the points of its scatters in the recorded order: the same points drawn in another order are the same scatter."""
    axes = []
    for before, after in zip(then.axes, now.axes, strict=False):
        partners = {id(new): old for old, new in matched(before.marks, after.marks)[0] if old.kind in UNORDERED}
        axes.append(
            replace(after, marks=tuple(_in_order_of(partners[id(mark)], mark) if id(mark) in partners else mark for mark in after.marks))
        )
    return replace(now, axes=(*axes, *now.axes[len(axes) :]))


def is_reordered(old: Mark, new: Mark) -> bool:
    """Whether a mark has exactly the recorded points, in another order."""
    then, now = _points(old), _points(new)
    if then is None or now is None or old.arrays.keys() != new.arrays.keys() or then.shape != now.shape:
        return False
    others = [name for name, values in old.arrays.items() if np.shape(values) != (len(then),)]
    if np.array_equal(then, now, equal_nan=True) or not all(np.array_equal(array(old.arrays[n]), array(new.arrays[n])) for n in others):
        return False
    return sorted(row.tobytes() for row in then) == sorted(row.tobytes() for row in now)


def _in_order_of(old: Mark, new: Mark) -> Mark:
    then, now = _points(old), _points(new)
    if then is None or now is None or old.arrays.keys() != new.arrays.keys() or then.shape != now.shape:
        return new
    order = _order(then, now)
    apart = np.max([_apart(then[:, column], now[order, column], then[:, column]) for column in range(then.shape[1])], axis=0)
    if np.array_equal(order, np.arange(len(order))) or np.median(apart) > NEAR:
        return new
    points = len(then)

    def sorted_by(values: Sequence[object]) -> list[object]:
        return [values[i] for i in order]

    arrays = {name: sorted_by(values) if np.shape(values) == (points,) else values for name, values in new.arrays.items()}
    exact = {
        name: sorted_by(values) if isinstance(values, list | tuple) and len(values) == points else values
        for name, values in new.exact.items()
    }
    return replace(new, arrays=arrays, exact=exact)


def _points(mark: Mark) -> Array | None:
    """The points of a mark as rows, one column for each array that has a number for each; None if it has no points."""
    length = len(np.atleast_1d(array(next(iter(mark.arrays.values()), []))))
    columns = [array(values) for _, values in sorted(mark.arrays.items())]
    columns = [column for column in columns if column.shape == (length,)]
    return np.stack(columns, axis=1) + 0.0 if length > 1 and len(columns) > 1 else None  # + 0.0: there are two zeros


def _order(then: Array, now: Array) -> NDArray[np.intp]:
    """For each recorded point the observed one: an equal one, else the nearest of those left."""
    waiting: dict[bytes, list[int]] = {}
    for i, row in enumerate(now):
        waiting.setdefault(row.tobytes(), []).append(i)
    order = np.full(len(then), -1, dtype=np.intp)
    for i, row in enumerate(then):
        equal = waiting.get(row.tobytes())
        if equal:
            order[i] = equal.pop(0)
    left_then, left_now = np.flatnonzero(order < 0), np.array(sorted(i for found in waiting.values() for i in found), dtype=np.intp)
    if 1 < len(left_then) <= MOST:
        from scipy.optimize import linear_sum_assignment

        cost = sum(_apart(then[left_then, None, column], now[None, left_now, column], then[:, column]) for column in range(then.shape[1]))
        left_now = left_now[linear_sum_assignment(np.asarray(cost))[1]]
    order[left_then] = left_now
    return order
