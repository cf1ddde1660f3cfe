"""Durations as authors and options give them."""

from __future__ import annotations

import re
from typing import Any

_UNITS = {"s": 1, "m": 60, "h": 3600}

LONGEST = 30 * 24 * 3600.0
"""Seconds that a note may ask for: thirty days. What asks for more has one digit too many."""


def parse_duration(text: Any) -> float:
    """A duration such as 90, "90s", "30m" or "2h", in seconds.

    Raises ValueError for anything else, and for more than LONGEST.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([smh]?)", str(text).strip())
    if isinstance(text, bool) or not match or float(match.group(1)) <= 0:
        raise ValueError(f"{text!r:.60} is no duration: write 90s, 30m or 2h")
    seconds = float(match.group(1)) * _UNITS[match.group(2) or "s"]
    if seconds > LONGEST:
        raise ValueError(f"{text!r:.60} is more than 30 days, the longest that a note may run")
    return seconds
