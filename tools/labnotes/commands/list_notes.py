"""The notes as `labnotes list` shows them: each with its status, its record's date, whether the record is fresh, and its last check."""

from __future__ import annotations

from collections.abc import Sequence

from labnotes.errors import InvalidNote, InvalidRecord, Problem
from labnotes.outcomes.statuses import NoteStatus
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.store import audits, check_history, check_log, records
from labnotes.store.result_stores import LogSource
from labnotes.store.staleness import UNSEEN, stale_reasons


def note_statuses(lab: Lab, slugs: Sequence[str], more: LogSource | None = None) -> tuple[list[NoteStatus], list[Problem]]:
    """Return the status of each note, invalid ones among them, and all problems. Reads files only, whatever is installed."""
    statuses: list[NoteStatus] = []
    problems: list[Problem] = []
    for slug in slugs:
        try:
            note = notes.read_note(lab, slug)
            recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
        except (InvalidNote, InvalidRecord) as error:
            problems += error.problems
            count = len(error.problems)
            statuses.append(
                NoteStatus(
                    slug=slug,
                    title="",
                    status="",
                    recorded="",
                    state="invalid",
                    reasons=(f"{count} problem{'s' if count > 1 else ''}, see below",),
                )
            )
            continue
        settings = note.settings
        log = check_log.read_log(lab, slug, more)
        needs = [f"is not re-run by itself: it needs {settings.needs_text}"] if settings.needs else []
        remarks = (*needs, *check_history.log_remarks(log, recorded, note, lab), *map(str, log.problems))
        if recorded is None:
            statuses.append(
                NoteStatus(slug=slug, title=settings.title, status=settings.status, recorded="", state="unrecorded", remarks=remarks)
            )
            continue
        try:
            audited = audits.audit_remark(note, recorded)
        except InvalidRecord as error:
            problems += error.problems
            audited = "its audit cannot be read, see below"
        remarks = tuple(said for said in (*remarks, audited) if said)
        reasons = tuple(stale_reasons(recorded.provenance, recorded.cells, note, lab))
        about = log.golden_checks(recorded, note, lab)
        latest = about[-1] if about else None
        statuses.append(
            NoteStatus(
                slug=slug,
                title=settings.title,
                status=settings.status,
                recorded=recorded.provenance.started[:10],
                state=_record_state(reasons),
                reasons=reasons,
                checked=f"{latest.start_day} {latest.outcome.value}" if latest else "never",
                outcome=latest.outcome if latest else None,
                agreed=f"{sum(check.times for check in about if check.outcome.is_agreement)} of {sum(check.times for check in about)} agree"
                if about
                else "",
                remarks=remarks,
            )
        )
    return statuses, problems


def _record_state(reasons: Sequence[str]) -> str:
    """Whether a record is fresh, stale, or neither can be told on this machine."""
    if reasons and all(reason.endswith(UNSEEN) for reason in reasons):
        return "unknown here"
    return "stale" if reasons else "fresh"
