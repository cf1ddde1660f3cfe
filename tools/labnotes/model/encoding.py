"""Numbers as strict JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def encode_value(value: Any) -> Any:
    """`value` as strict JSON: NaN and the infinities as the strings "NaN", "Infinity" and "-Infinity"."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Mapping):
        return {str(key): encode_value(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode_value(item) for item in value]
    return value


def decode_number(value: Any) -> Any:
    """The number that `encode_value` wrote."""
    return NONFINITE[value] if isinstance(value, str) else value
