"""Texts of figures, and the numbers that are written in them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[-+\N{MINUS SIGN}]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")
_DECIMAL = re.compile(r"[-+]?\d+\.\d+(?:e[-+]?\d+)?")
_GROUPED = re.compile(r"(?<=\d)[,\u202f\xa0](?=\d{3}(?!\d))")


def differ_in_numbers(then: Any, now: Any) -> bool:
    """Whether texts differ in nothing but the numbers that are written in them ("31%" for "39%")."""
    pairs = _text_pairs(then, now)
    return bool(pairs) and all(_NUMBER.sub("#", old) == _NUMBER.sub("#", new) for old, new in pairs)


def are_roundings(then: Any, now: Any) -> bool:
    """Whether texts differ in nothing but decimal numbers, each by one unit of its last digit at most: a tie that was rounded otherwise."""
    pairs = _text_pairs(then, now)
    if not pairs or any(_DECIMAL.sub("#", _signed(old)) != _DECIMAL.sub("#", _signed(new)) for old, new in pairs):
        return False
    numbers = [pair for old, new in pairs for pair in zip(_DECIMAL.findall(_signed(old)), _DECIMAL.findall(_signed(new)), strict=True)]
    return all(_is_next(old, new) for old, new in numbers)


def written_value(text: str) -> tuple[Any, ...]:
    """What a text at a tick says: its numbers by their value, however they are grouped and padded, and the words around them."""
    plain = _GROUPED.sub("", _signed(text))
    return (*(float(number.replace(",", ".")) for number in _NUMBER.findall(plain)), " ".join(_NUMBER.sub("#", plain).split()))


def _text_pairs(then: Any, now: Any) -> list[tuple[str, str]]:
    """The texts of both sides in pairs; none if anything else is among them, or one side has more."""
    before, after = (value if isinstance(value, list) else [value] for value in (then, now))
    if len(before) != len(after) or not all(isinstance(text, str) for text in (*before, *after)):
        return []
    return list(zip(before, after, strict=True))


def _signed(text: str) -> str:
    return text.replace("\N{MINUS SIGN}", "-")


def _is_next(then: str, now: str) -> bool:
    before, after = Decimal(then), Decimal(now)
    unit = Decimal(1).scaleb(int(before.as_tuple().exponent))
    return before.as_tuple().exponent == after.as_tuple().exponent and abs(before - after) <= unit
