"""Figures: the plotted data mark by mark, each array within a share of its axis' range; words, scales and limits as they are.

Style is not part of the data, so it cannot differ. Colours are compared as a correspondence: which marks share one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from labnotes.compare.distances import AXIS_OF, MEASURES, Array, AxisRanges, float_array
from labnotes.compare.mark_labels import MarkLabels
from labnotes.compare.matching import align_points, has_same_data, is_reordered, match_marks
from labnotes.model.comparison import Comparison, number_text, percent_text
from labnotes.model.mark_kinds import mark_kind
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, LegendEntry, Mark
from labnotes.model.quantities import DEFAULT_SHARE, QuantityKind
from labnotes.model.verdicts import Verdict

SHOWN = 6
"""Number of differences listed for one figure."""

LISTED = 12
"""Number of parts up to which a message lists a whole value; of a longer one it names the first part that differs."""

_Ticks = tuple[tuple[float, str], ...]
_LabelPair = tuple[MarkLabels, MarkLabels]


@dataclass(frozen=True)
class FigurePlace:
    """The place of a difference, counted from 0: its axes, the mark on either side, the array of that mark, and the worst element of it.

    What does not apply is None or "": a new mark has no recorded one, a title no mark, arrays of two lengths no worst element. `axis` is
    "x" or "y" where an axis itself differs; the array "limits" is then the pair of them, and "marks" stands for all that were recorded.
    """

    axes: int | None = None
    axis: str = ""
    recorded: int | None = None
    observed: int | None = None
    array: str = ""
    at: tuple[int, ...] | None = None


@dataclass(frozen=True)
class FigureDifference:
    """One difference: its `share` of the axis' range, infinite for what is not a number; `what` says it in words, `place` where it is.

    `is_value` tells a difference of values, as an array or as numbers written in a text, from one of words, scales or parts.
    """

    share: float
    what: str
    place: FigurePlace = FigurePlace()
    in_text: bool = False

    @property
    def is_value(self) -> bool:
        return bool(self.place.array) or self.in_text


def sorted_differences(recorded: Figure, observed: Figure) -> list[FigureDifference]:
    """List every difference between two figures, worst first, within the tolerance or not."""
    return sorted(_data_differences(recorded.data, align_points(recorded.data, observed.data)), key=lambda d: -d.share)


def allowed_share(recorded: Figure) -> float:
    """The share of an axis' range by which a figure may differ."""
    return recorded.tolerance.value if recorded.tolerance else DEFAULT_SHARE


def compare_figures(recorded: Figure, observed: Figure) -> Comparison:
    """Compare two figures by the recorded tolerance. What could not be read on either side is unverified, if nothing else differs."""
    share = allowed_share(recorded)
    all_differences = sorted_differences(recorded, observed)
    beyond = [difference for difference in all_differences if difference.share > share]
    details = [difference.what for difference in beyond[:SHOWN]]
    if len(beyond) > SHOWN:
        details.append(f"and {len(beyond) - SHOWN} more differences")
    if recorded.tolerance != observed.tolerance:
        stated = [percent_text(f.tolerance.value) if f.tolerance else "the default" for f in (observed, recorded)]
        details.append(f"the tolerance is now {stated[0]}, recorded {stated[1]}")
    unread = sorted({*recorded.data.unverified, *observed.data.unverified})
    if beyond:
        verdict = Verdict.CHANGED
    elif unread:
        verdict = Verdict.UNVERIFIED
    else:
        verdict = Verdict.WITHIN if all_differences else Verdict.EXACT
    details += [f"not verified: {what}" for what in unread]
    because = recorded.tolerance.because if recorded.tolerance else ""
    tolerance = f"{percent_text(share)} of axis range"
    return Comparison(
        kind=QuantityKind.FIGURE,
        name=recorded.label,
        verdict=verdict,
        cell=observed.cell,
        recorded=recorded.data.size_text,
        observed=observed.data.size_text,
        tolerance=tolerance,
        because=because,
        details=tuple(details),
        moved=all_differences[0].share if all_differences else 0.0,
    )


def _with_place(differences: Iterable[FigureDifference], **where: Any) -> Iterator[FigureDifference]:
    """Yield the same differences with the fields `where` of their places set."""
    for difference in differences:
        yield replace(difference, place=replace(difference.place, **where))


def _data_differences(then: FigureData, now: FigureData) -> Iterator[FigureDifference]:
    yield from _value_differences("the figure's texts are", then.texts, now.texts)
    if sorted(then.unverified) != sorted(now.unverified):
        yield from _value_differences("what could not be read is", sorted(then.unverified), sorted(now.unverified))
    if len(then.axes) != len(now.axes):
        yield FigureDifference(np.inf, f"has {len(now.axes)} axes, recorded {len(then.axes)}")
        return
    colours = _ColourCorrespondence()
    labels = (MarkLabels(then), MarkLabels(now))
    for i, (before, after) in enumerate(zip(then.axes, now.axes, strict=True)):
        prefix = f"axes {i + 1}, " if len(then.axes) > 1 else ""
        yield from _with_place(_axes_differences(before, after, prefix, colours, labels), axes=i)


def _axes_differences(
    then: AxesData, now: AxesData, prefix: str, colours: _ColourCorrespondence, labels: _LabelPair
) -> Iterator[FigureDifference]:
    yield from _value_differences(f"{prefix}title is", then.title, now.title)
    yield from _value_differences(f"{prefix}these are", then.role, now.role)
    ranges = AxisRanges(then)
    for name, before, after in (("x", then.x, now.x), ("y", then.y, now.y)):
        yield from _with_place(_axis_differences(before, after, name, prefix, ranges), axis=name)
        if before.ticks != after.ticks and not (_shows_cells(then) and _differ_in_tick_count(before.ticks, after.ticks)):
            yield from _with_place(_named_tick_differences(before.ticks or (), after.ticks or (), f"{prefix}{name} axis"), axis=name)
    if then.marks and not now.marks:
        yield FigureDifference(np.inf, f"{prefix}nothing is drawn any more: {len(then.marks)} marks recorded", FigurePlace(array="marks"))
        return
    yield from _all_mark_differences(then.marks, now.marks, prefix, ranges, colours, labels)
    yield from _legend_differences(then, now, prefix, colours)


def _axis_differences(then: AxisData, now: AxisData, name: str, prefix: str, ranges: AxisRanges) -> Iterator[FigureDifference]:
    where = f"{prefix}{name} axis"
    yield from _value_differences(f"{where}: label is", then.label, now.label)
    yield from _value_differences(f"{where}: scale is", then.scale, now.scale)
    yield from _value_differences(f"{where}: parameters of the scale are", dict(then.parameters), dict(now.parameters))
    yield from _value_differences(
        f"{where}: direction is", "inverted" if then.inverted else "normal", "inverted" if now.inverted else "normal"
    )
    yield from _value_differences(f"{where}: 0, 1 and 2.5 are written", then.numbers, now.numbers)
    if (then.limits is None) != (now.limits is None):
        yield FigureDifference(
            np.inf, f"{where}: limits are {_limits_text(now)}, recorded {_limits_text(then)}", FigurePlace(array="limits")
        )
    elif then.limits and now.limits and then.limits != now.limits:
        moved = ranges.relative_distances(float_array(then.limits), float_array(now.limits), name)
        place = FigurePlace(array="limits", at=(int(moved.argmax()),))
        yield FigureDifference(float(moved.max()), f"{where}: limits are {_limits_text(now)}, recorded {_limits_text(then)}", place)


def _named_tick_differences(then: _Ticks, now: _Ticks, where: str) -> Iterator[FigureDifference]:
    yield from _value_differences(f"{where}: named ticks are", [text for _, text in then], [text for _, text in now])
    before, after = ([at for at, _ in ticks] for ticks in (then, now))
    if len(before) == len(after) and before != after:
        yield FigureDifference(np.inf, f"{where}: named ticks stand at {after}, recorded {before}")


def _shows_cells(axes: AxesData) -> bool:
    return any(mark.kind == "heat map" for mark in axes.marks)


def _differ_in_tick_count(then: _Ticks | None, now: _Ticks | None) -> bool:
    """Whether two axes of cells differ only in how many cells are named: every second, say, where seaborn finds that more would overlap."""
    before, after = dict(then or ()), dict(now or ())
    common = before.keys() & after.keys()
    even = all(len(set(np.diff(list(ticks)))) == 1 for ticks in (before, after))
    return even and len(before) != len(after) and len(common) > 0 and all(before[at] == after[at] for at in common)


def _limits_text(axis: AxisData) -> str:
    return f"{number_text(axis.limits[0])} to {number_text(axis.limits[1])}" if axis.limits else "automatic"


def _legend_differences(old_axes: AxesData, new_axes: AxesData, prefix: str, colours: _ColourCorrespondence) -> Iterator[FigureDifference]:
    then, now = old_axes.legend, new_axes.legend
    before, after = [entry.text for entry in then], [entry.text for entry in now]
    if sorted(before) != sorted(after):
        yield FigureDifference(np.inf, f"{prefix}legend entries are {', '.join(after) or 'none'}; recorded {', '.join(before) or 'none'}")
        return
    same_order = before == after
    partners = now if same_order else [next(entry for entry in now if entry.text == old.text) for old in then]
    pairs = [
        (old, new)
        for old, new in zip(then, partners, strict=True)
        if not (_stands_for_itself(old, old_axes.marks) and _stands_for_itself(new, new_axes.marks))
    ]
    swapped = [old.text for old, new in pairs if not colours.accepts_pair(old.colour, new.colour)]
    shared = len({entry.colour for entry in now}) < len({entry.colour for entry in then})
    names = ", ".join(repr(text) for text in swapped)
    if swapped and shared:
        yield FigureDifference(np.inf, f"{prefix}legend entries can no longer be told apart: {names} has the colour of another")
    elif swapped:
        yield FigureDifference(np.inf, f"{prefix}legend labels are swapped: {names} now names what another label named")
    elif not same_order:
        yield FigureDifference(np.inf, f"{prefix}legend entries stand in another order: {', '.join(after)}; recorded {', '.join(before)}")


# -- marks -------------------------------------------------------------------------------------------------------------------------------


def _all_mark_differences(
    then: Sequence[Mark], now: Sequence[Mark], prefix: str, ranges: AxisRanges, colours: _ColourCorrespondence, labels: _LabelPair
) -> Iterator[FigureDifference]:
    pairs, gone, added = match_marks(then, now)
    before, after = ({id(mark): i for i, mark in enumerate(marks)} for marks in (then, now))
    relabelled = [(old, new) for old in gone for new in added if old.kind == new.kind and has_same_data(old, new)]
    for old, new in relabelled:
        if old in gone and new in added:
            gone.remove(old)
            added.remove(new)
            place = FigurePlace(recorded=before[id(old)], observed=after[id(new)])
            yield FigureDifference(
                np.inf, f"{prefix}{labels[1].label_of(new, now)}: was recorded as {labels[0].label_of(old, then)}", place
            )
    for old in gone:
        yield FigureDifference(np.inf, f"{prefix}{labels[0].label_of(old, then)} is gone", FigurePlace(recorded=before[id(old)]))
    for new in added:
        yield FigureDifference(np.inf, f"{prefix}{labels[1].label_of(new, now)} is new", FigurePlace(observed=after[id(new)]))
    for old, new in pairs:
        differences = _paired_mark_differences(old, new, f"{prefix}{labels[0].label_of(old, then)}", pairs, ranges, colours)
        yield from _with_place(differences, recorded=before[id(old)], observed=after[id(new)])


def _paired_mark_differences(
    old: Mark, new: Mark, name: str, pairs: Sequence[tuple[Mark, Mark]], ranges: AxisRanges, colours: _ColourCorrespondence
) -> Iterator[FigureDifference]:
    other = _swapped_partner(old, new, pairs)
    if other is not None:
        yield FigureDifference(np.inf, f"{name}: labels are swapped, its recorded data now stands under {other.label!r}")
        return
    yield from _mark_data_differences(old, new, name, ranges)
    before, after = _part_colours(old, new), _part_colours(new, old)
    speaks = _speaks_by_colour(old) or _speaks_by_colour(new)
    paired = zip(before, after, strict=True) if speaks and len(before) == len(after) else ()
    others = [i for i, pair in enumerate(paired) if not colours.accepts_pair(*pair)]
    if others:
        part = f"[{others[0]}] " if len(before) > 1 else ""
        yield FigureDifference(np.inf, f"{name}: {part}shares its colour with other marks than recorded")
    elif (old.colour is None and "colours" not in old.exact) != (new.colour is None and "colours" not in new.exact):
        yield FigureDifference(np.inf, f"{name}: has {'no colour of its own' if new.colour is None else 'a colour'}, unlike recorded")


def _speaks_by_colour(mark: Mark) -> bool:
    return (mark_kind(mark.kind).is_series and not (mark.kind in ("error bars", "wedge") and not mark.label)) or bool(
        mark.exact.get("colours")
    )


def _stands_for_itself(entry: LegendEntry, marks: Sequence[Mark]) -> bool:
    """Whether a legend entry has the colour of the mark with its label, where that mark is no series."""
    named = [mark for mark in marks if mark.label == entry.text]
    return bool(named) and all(not mark_kind(mark.kind).is_series and mark.colour == entry.colour for mark in named)


def _part_colours(mark: Mark, partner: Mark) -> list[int | None]:
    """List the colour of every part of a mark; a single colour is repeated for as many parts as the partner has colours of."""
    own, others = mark.exact.get("colours"), partner.exact.get("colours", [None])
    assert isinstance(others, Sequence), others
    if isinstance(own, Sequence) and own:
        return [colour if isinstance(colour, int) else None for colour in own]
    return [mark.colour] * len(others)


def _swapped_partner(old: Mark, new: Mark, pairs: Sequence[tuple[Mark, Mark]]) -> Mark | None:
    """Another mark of the run that shows the data recorded under this one's label; None if there is none."""
    if not old.label or has_same_data(old, new):
        return None
    return next(
        (other for _, other in pairs if other is not new and other.kind == old.kind and other.label and has_same_data(old, other)), None
    )


def _mark_data_differences(old: Mark, new: Mark, name: str, ranges: AxisRanges) -> Iterator[FigureDifference]:
    for key in sorted({*old.exact, *new.exact} - {"colours"}):
        yield from _value_differences(f"{name}: {key} is", old.exact.get(key), new.exact.get(key))
    if is_reordered(old, new):
        yield FigureDifference(np.inf, f"{name}: the same points stand in another order")
        return
    spans = ranges.with_mark_ranges(old)
    then, now = spans.comparable_arrays(old), spans.comparable_arrays(new)
    for key in sorted({*then, *now}):
        if key not in now or key not in then:
            yield FigureDifference(np.inf, f"{name}: {key} is {'new' if key not in then else 'gone'}", FigurePlace(array=key))
            continue
        before, after = then[key], now[key]
        if before.shape != after.shape:
            yield FigureDifference(
                np.inf, f"{name}: {key} has {_shape_text(after)} values, recorded {_shape_text(before)}", FigurePlace(array=key)
            )
        elif not np.array_equal(before, after, equal_nan=True):
            worst = _worst_difference(before, after, f"{name}: {key}", AXIS_OF[key], spans)
            yield from _with_place([worst], array=key)


def _worst_difference(before: Array, after: Array, name: str, axis: str, ranges: AxisRanges) -> FigureDifference:
    distance = ranges.relative_distances(before, after, axis)
    at = np.unravel_index(int(np.argmax(distance)), distance.shape)
    share = float(distance[at])
    index = ", ".join(str(int(i)) for i in at)
    place = FigurePlace(at=tuple(int(i) for i in at))
    count = int(np.sum(distance > 0))
    others = f"; {count} of {distance.size} differ" if count > 1 else ""
    measure = MEASURES.get(axis, f"{axis} range")
    moved = f" ({percent_text(share)} of the {measure}{others})" if np.isfinite(share) else others
    return FigureDifference(
        share, f"{name}[{index}] is {number_text(float(after[at]))}, recorded {number_text(float(before[at]))}{moved}", place
    )


class _ColourCorrespondence:
    """The mapping from recorded colours to observed ones, which must be one to one throughout the figure."""

    def __init__(self) -> None:
        self._forth: dict[int, int] = {}
        self._back: dict[int, int] = {}

    def accepts_pair(self, then: int | None, now: int | None) -> bool:
        """Whether a pair of colours fits all pairs before it; the first pair of each colour is kept."""
        if then is None or now is None:
            return then == now
        return self._forth.setdefault(then, now) == now and self._back.setdefault(now, then) == then


def _value_differences(what: str, then: Any, now: Any) -> Iterator[FigureDifference]:
    then, now = (list(value) if isinstance(value, tuple) else value for value in (then, now))
    if then != now and isinstance(then, list) and isinstance(now, list) and len(then) == len(now) > LISTED:
        differ = [i for i, (before, after) in enumerate(zip(then, now, strict=True)) if before != after]
        i, others = differ[0], f" ({len(differ)} of {len(then)} differ)" if len(differ) > 1 else ""
        where = what.removesuffix(" is").removesuffix(" are")
        text = f"{where}[{i}] is {_quoted_value(now[i])}, recorded {_quoted_value(then[i])}{others}"
        yield FigureDifference(np.inf, text, in_text=_differ_in_numbers(then, now))
    elif then != now:
        yield FigureDifference(
            np.inf, f"{what} {_quoted_value(now)}, recorded {_quoted_value(then)}", in_text=_differ_in_numbers(then, now)
        )


_NUMBER = re.compile(r"[-+\N{MINUS SIGN}]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")


def _differ_in_numbers(then: Any, now: Any) -> bool:
    """Whether texts differ in nothing but the numbers that are written in them ("31%" for "39%")."""
    before, after = (value if isinstance(value, list) else [value] for value in (then, now))
    texts = all(isinstance(text, str) for text in (*before, *after)) and len(before) == len(after)
    return texts and all(_NUMBER.sub("#", old) == _NUMBER.sub("#", new) for old, new in zip(before, after, strict=True))


def _quoted_value(value: Any) -> str:
    if value is None:
        return "absent"
    return repr(value) if isinstance(value, str) else str(value)


def _shape_text(values: Array) -> str:
    return " × ".join(map(str, values.shape))
