"""The story of a check: read the notes, run what must be run, compare each with its record, keep the result."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from labnotes import audits, notes, prose, records, results, running
from labnotes.comparing import Comparison, compare, compare_fresh_seed
from labnotes.errors import InvalidNote, LabNotesError, Problem
from labnotes.freshness import environment_differences, stale_reasons
from labnotes.kernel.isolation import FILES_FREE
from labnotes.mutating import mutate
from labnotes.notes import Lab, Note
from labnotes.quantities import Outcome
from labnotes.records import Observation
from labnotes.running import Failure, Run
from labnotes.scheduling import Cores
from labnotes.storing import Store, StoreError

LOOSE_SHOWN = 3
"""Numbers without a claim that are listed with their places."""

UNKNOWN_COST = 60.0
"""Seconds a note is expected to take that was never recorded."""


class Progress(running.Progress, Protocol):
    """Told how a check advances."""

    def started(self, slug: str) -> None: ...

    def finished(self, slug: str, outcome: str, seconds: float) -> None: ...

    def warning(self, text: str) -> None: ...


@dataclass(frozen=True)
class Options:
    """How to check. `jobs` is a number of cores, `budget` in seconds, `seed` None for the golden one."""

    jobs: int
    fresh: bool = False
    from_nothing: bool = False
    budget: float | None = None
    seed: int | None = None


@dataclass(frozen=True)
class NoteCheck:
    """The check, or the mere run, of one note.

    `outcome` is None where a run finished and nothing was compared. `executed` is False where a stored run was taken; `stale` says why
    the record is stale, if it is; `notices` is what the author should know; `reason` why the note was not re-run.
    """

    note: Note
    outcome: Outcome | None
    comparisons: tuple[Comparison, ...] = ()
    recorded: Observation | None = None
    observed: Observation | None = None
    failure: Failure | None = None
    executed: bool = False
    seconds: float = 0.0
    stale: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_recorded_run(self) -> bool:
        """Whether the values compared are of the run that was accepted: that says nothing about whether it can be repeated."""
        if self.executed or self.recorded is None or self.observed is None:
            return False
        return self.observed.provenance.started == self.recorded.provenance.started

    def result(self) -> results.Result | None:
        """What is kept of this check: nothing if there was nothing to compare, or the record only with the very run it was made of.

        A run that did not finish is kept as such, so that no page goes on showing the one before.
        """
        if self.recorded is not None and self.outcome in (Outcome.RAISED, Outcome.TIMED_OUT):
            return results.unfinished(self.note, self.recorded, self.outcome, self.seconds)
        if self.recorded is None or self.observed is None or self.outcome is None or self.is_recorded_run:
            return None
        run = self.observed.provenance
        how = "fresh" if self.executed else "stored run"
        return results.Result(
            self.note.slug,
            self.recorded.digest,
            self.observed.provenance.dependencies.code,
            self.observed.provenance.dependencies.inputs,
            self.outcome,
            run.started,
            run.seconds,
            run.cores,
            how,
            run.environment.isolation,
            self.comparisons,
        )


@dataclass(frozen=True)
class Check:
    """All notes that were dealt with, the problems of those that could not be, and whether someone broke it off."""

    notes: tuple[NoteCheck, ...]
    problems: tuple[Problem, ...]
    interrupted: bool
    options: Options


def check(lab: Lab, slugs: Sequence[str], options: Options, progress: Progress) -> Check:
    """Re-execute and compare; results for the golden seed are kept in the lab for `build`."""
    store = Store.of(lab, progress.warning)
    deadline = None if options.budget is None else time.monotonic() + options.budget

    async def work(note: Note) -> NoteCheck:
        found = await _check(note, lab, store, options, progress, deadline)
        if options.seed is None:
            results.write(lab, note.slug, _tried(found, results.read(lab.root / results.FOLDER, note.slug)))
        return found

    return _each(lab, slugs, options, progress, work)


def _tried(found: NoteCheck, before: results.Result | None) -> results.Result | None:
    """The result of a check with what became of trial changes to the record: as before, if it is still that record."""
    result = found.result()
    if result is None or found.recorded is None:
        return result
    if before and before.record == result.record and before.mutations:
        return replace(result, mutations=before.mutations)
    score = mutate(found.note.slug, found.recorded)
    survivors = tuple(f"{what}: {', '.join(quantities)}" for what, quantities in score.unnoticed())
    return replace(result, mutations=results.Noticed(score.noticed, len(score.mutations), survivors))


def run(lab: Lab, slugs: Sequence[str], options: Options, progress: Progress) -> Check:
    """Execute without comparing. Finished runs are stored; records are never touched."""
    store = Store.of(lab, progress.warning)
    return _each(lab, slugs, options, progress, lambda note: _run(note, lab, store, options, progress))


def _each(lab: Lab, slugs: Sequence[str], options: Options, progress: Progress, work: Callable[[Note], Awaitable[NoteCheck]]) -> Check:
    """Do `work` for every note within the cores allowed. One note's trouble never stops another."""
    chosen, problems = notes.read_all(lab, slugs)
    done: dict[str, NoteCheck] = {}

    async def one(note: Note, cores: Cores) -> None:
        async with cores.take(note.settings.cores):
            try:
                found = done[note.slug] = await work(note)
            except LabNotesError as error:
                problems.extend(error.problems)
                progress.finished(note.slug, "invalid", 0.0)
                return
            except Exception as error:  # a fault of ours must not take the other notes with it
                last = traceback.extract_tb(error.__traceback__)[-1]
                what = f"unexpected {type(error).__name__}: {error}"
                problems.append(
                    Problem(note.slug, what, f"a fault of labnotes at {Path(last.filename).name}:{last.lineno}; please report it")
                )
                progress.finished(note.slug, "invalid", 0.0)
                return
        progress.finished(note.slug, found.outcome.value if found.outcome else "ran", found.seconds)

    async def everything() -> None:
        cores = Cores(options.jobs)
        # with a budget, the notes that were not verified for longest come first
        order = chosen if options.budget is None else sorted(chosen, key=lambda note: results.last_verified(lab, note))
        async with asyncio.TaskGroup() as group:
            for note in order:
                group.create_task(one(note, cores))

    interrupted = False
    try:
        asyncio.run(everything())
    except KeyboardInterrupt:
        interrupted = True
    return Check(tuple(done[note.slug] for note in chosen if note.slug in done), tuple(problems), interrupted, options)


async def _check(note: Note, lab: Lab, store: Store, options: Options, progress: Progress, deadline: float | None) -> NoteCheck:
    recorded = records.read(note.record_folder, lab.shown(note.record_folder))
    stale = tuple(stale_reasons(recorded.provenance, recorded.cells, note, lab)) if recorded else ()
    reuse = not (options.fresh or options.from_nothing)
    stored = store.find(note, lab, _seed(note, options), running.here()) if reuse else None
    if stored:
        done = NoteCheck(note, None, observed=stored, notices=tuple(asks(note, stored)))
        check_against_source(note, stored)
    else:
        cost = recorded.provenance.seconds if recorded else UNKNOWN_COST
        if deadline is not None and time.monotonic() + cost > deadline:
            return NoteCheck(
                note, Outcome.NOT_RERUN, recorded=recorded, stale=stale, reason=f"its {cost:.0f} s do not fit into the rest of the budget"
            )
        done = await _run(note, lab, store, options, progress)
    done = replace(done, recorded=recorded, stale=stale)
    if done.observed is None:
        return done
    if recorded is None:
        return replace(done, outcome=Outcome.UNRECORDED)
    if options.seed is None:
        found = compare(recorded, done.observed, audits.envelope_of(note, recorded))
    else:
        found = compare_fresh_seed(recorded, done.observed)
    outcome = Outcome.DIFFERS if any(each.verdict.fails for each in found) else Outcome.AGREES
    differences = [f"this environment: {each}" for each in environment_differences(recorded.provenance, running.here())]
    return replace(done, outcome=outcome, comparisons=tuple(found), notices=(*done.notices, *differences))


async def _run(note: Note, lab: Lab, store: Store, options: Options, progress: Progress) -> NoteCheck:
    progress.started(note.slug)
    done = await running.run(note, lab, _seed(note, options), progress, running.Conditions(from_nothing=options.from_nothing))
    if done.observation is None:
        assert done.failure is not None
        return NoteCheck(note, done.failure.outcome, failure=done.failure, executed=True, seconds=done.seconds)
    observed, notices = _keep(done, _seed(note, options), store)
    check_against_source(note, observed)
    return NoteCheck(note, None, observed=observed, executed=True, seconds=done.seconds, notices=(*notices, *asks(note, observed)))


def _seed(note: Note, options: Options) -> int:
    return note.settings.seed if options.seed is None else options.seed


def _keep(done: Run, seed: int, store: Store) -> tuple[Observation, list[str]]:
    """Store a finished run, if it may be stored; the observation as it would be read back, and what to tell the author."""
    assert done.observation is not None
    files, observation = records.settled(done.observation)
    if done.moved:
        return observation, [f"changed during the run, so the run is not kept: {', '.join(done.moved)}"]
    try:
        store.put(done.note, seed, files)
    except StoreError as error:
        return observation, [str(error)]
    return observation, []


def check_against_source(note: Note, observed: Observation) -> None:
    """What the source says against what the run yielded: names in the prose that reading the code could not tell, and calls whose results
    never arrived.

    Raises InvalidNote.
    """
    names = prose.Names(observed.claims.keys(), observed.figures.keys(), observed.tables.keys(), note.references)
    problems = notes.prose_problems(note.source, note.definitions.words, names)
    for kind, name in sorted(note.definitions.certain):
        defined, yielded = getattr(note.definitions, f"{kind}s"), getattr(observed, f"{kind}s")
        if name not in yielded:
            what = f"{kind} {name!r} was called, but its output was cleared or captured, so it cannot be recorded"
            problems.append(Problem(defined[name].where(), what, "leave out clear_output() and %%capture in this cell"))
    if problems:
        raise InvalidNote(*problems)


def asks(note: Note, observed: Observation) -> list[str]:
    """What the author should mend or know, though nothing is wrong with the numbers."""
    found = []
    loose = [(cell, line, text) for cell in note.source.text for line, text in prose.loose_numbers(cell.source)]
    if loose:
        places = "; ".join(f"{text} ({cell.where(line)})" for cell, line, text in loose[:LOOSE_SHOWN])
        more = f"; and {len(loose) - LOOSE_SHOWN} more" if len(loose) > LOOSE_SHOWN else ""
        plural = "numbers in the prose are" if len(loose) > 1 else "number in the prose is"
        found.append(
            f'{len(loose)} {plural} bound to no claim: {places}{more}. Bind each, or say what it is: {{{{ const("64", "model width") }}}}'
        )
    if note.source.outputs:
        found.append(f"{note.source.outputs} outputs saved in the source are ignored (labnotes clean {note.slug} strips them)")
    for made in observed.figures.values():
        if made.automatic:
            hint = 'labnotes.figure(fig, "label", caption="...", alt="...")'
            found.append(f"figure {made.label} (cell {made.cell}) has no label, caption or alt text: show it with {hint}")
    outside = observed.provenance.dependencies.outside
    if outside:
        found.append(
            f"reads files outside the lab, where a change goes unnoticed: {', '.join(outside[:3])}; copy them into the note's folder"
        )
    if "audit hook" in observed.provenance.environment.isolation:
        found.append(f"the network was cut by {observed.provenance.environment.isolation}")
    if observed.provenance.environment.files == FILES_FREE:
        found.append(f"other files were held back by {FILES_FREE}")
    return found
