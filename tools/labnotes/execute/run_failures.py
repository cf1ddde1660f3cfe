"""Why a run did not finish, in words: which cell and line, what went wrong, what to do."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labnotes.execute.cell_reports import CellReports, ReportedError, ReportedQuantity
from labnotes.kernel.fault_dump import FAULTS
from labnotes.kernel.tracing import REFUSALS
from labnotes.model.observation import Output
from labnotes.model.verdicts import Outcome
from labnotes.source.notebooks import Cell
from labnotes.source.notes import Note

KERNEL_LOG = "kernel.log"
"""The file in a run's folder with what its processes print beside the cells."""

FRAMES = 14
"""Number of lines shown of the end of a traceback, of a dump, or of what was printed last."""

BUSY = 0.6
"""Share of the processor time of its cores below which a note that ran out of time was held up by other work, or waited for something."""

NO_FILE = "a run reads its own folder and its declared inputs, and writes to its own folder: name what it needs under inputs: in note.yml"

NO_VARIABLE = (
    "a run has none of the variables of your shell, so that no result hangs on them, and no key can leak. Keep what an API answered as data "
    "in the note's folder, or say under needs: in note.yml why the note is not re-run everywhere"
)

_MISSING = re.compile(r"no such file|os error 2|not found|does not exist", re.IGNORECASE)
_ABSOLUTE = re.compile(r"['\"](/[^'\"]+)['\"]|: (/\S+)")
_ASKS_FOR_KEY = re.compile(r"api[_ -]?key|environment variable", re.IGNORECASE)
_STDLIB = os.path.dirname(os.__file__)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<name>.+)$')


@dataclass(frozen=True, kw_only=True)
class RunFailure:
    """Why a run did not finish: `where` names the cell and line, `line` is its source, `frames` the end of the traceback, `cell` its number."""

    outcome: Outcome  # RAISED or TIMED_OUT
    where: str
    what: str
    line: str = ""
    frames: str = ""
    cell: int = 0

    def scrubbed(self, scrub: Callable[[str], str]) -> RunFailure:
        """The failure without paths of this machine."""
        return replace(self, what=scrub(self.what), line=scrub(self.line), frames=scrub(self.frames))


@dataclass(frozen=True, kw_only=True)
class StoppedRun:
    """A run that stopped before its end. `cells` are those that it executes, `cell_at` finds the index of the cell that a request had
    executed, `printed` is what the present cell printed."""

    note: Note
    cells: Sequence[Cell]
    scratch: Path
    reports: CellReports
    cell_at: Callable[[str], int | None]
    current: int
    printed: str = ""

    def raised(self, name: str, message: str, trace: str, request: str) -> RunFailure:
        """The failure of a cell that raised. `trace` is what Jupyter shows, "" if a library replaced that."""
        told = self.reports.failed.get(request)
        trace = _ANSI.sub("", trace) or (told.trace if told is not None else "")
        if name == "NoneType":  # of an object that cannot be printed, Jupyter names the error in the traceback alone
            name, _, message = trace.strip().rpartition("\n")[2].partition(": ")
        # what we refuse says all there is to say; the way through our own code would only hide it
        frames = "" if name == "AuthorError" or message.startswith(REFUSALS) else trace
        inner = f"\nwith {'; '.join(told.inner)}" if told is not None and told.inner else ""
        text = f"{name}: {message}{inner}"
        return self._in_cell(self.current, told.line if told is not None else 0, f"raised {text}", frames, name, message)

    def shown_error(self, output: Output, request: str) -> RunFailure:
        """The failure of a cell that went on after an error which Jupyter showed, as that of an object which cannot be printed."""
        trace = _ANSI.sub("", "\n".join(output["traceback"]))
        return self.raised(output["ename"], output["evalue"], trace, request)

    def uncaught(self, errors: Sequence[ReportedError]) -> RunFailure:
        """The failure of a run in which errors were shown, in threads or beside a cell that went on."""
        first = errors[0]
        index = self.cell_at(first.request)
        where = f"raised in {first.place} {first.text}" if first.place else f"went on after {first.text}"
        more = "".join(f"\nand in {error.place.rstrip(',') or 'a cell'}: {error.text}" for error in errors[1:])
        return self._in_cell(self.current if index is None else index, first.line, where + more, first.trace, first.name, first.message)

    def raised_nothing(self) -> RunFailure:
        """The failure of a cell that was to raise, by its tag, and did not."""
        return self._in_cell(self.current, 0, "is tagged raises-exception and raised nothing: leave the tag out")

    def not_reported(self, status: str) -> RunFailure:
        """The failure of a cell of which the kernel tells something else than it answered."""
        return self._in_cell(
            self.current, 0, f"was answered as {status}, and the kernel did not tell the same of it: so it is not known to have run"
        )

    def lost_quantities(self, lost: Sequence[ReportedQuantity]) -> RunFailure:
        """The failure of a run of which quantities did not arrive, named by the cells in which they were called."""
        by_place: dict[tuple[int, bool], list[str]] = {}
        for quantity in lost:
            index = self.cell_at(quantity.request)
            place = (self.current if index is None else index, quantity.strayed)
            by_place.setdefault(place, []).append(f"{quantity.kind} {quantity.name!r}")
        sentences = [_lost_sentence(self.cells[index], strayed, names) for (index, strayed), names in sorted(by_place.items())]
        cell = self.cells[min(index for index, _ in by_place)]
        return RunFailure(outcome=Outcome.RAISED, where=cell.line_place(), what="\n".join(sentences), cell=cell.number)

    def strange_findings(self) -> RunFailure:
        """The failure of a run whose account of itself was tampered with."""
        what = f"or one before told labnotes something that no part of labnotes tells: {self.reports.strange[0]}"
        return self._in_cell(self.current, 0, f"{what}\nwhat a run did is known by what its processes tell; nothing else may write there")

    def left_running(self) -> RunFailure:
        """The failure of a run whose cells left something running."""
        (request, first), *more = self.reports.left
        index = self.cell_at(request)
        names = ", ".join([first, *(name for _, name in more)])
        what = (
            f"left {names} running at the end of the notebook: wait for it in a cell (join, await), so that what it does is part of the run"
        )
        return self._in_cell(self.current if index is None else index, 0, what)

    def died(self, reason: str) -> RunFailure:
        """The failure of a run whose kernel ended."""
        index, line, dump = self._read_dump()
        words = "\n".join(filter(None, [dump, last_lines(self.scratch / KERNEL_LOG)]))
        cell = self.cells[index]
        return RunFailure(
            outcome=Outcome.RAISED,
            where=cell.line_place(line or 1),
            what=self._with_printed(f"the kernel died in cell {cell.number}{reason}"),
            line=_source_line(cell, line or 1),
            frames=words,
            cell=cell.number,
        )

    def used_too_much(self, used: int, limit: int) -> RunFailure:
        """The failure of a run that was ended for the memory it used; both in bytes."""
        cell = self.cells[self.current]
        what = f"the run used {used / 1e9:.1f} GB of the {limit / 1e9:g} GB that memory: allows, in cell {cell.number}"
        return RunFailure(
            outcome=Outcome.RAISED,
            where=cell.line_place(),
            what=self._with_printed(f"{what}: make the cell cheaper, or raise memory: in note.yml"),
            cell=cell.number,
        )

    def said_too_much(self, index: int, what: str) -> RunFailure:
        """The failure of a run that printed or showed more than it may."""
        return self._in_cell(min(index, len(self.cells) - 1), 0, f"{what}: keep what is long in a file, and show its gist")

    def timed_out(self, what: str) -> RunFailure:
        """The failure of a run whose time was up: where each of its processes was, and what it printed last."""
        index, line, dump = self._read_dump()
        cell = self.cells[self.current]
        place = line if index == self.current else 0
        workers = last_lines(self.scratch / KERNEL_LOG)  # what its other processes said before they ended or hung
        return RunFailure(
            outcome=Outcome.TIMED_OUT,
            where=cell.line_place(place or 1),
            what=self._with_printed(what),
            line=_source_line(cell, place or 1),
            frames="\n".join(filter(None, [dump, workers])),
            cell=cell.number,
        )

    def _with_printed(self, what: str) -> str:
        last = [line for line in self.printed.splitlines() if line.strip()][-1:]
        return f"{what}\nprinted last: {last[0].strip():.200}" if last else what

    def _in_cell(self, index: int, line: int, what: str, trace: str = "", name: str = "", message: str = "") -> RunFailure:
        cell = self.cells[index]
        trace = self._with_cell_names(trace)
        hints = "".join(f"\n{hint}" for hint in self._hints(name, message, trace))
        return RunFailure(
            outcome=Outcome.RAISED,
            where=cell.line_place(line or 1),
            what=f"cell {cell.number} {what}{hints}",
            line=_source_line(cell, line or 1),
            frames="\n".join(trace.splitlines()[-FRAMES:]),
            cell=cell.number,
        )

    def _with_cell_names(self, trace: str) -> str:
        """A traceback with the numbers of cells where it has the names that their code was compiled under."""
        for name, request in self.reports.code_names.items():
            index = self.cell_at(request)
            if index is not None:
                trace = trace.replace(f'File "{name}"', f"cell {self.cells[index].number}")
        return trace

    def _hints(self, name: str, message: str, trace: str) -> list[str]:
        """What a run has not, where that may be why it failed though the error does not say so."""
        hints = []
        if re.search(r"permission denied|os error 13|read-only file system", message, re.IGNORECASE) and not message.startswith(REFUSALS):
            hints.append(NO_FILE)  # of native code, which our hook does not see
        if self._hidden_file(message):
            hints.append(f"{self._hidden_file(message)} is there, but a run does not see it. {NO_FILE[0].upper()}{NO_FILE[1:]}")
        if (name == "KeyError" and re.search(r"<frozen os>|[/\\]os\.py", trace)) or _ASKS_FOR_KEY.search(message):
            hints.append(NO_VARIABLE)
        if self.reports.refused and not message.startswith(REFUSALS):
            asked = ", ".join(dict.fromkeys(self.reports.refused))
            hints.append(f"the run asked in vain for {asked}: {REFUSALS[0]}, and sees no files but its own and its declared inputs")
        return hints

    def _hidden_file(self, message: str) -> str:
        """The path that a message says is missing though it is there, out of the run's sight; "" if there is none."""
        for quoted, bare in _ABSOLUTE.findall(message if _MISSING.search(message) else ""):
            path = quoted or bare
            with contextlib.suppress(OSError, ValueError):
                if os.path.exists(path) and not Path(path).is_relative_to(self.scratch):
                    return str(path)
        return ""

    def _read_dump(self) -> tuple[int, int, str]:
        """The cell and its line (0: unknown) at which the kernel was by its dump, and the dump's frames in words, the innermost first."""
        path = self.scratch / FAULTS
        threads = _dumped_threads(path.read_text(errors="replace")) if path.exists() else []
        index, place, shown = self.current, 0, []
        for head, frames in threads:
            places = [(self.cell_at(self.reports.code_names.get(file, "")), file, line, name) for file, line, name in frames]
            of_cells = [(at, line) for at, _, line, _ in places if at is not None]
            if not of_cells and all(_is_machinery(file) for _, file, _, _ in places):
                shown += [head] if head.startswith("Fatal") else []
                continue
            if of_cells and not place:
                index, place = of_cells[0]
            shown.append("innermost call first:" if "hread" in head else head)
            shown += [
                f"  cell {self.cells[at].number}, line {line}, in {name}" if at is not None else f"  {file}, line {line}, in {name}"
                for at, file, line, name in places
                if at is not None or not _is_inner(file)
            ]
        return index, place, "\n".join(shown[: 2 * FRAMES])


def _lost_sentence(cell: Cell, strayed: bool, names: Sequence[str]) -> str:
    """What happened to quantities of one cell."""
    single = len(names) == 1
    called = f"{', '.join(names)} of cell {cell.number} {'was' if single else 'were'} called"
    if strayed:
        return f"{called} in another process, from where nothing can be recorded: return the values to the notebook and call it there"
    lost = "its output was cleared or captured, so it cannot" if single else "their outputs were cleared or captured, so they cannot"
    return f"{called}, but {lost} be recorded: leave out clear_output() and %%capture there"


def _dumped_threads(dump: str) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """The threads of a dump: the line above each, and its frames (file, line, function), the innermost first."""
    threads: list[tuple[str, list[tuple[str, int, str]]]] = []
    for line in dump.splitlines():
        frame = _FRAME.match(line)
        if frame is not None and threads:
            threads[-1][1].append((frame["file"], int(frame["line"]), frame["name"]))
        elif line.startswith(("Thread", "Current thread", "Fatal")):
            threads.append((line, []))
    return threads


_INNER = (
    "/IPython/",
    "/ipykernel/",
    "/tornado/",
    "/labnotes/",
    "/traitlets/",
    "/zmq/",
    "<frozen",
    "/asyncio/",
    "/runpy.py",
    "/threading.py",
)


def _is_inner(file: str) -> bool:
    """Whether a frame is of what runs the cells, which says nothing about the note."""
    return any(part in file for part in _INNER)


def _is_machinery(file: str) -> bool:
    """Whether a frame is of what runs the cells or of Python's own library."""
    return _is_inner(file) or (file.startswith(_STDLIB) and "packages" not in file)


def _source_line(cell: Cell, line: int) -> str:
    lines = cell.source.splitlines()
    return lines[line - 1].strip() if 1 <= line <= len(lines) else ""


def last_lines(path: Path) -> str:
    """The end of a file of text; "" if there is none."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-FRAMES:]) if path.exists() else ""


def time_text(note: Note, cell: Cell, *, deadline: float, since: float, processor_seconds: float | None) -> str:
    """Which limit of time a cell reached, how much processor time the note had, and what to do. Times are of the monotonic clock, in seconds."""
    settings = note.settings
    in_cell = time.monotonic() - since
    by_cell = settings.cell_timeout is not None and in_cell >= settings.cell_timeout - 1 and time.monotonic() < deadline - 1
    name, limit = ("cell_timeout", settings.cell_timeout or 0.0) if by_cell else ("timeout", settings.timeout)
    what = f"cell {cell.number} was still running when the {'cell' if by_cell else 'note'}'s time was up: {limit:g} s by the clock ({name}: in note.yml)"
    taken = settings.timeout - (deadline - time.monotonic())
    if processor_seconds is None:
        return f"{what}\nif the machine was busy, check again when it is not; else raise {name}: or make the cell cheaper"
    share = processor_seconds / max(taken * settings.cores, 1e-9)
    what += f"\nthe note had {processor_seconds:.0f} s of processor time in {taken:.0f} s on {settings.cores} core{'s' if settings.cores > 1 else ''}"
    if share < BUSY:
        return f"{what}, {share:.0%} of what these give: the machine was busy, or the note waited. Check again when less else runs, or raise {name}:"
    return f"{what}: it needs more than it was given. Raise {name}:, or make the cell cheaper"


def lost_quantities(reports: CellReports, arrived: Mapping[str, Collection[str]]) -> list[ReportedQuantity]:
    """The quantities that were published, or called for elsewhere, and did not arrive; `arrived` has the names of each kind."""
    return [
        quantity for quantity in reports.quantities if quantity.name and (quantity.strayed or quantity.name not in arrived[quantity.kind])
    ]
