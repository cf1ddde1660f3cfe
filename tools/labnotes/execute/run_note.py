"""One run: a fresh kernel in a copy of the note's folder, cell after cell, with limits of time; and what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import site
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from labnotes.errors import LabNotesError, Problem
from labnotes.execute import kept_folders, readable_paths, scratch_folders, traced_dependencies
from labnotes.execute.cell_reports import CellReports, ReportedError
from labnotes.execute.environment import INHERITED, KERNEL_LEVELS, THREADS, current_environment
from labnotes.execute.isolation_choice import chosen_isolation
from labnotes.execute.outputs import OutputCollector
from labnotes.execute.run_failures import KERNEL_LOG, RunFailure, StoppedRun, last_lines, lost_quantities, time_text
from labnotes.execute.trace_channel import TraceChannel
from labnotes.execute.working_copy import WorkingCopy, make_working_copy
from labnotes.kernel.isolation import LEVEL, level_text
from labnotes.kernel.keeper import MEMORY, WORDS
from labnotes.kernel.states import STATES
from labnotes.kernel.told_values import VALUES
from labnotes.kernel.tracing import TRACE, VISIBLE
from labnotes.model import digests
from labnotes.model.observation import Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.quantities import QuantityKind
from labnotes.model.told_values import ToldValue
from labnotes.source import pinned_inputs
from labnotes.source.labs import Lab
from labnotes.source.notebooks import Cell
from labnotes.source.notes import Note
from labnotes.store import inputs, records

if TYPE_CHECKING:  # it loads what speaks with kernels, which few commands need
    from labnotes.execute.kernel_session import KernelSession

ARTIFACTS = "LABNOTES_ARTIFACTS"
"""The variable that names the folder in which runs keep what is dear to make, such as trained weights."""


@dataclass(frozen=True)
class RunConditions:
    """How a run differs from an ordinary one: variables of its environment, an empty folder of artifacts, states kept for an audit,
    the numbers that its cells made."""

    environment: Mapping[str, str] = field(default_factory=dict)
    from_nothing: bool = False
    states: bool = False
    values: bool = False


ORDINARY = RunConditions()


@dataclass(frozen=True)
class NoteRun:
    """A run, finished (`observation`) or not (`failure`). `moved` names inputs that changed meanwhile: such a run is never stored.

    `started` is UTC, ISO 8601; `states` holds a digest of each variable after each cell, `values` the numbers
    that cells made, if the conditions asked for them.
    `notices` is what the author should know of a finished run.
    """

    note: Note
    started: str
    seconds: float
    processor_seconds: float | None
    from_nothing: bool
    environment: RunEnvironment
    observation: Observation | None = None
    failure: RunFailure | None = None
    moved: tuple[str, ...] = ()
    states: tuple[Mapping[str, str], ...] = ()
    values: tuple[ToldValue, ...] = ()
    notices: tuple[str, ...] = ()


class CellProgress(Protocol):
    """An object that is told how the cells of a run advance, to display it."""

    def cell(self, slug: str, number: int, total: int) -> None: ...

    def printed(self, slug: str, number: int, text: str) -> None: ...


@dataclass
class _RunState:
    """What the callbacks of a run share: when its time is up, and which of its cells runs since when (seconds of the monotonic clock)."""

    deadline: float
    current: int = 0
    since: float = 0.0


@dataclass(frozen=True)
class _ExecutedCells:
    """What executing the cells yielded: the outputs of each, what the kernel told of them, why they did not come to an end, the cost."""

    outputs: list[list[Any]]
    reports: CellReports
    stopped: StoppedRun
    failure: RunFailure | None
    processor_seconds: float | None


async def run_note(
    note: Note,
    lab: Lab,
    seed: int,
    progress: CellProgress,
    conditions: RunConditions = ORDINARY,
) -> NoteRun:
    """Execute every code cell of `note` in a fresh kernel without network, in a copy of the note's folder.

    Files that the recorded run wrote are left out of the copy.
    Never raises for what the note does; raises LabNotesError if its inputs cannot be fetched or no kernel can be started at all.
    """
    fetched = await _fetch_pins(note, lab)  # takes nothing of the time that the note has
    started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
    scratch_folders.remove_abandoned()
    with scratch_folders.scratch_folder() as scratch, scratch_folders.scratch_folder() as kept, TraceChannel(scratch, kept) as trace:
        before = traced_dependencies.input_digests(note, lab)
        source_before = _source_digest(note)
        artifacts = kept_folders.made_folder(scratch / "artifacts" if conditions.from_nothing else kept_folders.artifacts_folder(note, lab))
        from_nothing = not any(artifacts.iterdir())
        await asyncio.to_thread(kept_folders.make_font_list)
        copy = make_working_copy(note, lab, scratch, _written_before(note, lab) - set(note.settings.input_paths))
        environment = {
            **_run_variables(note, seed, scratch, artifacts, trace.address),
            **_isolation_variables(note, kept),
            **conditions.environment,
            **({STATES: "1"} if conditions.states else {}),
            **({VALUES: "1"} if conditions.values else {}),
        }
        _write_run_files(note, lab, scratch, artifacts, fetched)
        executed = await _execute_cells(note, environment, copy, trace, progress)
        seconds = time.monotonic() - clock
        isolation, files = executed.reports.isolation
        done = NoteRun(
            note,
            started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds,
            executed.processor_seconds,
            from_nothing,
            replace(current_environment(), isolation=isolation, files=files),
        )
        collector = OutputCollector(lab.root, scratch)
        failure = executed.failure or _collection_failure(note, executed, collector)
        if failure is not None:
            return replace(done, failure=_with_left_out(failure.scrubbed(collector.scrub_text), copy))
        trace.drain()
        watched = traced_dependencies.read_trace(trace.path, before, note, lab, copy)
        changed = [note.source.path.name] if _source_digest(note) != source_before else []
        changed += [pin.address for pin in note.settings.input_pins if not inputs.is_whole(fetched[pin.address], pin.sha256)]
    return replace(
        done,
        observation=collector.collected_observation(_provenance_of(done, seed, watched.dependencies)),
        moved=(*watched.moved, *changed),
        states=tuple(executed.reports.states[number] for number in sorted(executed.reports.states)),
        values=tuple(_told_values(executed)),
        notices=(*collector.notices, *_program_notices(executed)),
    )


def _source_digest(note: Note) -> str:
    return digests.bytes_digest((note.folder / note.source.path.name).read_bytes())


def _write_run_files(note: Note, lab: Lab, scratch: Path, artifacts: Path, fetched: Mapping[str, Path]) -> None:
    """Write what the run's processes read of its conditions: the fonts, the paths that they may see, the places of fetched inputs."""
    kept_folders.copy_font_list(scratch / "matplotlib")
    visible = readable_paths.readable_paths(note, lab, [scratch, artifacts], fetched.values())
    (scratch / "visible.json").write_text(json.dumps(asdict(visible)))
    (scratch / "fetched.json").write_text(json.dumps({address: str(path) for address, path in fetched.items()}))


def _collection_failure(note: Note, executed: _ExecutedCells, collector: OutputCollector) -> RunFailure | None:
    """Collect the outputs of a run that came to its end. The failure if not everything arrived that its kernel published.

    Raises InvalidNote for outputs that no function of labnotes makes.
    """
    for cell, outputs in zip(note.source.run_cells, executed.outputs, strict=True):
        collector.add_outputs(cell, outputs)
    collector.judge_claims({cell.number: cell.line_place() for cell in note.source.run_cells})
    lost = lost_quantities(executed.reports, {kind.value: collector.names_of(kind) for kind in QuantityKind})
    return executed.stopped.lost_quantities(lost) if lost else None


def _provenance_of(done: NoteRun, seed: int, dependencies: RunDependencies) -> Provenance:
    """Where a finished run comes from."""
    return Provenance(
        started=done.started,
        seconds=round(done.seconds, 6),
        seed=seed,
        cores=done.note.settings.cores,
        environment=done.environment,
        dependencies=dependencies,
        processor_seconds=done.processor_seconds,
        from_nothing=done.from_nothing,
    )


def _written_before(note: Note, lab: Lab) -> set[str]:
    """The files that the recorded run wrote, by their paths from the lab's root; none where no record can be read."""
    with contextlib.suppress(LabNotesError):
        recorded = records.read_provenance(note.record_folder, lab.shown_path(note.record_folder))
        return set(recorded.dependencies.written) if recorded is not None else set()
    return set()


def _with_left_out(failure: RunFailure, copy: WorkingCopy) -> RunFailure:
    """The failure, with a word on the files that earlier runs left, if it speaks of one."""
    missed = [name for name in copy.left_out if Path(name).name in failure.what]
    if not missed:
        return failure
    hint = (
        f"{', '.join(missed)} lies in the note's folder but was written by an earlier run, so this one began without it. If it is data, name "
        f"it under inputs: in note.yml; what is dear to compute belongs into the folder {ARTIFACTS}"
    )
    return replace(failure, what=f"{failure.what}\n{hint}")


def _program_notices(executed: _ExecutedCells) -> list[str]:
    """List the programs that cells started with ! and that failed, which Jupyter passes over."""
    notices = []
    for request, command, status in executed.reports.programs:
        index = executed.stopped.cell_at(request)
        place = f"cell {executed.stopped.cells[index].number}: " if index is not None else ""
        notices.append(f"{place}!{command} ended with status {status}, which Jupyter passes over; %%bash would raise")
    return notices


def _told_values(executed: _ExecutedCells) -> Iterator[ToldValue]:
    """The numbers that the kernel told of, in the order of the cells."""
    for request, rows in executed.reports.values.items():
        index = executed.stopped.cell_at(request)
        for row in rows if index is not None else ():
            match row:
                case [str(written), str(expression), int() | float() as value, str(how), int(times)]:
                    cell = executed.stopped.cells[index or 0].number
                    yield ToldValue(cell=cell, written=written, expression=expression, value=value, how=how, times=times)


async def _fetch_pins(note: Note, lab: Lab) -> dict[str, Path]:
    """Fetch the inputs from elsewhere that are not here yet, while other notes run; return the paths of all, by address.

    Raises FetchError.
    """
    if not note.settings.input_pins:
        return {}
    stop = threading.Event()
    try:
        paths = await asyncio.to_thread(inputs.fetch_inputs, note.settings.input_pins, str(lab.shown_path(note.folder / "note.yml")), stop)
    except asyncio.CancelledError:
        stop.set()
        raise
    return {address: path.resolve() for address, path in paths.items()}


async def _execute_cells(
    note: Note, environment: dict[str, str], copy: WorkingCopy, trace: TraceChannel, progress: CellProgress
) -> _ExecutedCells:
    """Execute the cells in the copy, until the last or the first that fails."""
    from labnotes.execute.kernel_session import KernelSession

    cells, scratch = note.source.run_cells, copy.root.parent
    state = _RunState(deadline=time.monotonic() + note.settings.timeout)

    def time_left() -> float:
        left = max(state.deadline - time.monotonic(), 0.1)
        return min(left, note.settings.cell_timeout or left)

    def printed(index: int, text: str) -> None:
        progress.printed(note.slug, min(index, len(cells) - 1) + 1, text)

    session = KernelSession(cells, scratch, time_left, printed)
    reports = CellReports()
    try:
        try:
            await session.start(environment, copy.folder)
        except (RuntimeError, OSError) as error:
            hint = f"try: {sys.executable} -m ipykernel --version\n{last_lines(scratch / KERNEL_LOG)}".rstrip()
            what = f"no kernel could be started: {str(error) or type(error).__name__}{session.exit_reason()}"
            raise LabNotesError(Problem(note.slug, what, hint)) from None
        failure = await _first_failure(note, session, state, reports, trace, scratch, progress)
        outputs = [session.outputs_of_cell(i) for i in range(len(cells))]
        stopped = _stopped_run(note, session, state, reports, scratch)
        return _ExecutedCells(outputs, reports, stopped, failure, session.processor_seconds())
    finally:
        await session.stop()


async def _first_failure(
    note: Note, session: KernelSession, state: _RunState, reports: CellReports, trace: TraceChannel, scratch: Path, progress: CellProgress
) -> RunFailure | None:
    """Execute one cell after another and then wait for what they left running; return what failed first."""
    from labnotes.execute.kernel_session import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
        NoReplyError,
        TooMuchOutputError,
    )

    cells = note.source.run_cells

    def stopped() -> StoppedRun:
        trace.drain()
        reports.read_new(trace.path)
        return _stopped_run(note, session, state, reports, scratch)

    try:
        for index in range(len(cells)):
            state.current, state.since = index, time.monotonic()
            progress.cell(note.slug, index + 1, len(cells))
            await session.execute_cell(index)
            failure = _cell_failure(stopped(), session, cells[index])
            if failure is not None:
                return failure
        await session.end_cells()
        if not trace.is_intact:
            reports.strange.append("the place where its processes tell what they do was removed")
        return _failure_at_end(stopped())
    except CellExecutionError as error:
        shown = [output for output in session.outputs_of_cell(state.current) if output["output_type"] == "error"]
        shown_trace = "\n".join(shown[-1]["traceback"]) if shown else ""
        return stopped().raised(error.ename, error.evalue, shown_trace, session.request_of_cell(state.current) or "")
    except NoReplyError:
        end, request = stopped(), session.request_of_cell(state.current) or ""
        told = reports.failed.get(request)
        return end.raised(told.name, told.message, "", request) if told is not None else end.not_reported("nothing")
    except CellTimeoutError:
        cost = session.processor_seconds()
        await session.ask_for_dumps()
        what = time_text(note, cells[state.current], deadline=state.deadline, since=state.since, processor_seconds=cost)
        return stopped().timed_out(what)
    except DeadKernelError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # nbclient takes our own cancelling for the kernel's death
            raise asyncio.CancelledError from None
        return _death(stopped(), session.memory_over_limit(trace.path.parent), session.exit_reason())
    except TooMuchOutputError as error:
        return stopped().said_too_much(error.index, str(error))


def _failure_at_end(end: StoppedRun) -> RunFailure | None:
    """What is wrong with a run whose cells all came to their end: what was told besides, errors that nobody caught, what goes on."""
    if end.reports.strange:
        return end.strange_findings()
    uncaught = _uncaught_errors(end, end.cells)
    if uncaught:
        return end.uncaught(uncaught)
    return end.left_running() if end.reports.left else None


def _death(stopped: StoppedRun, used: int | None, reason: str) -> RunFailure:
    """The failure of a run whose kernel ended, perhaps by its keeper for the memory (bytes) that it `used`."""
    limit = stopped.note.settings.memory
    return stopped.used_too_much(used, limit) if used is not None and limit is not None else stopped.died(reason)


def _stopped_run(note: Note, session: KernelSession, state: _RunState, reports: CellReports, scratch: Path) -> StoppedRun:
    outputs = session.outputs_of_cell(state.current)
    return StoppedRun(
        note=note,
        cells=note.source.run_cells,
        scratch=scratch,
        reports=reports,
        cell_at=session.cell_of_request,
        current=state.current,
        printed="".join(output["text"] for output in outputs if output["output_type"] == "stream"),
    )


def _cell_failure(stopped: StoppedRun, session: KernelSession, cell: Cell) -> RunFailure | None:
    """What is wrong with a cell that the kernel executed: an error that was only shown, or none where there must be one."""
    request = session.request_of_cell(stopped.current) or ""
    status = stopped.reports.ended.get(request, "nothing")
    uncaught = _uncaught_errors(stopped, stopped.cells)
    if uncaught:
        return stopped.uncaught(uncaught)
    shown = [output for output in session.outputs_of_cell(stopped.current) if output["output_type"] == "error"]
    if cell.may_raise:
        raised = status == "error" or shown or any(stopped.cell_at(error.request) == stopped.current for error in stopped.reports.errors)
        return None if raised else stopped.raised_nothing()
    if shown:
        return stopped.shown_error(shown[0], request)
    return None if status == "ok" else stopped.not_reported(status)


def _uncaught_errors(stopped: StoppedRun, cells: Sequence[Cell]) -> list[ReportedError]:
    """The errors that nobody caught, but for those of cells that may raise."""
    uncaught = []
    for error in stopped.reports.errors:
        index = stopped.cell_at(error.request)
        if index is None or not cells[index].may_raise:
            uncaught.append(error)
    return uncaught


def _run_variables(note: Note, seed: int, scratch: Path, artifacts: Path, trace: Path) -> dict[str, str]:
    home = scratch / "home"
    home.mkdir()
    inherited = {key: value for key, value in os.environ.items() if key in INHERITED or key in KERNEL_LEVELS}
    return {
        **inherited,
        **dict.fromkeys(THREADS, str(note.settings.cores)),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "PYTHONUSERBASE": site.getuserbase(),  # what is installed for this person stays installed
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(scratch),
        "MPLCONFIGDIR": str(scratch / "matplotlib"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TMPDIR": str(scratch),
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "LABNOTES_RUN": note.slug,
        "LABNOTES_SEED": str(seed),
        ARTIFACTS: str(artifacts),
        TRACE: str(trace),
        VISIBLE: str(scratch / "visible.json"),
        pinned_inputs.FETCHED: str(scratch / "fetched.json"),
    }


def _isolation_variables(note: Note, kept: Path) -> dict[str, str]:
    """What the kernel's process is to know before it isolates itself; it hands none of it on to the note.

    `kept` is the folder of what is told of the run, which the run cannot reach.
    """
    choice = chosen_isolation()
    limit = {MEMORY: str(note.settings.memory)} if note.settings.memory is not None else {}
    return {LEVEL: level_text(choice.level, own_network=choice.own_network), WORDS: str(kept), **limit}
