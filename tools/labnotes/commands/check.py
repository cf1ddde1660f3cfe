"""The story of a check: read the notes, run what must be run, compare each with its record, keep the result."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from labnotes.compare.fresh_draws import compare_fresh_seeds, judged_outcome
from labnotes.compare.observations import Rules, compare
from labnotes.compare.statement_families import standings, upheld_in_record
from labnotes.errors import InvalidNote, LabNotesError, Problem
from labnotes.execute import environment, run_note
from labnotes.execute.cores import Cores
from labnotes.execute.run_note import Run
from labnotes.kernel.isolation import FILES_FREE
from labnotes.model.observation import Observation, Provenance
from labnotes.model.verdicts import Outcome
from labnotes.outcomes.checks import CheckOptions, CheckProgress, CheckResult, NoteCheck
from labnotes.source import bindings, notes
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store import audits, check_log, records
from labnotes.store.check_log import LoggedCheck
from labnotes.store.runs import RunStore, StoreError
from labnotes.store.staleness import environment_differences, stale_reasons

LOOSE_SHOWN = 3
"""Numbers without a claim that are listed with their places."""

UNKNOWN_COST = 60.0
"""Seconds a note is expected to take that was never recorded."""


def check(lab: Lab, slugs: Sequence[str], options: CheckOptions, progress: CheckProgress) -> CheckResult:
    """Re-execute and compare; what came of it is appended to the log of each note."""
    store = RunStore.for_lab(lab, progress.warning)
    deadline = None if options.budget is None else time.monotonic() + options.budget
    commit = check_log.clean_commit(lab.root) if options.log else None

    async def work(note: Note) -> NoteCheck:
        log = check_log.read_log(lab, note.slug)
        for problem in log.problems:
            progress.warning(str(problem))
        done = await _check(note, lab, store, options, progress, deadline, log)
        line = done.as_logged_check(options.seed, commit, check_log.checked_by()) if options.log else None
        if line is None or _is_logged(line, log):
            return done
        done = replace(done, logged=line)
        try:
            check_log.append_check(note.folder, line)
        except check_log.LogNotWritten as error:  # what was found is told all the same
            return replace(done, logged=None, notices=(*done.notices, *map(str, error.problems)))
        return done

    return _each(lab, slugs, options, progress, work)


def _is_logged(line: LoggedCheck, log: check_log.CheckLog) -> bool:
    """Whether the log has this execution with this result already, as where a stored run is compared again."""
    return any(
        (each.started, each.record, each.seed, each.outcome, each.counts)
        == (line.started, line.record, line.seed, line.outcome, line.counts)
        for each in log.checks
    )


def run(lab: Lab, slugs: Sequence[str], options: CheckOptions, progress: CheckProgress) -> CheckResult:
    """Execute without comparing. Finished runs are stored; records are never touched."""
    store = RunStore.for_lab(lab, progress.warning)
    return _each(lab, slugs, options, progress, lambda note: _run(note, lab, store, options, progress))


def _each(
    lab: Lab, slugs: Sequence[str], options: CheckOptions, progress: CheckProgress, work: Callable[[Note], Awaitable[NoteCheck]]
) -> CheckResult:
    """Do `work` for every note within the cores allowed. One note's trouble never stops another."""
    chosen, problems = notes.read_notes(lab, slugs)
    done: dict[str, NoteCheck] = {}

    async def one(note: Note, cores: Cores) -> None:
        async with cores.take(note.settings.cores):
            try:
                found = done[note.slug] = await work(note)
            except LabNotesError as error:
                problems.extend(error.problems)
                progress.finished(note.slug, "invalid", 0.0)
                return
            except Exception as error:  # noqa: BLE001 - a fault of ours must not take the other notes with it
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
        budget = options.budget
        order = chosen if budget is None else sorted(chosen, key=lambda note: _turn(lab, note, budget, options))
        async with asyncio.TaskGroup() as group:
            for note in order:
                group.create_task(one(note, cores))

    interrupted = False
    try:
        asyncio.run(everything())
    except KeyboardInterrupt:
        interrupted = True
    return CheckResult(tuple(done[note.slug] for note in chosen if note.slug in done), tuple(problems), interrupted, options)


QUICK = 0.05
"""Share of a budget up to which a note comes before all others: what costs next to nothing does not wait for what may take all."""


def _turn(lab: Lab, note: Note, budget: float, options: CheckOptions) -> tuple[bool, str]:
    """When a note's turn is within a budget: quick ones first, then those that were not verified for longest."""
    try:
        provenance = records.read_provenance(note.record_folder, lab.shown_path(note.record_folder))
    except LabNotesError:
        return False, ""
    log = check_log.read_log(lab, note.slug)
    cost = expected_seconds(provenance, log, nothing_kept=options.from_nothing or run_note.nothing_kept())
    return cost > QUICK * budget, check_log.last_verified(log, provenance.started if provenance else "")


async def _check(
    note: Note, lab: Lab, store: RunStore, options: CheckOptions, progress: CheckProgress, deadline: float | None, log: check_log.CheckLog
) -> NoteCheck:
    recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
    stale = tuple(stale_reasons(recorded.provenance, recorded.cells, note, lab)) if recorded else ()
    reuse = not (options.fresh or options.from_nothing)
    stored = store.find_run(note, lab, _seed(note, options), environment.here()) if reuse else None
    if stored:
        done = NoteCheck(note, None, observed=stored, notices=tuple(asks(note, stored)))
        check_against_source(note, stored)
    else:
        left = None if deadline is None else deadline - time.monotonic()
        cost = expected_seconds(
            recorded.provenance if recorded else None, log, nothing_kept=options.from_nothing or run_note.nothing_kept()
        )
        if left is not None and cost > left:
            reason = f"the {cost:.0f} s that it is expected to take do not fit into the rest of the budget"
            return NoteCheck(note, Outcome.NOT_RERUN, recorded=recorded, stale=stale, reason=reason)
        try:
            async with asyncio.timeout(left):
                done = await _run(note, lab, store, options, progress)
        except TimeoutError:
            reason = "the budget ended while it ran"
            return NoteCheck(note, Outcome.NOT_RERUN, recorded=recorded, stale=stale, reason=reason)
    done = replace(done, recorded=recorded, stale=stale)
    if done.observed is None:
        return done
    if recorded is None:
        return replace(done, outcome=Outcome.UNRECORDED, notices=(*done.notices, *unsaid_statements(note, done.observed)))
    upheld = upheld_in_record(recorded.claims, note.settings.stated)
    if options.seed is None:
        rules = Rules(audits.current_envelope(note, recorded), note.settings.hangs_on_training, upheld)
        found = compare(recorded, done.observed, rules)
    else:
        found = compare_fresh_seeds(recorded, done.observed, upheld)
    differences = [f"this environment: {each}" for each in environment_differences(recorded.provenance, environment.here())]
    notices = (*done.notices, *unsaid_statements(note, recorded), *differences)
    return replace(done, outcome=judged_outcome(found), comparisons=tuple(found), notices=notices)


def expected_seconds(recorded: Provenance | None, log: check_log.CheckLog, *, nothing_kept: bool) -> float:
    """What a run of a note is expected to take here: as long as the last one, or the last one from nothing where no artifact is kept."""
    if recorded is None:
        return UNKNOWN_COST
    if not nothing_kept:
        return recorded.seconds
    return max(recorded.seconds, seconds_from_nothing(recorded, log) or 0.0)


def seconds_from_nothing(recorded: Provenance, log: check_log.CheckLog) -> float | None:
    """What a run from nothing takes, by the log or by the record; None if none was seen."""
    own = recorded.seconds if recorded.from_nothing else recorded.seconds_from_nothing
    return log.seconds_from_nothing or own


async def _run(note: Note, lab: Lab, store: RunStore, options: CheckOptions, progress: CheckProgress) -> NoteCheck:
    progress.started(note.slug)
    done = await run_note.run(note, lab, _seed(note, options), progress, run_note.Conditions(from_nothing=options.from_nothing))
    if done.observation is None:
        assert done.failure is not None
        return NoteCheck(note, done.failure.outcome, failure=done.failure, executed=True, seconds=done.seconds, run=done)
    observed, notices = _keep(done, _seed(note, options), store)
    check_against_source(note, observed)
    return NoteCheck(
        note, None, observed=observed, executed=True, seconds=done.seconds, notices=(*notices, *asks(note, observed)), run=done
    )


def _seed(note: Note, options: CheckOptions) -> int:
    return note.settings.seed if options.seed is None else options.seed


def _keep(done: Run, seed: int, store: RunStore) -> tuple[Observation, list[str]]:
    """Store a finished run, if it may be stored; the observation as it would be read back, and what to tell the author."""
    assert done.observation is not None
    files, observation = records.as_stored(done.observation)
    if done.moved:
        return observation, [f"changed during the run, so the run is not kept: {', '.join(done.moved)}"]
    try:
        store.save_run(done.note, seed, files)
    except StoreError as error:
        return observation, [str(error)]
    return observation, []


def check_against_source(note: Note, observed: Observation) -> None:
    """What the source says against what the run yielded: names in the prose that reading the code could not tell, and calls whose results
    never arrived.

    Raises InvalidNote.
    """
    names = bindings.KnownNames(observed.claims.keys(), observed.figures.keys(), observed.tables.keys(), note.references)
    problems = notes.prose_problems(note.source, note.definitions.words, names)
    for kind, name in sorted(note.definitions.certain):
        defined, yielded = getattr(note.definitions, f"{kind}s"), getattr(observed, f"{kind}s")
        if name not in yielded:
            what = f"{kind} {name!r} was called, but its output was cleared or captured, so it cannot be recorded"
            problems.append(Problem(defined[name].where(), what, "leave out clear_output() and %%capture in this cell"))
    if problems:
        raise InvalidNote(*problems)


def unsaid_statements(note: Note, made: Observation) -> list[str]:
    """Statements of a record, or of a run that may become one, that are not upheld without the prose saying so."""
    said = bindings.bound_fields(note.source.text_cells, "upheld")
    return [
        f"claim {name}: its statement {standing.words}. Say so in the prose: {{{{ {name}.upheld }}}}"
        for name, standing in standings(made.claims, note.settings.stated).items()
        if not standing.upheld and name not in said
    ]


def asks(note: Note, observed: Observation) -> list[str]:
    """What the author should mend or know, though nothing is wrong with the numbers."""
    found = []
    loose = [(cell, line, text) for cell in note.source.text_cells for line, text in bindings.loose_numbers(cell.source)]
    if loose:
        places = "; ".join(f"{text} ({cell.line_place(line)})" for cell, line, text in loose[:LOOSE_SHOWN])
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
    if observed.provenance.dependencies.elsewhere:
        names = sorted(observed.provenance.dependencies.elsewhere)
        found.append(f"imports modules that are installed from elsewhere, whose digests the record keeps: {', '.join(names[:3])}")
    if "audit hook" in observed.provenance.environment.isolation:
        found.append(f"the network was cut by {observed.provenance.environment.isolation}")
    if observed.provenance.environment.files == FILES_FREE:
        found.append(f"other files were held back by {FILES_FREE}")
    return found
