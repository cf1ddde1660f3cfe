"""Tell the trace how each cell ended, and every exception that no code of the note took care of.

Jupyter only shows what goes wrong under %%capture, in a %run script, in a thread or in a task, and says that the cell is "ok". A run is
evidence, so whoever reads the trace has to know.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, CoroutineType, TracebackType
from typing import Any

from labnotes.kernel.result_watch import ResultWatch

GRACE = 10.0
"""Seconds that a run waits, after its last cell, for the threads and tasks that its cells started."""

LOGGERS = ("asyncio", "tornado.application", "concurrent.futures")
"""Loggers that tell of exceptions in tasks and callbacks, which nobody can catch any more."""

CELL, ERROR, CODE, LEFT, PROGRAM = "cell", "error", "code", "left", "program"
"""Kinds of findings: how a cell ended; an exception that was not caught; the name of a cell's compiled code; what goes on after the end; a
program that a cell started with ! and that failed."""

_INSTALLED = (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__))
_PACKAGES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
"""Where installed code lies; an environment may take its packages from another one's folder."""

_PLATFORM = str(Path(__file__).resolve().parents[1]) + os.sep


class CellWatch:
    """Watches an IPython shell. `write` takes the kind of a finding and its values.

    Findings: (CELL, request, status, line, name, message, traceback, inner errors), (ERROR, request, place, line, name, message,
    traceback, inner errors), (CODE, request, file name), (LEFT, request, what), (PROGRAM, request, command, status). `request` is the id of
    the message that had the cell executed, `line` a line of the cell's source (0: unknown).
    """

    def __init__(self, shell: Any, write: Callable[..., None]) -> None:
        self._shell = shell
        self._write = write
        self._requests: dict[str, str] = {}
        self._known_threads = set(threading.enumerate())
        self._results = ResultWatch(self._is_of_note, self._tell_unasked)

    def begin(self) -> None:
        """Begin to watch. To be called once, before the first cell."""
        self._shell.events.register("post_run_cell", self._cell_ended)
        if not hasattr(self._shell, "_last_traceback"):
            self._shell._last_traceback = []  # noqa: SLF001 - which ipykernel reads even if nothing, such as a group of errors, has set it
        self._name_code()
        self._raise_in_scripts()
        self._watch_programs()
        self._watch_threads()
        self._watch_loggers()
        self._watch_unraisable()
        self._results.begin()

    def current_request(self) -> str:
        """The id of the message that had the present cell executed."""
        return str(self._shell.get_parent().get("header", {}).get("msg_id", ""))

    async def wait_for_rest(self) -> None:
        """Wait for what the note's cells left running, for `GRACE` seconds, and tell what is still running then."""
        deadline = time.monotonic() + GRACE
        ending = threading.Thread(target=_end_pools, daemon=True)
        ending.start()
        while time.monotonic() < deadline and (ending.is_alive() or any(self._left_running(ending))):
            await asyncio.sleep(0.02)
        for request, what in self._left_running(ending):
            self._write(LEFT, request, what)
        for future in self._futures_in_vain():
            self._tell_error("a task" if isinstance(future, asyncio.Task) else "a future", future.exception() or RuntimeError())
        gc.collect()  # a task that is held by nothing but itself tells so when it is deleted
        self._results.tell_rest()
        await asyncio.sleep(0)
        sys.stdout.flush()
        sys.stderr.flush()

    def _futures_in_vain(self) -> Iterator[asyncio.Future[Any]]:
        """Yield the tasks and futures that ended by an exception for which nobody asked, and which are not deleted, so that they did not tell."""
        for future in gc.get_objects():
            if isinstance(future, asyncio.Future) and future.done() and not future.cancelled() and getattr(future, "_log_traceback", False):
                yield future

    def _left_running(self, ending: threading.Thread) -> Iterator[tuple[str, str]]:
        """Yield the request that started each thread and task of the note that still runs, and the words for it."""
        for thread in threading.enumerate():
            if thread not in self._known_threads and not thread.daemon and thread is not ending:
                code = getattr(getattr(thread, "_target", None), "__code__", None)
                yield self._request_of(code), f"thread {thread.name!r}"
        current = asyncio.current_task()
        for task in asyncio.all_tasks():
            coroutine = task.get_coro()
            code = coroutine.cr_code if isinstance(coroutine, CoroutineType) else None
            if task is not current and not task.done() and code is not None and self._is_of_note(code):
                yield self._request_of(code), f"task {code.co_qualname!r}"

    def _is_of_note(self, code: CodeType) -> bool:
        """Whether code is of a cell or of the note's own modules, rather than of an installed package."""
        name = code.co_filename
        if name in self._requests:
            return True
        return not name.startswith((_PLATFORM, *_INSTALLED, "<")) and not any(folder in name for folder in _PACKAGES)

    def _request_of(self, code: CodeType | None) -> str:
        return self._requests.get(code.co_filename, "") if code is not None else ""

    def _cell_ended(self, result: Any) -> None:
        """Tell how a cell ended, or that one which another cell ran (%%capture, run_cell) failed."""
        error = result.error_before_exec or result.error_in_exec
        request = self.current_request()
        if result.info is not None and result.info.store_history:
            self._write(CELL, request, "error" if error else "ok", *(self._described(error) if error else ()))
        elif error:
            line, *described = self._described(error)
            self._write(ERROR, request, "", line + 1 if line else 0, *described)  # the line of the %%magic comes before

    def _described(self, error: BaseException) -> tuple[int, str, str, str, list[str]]:
        """The line of the cell that raised (0: unknown), the error's name and message, its traceback, and the errors in a group."""
        line = error.lineno or 0 if isinstance(error, SyntaxError) else self._line_in_cell(error.__traceback__)
        shown = "".join(traceback.format_exception(type(error), error, self._without_shell(error.__traceback__)))
        return (
            line,
            type(error).__name__,
            _message_of(error),
            shown,
            [f"{type(e).__name__}: {_message_of(e)}" for e in _inner_errors(error)],
        )

    def _without_shell(self, trace: TracebackType | None) -> TracebackType | None:
        """A traceback from the first frame of a cell on: before it stand only those of IPython."""
        frame = trace
        while frame is not None and frame.tb_frame.f_code.co_filename not in self._requests:
            frame = frame.tb_next
        return frame or trace

    def _line_in_cell(self, trace: TracebackType | None) -> int:
        """The line of the present cell through which an error came; 0 if it came through none."""
        request = self.current_request()
        while trace is not None:
            if self._requests.get(trace.tb_frame.f_code.co_filename) == request:
                return trace.tb_lineno
            trace = trace.tb_next
        return 0

    def _name_code(self) -> None:
        """Tell under which file name each cell is compiled, so that a dump of a crashed process can be read."""
        compiler = self._shell.compile
        get_code_name = compiler.get_code_name

        def told_code_name(raw_code: str, transformed_code: str, number: int) -> str:
            name = str(get_code_name(raw_code, transformed_code, number))
            request = self.current_request()
            if self._requests.get(name) != request:
                self._requests[name] = request
                self._write(CODE, request, name)
            return name

        compiler.get_code_name = told_code_name

    def _raise_in_scripts(self) -> None:
        """Make `%run` raise what its script or notebook raises, instead of showing it."""
        execute_file, execute_notebook, run_module = self._shell.safe_execfile, self._shell.safe_execfile_ipy, self._shell.safe_run_module

        def raising_execfile(*args: Any, **kwargs: Any) -> Any:
            return execute_file(*args, **{**kwargs, "raise_exceptions": True})

        def raising_notebook(*args: Any, **kwargs: Any) -> Any:
            return execute_notebook(*args, **{**kwargs, "raise_exceptions": True})

        def raising_module(mod_name: str, where: dict[str, object]) -> None:
            shows = self._shell.showtraceback
            error: list[BaseException] = []
            self._shell.showtraceback = lambda *args, **kwargs: error.append(sys.exc_info()[1] or RuntimeError(mod_name))
            try:
                run_module(mod_name, where)
            finally:
                self._shell.showtraceback = shows
            if error:
                raise error[0]

        self._shell.safe_execfile = raising_execfile
        self._shell.safe_execfile_ipy = raising_notebook
        self._shell.safe_run_module = raising_module

    def _watch_programs(self) -> None:
        """Tell of programs that `!program` started and that failed."""
        execute = self._shell.system

        def told_system(command: str) -> None:
            execute(command)
            status = self._shell.user_ns.get("_exit_code", 0)
            if status:
                self._write(PROGRAM, self.current_request(), command, status)

        self._shell.system = told_system

    def _watch_threads(self) -> None:
        hook = threading.excepthook

        def told_excepthook(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
                name = args.thread.name if args.thread is not None else "unknown"
                self._tell_error(f"thread {name!r}", args.exc_value)
            hook(args)

        threading.excepthook = told_excepthook

    def _watch_loggers(self) -> None:
        for name in LOGGERS:
            logging.getLogger(name).addFilter(_ErrorFilter(self._tell_error))

    def _watch_unraisable(self) -> None:
        """Tell of errors of the note's code where Python can only show them: in `__del__`, while a generator is closed, in a weakref's callback."""
        hook = sys.unraisablehook

        def told_unraisable(args: Any) -> None:
            error = args.exc_value if args.exc_value is not None else args.exc_type()
            through, own = list(_codes_through(error)), list(_codes_in(args.object))
            codes = own if len(through) == 1 else through + own  # of an error in C, Python names the frame that happened to be running
            if not isinstance(error, _ENDS) and any(map(self._is_of_note, codes)):
                name = getattr(args.object, "__qualname__", type(args.object).__name__)
                self._tell_error(f"{name!r}, where Python only shows it,", error)
            hook(args)

        sys.unraisablehook = told_unraisable

    def _tell_unasked(self, place: str, error: BaseException, code: CodeType | None, line: int) -> None:
        """Tell of an error that nobody was shown, at the cell whose code asked for the work; else at the cell that it came through."""
        request = self._request_of(code)
        if not request:
            self._tell_error(place, error)
            return
        lines = [at for frame, at in traceback.walk_tb(error.__traceback__) if self._request_of(frame.f_code) == request]
        _, *described = self._described(error)
        self._write(ERROR, request, place, lines[0] if lines else line, *described)

    def _tell_error(self, place: str, error: BaseException) -> None:
        request = next(
            (self._requests[code.co_filename] for code in _codes_through(error) if code.co_filename in self._requests),
            self.current_request(),
        )
        lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if self._requests.get(frame.f_code.co_filename) == request]
        _, *described = self._described(error)
        self._write(ERROR, request, place, lines[0] if lines else 0, *described)


class _ErrorFilter(logging.Filter):
    """Takes note of the exceptions that a logger tells of, and lets everything pass."""

    def __init__(self, tell: Callable[[str, BaseException], None]) -> None:
        super().__init__()
        self._tell = tell

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if record.levelno >= logging.ERROR and error is not None and not isinstance(error, _ENDS):
            self._tell("a task" if record.name == "asyncio" else "a callback", error)
        return True


_ENDS = (KeyboardInterrupt, SystemExit, asyncio.CancelledError)
"""Exceptions that end something on purpose."""


def _codes_through(error: BaseException) -> Iterator[CodeType]:
    """Yield the code objects through which an error came."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        yield frame.f_code


def _codes_in(thing: object) -> Iterator[CodeType]:
    """Yield the code of a function, method, generator or coroutine."""
    for name in ("__code__", "gi_code", "cr_code", "ag_code"):
        code = getattr(getattr(thing, "__func__", thing), name, None)
        if isinstance(code, CodeType):
            yield code


def _inner_errors(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors that a group of errors holds, at any depth."""
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        if isinstance(inner, BaseExceptionGroup):
            yield from _inner_errors(inner)
        else:
            yield inner


def _message_of(error: BaseException) -> str:
    with contextlib.suppress(Exception):  # whatever the error's own __str__ raises
        return str(error)
    return "(its message cannot be shown)"


def _end_pools() -> None:
    """Wait for what pools still have to do, as Python does at its end: their idle threads would go on for ever."""
    for wait_for_pool in reversed(getattr(threading, "_threading_atexits", [])):
        wait_for_pool()


_watch: CellWatch | None = None


def begin_watch(shell: Any, write: Callable[..., None]) -> None:
    """Watch the cells of this process's shell."""
    global _watch
    _watch = CellWatch(shell, write)
    _watch.begin()


async def end_run() -> None:
    """Wait for what the cells of this process left running. What the run executes after the last cell."""
    assert _watch is not None
    await _watch.wait_for_rest()


END_RUN = "await __import__('labnotes.kernel.cell_watch', fromlist=['end_run']).end_run()"
"""The code that calls `end_run` in the note's process without leaving a name in it."""
