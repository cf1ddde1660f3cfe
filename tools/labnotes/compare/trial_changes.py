"""Trial changes of a record: which changes of its results a check would not notice.

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
from labnotes.compare.observations import hangs_on_training, with_narrow_tolerance
from labnotes.compare.tables import compare_tables
from labnotes.model.claims import Claim
from labnotes.model.observation import Observation
from labnotes.model.picture_cells import cells_from_text, cells_text
from labnotes.model.plots import DRAWING, AxesData, AxisData, FigureData, Mark
from labnotes.model.quantities import QuantityKind
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
    def is_noticed(self) -> bool:
        """Whether a check fails, or at least says that the number moved."""
        return self.verdict.is_failure or self.verdict is Verdict.MOVED


@dataclass(frozen=True)
class MutationResults:
    """The verdicts on all mutations of one note's record."""

    slug: str
    mutations: tuple[Mutation, ...]

    @property
    def noticed_count(self) -> int:
        return sum(mutation.is_noticed for mutation in self.mutations)

    @property
    def surviving_mutations(self) -> list[Mutation]:
        return [mutation for mutation in self.mutations if not mutation.is_noticed]

    def unnoticed_changes(self) -> list[tuple[str, list[str]]]:
        """List the changes that a check does not notice, alike ones together, each with the quantities that it was tried on."""
        alike: dict[str, list[str]] = {}
        for mutation in self.surviving_mutations:
            alike.setdefault(f"{mutation.kind} {mutation.what} ({mutation.verdict.value})", []).append(mutation.quantity)
        return list(alike.items())

    def counts_by_kind(self) -> dict[str, tuple[int, int]]:
        """The number of noticed mutations and the number of all mutations, for each kind."""
        total = Counter(mutation.kind for mutation in self.mutations)
        noticed = Counter(mutation.kind for mutation in self.mutations if mutation.is_noticed)
        return {kind: (noticed[kind], total[kind]) for kind in sorted(total)}


def mutate_record(slug: str, recorded: Observation, trained: Trained = lambda kind, name: False) -> MutationResults:
    """Change every claim, figure and table of a record, and judge each change as on the CPU kernels of the record.

    `trained` says which quantities hang on training: there the default tolerance counts, whatever their author stated.
    """
    mutations = []
    for name, stated in recorded.claims.items():
        claim = with_narrow_tolerance(stated) if hangs_on_training(stated, QuantityKind.CLAIM, name, trained) else stated
        for kind, what, changed in _claim_mutations(claim, recorded.claims):
            mutations.append(Mutation(f"claim {name}", kind, what, compare_claims(claim, changed).verdict))
    for label, drawn in recorded.figures.items():
        figure = with_narrow_tolerance(drawn) if hangs_on_training(drawn, QuantityKind.FIGURE, label, trained) else drawn
        for kind, what, data in _figure_mutations(figure.data):
            mutations.append(Mutation(f"figure {label}", kind, what, compare_figures(figure, replace(figure, data=data)).verdict))
    for label, shown in recorded.tables.items():
        table = with_narrow_tolerance(shown) if hangs_on_training(shown, QuantityKind.TABLE, label, trained) else shown
        for kind, what, other in _table_mutations(table):
            mutations.append(Mutation(f"table {label}", kind, what, compare_tables(table, other).verdict))
    return MutationResults(slug, tuple(mutations))


# -- claims ------------------------------------------------------------------------------------------------------------------------------


def _claim_mutations(claim: Claim, claims: Mapping[str, Claim]) -> Iterator[tuple[str, str, Claim]]:
    where = f"claim {claim.name!r}"

    def judged_claim(**changes: Any) -> Claim:
        made = replace(claim, **changes)
        return replace(made, upheld=statement_holds(parse_statement(made.holds, where), made, claims, where)) if made.holds else made

    value = claim.value
    if isinstance(value, bool):
        yield "a yes or no", "turned round", judged_claim(value=not value)
        return
    if isinstance(value, int):
        yield "a count", "one more", judged_claim(value=value + 1)
    else:
        for share in SHARES:
            yield "a number", f"moved by {share:.1%}", judged_claim(value=value + share * (abs(value) or 1.0))
        yield "a number", "another sign", judged_claim(value=-value if value else 1.0)
    if claim.low is not None and claim.high is not None:
        half = (claim.high - claim.low) / 2
        yield "an interval", "5 % wider", judged_claim(low=claim.low - 0.05 * half, high=claim.high + 0.05 * half)
        yield "an interval", "twice as wide", judged_claim(low=claim.low - half, high=claim.high + half)
    if claim.n:
        yield "replicates", "one fewer", judged_claim(n=claim.n - 1)
    if claim.holds:
        yield "a statement", "left out", replace(claim, holds=None, upheld=None)


# -- figures -----------------------------------------------------------------------------------------------------------------------------


def _figure_mutations(data: FigureData) -> Iterator[tuple[str, str, FigureData]]:
    if data.picture is not None:
        for what, redrawn in _picture_mutations(data.picture):
            yield "a picture", what, replace(data, axes=(replace(data.axes[0], marks=(redrawn,)),))
        return
    for i, axes in enumerate(data.axes):
        where = f"axes {i + 1}, " if len(data.axes) > 1 else ""
        for kind, what, changed in _axes_mutations(axes):
            yield kind, where + what, replace(data, axes=(*data.axes[:i], changed, *data.axes[i + 1 :]))
    if len(data.axes) > 1:
        yield "axes", "the last axes left out", replace(data, axes=data.axes[:-1])
    for i, text in enumerate(data.texts):
        yield "a text", f"{text!r} rewritten", replace(data, texts=(*data.texts[:i], text + "x", *data.texts[i + 1 :]))


def _picture_mutations(picture: Mark) -> Iterator[tuple[str, Mark]]:
    """Yield changes of a picture that is compared by its pixels: of one pixel, of a place in its middle, of all shades, of its size, of one
    frame; of an SVG, of its text."""

    def drawn_anew(**exact: Any) -> Mark:
        return replace(picture, exact={**picture.exact, **exact})

    if picture.kind == DRAWING:
        yield "a number of its drawing rewritten", drawn_anew(text="")
        return
    yield "one pixel by a shade", drawn_anew(pixels="", **_with_another_frame(picture))
    size: Any = picture.exact["size"]
    yield "a column more", drawn_anew(size=[size[0] + 1, size[1]], pixels="")
    cells = cells_from_text(picture.exact.get("cells"))
    if cells is None or "frames" in picture.exact:
        return
    shades = cells.astype(float)
    rows, columns = shades.shape[:2]
    place = (slice(rows // 2, rows // 2 + 8), slice(columns // 2, columns // 2 + 8))
    for share in SHARES:
        for what, where in (("a place in its middle", place), ("all shades", (slice(None), slice(None)))):
            changed = shades.copy()
            changed[where] = np.where(changed[where] >= 128, changed[where] - 255 * share, changed[where] + 255 * share)
            yield f"{what} moved by {share:.1%} of full scale", drawn_anew(pixels="", cells=cells_text(np.round(changed).astype(np.uint8)))
    for what, turned in (("upside down", cells[::-1]), ("left and right swapped", cells[:, ::-1])):
        if not np.array_equal(turned, cells):
            yield what, drawn_anew(pixels="", cells=cells_text(np.ascontiguousarray(turned)))


def _with_another_frame(picture: Mark) -> dict[str, Any]:
    frames: Any = picture.exact.get("frames")
    return {"frames": [*frames[:-1], ""]} if frames else {}


def _axes_mutations(axes: AxesData) -> Iterator[tuple[str, str, AxesData]]:
    for kind, what, axis in _axis_mutations(axes.x):
        yield kind, f"x axis {what}", replace(axes, x=axis)
    for kind, what, axis in _axis_mutations(axes.y):
        yield kind, f"y axis {what}", replace(axes, y=axis)
    if axes.title:
        yield "a text", "title rewritten", replace(axes, title=axes.title + "x")
    if axes.marks:
        yield "axes", "emptied", replace(axes, marks=())
    for j, mark in enumerate(axes.marks):
        rest = (axes.marks[:j], axes.marks[j + 1 :])
        name = f"{mark.kind} {mark.label!r}" if mark.label else f"{mark.kind} {j + 1}"
        yield "a mark", f"{name} left out", replace(axes, marks=(*rest[0], *rest[1]))
        for kind, what, changed in _mark_mutations(mark):
            yield kind, f"{name}: {what}", replace(axes, marks=(*rest[0], changed, *rest[1]))
    yield from _swap_mutations(axes)


def _swap_mutations(axes: AxesData) -> Iterator[tuple[str, str, AxesData]]:
    """Yield axes in which two series, or two legend entries, take each other's name or colour."""
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


def _axis_mutations(axis: AxisData) -> Iterator[tuple[str, str, AxisData]]:
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


def _mark_mutations(mark: Mark) -> Iterator[tuple[str, str, Mark]]:
    if mark.label:
        yield "a text", "label rewritten", replace(mark, label=mark.label + "x")
    for name, values in mark.arrays.items():
        array = np.asarray(values, dtype=float)
        finite = array[np.isfinite(array)]
        if not finite.size:
            continue
        for kind, what, changed in _array_mutations(array, float(np.ptp(finite)), float(finite.std())):
            yield kind, f"{name} {what}", replace(mark, arrays={**mark.arrays, name: changed.tolist()})


def _array_mutations(array: Array, extent: float, spread: float) -> Iterator[tuple[str, str, Array]]:
    """Yield changes of one array: one element moved, everything stretched, the last element left out."""
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


def _table_mutations(table: Table) -> Iterator[tuple[str, str, Table]]:
    columns = table.data.columns
    for i, column in enumerate(columns):
        for what, changed in _column_mutations(column):
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


def _column_mutations(column: Column) -> Iterator[tuple[str, Column]]:
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
