"""Accept a run: the latest run of a note becomes its record, if it still is a run of what the source says."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from labnotes.commands import check
from labnotes.commands.check import check_against_source
from labnotes.commands.sign_changes import direction_notices, sign_change_notices
from labnotes.compare.observations import ComparisonRules, compare_observations
from labnotes.compare.statement_families import statement_standings
from labnotes.compare.statement_numbers import statement_numbers_text
from labnotes.errors import InvalidRecord, LabNotesError, Problem
from labnotes.model.claims import Claim
from labnotes.model.observation import Observation
from labnotes.outcomes.changes import RecordChange
from labnotes.source import bindings, notes
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store import audits, check_log, folders, record_versions, records
from labnotes.store.commit_history import CommitHistory
from labnotes.store.dependencies import VERSIONS
from labnotes.store.record_versions import RecordSummary, RecordVersion
from labnotes.store.runs import RunStore
from labnotes.store.staleness import stale_reasons

LOCKS = ".labnotes/locks"
"""The folder of a lab with a file for each note, which stands for the right to write the note's record."""


class NothingToAccept(LabNotesError):
    """There is no run that could become the record."""


class RecordNotWritten(LabNotesError):
    """The disk refused the record."""


def proposed_change(lab: Lab, slug: str, store: RunStore) -> RecordChange:
    """Return what the latest run would change; also of a run that cannot be accepted, since a statement in it is not upheld and the prose
    does not say so.

    Raises NothingToAccept if there is no run, or it is of other code or inputs than there are now; InvalidNote if the note cannot be read.
    """
    note = notes.read_note(lab, slug)
    latest = store.latest_run(note)
    again = f"run it first: labnotes run {slug}"
    if latest is None:
        raise NothingToAccept(Problem(slug, "has no finished run to accept", again))
    stale = stale_reasons(latest.provenance, latest.cells, note, lab)
    if stale:
        raise NothingToAccept(Problem(slug, f"the latest run is not of the note as it is now: {'; '.join(stale)}", again))
    check_against_source(note, latest)
    try:
        recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
    except InvalidRecord as error:
        return RecordChange(note, None, latest, (), str(error), refused=tuple(unsaid_problems(note, latest, {})))
    refused = tuple(unsaid_problems(note, latest, recorded.claims if recorded is not None else {}))
    signs = tuple(direction_notices(note, latest))
    if recorded is None:
        return RecordChange(note, None, latest, (), refused=refused, notices=signs)
    cost = check.seconds_from_nothing(recorded.provenance, check_log.read_log(lab, slug))
    return RecordChange(
        note,
        recorded,
        latest,
        tuple(compare_observations(recorded, latest, ComparisonRules(audits.current_envelope(note, recorded)))),
        seconds_from_nothing=cost,
        refused=refused,
        notices=(*sign_change_notices(note, recorded, latest), *signs),
    )


def unsaid_problems(note: Note, latest: Observation, recorded: Mapping[str, Claim]) -> Iterator[Problem]:
    """Yield a problem for each statement that is not upheld, alone or in its family, if the prose does not say so."""
    said = bindings.bound_fields(note.source.text_cells, "upheld")
    words = {
        name: standing.standing_text
        for name, standing in statement_standings(latest.claims, note.settings.stated).items()
        if not standing.is_upheld
    }
    words |= {name: "does not hold" for name, claim in latest.claims.items() if claim.upheld is False}
    for name, what in sorted(words.items()):
        if name not in said:
            hint = f"a record may hold it if the prose says so: write {{{{ {name}.upheld }}}} where it is told; or change the statement, and run again"
            numbers = statement_numbers_text(name, recorded, latest.claims)
            yield Problem(note.slug, f"claim {name!r}: the statement {what}: {latest.claims[name].holds} ({numbers})", hint)


def accept_change(change: RecordChange) -> None:
    """Write the record: at any moment the folder holds the old one or the new one.

    It keeps the seconds that a run from nothing took, if one was seen.

    Raises NothingToAccept if the change is refused, RecordNotWritten if the disk is full or not writable.
    """
    if change.refused:
        raise NothingToAccept(*change.refused)
    provenance = change.observed.provenance
    costs = [provenance.seconds] if provenance.from_nothing else [change.seconds_from_nothing]
    files, sealed = records.record_files(replace(change.observed, provenance=replace(provenance, seconds_from_nothing=costs[0])))
    versions = _new_versions(change, record_versions.summarise_record(files["record.json"], sealed.provenance))
    try:
        write_record_under_lock(change.note.record_folder, files)
    except OSError as error:
        what = f"could not be recorded: {error.strerror or error}"
        raise RecordNotWritten(Problem(change.note.slug, what, "the record stays as it was; mend that and accept again")) from None
    try:
        record_versions.append_versions(change.note.folder, versions)
    except OSError as error:
        what = f"is recorded, but {VERSIONS} could not be written: {error.strerror or error}"
        raise RecordNotWritten(
            Problem(change.note.slug, what, "the page will say of this record that what changed by it is not known")
        ) from None


def _new_versions(change: RecordChange, accepted: RecordSummary) -> list[RecordVersion]:
    """The versions that accepting adds to the note's file: the record that is accepted, and, where there is no file yet, all that are known
    from before; none for a record that says the same as the last one."""
    note, lab = change.note, Lab(change.note.folder.parents[1])
    shown = lab.shown_path(note.folder)
    present = None
    if change.recorded is not None:
        present = record_versions.summarise_record((note.record_folder / "record.json").read_bytes(), change.recorded.provenance)
    commits = CommitHistory(lab).note_commits(note.slug, note.settings.former_slugs)
    known = record_versions.known_versions(note.folder, shown, present, commits, check_log.read_log(lab, note.slug).checks)
    written, _ = record_versions.read_versions(note.folder, shown)
    if known.versions and known.versions[-1].record == accepted.record and written:
        return []
    added = [version for version in known.versions if version not in written]
    if not known.versions or known.versions[-1].record != accepted.record:
        is_first = not known.versions and not change.broken
        version = record_versions.version_after(present, accepted, is_first=is_first)
        added.append(replace(version, accepted=datetime.datetime.now(datetime.UTC).date().isoformat()))
    return added


def write_record_under_lock(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the folder of a note's record while nobody else does; what a killed writer left is removed.

    Raises OSError, and UsageError for a link.
    """
    lab_root = folder.parents[2]
    folders.refuse_links(folder, lab_root)
    locks = folders.own_folder(lab_root / LOCKS, lab_root)
    with folders.locked(locks / folder.parent.name):
        folders.remove_unfinished(folder)
        folders.replace_folder(folder, files)
