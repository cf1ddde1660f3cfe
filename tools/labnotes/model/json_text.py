"""JSON made to be reviewed: keys sorted, one value or one row of an array a line; and JSON of anybody, read with a limit to its depth."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from labnotes.model.encoding import encode_value

DIGITS = 12
"""Significant digits kept of every float."""

MOST_NESTED = 100
"""How deeply lists and objects may be nested in JSON that is read."""

_TEXT_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
"""A text, also one that never ends, or a bracket: each sign is looked at once."""


def parse_json(text: str | bytes) -> Any:
    """The value that a text in JSON holds.

    Raises ValueError for what is no JSON, is nested more than MOST_NESTED deep, or holds a number too long to be one.
    """
    written = text if isinstance(text, str) else text.decode("utf-8")
    depth = 0
    for match in _TEXT_OR_BRACKET.finditer(written):
        sign = match.group()
        depth += (sign in "[{") - (sign in "]}")
        if depth > MOST_NESTED:
            line = written.count("\n", 0, match.start()) + 1
            raise ValueError(f"line {line} is nested more than {MOST_NESTED} deep")
    return json.loads(written)


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
