"""Check notes: read the notes, run what must be run, compare each with its record, keep the result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import chain

from labnotes.author.estimates import edited_interval
from labnotes.commands.sign_changes import direction_notices, sign_change_notices
from labnotes.compare.fresh_draws import compare_fresh_seeds, judged_outcome
from labnotes.compare.observations import ComparisonRules, compare_observations
from labnotes.compare.statement_families import statement_standings, upheld_in_record
from labnotes.errors import InvalidNote, Problem
from labnotes.execute import environment, isolation_choice, kept_folders, run_note
from labnotes.execute.cores import CoreBudget
from labnotes.execute.run_note import NoteRun
from labnotes.kernel.isolation import FILES_FREE
from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation, Provenance
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Outcome, Verdict
from labnotes.outcomes.checks import CheckOptions, CheckProgress, CheckResult, NoteCheck
from labnotes.source import bindings, note_remarks, notes
from labnotes.source.labs import Lab
from labnotes.source.note_guard import guard_note
from labnotes.source.notes import Note
from labnotes.store import audits, check_log, record_edits, records, result_stores, version_control
from labnotes.store.check_log import LoggedCheck
from labnotes.store.runs import RunStore, StoreError
from labnotes.store.staleness import environment_differences, stale_reasons

UNTRACKED_SHOWN = 3
"""How many files that git does not know are named."""

UNKNOWN_COST = 60.0
"""Seconds that a note without a record is expected to take."""


def check_notes(lab: Lab, slugs: Sequence[str], options: CheckOptions, progress: CheckProgress) -> CheckResult:
    """Re-execute notes and compare them with their records; the result is appended to the log of each note."""
    store = RunStore.for_lab(lab, progress.warning)
    deadline = None if options.budget is None else time.monotonic() + options.budget
    commit = version_control.clean_commit(lab.root) if options.log else None

    async def check_and_log(note: Note) -> NoteCheck:
        log = check_log.read_log(lab, note.slug)
        for problem in log.problems:
            progress.warning(str(problem))
        done = await _check_note(note, lab, store, options, progress, deadline, log)
        line = done.as_logged_check(options.seed, commit, check_log.checked_by()) if options.log else None
        if line is None or _is_logged(line, log):
            return done
        done = replace(done, logged=line)
        try:
            check_log.append_check(result_stores.own_results(lab), line)
        except result_stores.LogNotWritten as error:  # what was found is told all the same
            return replace(done, logged=None, notices=(*done.notices, *map(str, error.problems)))
        return done

    return _for_each_note(lab, slugs, options, progress, check_and_log)


def _is_logged(line: LoggedCheck, log: check_log.CheckLog) -> bool:
    """Whether the log has this execution with this result already, as where a stored run is compared again."""
    return any(
        (logged.started, logged.record, logged.seed, logged.outcome, logged.counts)
        == (line.started, line.record, line.seed, line.outcome, line.counts)
        for logged in log.checks
    )


def run_notes(lab: Lab, slugs: Sequence[str], options: CheckOptions, progress: CheckProgress) -> CheckResult:
    """Execute notes without comparing them. Finished runs are stored; records are never touched.

    What is wrong with the words of a note alone keeps nothing from running: it stands among the problems of the result.
    """
    store = RunStore.for_lab(lab, progress.warning)

    async def run_and_store(note: Note) -> NoteCheck:
        return await _run_and_store(note, lab, store, options, progress, numbers_first=True)

    done = _for_each_note(lab, slugs, options, progress, run_and_store, numbers_first=True)
    checked = tuple(replace(note, note=replace(note.note, word_problems=tuple(_word_problems(note)))) for note in done.notes)
    return replace(done, notes=checked, problems=(*done.problems, *chain.from_iterable(note.note.word_problems for note in checked)))


def _word_problems(done: NoteCheck) -> list[Problem]:
    """What is wrong with the words of a note, by its own files and by the names that its run yielded."""
    return list(dict.fromkeys([*done.note.word_problems, *_prose_problems(done.note, done.observed)]))


def _prose_problems(note: Note, observed: Observation | None) -> list[Problem]:
    """The names in the prose of a note that its run did not yield; none if it did not finish."""
    if observed is None:
        return []
    names = bindings.KnownNames(
        claims=observed.claims.keys(), figures=observed.figures.keys(), tables=observed.tables.keys(), references=note.references
    )
    return notes.prose_problems(note.source, note.definitions.words, note.settings, names)


def _for_each_note(
    lab: Lab,
    slugs: Sequence[str],
    options: CheckOptions,
    progress: CheckProgress,
    work: Callable[[Note], Awaitable[NoteCheck]],
    *,
    numbers_first: bool = False,
) -> CheckResult:
    """Do `work` for every note within the cores allowed. One note's trouble never stops another.

    Raises UsageError if runs get less isolation here than is asked for.
    """
    if options.isolation is not None:
        isolation_choice.require_isolation(options.isolation)
    chosen, problems = notes.read_notes(lab, slugs, numbers_first=numbers_first)
    done: dict[str, NoteCheck] = {}

    async def work_on_note(note: Note, cores: CoreBudget) -> None:
        async with cores.reserve_cores(note.settings.cores):
            with guard_note(note.slug, problems):
                done[note.slug] = await work(note)
        note_check = done.get(note.slug)
        if note_check is None:
            progress.finished(note.slug, "invalid", 0.0)
        else:
            progress.finished(note.slug, note_check.outcome.value if note_check.outcome else "ran", note_check.seconds)

    async def work_on_all() -> None:
        cores = CoreBudget(options.jobs)
        budget = options.budget
        order = chosen if budget is None else sorted(chosen, key=lambda note: _budget_turn(lab, note, budget, options))
        async with asyncio.TaskGroup() as group:
            for note in order:
                group.create_task(work_on_note(note, cores))

    interrupted = False
    try:
        asyncio.run(work_on_all())
    except KeyboardInterrupt:
        interrupted = True
    unfinished = tuple(note.slug for note in chosen if note.slug not in done) if interrupted else ()
    return CheckResult(tuple(done[note.slug] for note in chosen if note.slug in done), tuple(problems), interrupted, options, unfinished)


QUICK = 0.05
"""Share of a budget up to which a note comes before all others: what costs next to nothing does not wait for what may take all."""


def _budget_turn(lab: Lab, note: Note, budget: float, options: CheckOptions) -> tuple[bool, str]:
    """The key that orders notes within a budget in seconds: quick ones first, then those that were not verified for longest."""
    provenance = log = None
    with guard_note(note.slug, []):  # the check itself tells what is wrong
        provenance = records.read_provenance(note.record_folder, lab.shown_path(note.record_folder))
        log = check_log.read_log(lab, note.slug)
    if log is None:
        return False, ""
    cost = expected_seconds(provenance, log, nothing_kept=options.from_nothing or kept_folders.nothing_kept(note, lab))
    return cost > QUICK * budget, check_log.last_verified(log, provenance.started if provenance else "")


async def _check_note(
    note: Note, lab: Lab, store: RunStore, options: CheckOptions, progress: CheckProgress, deadline: float | None, log: check_log.CheckLog
) -> NoteCheck:
    recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
    stale = tuple(stale_reasons(recorded.provenance, recorded.cells, note, lab)) if recorded else ()
    edits = _edits_of(note, recorded) if recorded else {}
    reuse = not (options.fresh or options.from_nothing)
    stored = store.find_run(note, lab, _chosen_seed(note, options), environment.current_environment()) if reuse else None
    if stored and recorded and record_edits.is_same_but_for_start(recorded, stored):
        stored = None  # it may be the record's own run, under another date
    if stored and options.is_enough(stored.provenance.environment):
        done = NoteCheck(note, None, observed=stored, notices=tuple(author_notices(note, stored)))
        check_against_source(note, stored)
    elif not options.has_all_needs(note):
        reason = f"it needs {note.settings.needs_text}; where that is there: --needs {' --needs '.join(note.settings.needs)}"
        return NoteCheck(note, Outcome.NOT_RERUN, recorded=recorded, stale=stale, reason=reason, lacks_needs=True)
    else:
        left = None if deadline is None else deadline - time.monotonic()
        cost = expected_seconds(
            recorded.provenance if recorded else None, log, nothing_kept=options.from_nothing or kept_folders.nothing_kept(note, lab)
        )
        if left is not None and cost > left:
            reason = f"the {cost:.0f} s that it is expected to take do not fit into the rest of the budget"
            return NoteCheck(note, Outcome.NOT_RERUN, recorded=recorded, stale=stale, reason=reason)
        try:
            async with asyncio.timeout(left):
                done = await _run_and_store(note, lab, store, options, progress)
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
        rules = ComparisonRules(audits.current_envelope(note, recorded), note.settings.hangs_on_training, upheld)
        comparisons = compare_observations(recorded, done.observed, rules)
    else:
        comparisons = compare_fresh_seeds(recorded, done.observed, upheld)
    comparisons = [_with_edits(comparison, edits.get((comparison.kind, comparison.name), [])) for comparison in comparisons]
    differences = [
        f"this environment: {difference}" for difference in environment_differences(recorded.provenance, environment.current_environment())
    ]
    notices = (*done.notices, *unsaid_statements(note, recorded), *sign_change_notices(note, recorded, done.observed), *differences)
    return replace(done, outcome=judged_outcome(comparisons), comparisons=tuple(comparisons), notices=notices)


def _edits_of(note: Note, recorded: Observation) -> dict[record_edits.Quantity, list[str]]:
    """What was edited of each quantity of a record, in words. Intervals are computed again here alone: to `list` that would cost too much."""
    edits = record_edits.record_edits(note, recorded)
    for name, claim in recorded.claims.items():
        text = edited_interval(claim)
        if text:
            edits.setdefault((QuantityKind.CLAIM, name), []).append(f"edited: {text}")
    return edits


def _with_edits(comparison: Comparison, edits: Sequence[str]) -> Comparison:
    """The comparison with what was edited of the recorded quantity: it differs, whatever the run yielded."""
    return replace(comparison, verdict=Verdict.CHANGED, details=(*edits, *comparison.details)) if edits else comparison


def expected_seconds(recorded: Provenance | None, log: check_log.CheckLog, *, nothing_kept: bool) -> float:
    """The seconds that a run is expected to take here: as many as the last one, or the last one from nothing where no artifact is kept."""
    if recorded is None:
        return UNKNOWN_COST
    if not nothing_kept:
        return recorded.seconds
    return max(recorded.seconds, seconds_from_nothing(recorded, log) or 0.0)


def seconds_from_nothing(recorded: Provenance, log: check_log.CheckLog) -> float | None:
    """The seconds that a run from nothing takes, by the log or by the record; None if no such run was seen."""
    own = recorded.seconds if recorded.from_nothing else recorded.seconds_from_nothing
    return log.seconds_from_nothing or own


async def _run_and_store(
    note: Note, lab: Lab, store: RunStore, options: CheckOptions, progress: CheckProgress, *, numbers_first: bool = False
) -> NoteCheck:
    progress.started(note.slug)
    done = await run_note.run_note(
        note, lab, _chosen_seed(note, options), progress, run_note.RunConditions(from_nothing=options.from_nothing)
    )
    if done.observation is None:
        assert done.failure is not None
        return NoteCheck(note, done.failure.outcome, failure=done.failure, executed=True, seconds=done.seconds, run=done)
    observed, notices = _store_run(done, _chosen_seed(note, options), store)
    if not numbers_first:
        check_against_source(note, observed)
    notices = [*notices, *done.notices, *author_notices(note, observed), *_untracked_notices(note, lab, observed)]
    return NoteCheck(note, None, observed=observed, executed=True, seconds=done.seconds, notices=tuple(notices), run=done)


def _chosen_seed(note: Note, options: CheckOptions) -> int:
    return note.settings.seed if options.seed is None else options.seed


def _store_run(done: NoteRun, seed: int, store: RunStore) -> tuple[Observation, list[str]]:
    """Store a finished run, if it may be stored. Return the observation as it would be read back, and what to tell the author."""
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
    """Check what the source says against what the run yielded: names in the prose that reading the code could not tell.

    Raises InvalidNote.
    """
    problems = _prose_problems(note, observed)
    if problems:
        raise InvalidNote(*problems)


def unsaid_statements(note: Note, made: Observation) -> list[str]:
    """List the statements of a record, or of a run that may become one, that are not upheld without the prose saying so."""
    said = bindings.bound_fields(note.source.text_cells, "upheld")
    return [
        f"claim {name}: its statement {standing.standing_text}. Say so in the prose: {{{{ {name}.upheld }}}}"
        for name, standing in statement_standings(made.claims, note.settings.stated).items()
        if not standing.is_upheld and name not in said
    ]


def _untracked_notices(note: Note, lab: Lab, observed: Observation) -> list[str]:
    """Name the files of its folder that a run read and git does not know: nobody else has them, and what a session computed may be in them."""
    untracked = version_control.untracked_files(lab.root, note.folder)
    names = sorted(name for name, digest in observed.provenance.dependencies.files.items() if digest and name in untracked)
    if not names:
        return []
    shown = ", ".join(names[:UNTRACKED_SHOWN]) + (f" and {len(names) - UNTRACKED_SHOWN} more" if len(names) > UNTRACKED_SHOWN else "")
    return [
        f"depends on files that git does not track: {shown}. Commit what is data; what a session computed, the note must compute itself"
    ]


def author_notices(note: Note, observed: Observation) -> list[str]:
    """List what the author should mend or know, though nothing is wrong with the numbers."""
    notices = [
        *note_remarks.source_remarks(note),
        *direction_notices(note, observed),
    ]
    if not (observed.claims or observed.figures or observed.tables):
        notices.append("has no claim, figure or table, so nothing of it is checked: say what it finds with labnotes.claim, figure or table")
    for made in observed.figures.values():
        if made.automatic:
            hint = 'labnotes.figure(fig, "label", caption="...", alt="...")'
            notices.append(f"figure {made.label} (cell {made.cell}) has no label, caption or alt text: show it with {hint}")
    outside = observed.provenance.dependencies.outside
    if outside:
        notices.append(
            f"reads files outside the lab, where a change goes unnoticed: {', '.join(outside[:3])}; copy them into the note's folder"
        )
    if observed.provenance.dependencies.elsewhere:
        names = sorted(observed.provenance.dependencies.elsewhere)
        notices.append(f"imports modules that are installed from elsewhere, whose digests the record keeps: {', '.join(names[:3])}")
    if "audit hook" in observed.provenance.environment.isolation:
        notices.append(f"the network was cut by {observed.provenance.environment.isolation}")
    if observed.provenance.environment.files == FILES_FREE:
        notices.append(f"other files were held back by {FILES_FREE}")
    return notices
