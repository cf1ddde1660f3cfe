"""Audits, kept beside a note's record as `audit.json`."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

from labnotes.errors import InvalidNote, InvalidRecord, Problem
from labnotes.model.audit import Audit, NoiseEnvelope
from labnotes.model.digests import text_digest
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.json_text import dump_json, parse_json
from labnotes.model.observation import Observation
from labnotes.model.quantities import QuantityKind
from labnotes.source import file_limits, merge_conflicts, validated
from labnotes.source.notes import Note
from labnotes.store import folders

FILE = "audit.json"


def write_audit(note: Note, audit: Audit) -> Path:
    """Write the audit beside the note's record, and return the path of its file."""
    path = note.folder / FILE
    folders.refuse_links(path, note.folder.parents[1])
    folders.replace_file(path, sealed_text(audit).encode())
    return path


SEAL = "digest"
"""The key under which an audit has the digest of all else in it, so that an edit is told. Audits of earlier versions have none."""


def sealed_text(audit: Audit) -> str:
    """The text of an audit as it is kept, with its digest."""
    fields = encode_value(audit)
    return dump_json({**fields, SEAL: text_digest(dump_json(fields))})


def _unsealed_fields(fields: Any) -> Any:
    """The fields of an audit as it is kept, without its digest.

    Raises ValueError where the digest does not fit.
    """
    if not isinstance(fields, dict) or SEAL not in fields:
        return fields
    rest = {key: value for key, value in fields.items() if key != SEAL}
    if fields[SEAL] != text_digest(dump_json(rest)):
        raise ValueError("it was edited: its digest does not fit")
    return rest


def _check_audit(audit: Audit) -> None:
    """Raises ValueError for an audit that no run can have made."""
    try:
        day = datetime.date.fromisoformat(audit.date)
    except ValueError:
        raise ValueError(f"its date is no date: {audit.date!r:.60}") from None
    if day > datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1):
        raise ValueError(f"its date lies in the future: {audit.date}")
    for kind in QuantityKind:
        for name, moved in audit.envelope.movements_of(kind).items():
            if not (math.isfinite(moved) and moved >= 0):
                raise ValueError(f"{kind} {name!r:.80} cannot have moved by {moved}")
    for name in audit.envelope.chaotic:
        if name not in audit.envelope.claims:
            raise ValueError(f"it calls claim {name!r:.80} chaotic, and does not say how far it moved")


def read_audit(note: Note) -> Audit | None:
    """The audit kept with a note; None if there is none.

    Raises InvalidRecord if it is not what was written.
    """
    path = note.folder / FILE
    if not path.exists():
        return None
    try:
        text = file_limits.read_plain_file(path, f"{note.slug}/{FILE}", file_limits.LARGEST_SOURCE).decode("utf-8")
        conflict = merge_conflicts.conflict_problem(f"notes/{note.slug}/{FILE}", text, f"make it anew: labnotes audit {note.slug}")
        if conflict:
            raise InvalidRecord(conflict)
        fields = _unsealed_fields(parse_json(text))
        audit = validated.read_once("audit", text.encode(), lambda: decode_value(Audit, fields))
        _check_audit(audit)
        return audit
    except InvalidNote as error:
        raise InvalidRecord(*error.problems) from None
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
