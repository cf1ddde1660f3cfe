"""Edits of a record by hand: what it says otherwise than the code that it was made of, or than its own numbers.

A record is sealed by digests, which whoever edits it can seal again. But the code of the note states tolerances, formats, statements and
families, and the record says by its code digest that it was made of this very code. Words for the reader are not among them: they may be
reworded without a run, and the page takes them from the source.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from labnotes.errors import AuthorError
from labnotes.model.claims import Claim
from labnotes.model.observation import Observation
from labnotes.model.plots import Figure
from labnotes.model.quantities import QuantityKind
from labnotes.model.statements import parse_statement, statement_holds
from labnotes.model.tables import Table
from labnotes.source.author_calls import UNKNOWN, StatedCall
from labnotes.source.notes import Note

Quantity = tuple[QuantityKind, str]
"""The kind and name of a claim, figure or table."""

CLOSE = 1e-9
"""How far two ways to compute a mean may differ, relative to its size: records keep twelve digits."""


def record_edits(note: Note, recorded: Observation) -> dict[Quantity, list[str]]:
    """What was edited of each quantity of a record, in words; nothing of those that were not."""
    edits: dict[Quantity, list[str]] = {}
    same_code = recorded.provenance.dependencies.code == note.code_digest
    for kind in QuantityKind:
        for name, made in recorded.quantities_of(kind).items():
            calls = note.definitions.stated.get((kind, name), []) if same_code and _is_only_definition(note, kind, name) else []
            texts = [*(_contradicted_fields(made, calls) if calls else ()), *(_inner_contradictions(made, recorded))]
            if texts:
                edits[kind, name] = [f"edited: {text}" for text in texts]
    return edits


def edit_remarks(note: Note, recorded: Observation) -> list[str]:
    """The edits of a record as lines, each with its quantity."""
    return [f"the record was {text} ({kind} {name})" for (kind, name), texts in record_edits(note, recorded).items() for text in texts]


def is_same_but_for_start(recorded: Observation, stored: Observation) -> bool:
    """Whether a stored run is told from that of the record by its start alone, which may have been edited: then it says nothing of whether
    the run can be repeated."""
    then, now = (replace(made.provenance, seconds_from_nothing=None, from_nothing=False) for made in (recorded, stored))
    return then.started != now.started and replace(then, started="") == replace(now, started="")


def _is_only_definition(note: Note, kind: QuantityKind, name: str) -> bool:
    """Whether no other call than those found by name can have made a quantity."""
    return not note.definitions.dynamic or (kind, name) in note.definitions.certain


def _contradicted_fields(made: Claim | Figure | Table, calls: list[StatedCall]) -> Iterator[str]:
    """The fields of a quantity that none of the calls which may have made it states so."""
    for field, value in _recorded_fields(made).items():
        stated = [call.value_of(field) for call in calls]
        if any(written is UNKNOWN or _is_alike(field, written, value, made) for written in stated):
            continue
        says = " or ".join(dict.fromkeys(_shown_value(written) for written in stated))
        yield f"the record says {field} {_shown_value(value)}, this code says {says}"


def _recorded_fields(made: Claim | Figure | Table) -> dict[str, Any]:
    fields: dict[str, Any] = {"tolerance": made.tolerance.value if made.tolerance else None, "tied": made.tied}
    if isinstance(made, Claim):
        fields |= {"format": made.format, "holds": made.holds, "family": made.family}
    elif isinstance(made, Figure):
        fields["by"] = made.by or None
    elif isinstance(made, Table):
        fields["formats"] = {column.name: column.format for column in made.data.columns}
    return fields


def _is_alike(field: str, written: Any, recorded: Any, made: Claim | Figure | Table) -> bool:
    """Whether a value that the code states, None where it says nothing, is the one that a record keeps of it."""
    if field == "format" and written is None:
        return isinstance(made, Claim) and recorded == ("d" if isinstance(made.value, int) else ".3g")
    if field == "formats":
        known = written if isinstance(written, Mapping) else {}
        return all(text == known.get(name, "") for name, text in recorded.items())
    if isinstance(written, str) and isinstance(recorded, str):
        return written == recorded or (field == "family" and written.strip() == recorded)
    if written is None or recorded is None or isinstance(written, str) or isinstance(recorded, str):
        return written is recorded
    return math.isclose(written, recorded, rel_tol=CLOSE)


def _shown_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {text}" for name, text in value.items() if text) or "none"
    return "none" if value is None else repr(value) if isinstance(value, str) else f"{value:g}"


def _inner_contradictions(made: Claim | Figure | Table, recorded: Observation) -> Iterator[str]:
    """What a claim says of its own numbers and is not so."""
    if not isinstance(made, Claim):
        return
    if made.replicates:
        mean = math.fsum(made.replicates) / len(made.replicates)
        if math.isfinite(mean) and not math.isclose(mean, made.value, rel_tol=CLOSE, abs_tol=CLOSE * max(map(abs, made.replicates))):
            yield f"the record says value {made.value:g}, its replicates give {mean:g}"
        if made.n != len(made.replicates):
            yield f"the record says n = {made.n}, it has {len(made.replicates)} replicates"
    if made.holds is not None:
        try:
            holds = statement_holds(parse_statement(made.holds, ""), made, recorded.claims, "")
        except AuthorError:
            return  # of a claim that the record does not have
        if holds is not made.upheld:
            yield f"the record says that {made.holds!r} {'holds' if made.upheld else 'does not hold'}, its numbers say otherwise"
