"""Looks that tell marks apart: dashes, widths, edges, hatches and the like, each compared for the figure as a whole.

Which look a mark has is style, which marks share one is data. A look in words (a dash, a hatch) is compared as a correspondence, one to one
throughout the figure, its legends among it. A look in numbers (a width) is compared by the shares of the largest, in two ways: among all marks,
and among those to which the author gave one, apart from those that have the default. It differs if both ways do: another default (a style sheet)
changes the first, a style that goes over everything the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labnotes.compare.distances import Array, float_array
from labnotes.compare.figure_differences import FigureDifference, FigurePlace
from labnotes.compare.mark_labels import MarkLabels
from labnotes.compare.matching import match_marks
from labnotes.model.looks import IN_NUMBERS, LOOKS, ON_MAP
from labnotes.model.plots import FigureData, Mark

ALIKE = 0.01
"""The largest difference between two shares of the largest width, size or opacity that counts as none."""


def look_differences(then: FigureData, now: FigureData) -> Iterator[FigureDifference]:
    """The differences of every look, mark by mark; `now` has as many axes as `then`."""
    if not any(mark.looks for side in (then, now) for axes in side.axes for mark in axes.marks):
        return
    names = (MarkLabels(then), MarkLabels(now))
    pairs = [
        (i, old, new, f"{f'axes {i + 1}, ' if len(then.axes) > 1 else ''}{names[0].label_of(old, before.marks)}")
        for i, (before, after) in enumerate(zip(then.axes, now.axes, strict=True))
        for old, new in match_marks(before.marks, after.marks)[0]
        if old.looks or new.looks
    ]
    for look in LOOKS:
        marked = [(i, old, new, name) for i, old, new, name in pairs if look in old.looks or look in new.looks]
        compare = _number_differences if look in IN_NUMBERS else _word_differences
        for i, mark, what in list(compare(look, marked, then, now)):
            place = FigurePlace(axes=i, recorded=_index_of(mark, then.axes[i].marks)) if i is not None else FigurePlace()
            yield FigureDifference(np.inf, what, place)


def _index_of(mark: Mark | None, marks: Sequence[Mark]) -> int | None:
    return next((i for i, other in enumerate(marks) if other is mark), None)


_Found = tuple[int | None, Mark | None, str]
_Pair = tuple[int, Mark, Mark, str]


def _word_differences(look: str, pairs: Sequence[_Pair], then: FigureData, now: FigureData) -> Iterator[_Found]:
    forth: dict[Any, Any] = {None: None}
    back: dict[Any, Any] = {None: None}

    def fits(before: Any, after: Any) -> bool:
        return bool(forth.setdefault(before, after) == after and back.setdefault(after, before) == before)

    for i, old, new, name in pairs:
        before, after = _parts(old.looks.get(look), new.looks.get(look)), _parts(new.looks.get(look), old.looks.get(look))
        others = [at for at, pair in enumerate(zip(before, after, strict=False)) if not fits(*pair)] if len(before) == len(after) else []
        if others:
            part = f"[{others[0]}]" if len(before) > 1 else ""
            yield i, old, f"{name}: {look}{part} is that of other marks than recorded"
    for i, (old_axes, new_axes) in enumerate(zip(then.axes, now.axes, strict=True)):
        partners = {entry.text: entry for entry in new_axes.legend}
        for entry in old_axes.legend:
            other = partners.get(entry.text)
            if other is not None and not fits(entry.looks.get(look), other.looks.get(look)):
                yield i, None, f"legend entry {entry.text!r}: its {look} is that of other marks than recorded"


def _parts(own: Any, other: Any) -> list[Any]:
    """A look part by part; one for all is repeated for as many parts as the other side has."""
    if isinstance(own, list | tuple):
        return list(own)
    return [own] * (len(other) if isinstance(other, list | tuple) else 1)


def _number_differences(look: str, pairs: Sequence[_Pair], then: FigureData, now: FigureData) -> Iterator[_Found]:
    ways = ("among all", "where chosen") if look != ON_MAP else ("",)
    by_way = [list(_of_one_way(look, way, pairs)) for way in ways]
    if all(by_way):
        yield from by_way[0]


@dataclass(frozen=True)
class _Sides:
    """A recorded mark with its number of axes and its name, and a look in numbers on both sides, part by part."""

    axes: int
    mark: Mark
    name: str
    before: Array
    after: Array


def _of_one_way(look: str, way: str, pairs: Sequence[_Pair]) -> Iterator[_Found]:
    """The differences of a look in numbers, by one of the ways to compare it."""
    for kind in dict.fromkeys(old.kind for _, old, _, _ in pairs):
        alike = [(i, old, name, _shares(old, look, way), _shares(new, look, way)) for i, old, new, name in pairs if old.kind == kind]
        missing = [(i, old, name, after) for i, old, name, before, after in alike if before is None or after is None]
        if look == ON_MAP and missing:
            continue  # colours that come from no map on one side: which marks share one is compared all the same
        if missing:
            i, old, name, after = missing[0]
            yield i, old, f"{name}: {look} {'tells no marks apart any more' if after is None else 'tells marks apart, unlike recorded'}"
            continue
        both = [_Sides(i, old, name, *np.broadcast_arrays(before, after)) for i, old, name, before, after in alike if _fit(before, after)]
        if both:
            yield from _moved_parts(look, both)


def _fit(before: Any, after: Any) -> bool:
    """Whether two sides have as many parts; another number of parts is told by the data."""
    return 1 in (before.size, after.size) or before.size == after.size


def _moved_parts(look: str, both: Sequence[_Sides]) -> Iterator[_Found]:
    """The parts of the marks of one kind whose number is another, up to what all have in common: a factor, or the direction of a colour map."""
    before, after = np.concatenate([sides.before for sides in both]), np.concatenate([sides.after for sides in both])
    if look == ON_MAP:
        turned = np.abs(1 - after - before).max() < np.abs(after - before).max()
        after = 1 - after if turned else after
    else:
        given = np.isfinite(before) & np.isfinite(after) & (before > 0) & (after > 0)
        after = after / np.median(after[given] / before[given]) if given.any() else after
    apart = np.where(np.isnan(before) & np.isnan(after), 0.0, np.abs(after - before))
    apart = np.where(np.isnan(apart), np.inf, apart)
    ends = np.cumsum([sides.before.size for sides in both])[:-1]
    for sides, was, now, distance in zip(both, *(np.split(values, ends) for values in (before, after, apart)), strict=True):
        at = int(np.argmax(distance))
        if distance[at] > ALIKE:
            part = f"[{at}]" if distance.size > 1 else ""
            yield (
                sides.axes,
                sides.mark,
                f"{sides.name}: {look}{part} is {_number_words(look, now[at])}, recorded {_number_words(look, was[at])}",
            )


def _number_words(look: str, share: float) -> str:
    if look == ON_MAP:
        return f"{share:.3g}"
    return "the default" if np.isnan(share) else f"{share:.0%} of the largest that was recorded"


def _shares(mark: Mark, look: str, way: str) -> Any:
    told = mark.looks.get(look)
    return None if told is None else np.atleast_1d(float_array(told[way] if way and isinstance(told, Mapping) else told))
