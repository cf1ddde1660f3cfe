"""The notes as `labnotes list` shows them: each with its status, its record's date, whether the record is fresh, and its last check."""

from __future__ import annotations

from collections.abc import Sequence

from labnotes.errors import Problem
from labnotes.outcomes.statuses import NoteStatus
from labnotes.source import note_remarks, notes
from labnotes.source.labs import Lab, printable_name
from labnotes.source.note_guard import guard_note
from labnotes.store import audits, check_history, check_log, record_edits, records
from labnotes.store.result_stores import LogSource
from labnotes.store.staleness import UNSEEN, stale_reasons


def note_statuses(lab: Lab, slugs: Sequence[str], more: LogSource | None = None) -> tuple[list[NoteStatus], list[Problem]]:
    """Return the status of each note, invalid ones among them, and all problems. Reads files only, whatever is installed."""
    statuses: list[NoteStatus] = []
    problems: list[Problem] = []
    for slug in slugs:
        of_note: list[Problem] = []
        of_audit: list[Problem] = []
        with guard_note(printable_name(slug), of_note):
            statuses.append(_note_status(lab, slug, more, of_audit))
        if of_note:
            statuses.append(_invalid_status(slug, len(of_note)))
        problems += [*of_note, *of_audit]
    return statuses, problems


def _invalid_status(slug: str, count: int) -> NoteStatus:
    """The status of a note with so many problems."""
    reasons = (f"{count} problem{'s' if count > 1 else ''}, see below",)
    return NoteStatus(slug=printable_name(slug), title="", status="", recorded="", state="invalid", reasons=reasons)


def _note_status(lab: Lab, slug: str, more: LogSource | None, of_audit: list[Problem]) -> NoteStatus:
    """The status of a note that can be read; what is wrong with its audit alone is added to `of_audit`."""
    note = notes.read_note(lab, slug)
    recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
    settings = note.settings
    log = check_log.read_log(lab, slug, more)
    needs = [f"is not re-run by itself: it needs {settings.needs_text}"] if settings.needs else []
    remarks = (*needs, *check_history.log_remarks(log, recorded, note, lab), *map(str, log.problems))
    told = tuple(note_remarks.source_remarks(note))
    if recorded is None:
        return NoteStatus(
            slug=slug, title=settings.title, status=settings.status, recorded="", state="unrecorded", remarks=remarks, told=told
        )
    audited = ""
    with guard_note(f"{slug}/{audits.FILE}", of_audit):
        audited = audits.audit_remark(note, recorded)
    if of_audit:
        audited = "its audit cannot be read, see below"
    reasons = tuple(stale_reasons(recorded.provenance, recorded.cells, note, lab))
    edits = record_edits.edit_remarks(note, recorded)
    about = log.golden_checks(recorded, note, lab)
    latest = about[-1] if about else None
    agreed = f"{sum(check.times for check in about if check.outcome.is_agreement)} of {sum(check.times for check in about)} agree"
    return NoteStatus(
        slug=slug,
        title=settings.title,
        status=settings.status,
        recorded=recorded.provenance.started[:10],
        state="edited" if edits else _record_state(reasons),
        reasons=(*edits, *reasons),
        checked=f"{latest.start_day} {latest.outcome.value}" if latest else "never",
        outcome=latest.outcome if latest else None,
        agreed=agreed if about else "",
        remarks=tuple(said for said in (*remarks, audited) if said),
        told=told,
    )


def _record_state(reasons: Sequence[str]) -> str:
    """Whether a record is fresh, stale, or neither can be told on this machine."""
    if reasons and all(reason.endswith(UNSEEN) for reason in reasons):
        return "unknown here"
    return "stale" if reasons else "fresh"
