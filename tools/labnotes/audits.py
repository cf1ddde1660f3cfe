"""What an audit of a note measured, kept beside its record as `audit.json`: how far each quantity moves under other conditions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from labnotes.errors import InvalidRecord, Problem
from labnotes.notes import Note
from labnotes.records import Observation, dumps

FILE = "audit.json"


@dataclass(frozen=True)
class Envelope:
    """How far each quantity moved under other threads and CPU kernels: claims absolute, figures and tables as shares of their ranges.

    Quantities that did not move are absent, and so are those that changed in kind, which no distance describes. `chaotic` are the claims
    that moved by a third of their spread over seeds or more.
    """

    claims: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, float] = field(default_factory=dict)
    chaotic: tuple[str, ...] = ()

    def limit(self, kind: str, name: str) -> float | None:
        held: Mapping[str, float] = getattr(self, f"{kind}s")
        return held.get(name)


@dataclass(frozen=True)
class Trial:
    """One run under another condition.

    `numerical` tells a condition that may move numbers a little from one under which the same bits are due. `differing` are the quantities
    that differed, `trail` the cells in which variables and quantities began to differ, first ones first.
    """

    condition: str
    numerical: bool
    outcome: str  # "same", "differs", "raised" or "timed out"
    differing: tuple[str, ...] = ()
    trail: tuple[tuple[int, tuple[str, ...]], ...] = ()
    reason: str = ""

    @property
    def is_defect(self) -> bool:
        """Whether the note's results depend on something that no result should."""
        return self.outcome != "same" and not (self.numerical and self.outcome == "differs")


@dataclass(frozen=True)
class Audit:
    """One audit: of which code and inputs (`inputs`, a digest), when (UTC date), on which CPU, what came of each trial."""

    inputs: str
    date: str
    cpu: str
    trials: tuple[Trial, ...]
    envelope: Envelope


_AUDIT = TypeAdapter(Audit)


def write(note: Note, audit: Audit) -> Path:
    path = note.folder / FILE
    path.write_bytes((dumps(_AUDIT.dump_python(audit))).encode())
    return path


def read(note: Note) -> Audit | None:
    """The audit kept with a note; None if there is none.

    Raises InvalidRecord if it is not what was written.
    """
    path = note.folder / FILE
    if not path.is_file():
        return None
    try:
        return _AUDIT.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, ValidationError) as error:
        what = f"cannot be read: {str(error).splitlines()[0]}"
        raise InvalidRecord(Problem(f"{note.slug}/{FILE}", what, f"make it anew: labnotes audit {note.slug}")) from None


def of(note: Note, recorded: Observation) -> Audit | None:
    """The audit of exactly the code and inputs that the record was made of."""
    audit, needs = read(note), recorded.provenance.dependencies
    # audits made before named the names that were looked for in vain as well
    return audit if audit and audit.inputs in (needs.contents, needs.inputs) else None


def remark(note: Note, recorded: Observation) -> str:
    """What to say of an audit that is not about the record; "" if there is none, or it is."""
    audit = read(note)
    if audit is None or of(note, recorded) is not None:
        return ""
    return f"the audit of {audit.date} is of other code or inputs than the record, and counts for nothing: labnotes audit {note.slug}"


def envelope_of(note: Note, recorded: Observation) -> Envelope | None:
    audit = of(note, recorded)
    return audit.envelope if audit else None
