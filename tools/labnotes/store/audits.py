"""Audits, kept beside a note's record as `audit.json`."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from labnotes.errors import InvalidRecord, Problem
from labnotes.model.audit import Audit, Envelope
from labnotes.model.json_text import dumps
from labnotes.model.observation import Observation
from labnotes.source.notes import Note

FILE = "audit.json"

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
