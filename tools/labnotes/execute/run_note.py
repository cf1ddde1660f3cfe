"""One run: a fresh kernel over IPC, cell after cell, with time limits. The only module that knows nbclient and jupyter_client."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import logging
import os
import re
import shutil
import signal
import site
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import platformdirs

from labnotes.errors import LabNotesError, Problem
from labnotes.execute import readable_paths, traced_dependencies
from labnotes.execute.environment import INHERITED, KERNEL_LEVELS, THREADS, current_environment
from labnotes.execute.outputs import OutputCollector
from labnotes.kernel.states import STATES
from labnotes.kernel.tracing import REFUSALS, TRACE, VISIBLE
from labnotes.model import digests
from labnotes.model.observation import Observation, Provenance, RunEnvironment
from labnotes.model.verdicts import Outcome
from labnotes.source import notebooks, pinned_inputs
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store import inputs

START_TIMEOUT = 120
"""Seconds for a kernel to answer: machines that run several kernels at once are slow to start them."""

_KERNEL = ("-P", "-m", "labnotes.kernel.launch")
"""-P: a helper module in the note's folder that is called like a standard one must not break the kernel's start."""

ARTIFACTS = "LABNOTES_ARTIFACTS"
"""The variable that names the folder in which runs keep what is dear to make, such as trained weights."""

FRAMES = 14
"""Number of lines shown of the end of a traceback."""


@dataclass(frozen=True, kw_only=True)
class RunFailure:
    """Why a run did not finish: `where` names the cell and line, `line` is its source, `frames` the end of the traceback, `cell` its number."""

    outcome: Outcome  # RAISED or TIMED_OUT
    where: str
    what: str
    line: str = ""
    frames: str = ""
    cell: int = 0


@dataclass(frozen=True)
class RunConditions:
    """How a run differs from an ordinary one: variables of its environment, an empty folder of artifacts, states kept for an audit."""

    environment: Mapping[str, str] = field(default_factory=dict)
    from_nothing: bool = False
    states: bool = False


ORDINARY = RunConditions()


@dataclass(frozen=True)
class NoteRun:
    """A run, finished (`observation`) or not (`failure`). `moved` names inputs that changed meanwhile: such a run is never stored.

    `started` is UTC, ISO 8601; `states` holds a digest of each variable after each cell, if the conditions asked for them.
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


class CellProgress(Protocol):
    """An object that is told how the cells of a run advance, to display it."""

    def cell(self, slug: str, number: int, total: int) -> None: ...


@dataclass
class _RunState:
    """What the callbacks of a run share: when its time is up, and which cell runs since when (seconds of the monotonic clock)."""

    deadline: float
    current: int = 0
    since: float = 0.0


def artifacts_folder() -> Path:
    """The folder in which ordinary runs keep what is dear to make, such as trained weights."""
    return Path(platformdirs.user_cache_dir("labnotes")) / "artifacts"


def nothing_kept() -> bool:
    """Whether the next run begins from nothing, since no artifact is there."""
    folder = artifacts_folder()
    return not folder.is_dir() or not any(folder.iterdir())


async def run_note(note: Note, lab: Lab, seed: int, progress: CellProgress, conditions: RunConditions = ORDINARY) -> NoteRun:
    """Execute every code cell of `note` in a fresh kernel without network.

    Never raises for what the note does; raises LabNotesError if its inputs cannot be fetched or no kernel can be started at all.
    """
    fetched = await _fetch_pins(note, lab)  # takes nothing of the time that the note has
    started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
    with _scratch_folder() as scratch:
        before = traced_dependencies.input_digests(note, lab)
        artifacts = scratch / "artifacts" if conditions.from_nothing else artifacts_folder()
        artifacts.mkdir(parents=True, exist_ok=True)
        from_nothing = not any(artifacts.iterdir())
        source_before = digests.bytes_digest((note.folder / note.source.path.name).read_bytes())
        environment = {**_run_variables(note, seed, scratch, artifacts), **conditions.environment}
        if conditions.states:
            environment[STATES] = "1"
        (scratch / "visible.json").write_text(
            json.dumps(asdict(readable_paths.readable_paths(note, lab, [scratch, artifacts, plotting_settings()], fetched.values())))
        )
        (scratch / "fetched.json").write_text(json.dumps({address: str(path) for address, path in fetched.items()}))
        executed, failure, processor_seconds = await _execute_cells(note, environment, scratch, progress)
        seconds = time.monotonic() - clock
        collector = OutputCollector(lab.root, scratch)
        began = started.strftime("%Y-%m-%dT%H:%M:%SZ")
        isolation, files = traced_dependencies.isolation_of(scratch / "trace")
        environment_of_run = replace(current_environment(), isolation=isolation, files=files)
        done = NoteRun(note, began, seconds, processor_seconds, from_nothing, environment_of_run)
        if failure is not None:
            scrubbed = replace(failure, what=collector.scrub_text(failure.what), frames=collector.scrub_text(failure.frames))
            return replace(done, failure=scrubbed)
        states = _read_states(scratch / "trace") if conditions.states else ()
        watched = traced_dependencies.read_trace(scratch / "trace", before, note, lab, scratch)
        if digests.bytes_digest((note.folder / note.source.path.name).read_bytes()) != source_before:
            watched.moved.append(note.source.path.name)
        watched.moved += [pin.address for pin in note.settings.input_pins if not inputs.is_whole(fetched[pin.address], pin.sha256)]
        for cell, outputs in zip(note.source.code_cells, executed, strict=True):
            collector.add_outputs(cell, outputs)
    provenance = Provenance(
        started=began,
        seconds=round(seconds, 1),
        seed=seed,
        cores=note.settings.cores,
        environment=environment_of_run,
        dependencies=watched.dependencies,
        processor_seconds=processor_seconds,
        from_nothing=from_nothing,
    )
    return replace(done, observation=collector.collected_observation(provenance), moved=tuple(watched.moved), states=states)


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


def _read_states(trace: Path) -> tuple[dict[str, str], ...]:
    """The digests of variables that the kernel wrote after each cell."""
    findings = (json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines())
    return tuple(finding[2] for finding in findings if finding[0] == "state")


async def _execute_cells(
    note: Note, environment: dict[str, str], scratch: Path, progress: CellProgress
) -> tuple[list[list[Any]], RunFailure | None, float | None]:
    """Execute the cells. Return the outputs of each, or why there are none, and the processor seconds of all processes of the run."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    code = note.source.code_cells
    notebook = notebooks.to_notebook(code)
    state = _RunState(deadline=time.monotonic() + note.settings.timeout)

    def on_cell(cell: Any, cell_index: int) -> None:
        state.current, state.since = cell_index, time.monotonic()
        progress.cell(note.slug, cell_index + 1, len(code))

    def time_left(cell: Any) -> float:
        left = max(state.deadline - time.monotonic(), 0.1)
        return min(left, note.settings.cell_timeout or left)

    manager = _kernel_manager(scratch)
    client = NotebookClient(
        notebook,
        km=manager,
        timeout_func=time_left,
        on_cell_start=on_cell,
        startup_timeout=START_TIMEOUT,
        allow_errors=False,
        coalesce_streams=True,
    )
    client.log.setLevel(logging.CRITICAL)  # what goes wrong is told by the failure
    failure = None
    try:
        try:
            with (scratch / "kernel.log").open("wb") as log:  # what it prints before and beside its cells
                await manager.start_kernel(env=environment, cwd=str(note.folder), stdout=log, stderr=log)
            await client.async_start_new_kernel_client()
        except (RuntimeError, OSError) as error:
            hint = f"try: {sys.executable} -m ipykernel --version\n{_last_words(scratch)}".rstrip()
            raise LabNotesError(
                Problem(note.slug, f"no kernel could be started: {str(error) or type(error).__name__}{_exit_reason(manager)}", hint)
            ) from None
        for i, cell in enumerate(notebook.cells):
            await client.async_execute_cell(cell, i, execution_count=i + 1)
    except CellExecutionError:
        failure = _raised_failure(note, state.current, notebook.cells[state.current].outputs)
    except CellTimeoutError:
        failure = _timeout_failure(note, state, _processor_seconds(scratch))
    except DeadKernelError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # nbclient takes our own cancelling for the kernel's death
            raise asyncio.CancelledError from None
        cell = code[state.current]
        what = f"the kernel died in cell {cell.number}{_exit_reason(manager)}"
        failure = RunFailure(
            outcome=Outcome.RAISED,
            where=cell.line_place(),
            what=what,
            line=cell.source.splitlines()[0],
            frames=_last_words(scratch),
            cell=cell.number,
        )
    finally:
        processor_seconds = _processor_seconds(scratch)
        await _stop_kernel(manager, client)
        _end_strays(scratch)
    return [list(cell.outputs) for cell in notebook.cells], failure, processor_seconds


async def _stop_kernel(manager: Any, client: Any) -> None:
    """End the kernel and every process it started."""
    group = getattr(manager.provisioner, "pgid", None) if manager.has_kernel else None
    if client.kc is not None:
        client.kc.stop_channels()
    if manager.has_kernel:
        if group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        with contextlib.suppress(RuntimeError, OSError, ProcessLookupError):
            await asyncio.shield(manager.shutdown_kernel(now=True))


def _run_processes(scratch: Path) -> Iterator[Path]:
    """Yield the folders in /proc of a run's processes, which carry its trace file in their environment (Linux only)."""
    mark = os.fsencode(f"{TRACE}={scratch}")
    for folder in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes():
                yield folder


def _processor_seconds(scratch: Path) -> float | None:
    """Processor time of a run's processes and of those that they waited for, in seconds; None where the system does not tell."""
    ticks = 0
    for folder in _run_processes(scratch):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return round(ticks / os.sysconf("SC_CLK_TCK"), 1) if ticks else None


def _end_strays(scratch: Path) -> None:
    """End processes of the run that left the kernel's process group (Linux only)."""
    for folder in _run_processes(scratch):
        with contextlib.suppress(OSError):
            os.kill(int(folder.name), signal.SIGKILL)


def _kernel_manager(scratch: Path) -> Any:
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class ThisInterpreter(KernelSpecManager):
        """Kernels of this interpreter only, never one found in the home folder."""

        def get_kernel_spec(self, kernel_name: str) -> Any:
            return KernelSpec(argv=[sys.executable, *_KERNEL, "-f", "{connection_file}"], language="python", name=kernel_name)

    return AsyncKernelManager(
        kernel_name="python3",
        transport="ipc",
        connection_file=str(scratch / "k.json"),
        kernel_spec_manager=ThisInterpreter(),
    )


def _run_variables(note: Note, seed: int, scratch: Path, artifacts: Path) -> dict[str, str]:
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
        "MPLCONFIGDIR": str(plotting_settings()),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TMPDIR": str(scratch),
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "LABNOTES_RUN": note.slug,
        "LABNOTES_SEED": str(seed),
        ARTIFACTS: str(artifacts),
        TRACE: str(scratch / "trace"),
        VISIBLE: str(scratch / "visible.json"),
        pinned_inputs.FETCHED: str(scratch / "fetched.json"),
    }


def plotting_settings() -> Path:
    """matplotlib's folder, kept from run to run: building its font cache takes seconds."""
    settings = Path(platformdirs.user_cache_dir("labnotes")) / "matplotlib"
    settings.mkdir(parents=True, exist_ok=True)
    return settings.resolve()


@contextlib.contextmanager
def _scratch_folder() -> Iterator[Path]:
    """Lend a folder for sockets and temporary files; its path is short, since a socket's path has at most 107 bytes."""
    base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="ln-", dir=base if len(base) < 60 else "/tmp")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def _raised_failure(note: Note, index: int, outputs: list[Any]) -> RunFailure:
    cell = note.source.code_cells[index]
    error = next(output for output in reversed(outputs) if output["output_type"] == "error")
    trace = _ANSI.sub("", "\n".join(error["traceback"]))
    line_numbers = re.findall(rf"Cell In\[{cell.number}\], line (\d+)", trace)
    line = int(line_numbers[0]) if line_numbers else 1
    source = cell.source.splitlines()
    shown = source[line - 1].strip() if line <= len(source) else ""
    # what we refuse says all there is to say; the way through our own code would only hide it
    frames = "" if error["ename"] == "AuthorError" or error["evalue"].startswith(REFUSALS) else "\n".join(trace.splitlines()[-FRAMES:])
    what = f"cell {cell.number} raised {error['ename']}: {error['evalue']}"
    if re.search(r"permission denied|os error 13", error["evalue"], re.IGNORECASE):  # of native code, which our hook does not see
        what += "\na run reads its own folder and its declared inputs, and writes to its own folder: name what it needs under inputs: in note.yml"
    return RunFailure(outcome=Outcome.RAISED, where=cell.line_place(line), what=what, line=shown, frames=frames, cell=cell.number)


BUSY = 0.6
"""Share of the processor time of its cores below which a note that ran out of time was held up by other work, or waited for something."""


def _timeout_failure(note: Note, state: _RunState, processor_seconds: float | None) -> RunFailure:
    """The failure of a run whose time was up: which limit was reached, how much processor time the note had, and what to do."""
    cell, settings = note.source.code_cells[state.current], note.settings
    in_cell = time.monotonic() - state.since
    by_cell = settings.cell_timeout is not None and in_cell >= settings.cell_timeout - 1 and time.monotonic() < state.deadline - 1
    name, limit = ("cell_timeout", settings.cell_timeout or 0.0) if by_cell else ("timeout", settings.timeout)
    what = f"cell {cell.number} was still running when the {'cell' if by_cell else 'note'}'s time was up: {limit:g} s by the clock ({name}: in note.yml)"
    taken = settings.timeout - (state.deadline - time.monotonic())
    if processor_seconds is None:
        what += f"\nif the machine was busy, check again when it is not; else raise {name}: or make the cell cheaper"
    else:
        share = processor_seconds / max(taken * settings.cores, 1e-9)
        what += f"\nthe note had {processor_seconds:.0f} s of processor time in {taken:.0f} s on {settings.cores} core{'s' if settings.cores > 1 else ''}"
        if share < BUSY:
            what += f", {share:.0%} of what these give: the machine was busy, or the note waited. Check again when less else runs, or raise {name}:"
        else:
            what += f": it needs more than it was given. Raise {name}:, or make the cell cheaper"
    return RunFailure(
        outcome=Outcome.TIMED_OUT,
        where=cell.line_place(),
        what=what,
        line=cell.source.splitlines()[0] if cell.source else "",
        cell=cell.number,
    )


def _exit_reason(manager: Any) -> str:
    process = getattr(manager.provisioner, "process", None)
    code = process.poll() if process is not None else None
    if code is None:
        return ""
    if code >= 0:
        return f" (exit status {code})"
    hint = ", often a sign of too little memory" if code == -signal.SIGKILL else ""
    return f" (killed by {signal.Signals(-code).name}{hint})"


def _last_words(scratch: Path) -> str:
    log = scratch / "kernel.log"
    return "\n".join(log.read_text(errors="replace").splitlines()[-FRAMES:]) if log.exists() else ""
