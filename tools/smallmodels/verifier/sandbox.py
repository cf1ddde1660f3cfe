"""Code that may be wrong, run in a forked child: limited, silent, and believed only for what it said before it ended.

A child inherits the whole state of its parent, so that nothing is imported again. It reports through a pipe, item by item; an item that it did not
report did not happen, whatever its exit status says. This keeps mistakes from doing damage. It is no barrier against an attacker.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Item = Callable[[], Any]

REFUSED = (
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.kill", "os.killpg",
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.putenv", "os.unsetenv", "os.utime", "os.listxattr", "os.setxattr",
    "shutil.", "subprocess.", "socket.", "ctypes.", "tempfile.", "signal.pthread_kill", "pty.spawn", "webbrowser.open", "urllib.", "ftplib.",
    "http.", "smtplib.", "sqlite3.", "fcntl.",
)  # fmt: skip
"""Audit events that a child may not raise: what changes files or processes, or talks to others."""

MEMORY = 1 << 30
"""Bytes that a child may take on top of what its parent has."""


@dataclass(frozen=True)
class Limits:
    """Seconds of processor time for one item, and of the clock without any report; items that may run out of time before the rest is left out."""

    item: float = 0.25
    silence: float = 5.0
    hangs: int = 1


class OutOfTime(BaseException):
    """An item took too long. No Exception, because the code under test may catch those."""


class Refused(BaseException):
    """The code asked for something that a child may not do."""


class Died:
    """What stands in the place of a report that never came."""

    def __repr__(self) -> str:
        return "DIED"


DIED = Died()

_in_child = False


def forked(items: Sequence[Item], limits: Limits = Limits()) -> list[Any]:
    """What each item returned, as JSON carries it, run one after another in one child; DIED for those that the child did not live to report.

    An item that runs out of time counts as DIED, too; after `limits.hangs` of them the rest is not tried.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _work(items, limits, write)
    os.close(write)
    found = list(_reports(read, limits.silence))
    os.close(read)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return [*found, *[DIED] * (len(items) - len(found))][: len(items)]


def isolated(work: Callable[[], Any], seconds: float = 120.0) -> Any:
    """What `work` returned, as JSON carries it, in a forked process of its own that is trusted, but may take too long; DIED if it gave nothing."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            with os.fdopen(write, "w") as pipe:
                pipe.write(json.dumps([work()]) + "\n")
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write)
    found = list(_reports(read, seconds))
    os.close(read)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return found[0] if found else DIED


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
    elif event.startswith(REFUSED):
        raise Refused(event)


def _work(items: Sequence[Item], limits: Limits, pipe: int) -> None:
    """The child's whole life. Never returns."""
    global _in_child
    try:
        gc.disable()
        _enter(pipe)
        _in_child = True
        hangs = 0
        for item in items:
            try:
                _start_clock(limits.item)
                value = item()
                _stop_clock()
                report = [value]
            except OutOfTime:
                _stop_clock()
                report, hangs = [], hangs + 1
                if hangs >= limits.hangs:
                    break
            os.write(pipe, f"{json.dumps(report)}\n".encode())
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
    for limit, value in ((resource.RLIMIT_AS, room), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, 60)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    signal.signal(signal.SIGVTALRM, _ring)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the child: a loop in C does not come back for a handler
    sys.setrecursionlimit(1000)


def _ring(number: int, frame: Any) -> None:
    raise OutOfTime


def _start_clock(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, seconds)  # again and again, in case a handler of the code swallows one
    signal.setitimer(signal.ITIMER_PROF, 2 * seconds)


def _stop_clock() -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.setitimer(signal.ITIMER_PROF, 0)


def _reports(pipe: int, silence: float) -> Iterator[Any]:
    """Whole lines from the pipe, until it is closed or silent for too long."""
    rest = b""
    while select.select([pipe], [], [], silence)[0]:
        read = os.read(pipe, 1 << 16)
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            value = json.loads(line)
            yield value[0] if value else DIED
