"""Adopt notebooks: each becomes a note with a record, or nothing of it is left behind.

A note is made and run in a lab of its own below .labnotes/, and moved to its place as a whole when everything went well.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from labnotes.adoption import (
    edits,
    facts,
    matching,
    mends,
    origins,
    read_files,
    remaining,
    requirements,
    run_remedies,
    shown_objects,
    stored_outputs,
)
from labnotes.adoption.drafts import Draft, LargeFile, Told
from labnotes.adoption.edits import AcceptedNumber, EditedNotebook
from labnotes.adoption.facts import NoteFacts
from labnotes.adoption.matching import NumberProposal
from labnotes.adoption.shown_objects import ObjectProposal
from labnotes.adoption.stored_outputs import OutputDifference
from labnotes.commands.accept import accept_change, unsaid_problems
from labnotes.errors import InvalidNote, LabNotesError, Problem, UsageError
from labnotes.execute import run_note, scratch_folders
from labnotes.execute.run_note import NoteRun, RunConditions
from labnotes.model.claims import format_value
from labnotes.model.observation import CellOutputs, Observation
from labnotes.outcomes.changes import RecordChange
from labnotes.outcomes.checks import CheckProgress
from labnotes.source import notebooks, notes
from labnotes.source.labs import Lab
from labnotes.source.notebooks import WholeCell
from labnotes.source.notes import Note
from labnotes.store import adopted_notes, folders, records
from labnotes.store.adopted_notes import AdoptedFacts
from labnotes.store.runs import RunStore, StoreError

OWN_FOLDERS = ("site", "docs/notes", ".labnotes")
"""Folders of a lab that labnotes fills, beside that of its notes: no notebook in them is somebody's own."""

ADOPTING = "adopting-"
"""How the names of the labs begin in which notebooks become notes."""


class NotAdopted(LabNotesError):
    """A notebook did not become a note; nothing of it is left behind."""


@dataclass(frozen=True)
class TakenProposals:
    """The proposals that are taken."""

    numbers: tuple[AcceptedNumber, ...] = ()
    objects: tuple[ObjectProposal, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.numbers and not self.objects


class ProposalAsker(Protocol):
    """Who decides what cannot be known."""

    def takes_large(self, large: LargeFile) -> bool: ...

    def choose_proposals(
        self, cells: Sequence[WholeCell], numbers: Sequence[NumberProposal], objects: Sequence[ObjectProposal]
    ) -> TakenProposals: ...


class TakesNothing:
    """Takes no proposal and nothing that is large, as where nobody can be asked."""

    def takes_large(self, large: LargeFile) -> bool:
        return False

    def choose_proposals(
        self, cells: Sequence[WholeCell], numbers: Sequence[NumberProposal], objects: Sequence[ObjectProposal]
    ) -> TakenProposals:
        return TakenProposals()


class TakesCertain(TakesNothing):
    """Takes the proposals that are certain."""

    def choose_proposals(
        self, cells: Sequence[WholeCell], numbers: Sequence[NumberProposal], objects: Sequence[ObjectProposal]
    ) -> TakenProposals:
        taken = tuple(AcceptedNumber(proposal=proposal, candidate=proposal.candidates[0]) for proposal in numbers if proposal.is_certain)
        return TakenProposals(taken, tuple(proposal for proposal in objects if proposal.is_certain))


@dataclass(frozen=True, kw_only=True)
class AdoptOptions:
    """How to adopt. `runs` is False for a note without a record, `timeout` the setting of that name, "" for its default."""

    runs: bool = True
    timeout: str = ""


@dataclass(frozen=True)
class ReadyDraft:
    """A notebook that can become the note `slug`."""

    slug: str
    draft: Draft
    facts: NoteFacts


@dataclass(frozen=True, kw_only=True)
class AdoptedNote:
    """A note that was made of a notebook. `seconds` is what its code took; `taken` are the proposals that were written, `left_numbers` and
    `left_objects` those that were not, `undone` says of taken ones why they were not written after all."""

    slug: str
    origin: Path
    mended: tuple[Told, ...]
    remaining: tuple[Told, ...]
    requirements: tuple[str, ...]
    differences: tuple[OutputDifference, ...] = ()
    taken: TakenProposals = field(default_factory=TakenProposals)
    left_numbers: tuple[NumberProposal, ...] = ()
    left_objects: tuple[ObjectProposal, ...] = ()
    undone: tuple[Told, ...] = ()
    recorded: bool = False
    seconds: float = 0.0


def read_drafts(lab: Lab, paths: Sequence[Path], slug: str | None, options: AdoptOptions) -> list[ReadyDraft]:
    """Read notebooks, mend them, and see whether each can become a note. Writes nothing.

    Raises UsageError with everything that is in the way of any of them.
    """
    own = [lab.notes_folder, *(lab.root / name for name in OWN_FOLDERS)]
    found_paths = origins.find_origins(paths, [folder.resolve() for folder in own])
    problems = list(found_paths.problems)
    if slug is not None and len(found_paths.paths) > 1:
        problems.append(Problem("--slug", f"is one name for {len(found_paths.paths)} notebooks", "adopt one notebook, or leave it out"))
    ready: list[ReadyDraft] = []
    today = datetime.datetime.now(datetime.UTC).date()
    for path in found_paths.paths:
        try:
            draft = origins.read_origin(path, path)
        except InvalidNote as error:
            problems += error.problems
            continue
        taken = facts.take_facts(draft, today)
        mends.mend_draft(draft)
        read_files.take_files(draft)
        ready.append(ReadyDraft(slug or origins.chosen_slug(path, taken.title), draft, taken))
        if options.runs:
            problems += _package_problems(draft)
    problems += origins.slug_problems(lab, [item.draft for item in ready], [item.slug for item in ready])
    if not os.access(lab.notes_folder, os.W_OK | os.X_OK):
        problems.append(
            Problem(str(lab.shown_path(lab.notes_folder)), "cannot be written", "give yourself the permission: chmod u+w notes")
        )
    if problems:
        raise UsageError(*problems)
    return ready


def _package_problems(draft: Draft) -> Iterator[Problem]:
    missing = [package for package in requirements.missing_packages(draft) if package.is_certain]
    if missing:
        names = ", ".join(f"{package.name} (cell {package.cell})" for package in missing)
        lines = [requirements.distribution_of(package.name) for package in missing]
        hint = (
            f"lines for requirements.txt:\n{chr(10).join(lines)}\nthen: pip install {' '.join(lines)}; or adopt it without a run: --no-run"
        )
        yield Problem(str(draft.shown), f"imports what is not installed here: {names}", hint)


def adopt_notebook(lab: Lab, ready: ReadyDraft, options: AdoptOptions, asker: ProposalAsker, progress: CheckProgress) -> AdoptedNote:
    """Make a note of a notebook, run it, write what the asker takes, and record it.

    Raises NotAdopted, and leaves nothing behind, if it cannot be read or run as a note.
    """
    since = time.monotonic()
    progress.started(ready.slug)
    try:
        adoption = _adopt_ready(lab, ready, options, asker, progress)
    except LabNotesError:
        progress.finished(ready.slug, "not adopted", time.monotonic() - since)
        raise
    progress.finished(ready.slug, "adopted", time.monotonic() - since)
    return adoption


def _adopt_ready(lab: Lab, ready: ReadyDraft, options: AdoptOptions, asker: ProposalAsker, progress: CheckProgress) -> AdoptedNote:
    for large in ready.draft.large:
        (read_files.take_large if asker.takes_large(large) else read_files.leave_large)(ready.draft, large)
    with _lab_of_its_own(lab) as inner:
        work = _NotebookAdoption(inner, ready, options, asker, progress)
        adoption, kept, run = work.adopt()
        folder = lab.notes_folder / ready.slug
        folders.refuse_links(folder, lab.root)
        if os.path.lexists(folder):
            raise NotAdopted(Problem(f"notes/{ready.slug}", "was made meanwhile", "give another name: --slug NAME"))
        os.rename(inner.notes_folder / ready.slug, folder)
    if run is not None:
        _keep_run(lab, ready.slug, run, progress)
        adopted_notes.keep_facts(lab, ready.slug, kept)
    return adoption


@contextlib.contextmanager
def _lab_of_its_own(lab: Lab) -> Iterator[Lab]:
    """Lend an empty lab below .labnotes/ of another; it is gone afterwards, and so are those of processes that were killed."""
    base = folders.own_folder(lab.root / ".labnotes", lab.root)
    scratch_folders.remove_abandoned(base, ADOPTING)
    with scratch_folders.scratch_folder(base, ADOPTING) as root:
        (root / "notes").mkdir()
        yield Lab(root)


def _keep_run(lab: Lab, slug: str, run: NoteRun, progress: CheckProgress) -> None:
    """Keep the run of a new note where those of its lab are kept, so that `diff` and `check` know it."""
    if run.observation is None or run.moved:
        return
    with contextlib.suppress(InvalidNote):
        note = notes.read_note(lab, slug, numbers_first=True)
        try:
            RunStore.for_lab(lab, progress.warning).save_run(note, note.settings.seed, records.as_stored(run.observation)[0])
        except StoreError as error:
            progress.warning(str(error))


class _CellClock:
    """Hands on how a run advances, and measures the seconds of each cell."""

    def __init__(self, progress: CheckProgress) -> None:
        self._progress = progress
        self._current, self._since = 0, time.monotonic()
        self.seconds: dict[int, float] = {}

    def cell(self, slug: str, number: int, total: int) -> None:
        self.end_cell()
        self._current, self._since = number, time.monotonic()
        self._progress.cell(slug, number, total)

    def end_cell(self) -> None:
        if self._current:
            self.seconds[self._current] = time.monotonic() - self._since

    def printed(self, slug: str, number: int, text: str) -> None:
        self._progress.printed(slug, number, text)


@dataclass(frozen=True)
class _FinishedRun:
    """A run of the note as it is written, with the seconds of its cells by their numbers."""

    note: Note
    run: NoteRun
    observed: Observation
    seconds: Mapping[int, float]


class _NotebookAdoption:
    """One notebook on its way, in a lab of its own."""

    def __init__(self, lab: Lab, ready: ReadyDraft, options: AdoptOptions, asker: ProposalAsker, progress: CheckProgress) -> None:
        self._lab, self._ready, self._options, self._asker, self._progress = lab, ready, options, asker, progress
        self._folder = lab.notes_folder / ready.slug
        self._source = self._folder / f"note{ready.draft.suffix}"

    def adopt(self) -> tuple[AdoptedNote, AdoptedFacts, NoteRun | None]:
        draft = self._ready.draft
        self._write_files()
        note = self._read_note()
        cells = self._written_cells()
        if not self._options.runs:
            return self._adoption(note, cells), AdoptedFacts(note.code_digest), None
        first = self._run_note(note)
        matcher = matching.NumberMatcher(cells, first.run.values)
        numbers = [proposal for proposal in matcher.propose_claims() if proposal.is_likely]
        objects = list(object_proposals(cells, first.note, first.observed))
        choice = self._asker.choose_proposals(cells, numbers, objects)
        last, taken, undone = self._write_taken(cells, first, choice)
        outputs = outputs_by_cell(first.note, first.observed)
        differences = tuple(stored_outputs.compare_outputs(draft.cells, outputs))[: stored_outputs.MOST_TOLD]
        self._record_run(last)
        bound = {id(accepted.proposal) for accepted in taken.numbers}
        adoption = self._adoption(
            last.note,
            self._written_cells(),
            run=last,
            differences=differences,
            taken=taken,
            left_numbers=tuple(proposal for proposal in numbers if id(proposal) not in bound),
            left_objects=tuple(proposal for proposal in objects if proposal not in taken.objects),
            undone=undone,
        )
        told = tuple((difference.cell, difference.text) for difference in differences)
        return adoption, AdoptedFacts(last.note.code_digest, last.run.values, last.seconds, told), last.run

    def _adoption(
        self,
        note: Note,
        cells: Sequence[WholeCell],
        *,
        run: _FinishedRun | None = None,
        differences: tuple[OutputDifference, ...] = (),
        taken: TakenProposals = TakenProposals(),
        left_numbers: tuple[NumberProposal, ...] = (),
        left_objects: tuple[ObjectProposal, ...] = (),
        undone: tuple[Told, ...] = (),
    ) -> AdoptedNote:
        draft = self._ready.draft
        left = [*draft.remaining, *remaining.unseeded_draws(cells)]
        if not self._ready.facts.summary_given:
            left.insert(0, remaining.NO_SUMMARY_TOLD)
        if run is not None:
            left += remaining.slow_cells(cells, run.seconds)
        left += [Told(problem.where, problem.what, problem.hint) for problem in note.word_problems]
        return AdoptedNote(
            slug=self._ready.slug,
            origin=draft.origin,
            mended=tuple(draft.mended),
            remaining=tuple(left),
            requirements=tuple(self._requirements()),
            differences=differences,
            taken=taken,
            left_numbers=left_numbers,
            left_objects=left_objects,
            undone=undone,
            recorded=run is not None,
            seconds=run.run.seconds if run is not None else 0.0,
        )

    def _requirements(self) -> list[str]:
        imported = [requirements.distribution_of(package.name) for package in requirements.imported_packages(self._ready.draft)]
        return sorted(dict.fromkeys([*imported, *self._ready.draft.requirements]), key=str.lower)

    # -- files ---------------------------------------------------------------------------------------------------------------------------

    def _write_files(self) -> None:
        draft = self._ready.draft
        self._folder.mkdir()
        for name, content in draft.files.items():
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                shutil.copy2(content, path)
        settings = self._ready.facts.settings_text() + (f"timeout: {self._options.timeout}\n" if self._options.timeout else "")
        (self._folder / "note.yml").write_text(settings, encoding="utf-8")
        self._source.write_bytes(notebooks.note_source(draft.cells, draft.suffix))

    def _read_note(self) -> Note:
        try:
            return notes.read_note(self._lab, self._ready.slug, numbers_first=True)
        except InvalidNote as error:
            raise NotAdopted(*(self._told_problem(problem) for problem in error.problems)) from None

    def _written_cells(self) -> tuple[WholeCell, ...]:
        return notebooks.whole_notebook(self._source.read_bytes(), self._source.suffix, self._ready.draft.shown).cells

    def _told_problem(self, problem: Problem) -> Problem:
        """A problem of the note that was to be, in the words of the notebook that it is made of."""
        own = f"notes/{self._ready.slug}/{self._source.name}"
        where = re.sub(rf"{re.escape(own)}:(\d+)(?::\d+)?", lambda match: self._original_place(int(match[1])), problem.where)
        return Problem(where.replace(own, str(self._ready.draft.shown)), problem.what, problem.hint)

    def _original_place(self, line: int) -> str:
        """The original with the line that is now `line` of the note's source; without a line if it cannot be told."""
        shown, written = str(self._ready.draft.shown), self._source.read_text(encoding="utf-8").splitlines()
        words = written[line - 1].strip() if 0 < line <= len(written) else ""
        lines = self._ready.draft.origin.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        numbers = [number for number, text in enumerate(lines, 1) if words and text.strip() == words]
        return f"{shown}:{numbers[0]}" if len(numbers) == 1 else shown

    # -- runs ----------------------------------------------------------------------------------------------------------------------------

    def _run_note(self, note: Note) -> _FinishedRun:
        """Run the note as it is written.

        Raises NotAdopted if the run does not come to its end.
        """
        clock = _CellClock(self._progress)
        conditions = RunConditions(from_nothing=True, values=True)
        done = asyncio.run(run_note.run_note(note, self._lab, note.settings.seed, clock, conditions))
        clock.end_cell()
        if done.failure is not None:
            remedy = run_remedies.remedy_for(f"{done.failure.what}\n{done.failure.frames}")
            hint = "\n".join(filter(None, [done.failure.line, f"{remedy.reason}: {remedy.hint}" if remedy.hint else ""]))
            raise NotAdopted(self._told_problem(Problem(done.failure.where, done.failure.what, hint)))
        assert done.observation is not None
        seconds = dict(zip((cell.number for cell in note.source.run_cells), clock.seconds.values(), strict=False))
        return _FinishedRun(note, done, records.as_stored(done.observation)[1], seconds)

    def _write_taken(
        self, cells: Sequence[WholeCell], first: _FinishedRun, choice: TakenProposals
    ) -> tuple[_FinishedRun, TakenProposals, tuple[Told, ...]]:
        """Write the proposals that were chosen and run the note again; what makes it fail, or is another number then, is taken back."""
        undone: list[Told] = []
        while not choice.is_empty:
            done, edited = self._run_written(cells, first, choice, undone)
            moved = _moved_claims(edited, done.observed) if done is not None else []
            if done is None:  # the numbers may do without the pictures
                choice = TakenProposals(choice.numbers) if choice.objects else TakenProposals()
            elif moved:
                undone += [
                    Told(f"cell {claim.cell}", f"claim {claim.name!r} is another number in a second run: it was taken back", _SEED_IT)
                    for claim in moved
                ]
                names = {claim.name for claim in moved}
                choice = TakenProposals(tuple(accepted for accepted, name in edited.bound if name not in names), choice.objects)
            else:
                return done, TakenProposals(tuple(accepted for accepted, _ in edited.bound), choice.objects), tuple(undone)
        self._source.write_bytes(notebooks.note_source(cells, self._source.suffix))
        return first, TakenProposals(), tuple(undone)

    def _run_written(
        self, cells: Sequence[WholeCell], first: _FinishedRun, choice: TakenProposals, undone: list[Told]
    ) -> tuple[_FinishedRun | None, EditedNotebook]:
        names = {*first.note.definitions.claims}
        edited = edits.write_proposals(cells, choice.numbers, choice.objects, names)
        self._source.write_bytes(notebooks.note_source(edited.cells, self._source.suffix))
        try:
            return self._run_note(self._read_note()), edited
        except NotAdopted as error:
            problem = error.problems[0]
            undone.append(Told(problem.where, f"with the proposals written it fails, so they were taken back: {problem.what:.300}"))
            return None, edited

    def _record_run(self, last: _FinishedRun) -> None:
        refused = tuple(unsaid_problems(last.note, last.observed, {}))
        accept_change(RecordChange(last.note, None, last.observed, (), refused=refused))
        shutil.rmtree(self._lab.root / ".labnotes", ignore_errors=True)


_SEED_IT = "give what draws random numbers a seed: from labnotes import seed"


def _moved_claims(edited: EditedNotebook, observed: Observation) -> list[edits.WrittenClaim]:
    """The written claims that a second run prints otherwise than the text that they stand for."""
    printed = {claim.name: claim for claim in edited.claims}
    moved = []
    for name, claim in printed.items():
        made = observed.claims.get(name)
        told = claim.candidate.told.value
        if made is None or format_value(made.value, claim.candidate.format) != format_value(told, claim.candidate.format):
            moved.append(claim)
    return moved


def outputs_by_cell(note: Note, observed: Observation) -> dict[int, CellOutputs]:
    return {cell.number: outputs for cell, outputs in zip(note.source.run_cells, observed.cells, strict=False)}


def object_proposals(cells: Sequence[WholeCell], note: Note, observed: Observation) -> Iterator[ObjectProposal]:
    """The proposals for what the cells show."""
    taken = {*note.definitions.figures, *note.definitions.tables}
    yield from shown_objects.propose_figures(cells, observed.figures, taken)
    yield from shown_objects.propose_tables(cells, outputs_by_cell(note, observed), taken)
