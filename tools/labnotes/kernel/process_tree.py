"""The processes that descend from one, and what they use of processor and memory, as Linux tells in /proc."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def descendants(ancestor: int) -> list[int]:
    """The processes that descend from `ancestor`, parents before their children. Empty where there is no /proc.

    A process whose parent has ended is a descendant as long as `ancestor`, or another descendant, takes such processes in (see `keeper`).
    """
    children_of = _told_children if os.path.exists(f"/proc/self/task/{os.getpid()}/children") else _searched_children()
    known: list[int] = []
    waiting = [ancestor]
    while waiting:
        children = [child for parent in waiting for child in children_of(parent)]
        known += children
        waiting = children
    return known


def _told_children(process: int) -> Iterator[int]:
    """Yield the children of a process, as a system tells them that was made to."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                yield from map(int, file.read().split())


def _searched_children() -> Callable[[int], list[int]]:
    """A function that returns the children of a process, from a look at all processes there are."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdecimal():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
    return lambda process: children.get(process, [])


def processor_ticks(processes: Iterable[int]) -> int:
    """Processor time of processes and of those that they waited for, in ticks of the system's clock."""
    ticks = 0
    for process in processes:
        with contextlib.suppress(OSError), open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return ticks


def processor_seconds(ancestor: int) -> float | None:
    """Processor time of `ancestor`, its descendants and those that they waited for, in seconds; None where the system does not tell."""
    ticks = processor_ticks([ancestor, *descendants(ancestor)])
    return round(ticks / _TICKS, 1) if ticks else None


def used_memory(processes: Iterable[int], enough: int) -> int:
    """Bytes of memory that processes use together. What several of them share counts once, but only where the sum might pass `enough`."""
    processes = list(processes)
    resident = sum(map(_resident_bytes, processes))
    return sum(map(_proportional_bytes, processes)) if resident > enough else resident


def _resident_bytes(process: int) -> int:
    with contextlib.suppress(OSError, IndexError), open(f"/proc/{process}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * _PAGE
    return 0


def _proportional_bytes(process: int) -> int:
    """Bytes of memory of a process, of what it shares with n others an n-th; all it sees where the system does not tell that."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident_bytes(process)
