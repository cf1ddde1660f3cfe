"""The checker checked: what a record would not notice.

Every recorded quantity is changed in many ways, one at a time, and each change is judged by the code that a check uses. A change that comes out
as agreeing is a *survivor*: results that would have differed without anybody being told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labnotes.compare.claims import compare_claims
from labnotes.compare.figures import compare_figures
from labnotes.compare.fresh_draws import Trained
from labnotes.compare.observations import hangs_on_training, narrowed
from labnotes.compare.tables import compare_tables
from labnotes.model.claims import Claim
from labnotes.model.observation import Observation
from labnotes.model.plots import AxesData, AxisData, FigureData, Mark
from labnotes.model.statements import parse_statement, statement_holds
from labnotes.model.tables import Column, Table
from labnotes.model.verdicts import Verdict

SHARES = (0.001, 0.01, 0.1)
"""Sizes of a changed number, as shares of the range of its axis or column, or of the claim itself."""

SPREADS = (0.1, 0.5)
"""Sizes of one moved point, in standard deviations of its series."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mutation:
    """One change of one quantity: `what` says it, `kind` sorts it, `verdict` is what a check would have said."""

    quantity: str
    kind: str
    what: str
    verdict: Verdict

    @property
    def noticed(self) -> bool:
        """Whether a check fails, or at least says that the number moved."""
        return self.verdict.is_failure or self.verdict is Verdict.MOVED


@dataclass(frozen=True)
class Score:
    """What became of every mutation of one note."""

    slug: str
    mutations: tuple[Mutation, ...]

    @property
    def noticed(self) -> int:
        return sum(each.noticed for each in self.mutations)

    @property
    def survivors(self) -> list[Mutation]:
        return [each for each in self.mutations if not each.noticed]

    def unnoticed(self) -> list[tuple[str, list[str]]]:
        """What survived, alike changes together, each with the quantities that it was tried on."""
        alike: dict[str, list[str]] = {}
        for each in self.survivors:
            alike.setdefault(f"{each.kind} {each.what} ({each.verdict.value})", []).append(each.quantity)
        return list(alike.items())

    def kinds(self) -> dict[str, tuple[int, int]]:
        """How many were noticed, and how many there were, for each kind."""
        total = Counter(each.kind for each in self.mutations)
        noticed = Counter(each.kind for each in self.mutations if each.noticed)
        return {kind: (noticed[kind], total[kind]) for kind in sorted(total)}


def mutate(slug: str, recorded: Observation, trained: Trained = lambda kind, name: False) -> Score:
    """Change every claim, figure and table of a record, and judge each change as on the CPU kernels of the record.

    `trained` says which quantities hang on training: there the default tolerance counts, whatever their author stated.
    """
    found = []
    for name, stated in recorded.claims.items():
        claim = narrowed(stated) if hangs_on_training(stated, "claim", name, trained) else stated
        for kind, what, changed in _claims(claim, recorded.claims):
            found.append(Mutation(f"claim {name}", kind, what, compare_claims(claim, changed).verdict))
    for label, drawn in recorded.figures.items():
        figure = narrowed(drawn) if hangs_on_training(drawn, "figure", label, trained) else drawn
        for kind, what, data in _figures(figure.data):
            found.append(Mutation(f"figure {label}", kind, what, compare_figures(figure, replace(figure, data=data)).verdict))
    for label, shown in recorded.tables.items():
        table = narrowed(shown) if hangs_on_training(shown, "table", label, trained) else shown
        for kind, what, other in _tables(table):
            found.append(Mutation(f"table {label}", kind, what, compare_tables(table, other).verdict))
    return Score(slug, tuple(found))


# -- claims ------------------------------------------------------------------------------------------------------------------------------


def _claims(claim: Claim, claims: Mapping[str, Claim]) -> Iterator[tuple[str, str, Claim]]:
    where = f"claim {claim.name!r}"

    def judged(**changes: Any) -> Claim:
        made = replace(claim, **changes)
        return replace(made, upheld=statement_holds(parse_statement(made.holds, where), made, claims, where)) if made.holds else made

    value = claim.value
    if isinstance(value, bool):
        yield "a yes or no", "turned round", judged(value=not value)
        return
    if isinstance(value, int):
        yield "a count", "one more", judged(value=value + 1)
    else:
        for share in SHARES:
            yield "a number", f"moved by {share:.1%}", judged(value=value + share * (abs(value) or 1.0))
        yield "a number", "another sign", judged(value=-value if value else 1.0)
    if claim.low is not None and claim.high is not None:
        half = (claim.high - claim.low) / 2
        yield "an interval", "5 % wider", judged(low=claim.low - 0.05 * half, high=claim.high + 0.05 * half)
        yield "an interval", "twice as wide", judged(low=claim.low - half, high=claim.high + half)
    if claim.n:
        yield "replicates", "one fewer", judged(n=claim.n - 1)
    if claim.holds:
        yield "a statement", "left out", replace(claim, holds=None, upheld=None)


# -- figures -----------------------------------------------------------------------------------------------------------------------------


def _figures(data: FigureData) -> Iterator[tuple[str, str, FigureData]]:
    for i, axes in enumerate(data.axes):
        where = f"axes {i + 1}, " if len(data.axes) > 1 else ""
        for kind, what, changed in _axes(axes):
            yield kind, where + what, replace(data, axes=(*data.axes[:i], changed, *data.axes[i + 1 :]))
    if len(data.axes) > 1:
        yield "axes", "the last axes left out", replace(data, axes=data.axes[:-1])
    for i, text in enumerate(data.texts):
        yield "a text", f"{text!r} rewritten", replace(data, texts=(*data.texts[:i], text + "x", *data.texts[i + 1 :]))


def _axes(axes: AxesData) -> Iterator[tuple[str, str, AxesData]]:
    for kind, what, axis in _axis(axes.x):
        yield kind, f"x axis {what}", replace(axes, x=axis)
    for kind, what, axis in _axis(axes.y):
        yield kind, f"y axis {what}", replace(axes, y=axis)
    if axes.title:
        yield "a text", "title rewritten", replace(axes, title=axes.title + "x")
    if axes.marks:
        yield "axes", "emptied", replace(axes, marks=())
    for j, mark in enumerate(axes.marks):
        rest = (axes.marks[:j], axes.marks[j + 1 :])
        name = f"{mark.kind} {mark.label!r}" if mark.label else f"{mark.kind} {j + 1}"
        yield "a mark", f"{name} left out", replace(axes, marks=(*rest[0], *rest[1]))
        for kind, what, changed in _mark(mark):
            yield kind, f"{name}: {what}", replace(axes, marks=(*rest[0], changed, *rest[1]))
    yield from _swaps(axes)


def _swaps(axes: AxesData) -> Iterator[tuple[str, str, AxesData]]:
    """Two series that take each other's name or colour."""
    for j, (first, second) in enumerate(zip(axes.marks, axes.marks[1:], strict=False)):
        for field in ("label", "colour"):
            then, now = getattr(first, field), getattr(second, field)
            if then == now or first.kind != second.kind:
                continue
            pair = (replace(first, **{field: now}), replace(second, **{field: then}))
            what = f"{first.kind} {j + 1} and {j + 2} swap {field}s"
            yield f"swapped {field}s", what, replace(axes, marks=(*axes.marks[:j], *pair, *axes.marks[j + 2 :]))
    for j, (entry, other) in enumerate(zip(axes.legend, axes.legend[1:], strict=False)):
        if entry.text != other.text and entry.colour != other.colour:
            pair_of = (replace(entry, text=other.text), replace(other, text=entry.text))
            what = f"legend entries {j + 1} and {j + 2} swap texts"
            yield "swapped labels", what, replace(axes, legend=(*axes.legend[:j], *pair_of, *axes.legend[j + 2 :]))


def _axis(axis: AxisData) -> Iterator[tuple[str, str, AxisData]]:
    yield "a text", "label rewritten", replace(axis, label=axis.label + "x")
    yield "a scale", "another scale", replace(axis, scale="log" if axis.scale == "linear" else "linear")
    yield "a direction", "turned round", replace(axis, inverted=not axis.inverted)
    if axis.limits:
        low, high = axis.limits
        yield "limits", "5 % longer", replace(axis, limits=(low, high + 0.05 * (high - low)))
        yield "limits", "left out", replace(axis, limits=None)
    if axis.ticks and len(axis.ticks) > 1:
        (first, name), (second, other), *rest = axis.ticks
        if name != other:
            yield "swapped labels", "two named ticks swap names", replace(axis, ticks=((first, other), (second, name), *rest))


def _mark(mark: Mark) -> Iterator[tuple[str, str, Mark]]:
    if mark.label:
        yield "a text", "label rewritten", replace(mark, label=mark.label + "x")
    for name, values in mark.arrays.items():
        array = np.asarray(values, dtype=float)
        finite = array[np.isfinite(array)]
        if not finite.size:
            continue
        for kind, what, changed in _arrays(array, float(np.ptp(finite)), float(finite.std())):
            yield kind, f"{name} {what}", replace(mark, arrays={**mark.arrays, name: changed.tolist()})


def _arrays(array: Array, extent: float, spread: float) -> Iterator[tuple[str, str, Array]]:
    """One element moved, everything stretched, one element lost."""
    places = np.argwhere(np.isfinite(array))
    place = tuple(places[len(places) // 2])
    unit = extent or float(abs(array[place])) or 1.0
    for size, words in [(share * unit, f"{share:.1%} of its range") for share in SHARES] + [
        (times * spread, f"{times:g} standard deviations") for times in SPREADS if spread
    ]:
        changed = array.copy()
        changed[place] += size
        yield "a point", f"one element moved by {words}", changed
    for factor in (1.001, 1.05, 2.0):
        middle = float(np.mean(array[np.isfinite(array)]))
        if extent:
            yield "a spread", f"stretched by {factor - 1:.1%}", middle + (array - middle) * factor
    if array.ndim == 1 and len(array) > 1:
        yield "a point", "the last element left out", array[:-1]


# -- tables ------------------------------------------------------------------------------------------------------------------------------


def _tables(table: Table) -> Iterator[tuple[str, str, Table]]:
    columns = table.data.columns
    for i, column in enumerate(columns):
        for what, changed in _column(column):
            made = replace(table.data, columns=(*columns[:i], changed, *columns[i + 1 :]))
            yield "a cell", f"column {column.name!r}: {what}", replace(table, data=made)
        renamed = replace(column, name=column.name + "x")
        made = replace(table.data, columns=(*columns[:i], renamed, *columns[i + 1 :]))
        yield "a text", f"column {column.name!r} renamed", replace(table, data=made)
    if len(columns) > 1:
        yield "columns", "the last two swapped", replace(table, data=replace(table.data, columns=(*columns[:-2], columns[-1], columns[-2])))
    if columns and len(columns[0].values) > 1:
        shorter = tuple(replace(column, values=column.values[:-1]) for column in columns)
        turned = tuple(replace(column, values=column.values[::-1]) for column in columns)
        yield "rows", "the last left out", replace(table, data=replace(table.data, columns=shorter))
        if turned != columns:
            yield "rows", "in reverse order", replace(table, data=replace(table.data, columns=turned))


def _column(column: Column) -> Iterator[tuple[str, Column]]:
    values = list(column.values)
    if not values:
        return
    middle = len(values) // 2
    value = values[middle]

    def with_cell(new: Any) -> Column:
        return replace(column, values=(*values[:middle], new, *values[middle + 1 :]))

    if column.kind == "float" and value is not None and np.isfinite(value):
        finite = [abs(v) for v in values if v is not None and np.isfinite(v)]
        for share in SHARES:
            yield f"one cell moved by {share:.1%} of the column's scale", with_cell(value + share * (max(finite) or 1.0))
    elif column.kind == "integer" and value is not None:
        yield "one cell one more", with_cell(value + 1)
    elif column.kind == "bool":
        yield "one cell turned round", with_cell(not value)
    elif value is not None:
        yield "one cell rewritten", with_cell(f"{value}x")
    if value is not None:
        yield "one cell missing", with_cell(None)
