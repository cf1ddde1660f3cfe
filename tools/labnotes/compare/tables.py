"""Tables: columns, their order and kinds, rows and missing values as they are; numbers within a share of their column's scale."""

from __future__ import annotations

import math
from typing import Any

from labnotes.model.comparison import Comparison, number_text, percent_text
from labnotes.model.quantities import DEFAULT_SHARE, QuantityKind
from labnotes.model.tables import Column, Table, TableData
from labnotes.model.verdicts import Verdict

SHOWN = 5
"""Number of differences listed for one table."""


def compare_tables(recorded: Table, observed: Table) -> Comparison:
    """Compare two tables by the recorded tolerance."""
    share = recorded.tolerance.value if recorded.tolerance else DEFAULT_SHARE
    then, now = recorded.data, observed.data
    names_then, names_now = [c.name for c in then.columns], [c.name for c in now.columns]
    notes = []
    if recorded.tolerance != observed.tolerance:
        notes.append(f"the tolerance is now {_tolerance_text(observed)}, recorded {_tolerance_text(recorded)}")
    if names_then != names_now:
        what = "in another order" if sorted(names_then) == sorted(names_now) else "others"
        return _table_comparison(
            Verdict.CHANGED,
            recorded,
            observed,
            share,
            [f"columns are {what}: {', '.join(names_now)}; recorded {', '.join(names_then)}", *notes],
            math.inf,
        )
    if then.index != now.index:
        what = f"columns: the first {now.index} are the index, recorded {then.index}"
        return _table_comparison(Verdict.CHANGED, recorded, observed, share, [what, *notes], math.inf)
    rows_then, rows_now = (len(data.columns[0].values) if data.columns else 0 for data in (then, now))
    if rows_then != rows_now:
        return _table_comparison(
            Verdict.CHANGED, recorded, observed, share, [f"has {rows_now} rows, recorded {rows_then}", *notes], math.inf
        )
    moved, changed = 0.0, False
    details: list[str] = []
    for before, after in zip(then.columns, now.columns, strict=True):
        if before.kind != after.kind:
            moved, changed = math.inf, True
            details.append(f"column {before.name!r} holds {after.kind}, recorded {before.kind}")
            continue
        far, farthest = _column_differences(before, after, share)
        details += far
        changed, moved = changed or bool(far), max(moved, farthest)
    verdict = Verdict.CHANGED if changed else (Verdict.WITHIN if moved else Verdict.EXACT)
    if len(details) > SHOWN:
        details = [*details[:SHOWN], f"and {len(details) - SHOWN} more cells"]
    return _table_comparison(verdict, recorded, observed, share, details + notes, moved)


def is_same_shape(then: TableData, now: TableData) -> bool:
    """Whether two tables have the same columns of the same kinds, the same index and as many rows, whatever stands in their cells."""
    columns = [[(column.name, column.kind, len(column.values)) for column in data.columns] for data in (then, now)]
    return columns[0] == columns[1] and then.index == now.index


def _column_differences(then: Column, now: Column, share: float) -> tuple[list[str], float]:
    """Texts about the cells beyond tolerance, worst first; and the farthest that any cell moved, as a share of the column's scale."""
    numeric = then.kind in ("float", "integer")
    values = [abs(float(v)) for v in then.values if numeric and v is not None and math.isfinite(v)]
    scale = max(values, default=0.0) or 1.0
    far, moved = [], 0.0
    for row, (before, after) in enumerate(zip(then.values, now.values, strict=True)):
        if before == after or (_is_nan(before) and _is_nan(after)):
            continue
        place = f"column {then.name!r}, row {row + 1}: is {_cell_text(after)}, recorded {_cell_text(before)}"
        if not numeric or before is None or after is None or not (math.isfinite(before) and math.isfinite(after)):
            far.append((math.inf, place))
            moved = math.inf
            continue
        distance = abs(float(after) - float(before)) / scale
        moved = max(moved, distance)
        if distance > share:
            far.append((distance, f"{place} ({percent_text(distance)} of the column's scale, allowed {percent_text(share)})"))
    far.sort(key=lambda item: -item[0])
    return [text for _, text in far], moved


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _cell_text(value: Any) -> str:
    return "missing" if value is None or _is_nan(value) else number_text(value)


def _tolerance_text(table: Table) -> str:
    return percent_text(table.tolerance.value) if table.tolerance else "the default"


def _table_comparison(verdict: Verdict, recorded: Table, observed: Table, share: float, details: list[str], moved: float) -> Comparison:
    size = [f"{len(t.data.columns)} columns, {len(t.data.columns[0].values) if t.data.columns else 0} rows" for t in (recorded, observed)]
    because = recorded.tolerance.because if recorded.tolerance else ""
    tolerance = f"{percent_text(share)} of scale"
    return Comparison(
        kind=QuantityKind.TABLE,
        name=recorded.label,
        verdict=verdict,
        cell=observed.cell,
        recorded=size[0],
        observed=size[1],
        tolerance=tolerance,
        because=because,
        details=tuple(details),
        moved=moved,
    )
