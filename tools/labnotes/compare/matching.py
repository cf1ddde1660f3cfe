"""Match recorded marks with observed ones, and the points of a scatter with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labnotes.compare.distances import Array, float_array
from labnotes.model.mark_kinds import mark_kind
from labnotes.model.plots import FigureData, Mark, PlainValue

NEAR = 1e-3
"""Share of the extent within which half of the points must have a partner: else these are other points, not the same in another order."""

MOST = 500
"""Number of points without an equal up to which each is given the nearest one; if there are more, they are taken in their order."""

FAR = 1e6
"""Distance of numbers that cannot be compared: any other pair is nearer."""


def match_marks(then: Sequence[Mark], now: Sequence[Mark]) -> tuple[list[tuple[Mark, Mark]], list[Mark], list[Mark]]:
    """Match marks of one kind and label: equal ones first, then those with the same words, then the others in their order.

    Return the pairs, the recorded marks that are gone and the observed marks that are new. No mark is paired with the nearest one: of two
    bars or boxes that exchanged their values, each would be paired with the other series.
    """
    known = {id(mark) for mark in then}
    partners = {
        i: old for i, old in enumerate(then) if i < len(now) and now[i] is old
    }  # one object, as in a record that was changed on trial
    left = [new for i, new in enumerate(now) if i not in partners or id(new) not in known]
    for same in (has_same_data, lambda old, new: old.exact == new.exact, lambda old, new: True):
        for i, old in enumerate(then):
            if i in partners:
                continue
            fits = [new for new in left if (new.kind, new.label) == (old.kind, old.label) and same(old, new)]
            if fits:
                partners[i] = fits[0]
                left = [new for new in left if new is not fits[0]]
    pairs = [(old, partners[i]) for i, old in enumerate(then) if i in partners]
    return pairs, [old for i, old in enumerate(then) if i not in partners], left


def has_same_data(old: Mark, new: Mark) -> bool:
    return (
        old.arrays.keys() == new.arrays.keys()
        and dict(old.exact) == dict(new.exact)
        and all(np.array_equal(float_array(old.arrays[name]), float_array(new.arrays[name]), equal_nan=True) for name in old.arrays)
    )


def _capped_distances(then: Array, now: Array, extent: Array) -> Array:
    """Distances between numbers as shares of the range of `extent`, at most FAR each; the arrays are of shapes that broadcast together."""
    finite = extent[np.isfinite(extent)]
    span = float(np.ptp(finite)) if finite.size else 0.0
    same = (then == now) | (np.isnan(then) & np.isnan(now))
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(now - then) / (span or 1.0)
    return np.where(same, 0.0, np.minimum(np.nan_to_num(apart, nan=FAR, posinf=FAR), FAR))


# -- the order of points -----------------------------------------------------------------------------------------------------------------


def align_points(then: FigureData, now: FigureData) -> FigureData:
    """Return `now` with the points of its scatters in the recorded order: the same points drawn in another order are the same scatter."""
    axes = []
    for before, after in zip(then.axes, now.axes, strict=False):
        partners = {id(new): old for old, new in match_marks(before.marks, after.marks)[0] if not mark_kind(old.kind).is_ordered}
        axes.append(
            replace(after, marks=tuple(_in_order_of(partners[id(mark)], mark) if id(mark) in partners else mark for mark in after.marks))
        )
    return replace(now, axes=(*axes, *now.axes[len(axes) :]))


def is_reordered(old: Mark, new: Mark) -> bool:
    """Whether a mark has exactly the recorded points, in another order."""
    then, now = _point_rows(old), _point_rows(new)
    if then is None or now is None or old.arrays.keys() != new.arrays.keys() or then.shape != now.shape:
        return False
    others = [name for name, values in old.arrays.items() if np.shape(values) != (len(then),)]
    if np.array_equal(then, now, equal_nan=True) or not all(
        np.array_equal(float_array(old.arrays[n]), float_array(new.arrays[n])) for n in others
    ):
        return False
    return sorted(row.tobytes() for row in then) == sorted(row.tobytes() for row in now)


def _in_order_of(old: Mark, new: Mark) -> Mark:
    then, now = _point_rows(old), _point_rows(new)
    if then is None or now is None or old.arrays.keys() != new.arrays.keys() or then.shape != now.shape:
        return new
    order = _matching_order(then, now)
    apart = np.max([_capped_distances(then[:, column], now[order, column], then[:, column]) for column in range(then.shape[1])], axis=0)
    if np.array_equal(order, np.arange(len(order))) or np.median(apart) > NEAR:
        return new
    points = len(then)

    arrays = {name: [values[i] for i in order] if np.shape(values) == (points,) else values for name, values in new.arrays.items()}
    exact = {name: _reordered(values, order) for name, values in new.exact.items()}
    looks = {name: _reordered(values, order) for name, values in new.looks.items()}
    return replace(new, arrays=arrays, exact=exact, looks=looks)


def _reordered(value: PlainValue, order: NDArray[np.intp]) -> PlainValue:
    """A value of a mark with its points in another order: each list, also within a mapping, that has an entry for every point."""
    if isinstance(value, Mapping):
        return {name: _reordered(values, order) for name, values in value.items()}
    return [value[i] for i in order] if isinstance(value, list | tuple) and len(value) == len(order) else value


def _point_rows(mark: Mark) -> Array | None:
    """The points of a mark as rows, with one column for each array that has a number for every point; None if it has no points."""
    length = len(np.atleast_1d(float_array(next(iter(mark.arrays.values()), []))))
    columns = [float_array(values) for _, values in sorted(mark.arrays.items())]
    columns = [column for column in columns if column.shape == (length,)]
    return np.stack(columns, axis=1) + 0.0 if length > 1 and len(columns) > 1 else None  # + 0.0: there are two zeros


def _matching_order(then: Array, now: Array) -> NDArray[np.intp]:
    """The index of the observed point for each recorded point: of an equal one, else of the nearest of those left. Points are rows."""
    waiting: dict[bytes, list[int]] = {}
    for i, row in enumerate(now):
        waiting.setdefault(row.tobytes(), []).append(i)
    order = np.full(len(then), -1, dtype=np.intp)
    for i, row in enumerate(then):
        equal = waiting.get(row.tobytes())
        if equal:
            order[i] = equal.pop(0)
    left_then, left_now = np.flatnonzero(order < 0), np.array(sorted(i for indices in waiting.values() for i in indices), dtype=np.intp)
    if 1 < len(left_then) <= MOST:
        from scipy.optimize import linear_sum_assignment

        cost = sum(
            _capped_distances(then[left_then, None, column], now[None, left_now, column], then[:, column])
            for column in range(then.shape[1])
        )
        left_now = left_now[linear_sum_assignment(np.asarray(cost))[1]]
    order[left_then] = left_now
    return order
