"""Code that may be wrong, run in a forked child: limited, silent, and believed only for what it said before it ended.

A child inherits the whole state of its parent, so that nothing is imported again. It reports through a pipe, item by item; an item that it did not
report did not happen, whatever its exit status says. This keeps mistakes from doing damage. It is no barrier against an attacker.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import resource
import select
import signal
import sys
import time
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
    """Seconds of processor time for one item, and of the clock without any report from a child that waits for something (one that would run if only
    it got a processor is waited for); items that may run out of time or memory before the rest is left out."""

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
_rang = False


def forked(items: Sequence[Item], limits: Limits = Limits()) -> list[Any]:
    """What each item returned, as JSON carries it, run one after another in one child; DIED for those that the child did not live to report.

    An item that runs out of time or memory counts as DIED, too; after `limits.hangs` of them the rest is not tried.
    """
    key = os.urandom(8).hex()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _work(items, limits, write, key)
    found = _heard(child, read, write, limits.silence, key)
    return [*found, *[DIED] * (len(items) - len(found))][: len(items)]


def isolated(work: Callable[[], Any], seconds: float = 3600.0) -> Any:
    """What `work` returned, as JSON carries it, in a forked process of its own that is trusted; DIED if it raised, or gave nothing.

    The seconds are far more than any work takes: what is dropped must not depend on how busy the machine is.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            with os.fdopen(write, "w") as pipe:
                pipe.write(f" {json.dumps([work()])}\n")
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    found = _heard(child, read, write, seconds, "")
    return found[0] if found else DIED


def _heard(child: int, read: int, write: int, silence: float, key: str) -> list[Any]:
    """What a child reports until it ends or is silent for too long; it is gone afterwards, and so are both ends of the pipe."""
    try:
        os.close(write)
        return list(_reports(child, read, silence, key))
    finally:
        os.close(read)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


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


def _work(items: Sequence[Item], limits: Limits, pipe: int, key: str) -> None:
    """The child's whole life. Never returns."""
    global _in_child, _rang
    try:
        gc.disable()
        _enter(pipe)
        _in_child = True
        hangs = 0
        for item in items:
            try:
                _rang = False
                _start_clock(limits.item)
                report = [item()]
                _stop_clock()
            except (OutOfTime, MemoryError):
                _stop_clock()
                _rang = True
            if _rang:  # also where the code caught what was to stop it
                report, hangs = [], hangs + 1
                if hangs >= limits.hangs:
                    break
            os.write(pipe, f"{key} {json.dumps(report)}\n".encode())
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
    signal.signal(signal.SIGVTALRM, _ring)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the child: a loop in C does not come back for a handler
    sys.setrecursionlimit(1000)
    sys.dont_write_bytecode = True  # a first import would want to, and whether it is the first depends on what ran before
    random.seed(0)  # every fork gives it another seed
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(0)


def _ring(number: int, frame: Any) -> None:
    global _rang
    _rang = True
    raise OutOfTime


def _start_clock(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, seconds)  # again and again, in case a handler of the code swallows one
    signal.setitimer(signal.ITIMER_PROF, 2 * seconds)
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]  # whole seconds; in case the code stops the clocks
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + 2 * seconds) + 2, most))


def _stop_clock() -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.setitimer(signal.ITIMER_PROF, 0)


def _reports(child: int, pipe: int, silence: float, key: str) -> Iterator[Any]:
    """What whole lines report, until the pipe is closed or silent for too long, or a line is none of the child's own: without the key, or no report."""
    rest = b""
    while True:
        if not select.select([pipe], [], [], silence)[0]:
            if _is_running(child):
                continue
            return
        read = os.read(pipe, 1 << 16)
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            said, _, report = line.partition(b" ")
            if said != key.encode():
                return
            value = json.loads(report)
            yield value[0] if value else DIED


def _is_running(child: int) -> bool:
    """Whether a process computes, or would if it got a processor; False where the system does not say. One that computes ends by its own limits."""
    try:
        return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] in ("R", "D")
    except OSError:
        return False
