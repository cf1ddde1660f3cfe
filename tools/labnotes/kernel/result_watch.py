"""Tell of work that ended by an error and whose result nobody asked for: futures of pools, of multiprocessing and joblib, child processes.

Python keeps such an error in the result and drops it with it. Whoever looks at the result (`result()`, `exception()`, `get()`) has been told, and
what becomes of the error is up to that code. Work in other processes than the kernel's is seen where its results arrive, in the kernel.
"""

from __future__ import annotations

import functools
import gc
import importlib.abc
import importlib.util
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, ModuleType
from typing import Any

_ENDED = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
"""Exit codes of processes that were asked to end, and how a note ends one on purpose without its methods."""

_JOBLIB = "joblib.parallel"

_NOT_YET = ("StopIteration", "TimeoutError")
"""Names of the errors by which a method says that there is no outcome (yet). Python has two classes `TimeoutError`."""

_STEPS = ("next", "__next__")
"""Methods that return one value after another: a value says nothing of an error that comes later."""


@dataclass
class Batch:
    """Work that was given away in one call: who was shown one error of it has been told of all."""

    was_shown: bool = False


@dataclass
class _Asker:
    """The line of code that asked for a piece of work; `code` is None if no code of the note did."""

    code: CodeType | None
    line: int
    batch: Batch = field(default_factory=Batch)
    is_settled: bool = False


@dataclass(frozen=True)
class ResultKind:
    """A class whose instances hold the outcome of work. `error_of` reads the error from one, None if there is none (yet); `words` name the work.
    The methods `asked_by` show the outcome, those in `ended_by` end the work on purpose; `inner` are the ends of the files whose frames stand between the note and the constructor."""

    module: str
    name: str
    words: str
    error_of: Callable[[Any], BaseException | None]
    asked_by: tuple[str, ...]
    inner: tuple[str, ...]
    ended_by: tuple[str, ...] = ()


def _future_error(future: Any) -> BaseException | None:
    error = getattr(future, "_exception", None)
    return error if isinstance(error, BaseException) else None


def _pool_error(result: Any) -> BaseException | None:
    """The error of an `apply_async` or `map_async`; None if it was given to the note's own `error_callback`."""
    event, error = getattr(result, "_event", None), getattr(result, "_value", None)
    if event is None or not event.is_set() or getattr(result, "_success", True) or getattr(result, "_error_callback", None):
        return None
    return error if isinstance(error, BaseException) else None


def _iterator_error(iterator: Any) -> BaseException | None:
    outcomes = [*getattr(iterator, "_items", ()), *getattr(iterator, "_unsorted", {}).values()]
    return next((value for success, value in outcomes if not success), None)


def _joblib_error(job: Any) -> BaseException | None:
    """The error of a job of joblib, which takes it out of the job when it raises it."""
    error = getattr(job, "_result", None)
    return error if getattr(job, "status", None) == "Error" and isinstance(error, BaseException) else None


def _process_error(process: Any) -> BaseException | None:
    """What stands for the error of a child process, which is shown in what the child printed."""
    popen = getattr(process, "_popen", None)
    if popen is None or getattr(process, "_parent_pid", None) != os.getpid():
        return None
    code = popen.poll()
    if not code or code in _ENDED:
        return None
    return ChildProcessError(f"{process.name} ended with exit code {code}")


_CONCURRENT = tuple(f"{os.sep}{part}" for part in (f"concurrent{os.sep}futures{os.sep}", f"asyncio{os.sep}", f"loky{os.sep}"))
_MULTIPROCESSING = (f"{os.sep}multiprocessing{os.sep}",)
_PROCESS = tuple(f"{os.sep}multiprocessing{os.sep}{file}.py" for file in ("process", "context"))

_POOL = "work given to a pool, for whose result nobody asked,"
_WORK = "work given to joblib, for whose result nobody asked,"
_CHILD = "a process, for whose exitcode nobody asked,"

KINDS = (
    ResultKind("concurrent.futures._base", "Future", _POOL, _future_error, ("result", "exception"), _CONCURRENT),
    ResultKind("multiprocessing.pool", "ApplyResult", _POOL, _pool_error, ("get", "successful"), _MULTIPROCESSING),
    ResultKind("multiprocessing.pool", "IMapIterator", _POOL, _iterator_error, ("next", "__next__"), _MULTIPROCESSING),
    ResultKind(_JOBLIB, "BatchCompletionCallBack", _WORK, _joblib_error, ("_return_or_raise",), (f"{os.sep}joblib{os.sep}",)),
    ResultKind("multiprocessing.process", "BaseProcess", _CHILD, _process_error, ("exitcode",), _PROCESS, ("terminate", "kill")),
)


class ResultWatch:
    """Watches the results of the note's work. `is_of_note` says of code whether the note's author wrote it; `tell` takes the words for the work,
    its error, and the code and line that asked for it (None: other code than the note's)."""

    def __init__(self, is_of_note: Callable[[CodeType], bool], tell: Callable[[str, BaseException, CodeType | None, int], None]) -> None:
        self._is_of_note = is_of_note
        self._tell = tell
        self._kernel = os.getpid()
        self._present = threading.local()
        self._classes: list[tuple[type, ResultKind]] = []
        self._askers: dict[int, _Asker] = {}  # by the id of the result, which is pickled for other processes and must not hold it
        self._joblib_calls: dict[str, Batch] = {}

    def begin(self) -> None:
        """Begin to watch the kinds that are loaded, and the others once the note loads them."""
        modules = {kind.module for kind in KINDS}
        for module in modules & set(sys.modules):
            self._watch_module(sys.modules[module])
        sys.meta_path.insert(0, _LoadWatch(modules, self._watch_module))

    def tell_rest(self) -> None:
        """Tell of the results that still exist and that nobody asked for until now."""
        classes = tuple(result_class for result_class, _ in self._classes)
        for result in [result for result in gc.get_objects() if isinstance(result, classes)]:
            for result_class, kind in self._classes:
                if isinstance(result, result_class):
                    self._tell_unasked(kind, result)

    def _watch_module(self, module: ModuleType) -> None:
        for kind in KINDS:
            result_class = getattr(module, kind.name, None) if kind.module == module.__name__ else None
            if isinstance(result_class, type):
                self._classes.append((result_class, kind))
                self._watch_class(result_class, kind)
        if module.__name__ == "concurrent.futures._base":
            self._watch_map(module)

    def _watch_class(self, result_class: Any, kind: ResultKind) -> None:
        initialize, end = result_class.__init__, getattr(result_class, "__del__", None)

        @functools.wraps(initialize)
        def watched_init(result: Any, *args: Any, **kwargs: Any) -> None:
            self._askers[id(result)] = self._asker(kind, sys._getframe(1))
            initialize(result, *args, **kwargs)

        def watched_del(result: Any) -> None:
            self._tell_unasked(kind, result)
            self._askers.pop(id(result), None)
            if end is not None:
                end(result)

        result_class.__init__ = watched_init
        result_class.__del__ = watched_del
        for name in kind.asked_by:
            ask = result_class.__dict__.get(name)
            if isinstance(ask, property):
                setattr(result_class, name, property(self._watched_ask(kind, ask.fget), doc=ask.__doc__))
            elif ask is not None:
                setattr(result_class, name, self._watched_ask(kind, ask))
        for name in kind.ended_by:
            setattr(result_class, name, self._watched_end(getattr(result_class, name)))

    def _watched_ask(self, kind: ResultKind, ask: Any) -> Any:
        @functools.wraps(ask)
        def watched_ask(result: Any, *args: Any, **kwargs: Any) -> Any:
            if _is_looked_at_by_wait(sys._getframe(1), kind):
                return ask(result, *args, **kwargs)
            was_error = kind.error_of(result) is not None  # joblib takes it out when it raises it
            try:
                value = ask(result, *args, **kwargs)
            except BaseException as error:
                if was_error or kind.error_of(result) is not None or type(error).__name__ not in _NOT_YET:
                    self._settle(result)
                raise
            if ask.__name__ not in _STEPS and kind.error_of(result) is not None:
                self._settle(result)
            return value

        return watched_ask

    def _watched_end(self, end: Any) -> Any:
        @functools.wraps(end)
        def watched_end(result: Any) -> Any:
            self._settle(result)
            return end(result)

        return watched_end

    def _settle(self, result: Any) -> None:
        """Take note that the error of a result was shown, or was meant."""
        asker = self._askers.get(id(result))
        if asker is not None:
            asker.is_settled = True
            self._batch_of(result, asker).was_shown = True

    def _batch_of(self, result: Any, asker: _Asker) -> Batch:
        """The batch of a result. The jobs of one call of joblib are one: it raises the first error and drops the rest."""
        call = getattr(result, "parallel_call_id", None)
        return asker.batch if call is None else self._joblib_calls.setdefault(call, asker.batch)

    def _watch_map(self, module: Any) -> None:
        """Take the pieces of one `map` for one batch: it raises the first error and drops the rest."""
        mapping = module.Executor.map

        @functools.wraps(mapping)
        def watched_map(*args: Any, **kwargs: Any) -> Any:
            before = getattr(self._present, "batch", None)
            self._present.batch = Batch()
            try:
                return mapping(*args, **kwargs)
            finally:
                self._present.batch = before

        module.Executor.map = watched_map

    def _asker(self, kind: ResultKind, frame: FrameType | None) -> _Asker:
        """The first frame above the library that makes the result, if it is of the note."""
        while frame is not None and (frame.f_code.co_filename == __file__ or any(part in frame.f_code.co_filename for part in kind.inner)):
            frame = frame.f_back
        code = frame.f_code if frame is not None and self._is_of_note(frame.f_code) else None
        return _Asker(
            code, frame.f_lineno if frame is not None and code is not None else 0, getattr(self._present, "batch", None) or Batch()
        )

    def _tell_unasked(self, kind: ResultKind, result: Any) -> None:
        asker = self._askers.get(id(result))
        if asker is None or asker.is_settled or self._kernel != os.getpid() or self._batch_of(result, asker).was_shown:
            return
        error = kind.error_of(result)
        if error is None:
            return
        asker.is_settled = True
        if (
            asker.code is not None
            or kind.module == _JOBLIB
            or any(self._is_of_note(frame.f_code) for frame, _ in traceback.walk_tb(error.__traceback__))
        ):
            self._tell(kind.words, error, asker.code, asker.line)


def _is_looked_at_by_wait(frame: FrameType, kind: ResultKind) -> bool:
    """Whether it is `concurrent.futures.wait` that looks for an error: it shows none to its caller."""
    return frame.f_globals.get("__name__") == kind.module and frame.f_code.co_qualname.partition(".")[0] == "wait"


class _LoadWatch(importlib.abc.MetaPathFinder):
    """Calls `watch` with each of some modules once it is loaded."""

    def __init__(self, modules: set[str], watch: Callable[[ModuleType], None]) -> None:
        self._modules = modules
        self._watch = watch

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in self._modules:
            return None
        self._modules.discard(name)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def watched_exec(module: ModuleType) -> None:
            execute(module)
            self._watch(module)

        spec.loader.exec_module = watched_exec  # type: ignore[method-assign]
        return spec
