"""Amounts of memory as authors give them."""

from __future__ import annotations

import re
from typing import Any

_BYTES = {"M": 10**6, "G": 10**9, "T": 10**12}


def parse_memory(text: Any) -> int:
    """An amount of memory such as "500M", "8G" or "1.5T", in bytes; a G is 10^9.

    Raises ValueError for anything else.
    """
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([MGT])B?", str(text).strip())
    if not match or float(match.group(1)) <= 0:
        raise ValueError(f"{text!r:.60} is no amount of memory: write 500M or 8G")
    return round(float(match.group(1)) * _BYTES[match.group(2)])
