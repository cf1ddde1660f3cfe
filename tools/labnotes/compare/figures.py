"""Figures: the plotted data mark by mark, each array within a share of its axis' range; words, scales and limits as they are.

Style is not part of the data, so it cannot differ. Colours are compared as a correspondence: which marks share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from labnotes.compare import contour_lines
from labnotes.compare.distances import AXIS_OF, MEASURES, Array, AxisRanges, float_array
from labnotes.compare.figure_colours import FigureColours, stands_for_itself
from labnotes.compare.figure_differences import SLIGHT, FigureDifference, FigurePlace
from labnotes.compare.figure_looks import look_differences
from labnotes.compare.figure_texts import are_roundings, differ_in_numbers, written_value
from labnotes.compare.mark_labels import MarkLabels
from labnotes.compare.matching import align_points, has_same_data, is_reordered, match_marks
from labnotes.compare.picture_differences import picture_differences
from labnotes.compare.reader_versions import as_read_by_both
from labnotes.model.comparison import Comparison, number_text, percent_text
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.quantities import DEFAULT_SHARE, QuantityKind
from labnotes.model.verdicts import Verdict

SHOWN = 6
"""Number of differences listed for one figure."""

LISTED = 12
"""Number of parts up to which a message lists a whole value; of a longer one it names the first part that differs."""

_Ticks = tuple[tuple[float, str], ...]
_LabelPair = tuple[MarkLabels, MarkLabels]


def sorted_differences(recorded: Figure, observed: Figure) -> list[FigureDifference]:
    """List every difference between two figures, worst first, within the tolerance or not."""
    then, now = as_read_by_both(recorded.data, observed.data)
    return sorted(_data_differences(then, align_points(then, now)), key=lambda d: -d.share)


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
    then, now = as_read_by_both(recorded.data, observed.data)
    unread = sorted({*then.unverified, *now.unverified})
    if beyond:
        verdict = Verdict.CHANGED
    elif unread:
        verdict = Verdict.UNVERIFIED
    else:
        verdict = Verdict.WITHIN if all_differences else Verdict.EXACT
    details += [f"not verified: {what}" for what in unread]
    if recorded.data.reader != observed.data.reader:
        details.append("recorded before looks, panels and some places were read: these are not compared until it is recorded again")
    because = recorded.tolerance.because if recorded.tolerance else ""
    tolerance = f"{percent_text(share)} of {'full scale' if recorded.by else 'axis range'}"
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
    if then.picture is not None or now.picture is not None:
        yield from picture_differences(then, now)
        return
    yield from _value_differences("the figure's texts are", then.texts, now.texts)
    if then.texts == now.texts:
        for text, was, now_is in zip(then.texts, then.text_panels, now.text_panels, strict=False):
            if any(old != new and -1 not in (old, new) for old, new in zip(was, now_is, strict=True)):
                yield FigureDifference(np.inf, f"the text {text!r} stands beside other panels than recorded")
    if sorted(then.unverified) != sorted(now.unverified):
        yield from _value_differences("what could not be read is", sorted(then.unverified), sorted(now.unverified))
    if len(then.axes) != len(now.axes):
        yield FigureDifference(np.inf, f"has {len(now.axes)} axes, recorded {len(then.axes)}")
        return
    yield from _value_differences("rows and columns of the panels are", _all_panels(then), _all_panels(now))
    colours = FigureColours(then, now)
    yield from look_differences(then, now)
    labels = (MarkLabels(then), MarkLabels(now))
    for i, (before, after) in enumerate(zip(then.axes, now.axes, strict=True)):
        prefix = f"axes {i + 1}, " if len(then.axes) > 1 else ""
        yield from _with_place(_axes_differences(i, before, after, prefix, colours, labels), axes=i)


def _all_panels(data: FigureData) -> list[tuple[int, int] | None]:
    return [axes.panel for axes in data.axes]


def _axes_differences(
    index: int, then: AxesData, now: AxesData, prefix: str, colours: FigureColours, labels: _LabelPair
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
    yield from _all_mark_differences(index, then.marks, now.marks, prefix, ranges, colours, labels)
    yield from _order_differences(then, now, prefix)
    yield from _legend_differences(then, now, prefix, colours)


def _order_differences(then: AxesData, now: AxesData, prefix: str) -> Iterator[FigureDifference]:
    """Marks of which now the one covers the other that covered it."""
    before, after = _covers(then), _covers(now)
    for upper, lower in before:
        if (lower, upper) in after:
            yield FigureDifference(np.inf, f"{prefix}{lower} covers {upper}, recorded the other way round")


def _covers(axes: AxesData) -> list[tuple[str, str]]:
    """Which marks cover which, by the names that their reader gave them: kind, and label or number."""
    pairs = []
    for i, mark in enumerate(axes.marks):
        covers = mark.exact.get("covers")
        below = covers if isinstance(covers, list | tuple) else ()
        number = sum(other.kind == mark.kind for other in axes.marks[: i + 1])
        pairs += [(f"{mark.kind} {mark.label or number}", str(lower)) for lower in below]
    return pairs


def _axis_differences(then: AxisData, now: AxisData, name: str, prefix: str, ranges: AxisRanges) -> Iterator[FigureDifference]:
    where = f"{prefix}{name} axis"
    yield from _value_differences(f"{where}: label is", then.label, now.label)
    yield from _value_differences(f"{where}: scale is", then.scale, now.scale)
    yield from _value_differences(f"{where}: parameters of the scale are", dict(then.parameters), dict(now.parameters))
    yield from _value_differences(
        f"{where}: direction is", "inverted" if then.inverted else "normal", "inverted" if now.inverted else "normal"
    )
    yield from _written_differences(then, now, where)
    if then.shared_with != now.shared_with:
        shared = [f"shared with axes {axis.shared_with + 1}" if axis.shared_with is not None else "its own" for axis in (now, then)]
        yield FigureDifference(np.inf, f"{where}: is {shared[0]}, recorded {shared[1]}")
    if (then.limits is None) != (now.limits is None):
        yield FigureDifference(
            np.inf, f"{where}: limits are {_limits_text(now)}, recorded {_limits_text(then)}", FigurePlace(array="limits")
        )
    elif then.limits and now.limits and then.limits != now.limits:
        moved = ranges.relative_distances(float_array(then.limits), float_array(now.limits), name)
        place = FigurePlace(array="limits", at=(int(moved.argmax()),))
        yield FigureDifference(float(moved.max()), f"{where}: limits are {_limits_text(now)}, recorded {_limits_text(then)}", place)


def _written_differences(then: AxisData, now: AxisData, where: str) -> Iterator[FigureDifference]:
    """Differences in how numbers are written, at the places that both tell of."""
    if not then.written or not now.written:
        yield from _value_differences(f"{where}: 0, 1 and 2.5 are written", then.numbers, now.numbers)
        return
    before, after = dict(then.written), dict(now.written)
    both = [place for place in before if place in after]
    if not both:
        yield from _value_differences(f"{where}: 0, 1 and 2.5 are written", then.numbers, now.numbers)
    differ = [place for place in both if written_value(before[place]) != written_value(after[place])]
    if differ:
        what = f"{where}: {number_text(differ[0])} is written {after[differ[0]]!r}, recorded {before[differ[0]]!r}"
        yield FigureDifference(np.inf, what + (f" ({len(differ)} of {len(both)} differ)" if len(both) > 1 else ""))


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


def _legend_differences(old_axes: AxesData, new_axes: AxesData, prefix: str, colours: FigureColours) -> Iterator[FigureDifference]:
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
        if not (stands_for_itself(old, old_axes.marks) and stands_for_itself(new, new_axes.marks))
    ]
    swapped = [old.text for old, new in pairs if not colours.entries_fit(old, new)]
    shared = len({entry.colour for entry in now}) < len({entry.colour for entry in then})
    names = ", ".join(repr(text) for text in swapped)
    if swapped and shared:
        yield FigureDifference(np.inf, f"{prefix}legend entries can no longer be told apart: {names} has the colour of another")
    elif swapped:
        yield FigureDifference(np.inf, f"{prefix}legend labels are swapped: {names} now names what another label named")
    elif not same_order:
        yield FigureDifference(SLIGHT, f"{prefix}legend entries stand in another order: {', '.join(after)}; recorded {', '.join(before)}")


# -- marks -------------------------------------------------------------------------------------------------------------------------------


def _all_mark_differences(
    axes: int,
    then: Sequence[Mark],
    now: Sequence[Mark],
    prefix: str,
    ranges: AxisRanges,
    colours: FigureColours,
    labels: _LabelPair,
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
        if old is new and not colours.mark_difference(axes, old, new):
            continue
        differences = _paired_mark_differences(axes, old, new, f"{prefix}{labels[0].label_of(old, then)}", pairs, ranges, colours)
        yield from _with_place(differences, recorded=before[id(old)], observed=after[id(new)])


def _paired_mark_differences(
    axes: int,
    old: Mark,
    new: Mark,
    name: str,
    pairs: Sequence[tuple[Mark, Mark]],
    ranges: AxisRanges,
    colours: FigureColours,
) -> Iterator[FigureDifference]:
    other = _swapped_partner(old, new, pairs)
    if other is not None:
        yield FigureDifference(np.inf, f"{name}: labels are swapped, its recorded data now stands under {other.label!r}")
        return
    yield from _mark_data_differences(old, new, name, ranges)
    wrong = colours.mark_difference(axes, old, new)
    if wrong:
        yield FigureDifference(np.inf, f"{name}: {wrong}")


def _swapped_partner(old: Mark, new: Mark, pairs: Sequence[tuple[Mark, Mark]]) -> Mark | None:
    """Another mark of the run that shows the data recorded under this one's label; None if there is none."""
    if not old.label or has_same_data(old, new):
        return None
    return next(
        (other for _, other in pairs if other is not new and other.kind == old.kind and other.label and has_same_data(old, other)), None
    )


def _mark_data_differences(old: Mark, new: Mark, name: str, ranges: AxisRanges) -> Iterator[FigureDifference]:
    for key in sorted({*old.exact, *new.exact} - {"colours", "covers"}):
        yield from _value_differences(f"{name}: {key} is", old.exact.get(key), new.exact.get(key))
    if is_reordered(old, new):
        yield FigureDifference(np.inf, f"{name}: the same points stand in another order")
        return
    spans = ranges.with_mark_ranges(old)
    then, now = spans.comparable_arrays(old), spans.comparable_arrays(new)
    if old.kind in contour_lines.KINDS and contour_lines.are_whole(old, new):
        if not has_same_data(old, new):
            yield from contour_lines.line_differences(old, new, name, spans)
        then, now = ({key: values for key, values in side.items() if key not in contour_lines.PLACED} for side in (then, now))
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


def _value_differences(what: str, then: Any, now: Any) -> Iterator[FigureDifference]:
    then, now = _plain_value(then), _plain_value(now)
    if then == now:
        return
    share = SLIGHT if are_roundings(then, now) else np.inf
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now) > LISTED:
        differ = [i for i, (before, after) in enumerate(zip(then, now, strict=True)) if before != after]
        i, others = differ[0], f" ({len(differ)} of {len(then)} differ)" if len(differ) > 1 else ""
        where = what.removesuffix(" is").removesuffix(" are")
        text = f"{where}[{i}] is {_quoted_value(now[i])}, recorded {_quoted_value(then[i])}{others}"
    else:
        text = f"{what} {_quoted_value(now)}, recorded {_quoted_value(then)}"
    yield FigureDifference(share, text, in_text=differ_in_numbers(then, now))


def _plain_value(value: Any) -> Any:
    """A value with tuples as lists, and texts without the breaks of their lines, which are style."""
    if isinstance(value, list | tuple):
        return [_plain_value(part) for part in value]
    return " ".join(value.split()) if isinstance(value, str) else value


def _quoted_value(value: Any) -> str:
    if value is None:
        return "absent"
    return repr(value) if isinstance(value, str) else str(value)


def _shape_text(values: Array) -> str:
    return " × ".join(map(str, values.shape))
