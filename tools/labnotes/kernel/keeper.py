"""The process around a run: it sees to it that nothing which the run started is left when the run ends, however labnotes or the run ends.

The keeper is the parent of the kernel, and Linux gives it every process of the run whose own parent has ended. It ends them all when the
kernel ends, when it is asked to (SIGTERM), when labnotes is gone, or when the run uses more memory than it may. Then it ends as the kernel
ended. It imports no package and runs no code of the note.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import struct
import sys
import time
from typing import NoReturn, Protocol

from labnotes.kernel.process_tree import descendants, used_memory
from labnotes.kernel.system_calls import control_process

LIMIT = "limit"
"""The name of the file, in a folder that the run cannot reach, in which the keeper says what of memory a run used that it ended for that: bytes, as a number."""

WORDS, MEMORY, PARENT = "LABNOTES_KEEPER", "LABNOTES_MEMORY", "JPY_PARENT_PID"
"""Variables that name the folder for what a keeper has to say, the most bytes of memory that a run may use, and labnotes' process (by Jupyter, whose kernels look after it themselves,
once a second and not while native code runs)."""

LOOK_AGAIN = 0.5
"""Seconds between two looks at the memory of a run that has a limit."""

LARGEST_FILE = 20_000_000_000
"""Bytes of a file that a run may write."""

FIRST_TO_END = 1000
"""The highest mark for what the system ends first when it is short of memory: a note, rather than labnotes or anything else of its user."""

PATIENCE = 10.0
"""Seconds in which killed processes must be gone. One that the system does not let go, as in a broken network folder, is left to it."""

_END_SIGNAL, _SUBREAPER = 1, 36
_PASSED_ON = (signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
_AWAITED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, *_PASSED_ON}
_STATUS = struct.Struct("i")


def keep_run(folder: str, parent: int | None, memory: int | None, apart: RunApart | None = None) -> None:
    """Put a keeper around what comes: return in a new process, the run's own, while this one waits for it and ends as it ends.

    `folder` is one that the run cannot reach, for what there is to say; `parent` is labnotes' process, `memory` the most bytes that the run may use (None:
    any number), `apart` what keeps the run apart from other processes. Does nothing where the system is not Linux. Raises OSError if the
    system refuses what `apart` asks for.
    """
    if sys.platform != "linux":
        return
    _limit_files()
    control_process(_SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    end_with_parent(signal.SIGHUP)
    keeper = _Keeper(folder, parent if parent is not None else os.getppid(), memory)
    if apart is not None:
        apart.enter_outside()
    told, telling = os.pipe()
    child = os.fork()
    if child:
        os.close(telling)
        keeper.wait_for(child, told)
    os.close(told)
    _begin_kept_process()
    if apart is not None and apart.sees_own_processes:
        apart.enter_inside()
        _be_first_process(telling)
    os.close(telling)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)


class RunApart(Protocol):
    """What keeps a run apart: done by the keeper before it has a child, and then, where the run sees its own processes only, by the first of
    these."""

    @property
    def sees_own_processes(self) -> bool: ...

    def enter_outside(self) -> None: ...

    def enter_inside(self) -> None: ...


def _begin_kept_process() -> None:
    """Have this new child of a keeper end with it, lead a session of its own, and be the first to end where memory is short."""
    end_with_parent(signal.SIGKILL)
    os.setsid()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(str(FIRST_TO_END))


def _be_first_process(telling: int) -> None:
    """Be the first process of those that see no others, which takes in whose parents end, and with which all end; return in its child.

    The system ends no such process by a signal, so that it cannot itself be the run's: it tells the keeper, by a pipe, how that one ended.
    """
    child = os.fork()
    if not child:
        os.setsid()
        return
    status = None
    while status is None:
        received = signal.sigwaitinfo(_AWAITED)
        if received.si_signo in _PASSED_ON:
            with contextlib.suppress(OSError):
                os.kill(child, received.si_signo)
        status = _reap_children(child)
    os.write(telling, _STATUS.pack(status))
    os._exit(0)


def end_with_parent(number: int) -> None:
    """Have the system send this process a signal when its parent ends."""
    control_process(_END_SIGNAL, number)


def _limit_files() -> None:
    """Keep this process and its children from writing dumps of memory, and files that fill a disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    largest = LARGEST_FILE if hard == resource.RLIM_INFINITY else min(LARGEST_FILE, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))


class _Keeper:
    """What a keeper knows of its run: the folder for words that the run cannot reach, labnotes' process, the limit of memory in bytes."""

    def __init__(self, folder: str, parent: int, memory: int | None) -> None:
        self._folder, self._parent, self._memory = folder, parent, memory

    def wait_for(self, child: int, told: int) -> NoReturn:
        """Wait until the run's process has ended, or must end; end what is left of the run, and then this process, as that one ended.

        From the pipe `told` comes the status of a run's process that is no child of this one.
        """
        status = self._watch(child)
        if status is None:
            os.kill(child, signal.SIGKILL)  # before its children, so that it makes no new ones
        last = _end_all(child)
        inner = os.read(told, _STATUS.size)
        _end_like(_STATUS.unpack(inner)[0] if inner else status if status is not None else last)

    def _watch(self, child: int) -> int | None:
        """Wait; the status of the run's process if it has ended, None if it must be ended."""
        while True:
            if os.getppid() != self._parent:
                return None
            received = signal.sigtimedwait(_AWAITED, LOOK_AGAIN) if self._memory is not None else signal.sigwaitinfo(_AWAITED)
            number = received.si_signo if received is not None else None
            if number == signal.SIGTERM:
                return None
            if number in _PASSED_ON:
                os.kill(child, number)
            status = _reap_children(child)
            if status is not None:
                return status
            if self._memory is not None and self._is_over(self._memory):
                return None

    def _is_over(self, limit: int) -> bool:
        """Whether the run uses more memory than it may, which is then written down."""
        used = used_memory(descendants(os.getpid()), limit)
        if used > limit:
            with contextlib.suppress(OSError), open(os.path.join(self._folder, LIMIT), "w", encoding="ascii") as file:
                file.write(str(used))
        return used > limit


def _reap_children(awaited: int) -> int | None:
    """Take note of the children that have ended; the status of `awaited` if it is one of them."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while True:
            ended, how = os.waitpid(-1, os.WNOHANG)
            if not ended:
                break
            status = how if ended == awaited else status
    return status


def _end_all(child: int) -> int:
    """End all descendants, until there are none: what has a parent that is no descendant any more has become a child of this process.

    Returns the status of `child`, if it ended by that; else that of a killed process.
    """
    status, until = int(signal.SIGKILL), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for process in descendants(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        try:
            while True:
                ended, how = os.waitpid(-1, os.WNOHANG)
                if not ended:
                    break
                status = how if ended == child else status
        except ChildProcessError:
            break
        time.sleep(0.002)
    return status


def _end_like(status: int) -> NoReturn:
    """End this process by the signal or with the exit status by which another one ended."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        with contextlib.suppress(OSError):  # of SIGKILL, which needs none of this
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)
