"""The results of checking notes: what came of each, and the line that its log gets."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol

from labnotes.compare.fresh_draws import count_misses
from labnotes.compare.observations import is_fresh_draw
from labnotes.errors import Problem
from labnotes.execute import run_note
from labnotes.execute.run_failures import RunFailure
from labnotes.execute.run_note import NoteRun
from labnotes.kernel.isolation import IsolationLevel, level_in_force
from labnotes.model.comparison import Comparison, IntervalMisses
from labnotes.model.observation import Observation, Provenance, RunEnvironment
from labnotes.model.verdicts import Outcome
from labnotes.source.notes import Note
from labnotes.store import check_log
from labnotes.store.check_log import LoggedCheck, LoggedFailure
from labnotes.store.staleness import installed_version


class CheckProgress(run_note.CellProgress, Protocol):
    """An object that is told how a check advances, to display it."""

    def started(self, slug: str) -> None: ...

    def finished(self, slug: str, outcome: str, seconds: float) -> None: ...

    def warning(self, text: str) -> None: ...


@dataclass(frozen=True)
class CheckOptions:
    """How to check notes. `jobs` is a number of cores, `budget` in seconds, `seed` None for the golden one, `log` whether logs get
    lines. `needs` are the words of note.yml for what this machine is said to have; None if nothing is said. `isolation` is the least that
    runs must have; None for whatever the machine allows."""

    jobs: int
    fresh: bool = False
    from_nothing: bool = False
    budget: float | None = None
    seed: int | None = None
    log: bool = True
    needs: frozenset[str] | None = None
    isolation: IsolationLevel | None = None

    def is_enough(self, run: RunEnvironment) -> bool:
        """Whether a run was isolated as far as is asked for."""
        return self.isolation is None or level_in_force(run.isolation, run.files).reaches(self.isolation)

    def has_all_needs(self, note: Note) -> bool:
        """Whether this machine has what a note says it needs. In CI it has none of it unless it is said, elsewhere all of it."""
        there = self.needs if self.needs is not None else frozenset() if os.environ.get("CI") else note.settings.needs.keys()
        return note.settings.needs.keys() <= there


@dataclass(frozen=True)
class NoteCheck:
    """The check, or the mere run, of one note.

    `outcome` is None where a run finished and nothing was compared. `executed` is False where a stored run was taken; `stale` says why
    the record is stale, if it is; `notices` is what the author should know; `reason` why the note was not re-run. `run` is the run itself,
    where one was executed now. `logged` is the line that the note's log got. `lacks_needs` tells that the note was not re-run since it needs what this machine has not.
    """

    note: Note
    outcome: Outcome | None
    comparisons: tuple[Comparison, ...] = ()
    recorded: Observation | None = None
    observed: Observation | None = None
    failure: RunFailure | None = None
    executed: bool = False
    seconds: float = 0.0
    stale: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    reason: str = ""
    run: NoteRun | None = None
    logged: LoggedCheck | None = None
    lacks_needs: bool = False

    @property
    def has_word_problems(self) -> bool:
        """Whether something is wrong with the words of the note, so that its run cannot become the record yet."""
        return bool(self.note.word_problems)

    @property
    def is_recorded_run(self) -> bool:
        """Whether the values compared are those of the accepted run itself, which says nothing about whether the run can be repeated."""
        if self.executed or self.recorded is None or self.observed is None:
            return False
        return self.observed.provenance.started == self.recorded.provenance.started

    @property
    def counted_misses(self) -> IntervalMisses:
        return count_misses(self.comparisons)

    def as_logged_check(self, seed: int | None, commit: str | None, by: str) -> LoggedCheck | None:
        """The line that the log keeps of this check; None if there was no record, nothing was executed or only the recorded run was
        compared."""
        if self.recorded is None or self.outcome is None or not self.outcome.is_executed or self.is_recorded_run:
            return None
        then = self.recorded.provenance
        if self.observed is not None:
            run: Provenance | NoteRun = self.observed.provenance
            code, inputs = (
                self.observed.provenance.dependencies.code,
                check_log.other_inputs(then.dependencies, self.observed.provenance.dependencies),
            )
            kind = check_log.SAME_KERNELS if not is_fresh_draw(self.recorded, self.observed) else check_log.OTHER_KERNELS
        else:
            assert self.run is not None and self.failure is not None, self
            run, code, inputs = self.run, self.note.code_digest, {}
            same = run.environment.value_for_tie("kernels") == then.environment.value_for_tie("kernels")
            kind = check_log.SAME_KERNELS if same else check_log.OTHER_KERNELS
        if seed is not None or any(comparison.drawn for comparison in self.comparisons):
            kind = check_log.FRESH_DRAW
        misses = self.counted_misses
        return LoggedCheck(
            note=self.note.slug,
            record=self.recorded.results_digest,
            recorded=then.started[:10],
            code=code,
            inputs=inputs,
            commit=commit if self.executed else None,
            started=run.started,
            seconds=round(run.seconds, 1),
            processor_seconds=run.processor_seconds,
            cores=self.note.settings.cores,
            how=check_log.FROM_NOTHING if run.from_nothing else check_log.FRESH,
            stored=not self.executed,
            seed=check_log.GOLDEN if seed is None else str(seed),
            kind=kind,
            environment=_run_place(run.environment, then),
            outcome=self.outcome,
            counts=check_log.count_verdicts(self.comparisons),
            unequal=check_log.logged_quantities(self.comparisons, whole=kind == check_log.FRESH_DRAW),
            failed=LoggedFailure(self.failure.cell, self.failure.where, self.failure.what) if self.failure else None,
            misses=misses if misses.judged else None,
            by=by,
        )


def _run_place(environment: RunEnvironment, then: Provenance) -> check_log.LoggedPlace:
    versions = then.dependencies.distributions
    return check_log.logged_place(environment, versions, {name: installed_version(name) for name in versions})


@dataclass(frozen=True)
class CheckResult:
    """The result of checking several notes: what came of each, the problems of notes that could not be checked, and whether the check was
    interrupted; `unfinished` are then the notes that it did not come to the end of."""

    notes: tuple[NoteCheck, ...]
    problems: tuple[Problem, ...]
    interrupted: bool
    options: CheckOptions
    unfinished: tuple[str, ...] = ()
