"""Code that may be wrong, run in a forked child: limited, silent, and believed only for what it said before it ended.

A child inherits the whole state of its parent, so that nothing is imported again. It reports through a pipe, item by item; an item that it did not
report did not happen, whatever its exit status says. This keeps mistakes from doing damage. It is no barrier against an attacker.

What ends an item must be the same on every machine, busy or not. So it is a count of steps: every line, call, return and exception of Python code, by
`sys.settrace`. A step costs about 0.1 µs more than without; an endless loop is ended sooner by a count than by a clock that leaves time enough. A loop
in C makes no steps. For these there is a clock, with a zone between what counts and what hangs: an item that takes up to SLOW seconds of processor time
counts, one that reaches HANG died, and one that ends between is TARDY, and left out by whoever asked.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import doctest
import gc
import json
import linecache
import os
import random
import resource
import select
import signal
import sys
import threading
import time
import traceback
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

Item = Callable[[], Any]

REFUSED = (
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.kill", "os.killpg",
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.putenv", "os.unsetenv", "os.utime", "os.listxattr", "os.setxattr",
    "shutil.", "subprocess.", "socket.", "ctypes.", "tempfile.", "signal.pthread_kill", "pty.spawn", "webbrowser.open", "urllib.", "ftplib.",
    "http.", "smtplib.", "sqlite3.", "fcntl.",
)  # fmt: skip
"""Audit events that a child may not raise: what changes files or processes, or talks to others."""

_COUNTING = ("sys.settrace", "sys.setprofile", "sys.monitoring")
"""Audit events that only this package may raise in a child: steps are counted by these."""

MEMORY = 1 << 30
"""Bytes that a child may take on top of what its parent has."""

DEPTH = 1000
"""Calls within calls that an item may make."""

SLOW, HANG, SILENCE = 1.0, 10.0, 10.0
"""Seconds: of processor time up to which an item counts, and at which it is ended; and of the clock that a child may wait for something without using
the processor. Steps end all that is written in Python in a twentieth of SLOW."""


@dataclass(frozen=True)
class Limits:
    """What one item may take, and how many items may end their child before the rest is left out.

    `steps` are of Python code; `allocated` are bytes that an item may hold at once, counted as they are asked for, None for as much as the child may take;
    `watched` says whether `seen` notes what code runs; another number in `layout` puts new objects to other places in memory, and sets of them into
    another order. The clock, `slow`, `hang` and `silence` in seconds, is for what makes no steps.
    """

    steps: int = 400_000
    deaths: int = 1
    allocated: int | None = None
    watched: bool = False
    layout: int = 0
    slow: float = SLOW
    hang: float = HANG
    silence: float = SILENCE


class Refused(BaseException):
    """The code asked for something that a child may not do."""


class Missing:
    """What stands in the place of a report that never came, or that must not count."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


DIED = Missing("DIED")
TARDY = Missing("TARDY")
"""The item ended, but so late that on another machine it might not have."""

LARGE = Missing("LARGE")
"""The child has grown by so much that the bytes it asks for must be counted."""

_in_child = False


@dataclass
class Seen:
    """What an item that is watched has done so far: the code that it entered, and whether anybody asked what time it is."""

    entered: set[CodeType] = field(default_factory=set)
    asked_the_time: bool = False


seen = Seen()
"""In a child: of its item."""

_CLOCKS = {
    *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "thread_time"),
    *(
        "thread_time_ns",
        "clock_gettime",
        "clock_gettime_ns",
        "localtime",
        "gmtime",
        "ctime",
        "asctime",
        "strftime",
        "now",
        "utcnow",
        "today",
    ),
}
"""Functions of `time`, and methods of the classes of dates, that may read the clock."""


def forked(items: Sequence[Item], limits: Limits = Limits()) -> list[Any]:
    """What each item returned, as JSON carries it, run one after another in one child.

    DIED for those that the child did not live to report: an item that takes more steps or memory than it may ends it. The items after that run in
    another child, until `limits.deaths` have died, or one by the clock. TARDY for those that ended late.
    """
    if limits.allocated is None:
        return _forked(items, limits, counted=False)
    found = _forked(items, limits, counted=False)  # counting bytes makes everything several times slower
    return _forked(items, limits, counted=True) if LARGE in found else found


def _forked(items: Sequence[Item], limits: Limits, *, counted: bool) -> list[Any]:
    found: list[Any] = []
    deaths = 0
    while len(found) < len(items) and deaths < limits.deaths:
        key = os.urandom(8).hex()
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            _work(items[len(found) :], limits, write, key, counted=counted)
        reports, by_clock = _heard(child, read, write, limits.silence, key)
        found += reports
        if LARGE in reports:
            break
        if len(found) < len(items):
            found.append(DIED)
            deaths = limits.deaths if by_clock else deaths + 1
    return [*found, *[DIED] * (len(items) - len(found))][: len(items)]


def isolated(work: Callable[[], Any], seconds: float = 3600.0) -> Any:
    """What `work` returned, as JSON carries it, in a forked process of its own that is trusted; DIED if it ended without a word.

    The seconds are far more than any work takes: what is dropped must not depend on how busy the machine is. Raises RuntimeError with the traceback of
    what `work` raised: a machine that is out of processes, say, must not look like a function that is of no use.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            with os.fdopen(write, "w") as pipe:
                try:
                    said = {"returned": work()}
                except Exception:  # noqa: BLE001 - whatever it is, the parent raises it again
                    said = {"raised": traceback.format_exc()}
                pipe.write(f" {json.dumps([said])}\n")
        finally:
            os._exit(0)
    found, _ = _heard(child, read, write, seconds, "")
    if not found:
        return DIED
    if "raised" in found[0]:
        raise RuntimeError(f"trusted work raised in a process of its own:\n{found[0]['raised']}")
    return found[0]["returned"]


def _heard(child: int, read: int, write: int, silence: float, key: str) -> tuple[list[Any], bool]:
    """What a child reports until it ends or is silent for too long, and whether it was a clock that ended it. It is gone afterwards, and so are both ends
    of the pipe."""
    silent = False
    found = []
    try:
        os.close(write)
        for report in _reports(child, read, silence, key):
            found.append(report)
    except TimeoutError:
        silent = True
    finally:
        os.close(read)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return found, silent or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGXCPU))


def guard() -> None:
    """Refuse harmful events in the children of this process. Called once, before the first child."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if not _in_child:
        return
    if event == "open":
        _, mode, flags = arguments
        writes = isinstance(mode, str) and any(sign in mode for sign in "wax+")
        if writes or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            raise Refused(event)
    elif event.startswith(REFUSED) or (event.startswith(_COUNTING) and sys._getframe(1).f_code.co_filename not in (*_OWN, _THREADS)):
        raise Refused(event)


def _own_files() -> frozenset[str]:
    """Files whose code makes no steps: this package's, that of the standard library by which it copies and judges, and imports, whose length depends on
    what is installed where."""
    folder = os.path.dirname(_refuse.__code__.co_filename)
    library = (copy.deepcopy, doctest.OutputChecker.check_output, linecache.getline, traceback.format_exception_only)
    frozen = ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>", "<frozen zipimport>")
    return frozenset(
        [*(os.path.join(folder, name) for name in os.listdir(folder)), *(each.__code__.co_filename for each in library), *frozen]
    )


_OWN = _own_files()
_THREADS = threading.settrace.__code__.co_filename


def _mentions_clocks(code: CodeType) -> bool:
    return not _CLOCKS.isdisjoint(code.co_names)


def _watch_clocks(frame: FrameType, event: str, argument: Any) -> None:
    """A profile function that sees who reads a clock; set only where code mentions one, because it makes every call slower."""
    if event == "c_call" and argument.__name__ in _CLOCKS:
        owner = argument.__self__
        if owner is time or (isinstance(owner, type) and issubclass(owner, datetime.date)):
            seen.asked_the_time = True


def _count(steps: int, *, watched: bool) -> None:
    """End this process at once after so many steps of this and of new threads: code that catches everything is ended as well."""
    left = steps

    def step(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            os._exit(0)
        return step

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if code.co_filename in _OWN:
            return None
        if watched and code not in seen.entered:
            seen.entered.add(code)
            if _mentions_clocks(code):
                sys.setprofile(_watch_clocks)
        return step(frame, event, argument)

    threading.settrace(enter)
    sys.settrace(enter)


def _work(items: Sequence[Item], limits: Limits, pipe: int, key: str, *, counted: bool) -> None:
    """The child's whole life. Never returns."""
    global _in_child
    try:
        gc.disable()
        _enter(pipe)
        if limits.layout:
            scatter(limits.layout)
        size = _largest_size()
        _in_child = True
        for item in items:
            _start_clock(limits.hang)
            begun = time.process_time()
            seen.entered.clear()
            seen.asked_the_time = False
            if counted:
                tracemalloc.start()
            _count(limits.steps, watched=limits.watched)
            try:
                said = [item()]
            finally:  # of what an item raises this is the end
                sys.settrace(None)
                sys.setprofile(None)
            if counted:
                if tracemalloc.get_traced_memory()[1] > (limits.allocated or 0):
                    break
                tracemalloc.stop()
            elif limits.allocated is not None:
                most = _largest_size()
                if most is None or size is None or most - size >= limits.allocated // 2:  # half: there may have been room before
                    said = [None, None]
            if time.process_time() - begun > limits.slow:
                said = []
            _stop_clock()
            os.write(pipe, f"{key} {json.dumps(said)}\n".encode())
    finally:
        os._exit(0)


def _enter(pipe: int) -> None:
    """Keep nothing of the parent's but the pipe; set the limits."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.closerange(3, pipe)
    os.closerange(pipe + 1, 256)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if sys.platform == "linux" else 0
    room = taken + MEMORY
    for limit, value in ((resource.RLIMIT_AS, room), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the child: a loop in C does not come back for a handler
    sys.setrecursionlimit(_depth() + DEPTH)
    sys.dont_write_bytecode = True  # a first import would want to, and whether it is the first depends on what ran before
    random.seed(0)  # every fork gives it another seed


def scatter(layout: int) -> None:
    """Leave gaps in memory, in a random order, so that objects made from now on lie elsewhere, and one before another that lay behind it."""
    blocks: list[object] = [bytes(size) for size in range(0, 480, 16) for _ in range(150)]
    blocks += [object() for _ in range(150)]
    random.Random(layout).shuffle(blocks)
    _held.extend(blocks[::2])


_held: list[object] = []


def _largest_size() -> int | None:
    """Bytes of address space that this process has had at most; None where the system does not say."""
    try:
        status = Path("/proc/self/status").read_bytes()
    except OSError:
        return None
    return 1024 * int(status.partition(b"VmPeak:")[2].split(None, 1)[0])


def _depth() -> int:
    """How many calls deep this process is."""
    frame: FrameType | None = sys._getframe()
    depth = 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def _start_clock(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]  # whole seconds; in case the code stops the clock
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 2, most))


def _stop_clock() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)


def _reports(child: int, pipe: int, silence: float, key: str) -> Iterator[Any]:
    """What whole lines report, until the pipe is closed, or a line is none of the child's own: without the key, or no report.

    Raises TimeoutError where nothing comes and the child does nothing.
    """
    rest = b""
    used = _used(child)
    while True:
        if not select.select([pipe], [], [], silence)[0]:
            before, used = used, _used(child)
            if used != before:  # one that computes, or would if it got a processor, ends by its own limits
                continue
            raise TimeoutError
        read = os.read(pipe, 1 << 16)
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            said, _, report = line.partition(b" ")
            if said != key.encode():
                return
            value = json.loads(report)
            yield TARDY if not value else LARGE if len(value) > 1 else value[0]


def _used(child: int) -> float:
    """A number that changes while a process computes or would if it got a processor; always the same one where the system does not say."""
    try:
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1.0
    return time.monotonic() if fields[0] in ("R", "D") else float(fields[11]) + float(fields[12])
