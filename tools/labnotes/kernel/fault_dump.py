"""Where a process was when it crashed, or when its time was up: Python's own dump of each thread's calls, in a file beside the trace.

Loaded by the kernel and, through child/sitecustomize.py, by the Python processes that it starts: standard library only.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal

FAULTS = "faults"
"""The name of the file of dumps, beside the trace."""

ASKED_BY = getattr(signal, "SIGUSR2", None)
"""The signal that asks a process for a dump; None where the system has none."""

_kept: list[object] = []  # the file stays open as long as the process


def dump_faults(trace: str) -> None:
    """Write a dump to the file beside `trace` when this process crashes, or is asked to."""
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        file = open(os.path.join(os.path.dirname(trace), FAULTS), "ab", buffering=0)  # noqa: SIM115 - see _kept
        _kept.append(file)
        faulthandler.enable(file=file, all_threads=True)
        if ASKED_BY is not None:
            faulthandler.register(ASKED_BY, file=file, all_threads=True, chain=False)
