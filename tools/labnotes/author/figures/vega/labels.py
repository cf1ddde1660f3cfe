"""Numbers that labels of axes and legends say."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"^[^\d.+-]{0,3}([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([kMGTBmµn]?)(%?)\D{0,3}$")
_FACTORS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12, "m": 1e-3, "µ": 1e-6, "n": 1e-9}


def number_in(text: str) -> float | None:
    """The number that a label says; None if it is a name."""
    match = _NUMBER.match(text.replace("\N{MINUS SIGN}", "-").strip())
    if match is None or text[:1].isalpha():
        return None
    return float(match[1].replace(",", "")) * _FACTORS[match[2]] / (100 if match[3] else 1)
