"""JSON made to be reviewed: keys sorted, one value or one row of an array a line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from labnotes.model.encoding import encode_value

DIGITS = 12
"""Significant digits kept of every float."""


def dump_json(value: Any) -> str:
    """JSON made to be reviewed: keys sorted, floats at DIGITS significant digits, one value or one row of an array a line."""
    return _dump_value(encode_value(value), "") + "\n"


def _dump_value(value: Any, indent: str) -> str:
    inner = indent + " "
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        lines = [f"{inner}{json.dumps(str(key))}: {_dump_value(value[key], inner)}" for key in sorted(value)]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            return "[]"
        if all(_is_row(item) for item in value):
            rows = ["[" + ", ".join(_scalar_text(part) for part in item) + "]" for item in value]
        else:
            rows = [_dump_value(item, inner) for item in value]
        return "[\n" + ",\n".join(inner + row for row in rows) + f"\n{indent}]"
    return _scalar_text(value)


def _is_row(value: Any) -> bool:
    return (
        isinstance(value, Sequence) and not isinstance(value, str) and not any(isinstance(part, Mapping | list | tuple) for part in value)
    )


def _scalar_text(value: Any) -> str:
    if isinstance(value, float):
        short = float(f"{value:.{DIGITS}g}")
        return repr(short)
    return json.dumps(value, ensure_ascii=False)
