"""Set another date for a run under audit: what depends on the day or the hour of a run is no result."""

from __future__ import annotations

import datetime
import os

CLOCK = "LABNOTES_CLOCK"
"""Seconds by which the clock of a run and of the Python processes it starts is ahead."""


def shift_clock() -> None:
    """Put this process's clock ahead, if the run's environment says so."""
    ahead = os.environ.get(CLOCK)
    if ahead:
        import time_machine

        there = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=float(ahead))  # noqa: UP017, for children of Python 3.8
        time_machine.travel(there, tick=True).start()
