"""Audits, kept beside a note's record as `audit.json`."""

from __future__ import annotations

import json
from pathlib import Path

from labnotes.errors import InvalidRecord, Problem
from labnotes.model.audit import Audit, NoiseEnvelope
from labnotes.model.encoding import decode_value
from labnotes.model.json_text import dump_json
from labnotes.model.observation import Observation
from labnotes.source import merge_conflicts, validated
from labnotes.source.notes import Note
from labnotes.store import folders

FILE = "audit.json"


def write_audit(note: Note, audit: Audit) -> Path:
    """Write the audit beside the note's record, and return the path of its file."""
    path = note.folder / FILE
    folders.refuse_links(path, note.folder.parents[1])
    folders.replace_file(path, dump_json(audit).encode())
    return path


def read_audit(note: Note) -> Audit | None:
    """The audit kept with a note; None if there is none.

    Raises InvalidRecord if it is not what was written.
    """
    path = note.folder / FILE
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
        conflict = merge_conflicts.conflict_problem(f"notes/{note.slug}/{FILE}", text, f"make it anew: labnotes audit {note.slug}")
        if conflict:
            raise InvalidRecord(conflict)
        return validated.read_once("audit", text.encode(), lambda: decode_value(Audit, json.loads(text)))
    except ValueError as error:
        what = f"cannot be read: {str(error).splitlines()[0]}"
        raise InvalidRecord(Problem(f"{note.slug}/{FILE}", what, f"make it anew: labnotes audit {note.slug}")) from None


def current_audit(note: Note, recorded: Observation) -> Audit | None:
    """The audit of exactly the code and inputs that the record was made of; None if there is none."""
    audit, needs = read_audit(note), recorded.provenance.dependencies
    # older audits hold the digest that also covers names which a run looked for in vain
    return audit if audit and audit.inputs in (needs.contents_digest, needs.inputs_digest) else None


def audit_remark(note: Note, recorded: Observation) -> str:
    """A remark on an audit that is not about the record; "" if there is no audit, or it is about the record."""
    audit = read_audit(note)
    if audit is None or current_audit(note, recorded) is not None:
        return ""
    return f"the audit of {audit.date} is of other code or inputs than the record, and counts for nothing: labnotes audit {note.slug}"


def current_envelope(note: Note, recorded: Observation) -> NoiseEnvelope | None:
    """The envelope of the audit that is about the record; None if there is none."""
    audit = current_audit(note, recorded)
    return audit.envelope if audit else None
