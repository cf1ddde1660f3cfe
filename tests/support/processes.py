"""Processes of this machine, found by what stands in their command lines: the number by which a run knows a process may mean another one outside."""

import contextlib
import os
import time
from pathlib import Path


def left_processes(mark):
    """The processes that have `mark` in their command line."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.fsencode(mark) in (process / "cmdline").read_bytes():
                left.append(process.name)
    return left


def are_gone(mark, within=10.0):
    """Whether no process has `mark` in its command line, after some seconds at most."""
    until = time.monotonic() + within
    while left_processes(mark) and time.monotonic() < until:
        time.sleep(0.05)
    return not left_processes(mark)


PEAK_MEMORY = """
def peak_memory():
    with open('/proc/self/status') as status:
        return 1024 * int(status.read().partition('VmHWM:')[2].split()[0])
"""
"""A function of a program of its own: the most memory that it held, in bytes. What getrusage says begins with that of the process which
started the program."""
