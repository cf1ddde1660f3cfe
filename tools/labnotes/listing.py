"""What `labnotes list` shows: every note with its status, its record's date, and whether the record is fresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labnotes import notes, records, results
from labnotes.errors import InvalidNote, InvalidRecord, Problem
from labnotes.freshness import stale_reasons
from labnotes.notes import Lab


@dataclass(frozen=True)
class Row:
    """`state` is fresh, stale, unrecorded or invalid; `reasons` says why; `checked` is the date and outcome of a check of this record."""

    slug: str
    title: str
    status: str
    recorded: str
    state: str
    reasons: tuple[str, ...]
    checked: str


def rows(lab: Lab, slugs: Sequence[str]) -> tuple[list[Row], list[Problem]]:
    """One row a note, invalid ones among them; and all problems. Reads files only, whatever is installed."""
    found: list[Row] = []
    problems: list[Problem] = []
    for slug in slugs:
        try:
            note = notes.read(lab, slug)
            recorded = records.read(note.record_folder, lab.shown(note.record_folder))
        except (InvalidNote, InvalidRecord) as error:
            problems += error.problems
            count = len(error.problems)
            found.append(Row(slug, "", "", "", "invalid", (f"{count} problem{'s' if count > 1 else ''}, see below",), ""))
            continue
        settings = note.settings
        if recorded is None:
            found.append(Row(slug, settings.title, settings.status, "", "unrecorded", (), ""))
            continue
        reasons = tuple(stale_reasons(recorded.provenance, recorded.cells, note, lab))
        result = results.about(lab.root / results.FOLDER, note, recorded)
        checked = f"{result.started[:10]} {result.outcome.value}" if result else ""
        state = "stale" if reasons else "fresh"
        found.append(Row(slug, settings.title, settings.status, recorded.provenance.started[:10], state, reasons, checked))
    return found, problems
