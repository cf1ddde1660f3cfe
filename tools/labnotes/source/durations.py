"""Durations as authors and options give them."""

from __future__ import annotations

import re
from typing import Any

_UNITS = {"s": 1, "m": 60, "h": 3600}


def parse_duration(text: Any) -> float:
    """A duration such as 90, "90s", "30m" or "2h", in seconds.

    Raises ValueError for anything else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", str(text).strip())
    if isinstance(text, bool) or not match or float(match.group(1)) <= 0:
        raise ValueError(f"{text!r} is no duration: write 90s, 30m or 2h")
    return float(match.group(1)) * _UNITS[match.group(2) or "s"]
