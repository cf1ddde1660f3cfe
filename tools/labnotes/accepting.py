"""The story of accepting: the latest run of a note becomes its record, if it still is a run of what the source says."""

from __future__ import annotations

from dataclasses import dataclass

from labnotes import audits, notes, records
from labnotes.checking import check_against_source
from labnotes.comparing import Comparison, compare
from labnotes.errors import InvalidRecord, LabNotesError, Problem
from labnotes.freshness import stale_reasons
from labnotes.notes import Lab, Note
from labnotes.quantities import Verdict
from labnotes.records import Observation
from labnotes.storing import Store


class NothingToAccept(LabNotesError):
    """There is no run that could become the record."""


class RecordNotWritten(LabNotesError):
    """The disk refused the record."""


@dataclass(frozen=True)
class Change:
    """What accepting would do to a note's record. `broken` says why the record there is now cannot be read, if it cannot."""

    note: Note
    recorded: Observation | None
    observed: Observation
    comparisons: tuple[Comparison, ...]
    broken: str = ""

    @property
    def nothing(self) -> bool:
        """Whether the record already says exactly this."""
        return self.recorded is not None and self.recorded.digest == self.observed.digest

    @property
    def differs(self) -> list[Comparison]:
        return [each for each in self.comparisons if each.verdict is not Verdict.EXACT or each.details]


def proposed(lab: Lab, slug: str, store: Store) -> Change:
    """What the latest run would change.

    Raises NothingToAccept if there is none, it is of other code or inputs than there are now, or a statement in it does not hold;
    InvalidNote if the note cannot be read.
    """
    note = notes.read(lab, slug)
    latest = store.latest(note)
    again = f"run it first: labnotes run {slug}"
    if latest is None:
        raise NothingToAccept(Problem(slug, "has no finished run to accept", again))
    stale = stale_reasons(latest.provenance, latest.cells, note, lab)
    if stale:
        raise NothingToAccept(Problem(slug, f"the latest run is not of the note as it is now: {'; '.join(stale)}", again))
    check_against_source(note, latest)
    untrue = [claim for claim in latest.claims.values() if claim.upheld is False]
    if untrue:
        hint = "a record states only what holds: change the statement or the prose, and run it again"
        raise NothingToAccept(
            *(Problem(slug, f"claim {claim.name!r}: the statement does not hold: {claim.holds}", hint) for claim in untrue)
        )
    try:
        recorded = records.read(note.record_folder, lab.shown(note.record_folder))
    except InvalidRecord as error:
        return Change(note, None, latest, (), str(error))
    return Change(note, recorded, latest, tuple(compare(recorded, latest, audits.envelope_of(note, recorded))) if recorded else ())


def accept(change: Change) -> None:
    """Write the record: at any moment the folder holds the old one or the new one.

    Raises RecordNotWritten if the disk is full or not writable.
    """
    files, _ = records.to_files(change.observed)
    try:
        records.write(files, change.note.record_folder)
    except OSError as error:
        what = f"could not be recorded: {error.strerror or error}"
        raise RecordNotWritten(Problem(change.note.slug, what, "the record stays as it was; mend that and accept again")) from None
