"""What a call did, as text that can be compared: by type and content, never by asking the objects themselves.

An object that equals everything, or prints what another one prints, is told from the other by its type and by what it holds.
"""

from __future__ import annotations

import collections
import copyreg
import datetime
import decimal
import fractions
import hashlib
import itertools
import re
import types
from collections.abc import Iterable, Iterator
from typing import Any

ITEMS = 60
"""Items of an iterator, or of a container, that are looked at."""

NODES = 1_500
"""Objects within one value that are looked at."""

DEPTH = 12

_PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray, type(...), type(NotImplemented), range, slice)
_BASES = (dict, set, frozenset, list, tuple, collections.deque, str, bytes, int, float, complex)
_UNCHANGING = (tuple, frozenset, decimal.Decimal, fractions.Fraction, datetime.date, datetime.datetime, datetime.time, datetime.timedelta)
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def described(value: Any) -> str:
    """A value in words: types by their full names, contents in order (of sets: sorted), no addresses. Iterators are used up, as far as ITEMS.

    Equal descriptions mean the same type and contents as far as one looked.
    """
    return _Describer().text(value, DEPTH)


def is_small(value: Any, limit: int = NODES) -> bool:
    """Whether a value holds at most `limit` objects, so that copying it takes little."""
    waiting, left = [value], limit
    seen: dict[int, Any] = {}  # held, so that no id is used again
    while waiting:
        each = waiting.pop()
        left -= 1
        if left < 0:
            return False
        if type(each) in _PLAIN or isinstance(each, type | types.FunctionType | types.ModuleType) or id(each) in seen:
            continue
        seen[id(each)] = each
        if isinstance(each, dict):
            held = [*dict.keys(each), *dict.values(each)] if dict.__len__(each) <= left else None
        elif isinstance(each, list | tuple | set | frozenset | collections.deque):
            held = list(each) if len(each) <= left else None
        elif isinstance(each, Iterator) and type(each).__module__ in ("builtins", "itertools"):  # a copy takes all that it goes through
            held = _reduced(each)
        else:
            held = []
        if held is None:
            return False
        waiting += [*held, *_held(each).values()]
    return True


def _reduced(iterator: Iterator[Any]) -> list[Any]:
    """What an iterator written in C is made from; nothing for one that cannot be copied."""
    try:
        return [*iterator.__reduce__()[1:]]
    except TypeError:
        return []


def digest(text: str) -> str:
    """The first 12 hex digits of the SHA-256 digest of a text."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]


class _Describer:
    def __init__(self) -> None:
        self.left = NODES
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []  # so that no id is used again

    def text(self, value: Any, depth: int) -> str:
        kind = type(value)
        self.left -= 1
        if kind in _PLAIN:
            return f"{kind.__name__} {_whole(repr(value) if kind is not int or abs(value) < 1 << 10_000 else hex(value))}"
        if self.left < 0 or depth < 0:
            return "…"
        if id(value) in self.seen:
            return f"again {self.seen[id(value)]}"
        if kind not in _UNCHANGING:  # one object twice is the same as two that are equal
            self.seen[id(value)] = len(self.seen)
        self.kept.append(value)
        if isinstance(value, type):
            return f"class {_name(value)}"
        if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.ModuleType):
            return f"{_name(kind)} {getattr(value, '__name__', '')}"
        if isinstance(value, types.MethodType):
            return f"method {value.__func__.__name__} of {self.text(value.__self__, depth - 1)}"
        if isinstance(value, BaseException):
            return f"{_name(kind)}({', '.join(self.text(each, depth - 1) for each in value.args)})"
        return f"{_name(kind)}({', '.join(self.parts(value, depth - 1))})"

    def parts(self, value: Any, depth: int) -> Iterator[str]:
        """What a value holds: its items, as the type it is built on stores them, and its attributes."""
        base: Any = next((each for each in _BASES if issubclass(type(value), each)), None)
        if base is dict:
            pairs = itertools.islice(dict.items(value), ITEMS)
            yield f"{dict.__len__(value)}: " + "; ".join(f"{self.text(k, depth)} → {self.text(v, depth)}" for k, v in pairs)
        elif base in (set, frozenset):  # in no order of their own; each described by itself, so that none depends on those before it
            yield f"{base.__len__(value)}: " + "; ".join(sorted(_Describer().text(each, depth) for each in base.__iter__(value))[:ITEMS])
        elif base in (list, tuple, collections.deque):
            yield f"{base.__len__(value)}: " + "; ".join(self.text(each, depth) for each in itertools.islice(base.__iter__(value), ITEMS))
        elif base is not None:
            yield _whole(base.__repr__(value))
        held = _held(value)
        yield from (f"{name}={self.text(each, depth)}" for name, each in sorted(held.items()))
        if base is not None or held:
            return
        if isinstance(value, Iterator) or (
            isinstance(value, Iterable) and type(value).__module__ in ("builtins", "itertools", "collections")
        ):
            yield "; ".join(self.text(each, depth) for each in itertools.islice(value, ITEMS))
        else:
            yield _whole(_ADDRESS.sub("0x", _printed(value)))


def _whole(text: str) -> str:
    return text if len(text) <= 10_000 else f"{text[:100]}… {len(text)} {digest(text)}"


def _held(value: Any) -> dict[str, Any]:
    """Attributes of an object, those in slots included."""
    try:
        found = dict(object.__getattribute__(value, "__dict__"))
    except AttributeError:
        found = {}
    for name in copyreg._slotnames(type(value)) or ():  # type: ignore[attr-defined]
        try:
            found[name] = object.__getattribute__(value, name)
        except AttributeError:
            continue
    return {str(name): each for name, each in found.items()}


def _printed(value: Any) -> str:
    """What a type written in C prints; of one with a `__repr__` in Python nothing, since that could print anything."""
    return "" if isinstance(type(value).__repr__, types.FunctionType) else repr(value)


def _name(kind: type) -> str:
    return f"{type.__getattribute__(kind, '__module__')}.{type.__getattribute__(kind, '__qualname__')}"
