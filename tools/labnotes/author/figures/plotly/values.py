"""Values of Plotly's JSON: arrays in any of its spellings, and where numbers, dates and categories stand along an axis."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_DATE = re.compile(r"-?\d{4}(?:-\d\d?(?:-\d\d?(?:[T ]\d\d?(?::\d\d?(?::\d\d?(?:\.\d*)?)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?")
_DTYPES = {"i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"}


class UnreadableValues(ValueError):
    """An array that is spelt in no way that Plotly knows."""


def values_of(given: Any) -> list[Any]:
    """An attribute as a list, nested for a field: lists, arrays of NumPy, and numbers in base64 with their type and shape. None is empty.

    Raises UnreadableValues.
    """
    if given is None:
        return []
    if isinstance(given, Mapping):
        return _decoded(given)
    if hasattr(given, "tolist"):
        kind = getattr(getattr(given, "dtype", None), "kind", "")
        listed = given.astype(str).tolist() if kind == "M" else given.tolist()
        return listed if isinstance(listed, list) else [listed]
    if isinstance(given, str) or not isinstance(given, Sequence):
        return [given]
    if _are_plain(given):
        return list(given)
    return [values_of(part) if isinstance(part, list | tuple) or (hasattr(part, "tolist") and np.ndim(part)) else part for part in given]


def _decoded(given: Mapping[str, Any]) -> list[Any]:
    dtype, data = given.get("dtype"), given.get("bdata")
    if dtype not in _DTYPES or not isinstance(data, str):
        raise UnreadableValues(f"values of the type {dtype!r}")
    try:
        numbers = np.frombuffer(base64.b64decode(data, validate=True), dtype=np.dtype(dtype).newbyteorder("<"))
        shape = given.get("shape")
        if shape is not None:
            numbers = numbers.reshape([int(size) for size in (shape.split(",") if isinstance(shape, str) else np.atleast_1d(shape))])
    except (ValueError, binascii.Error) as error:
        raise UnreadableValues(f"values that cannot be decoded: {error}") from None
    listed: list[Any] = numbers.tolist()
    return listed


def numbers_in(given: Any) -> list[float] | None:
    """A list of numbers, NaN for what is none; None if there is anything else than numbers and gaps."""
    values = values_of(given)
    if _are_plain(values):
        return [float(value) for value in values]
    numbers = []
    for value in values:
        number = _number(value)
        if number is None:
            return None
        numbers.append(number)
    return numbers


def _are_plain(values: Sequence[Any]) -> bool:
    """Whether values are nothing but numbers of Python, which most are."""
    return set(map(type, values)) <= {int, float}


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return float("nan")
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


class AxisPlaces:
    """Where values stand along one axis: numbers as they are, dates as days since 1970, categories in the order in which they come."""

    def __init__(self, layout: Mapping[str, Any], given: Sequence[Sequence[Any]]) -> None:
        """`given` are the values of all traces along the axis, in their order."""
        every = [value for values in given for value in values if value is not None]
        kind = layout.get("type")
        if kind not in ("linear", "log", "date", "category", "multicategory"):
            is_numbers = _are_plain(every) or all(_number(value) is not None for value in every)
            kind = "linear" if is_numbers else "date" if all(map(_is_date, every)) else "category"
        self.kind: str = kind
        self._numbers: dict[str, int] = {}
        if kind in ("category", "multicategory"):
            stated = layout.get("categoryarray")
            for value in [*values_of(stated), *every]:
                self._numbers.setdefault(_words(value), len(self._numbers))

    @property
    def scale(self) -> str:
        return "log" if self.kind == "log" else "linear"

    @property
    def categories(self) -> tuple[tuple[float, str], ...] | None:
        return tuple((float(at), name) for name, at in self._numbers.items()) if self._numbers else None

    def places(self, values: Sequence[Any]) -> list[float]:
        if not self._numbers and _are_plain(values):
            return [float(value) for value in values]
        return [self.place(value) for value in values]

    def place(self, value: Any) -> float:
        """Where one value stands; NaN for a gap and for what has no place."""
        if value is None:
            return float("nan")
        if self._numbers:
            name = _words(value)
            number = _number(value)
            return float(self._numbers[name]) if name in self._numbers else number if number is not None else float("nan")
        if self.kind == "date" and _is_date(value):
            return _days(value)
        number = _number(value)
        return float("nan") if number is None else number


def _words(value: Any) -> str:
    return " / ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _is_date(value: Any) -> bool:
    return hasattr(value, "isoformat") or (isinstance(value, str) and _DATE.fullmatch(value.strip()) is not None)


def _days(value: Any) -> float:
    text = value.isoformat() if hasattr(value, "isoformat") else str(value).strip()
    text = re.sub(r"(?:Z|[+-]\d\d:?\d\d)$", "", text) if "T" in text or " " in text else text
    try:
        moment = np.datetime64(text.replace(" ", "T"), "ns")
    except ValueError:
        return float("nan")
    return float((moment - np.datetime64(0, "ns")) / np.timedelta64(1, "D"))
