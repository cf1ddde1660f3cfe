"""Inputs for a function: the arguments that its examples call it with, and variations of these by type."""

from __future__ import annotations

import contextlib
import copy
import inspect
import itertools
import random
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType
from typing import Any

from smallmodels.verifier.values import described, digest, is_small

CALLS = 12
"""Calls that are kept of a function, copied as they were made."""


@dataclass(frozen=True)
class Call:
    """Arguments by name, in the order of the signature; `*args` and `**kwargs` under their own names. `same` are objects that a copy shares, by id."""

    arguments: dict[str, Any]
    same: Mapping[int, Any] = field(default_factory=dict)

    def copied(self) -> Call:
        """The call with arguments of its own."""
        return Call(copy.deepcopy(self.arguments, dict(self.same)), self.same)


def defaults(function: FunctionType) -> dict[int, Any]:
    """Default values of a function by id, but for containers: a marker such as `object()` is known by being the very same."""
    values = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return {id(each): each for each in values if not isinstance(each, list | dict | set | bytearray)}


class Recorder:
    """A profile function for sys.setprofile that copies the arguments with which a code object is called."""

    def __init__(self, code: CodeType, same: Mapping[int, Any]) -> None:
        self.calls: list[Call] = []
        self._code, self._same = code, same
        self._names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)]
        self._frames: list[FrameType] = []  # a generator's frame is entered again and again

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or frame.f_code is not self._code or len(self.calls) >= CALLS or any(frame is each for each in self._frames):
            return
        self._frames.append(frame)
        if len(self._frames) > 20 * CALLS:
            self._frames.pop(0)
        try:
            held = {name: frame.f_locals[name] for name in self._names if name in frame.f_locals}
            if is_small(held):
                self.calls.append(Call(held, self._same).copied())
        except BaseException:  # noqa: BLE001 - what cannot be copied is no input
            return


def invoke(function: Callable[..., Any], call: Call) -> Any:
    """Call a function with recorded arguments."""
    code = function.__code__
    positional = [call.arguments[name] for name in code.co_varnames[: code.co_argcount] if name in call.arguments]
    at = code.co_argcount + code.co_kwonlyargcount
    named = {name: call.arguments[name] for name in code.co_varnames[code.co_argcount : at] if name in call.arguments}
    if code.co_flags & inspect.CO_VARARGS:
        positional += call.arguments.get(code.co_varnames[at], ())
        at += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        named |= call.arguments.get(code.co_varnames[at], {})
    return function(*positional, **named)


def varied(recorded: list[Call], n: int, rng: random.Random) -> dict[str, Call]:
    """The calls, and variations of them up to `n` in all, by their keys: one or two arguments changed, or taken from another call."""
    found: dict[str, Call] = {}
    calls = []
    for call in recorded:
        with contextlib.suppress(BaseException):  # a class whose objects can be copied once, and not again
            found.setdefault(key(call), call)
            calls.append(call)
    for _ in range(6 * n):
        if len(found) >= n or not calls:
            break
        arguments = dict(rng.choice(calls).arguments)
        names = [name for name in arguments if name not in ("self", "cls")] or list(arguments)
        for name in rng.sample(names, min(len(names), rng.choice((1, 1, 2)))):
            other = rng.choice(calls).arguments.get(name, arguments[name]) if rng.random() < 0.3 else arguments[name]
            arguments[name] = change(other, rng)
        try:
            call = Call(arguments, calls[0].same).copied()
            found.setdefault(key(call), call)
        except BaseException:  # noqa: BLE001 - code of others copies and describes itself
            continue
    return dict(itertools.islice(found.items(), n))


def key(call: Call) -> str:
    """A digest of a call's arguments; of copies, because describing an iterator uses it up."""
    return digest(described(call.copied().arguments))


def change(value: Any, rng: random.Random) -> Any:
    """Another value of the same type; the same one, where its type is none of Python's own."""
    options = list(_options(value, rng))
    return rng.choice(options) if options else value


def _options(value: Any, rng: random.Random) -> Iterator[Any]:  # noqa: C901 - a table of types, one branch each
    kind = type(value)
    if kind is bool:
        yield not value
    elif kind is int:
        yield from (each for each in (0, 1, -1, 2, value + 1, value - 1, -value, value * 2, rng.randint(-20, 20)) if abs(each) <= 10_000)
    elif kind is float:
        yield from (0.0, 1.0, -value, value + 0.5, value / 2, float(rng.randint(-20, 20)))
    elif kind is str:
        at = rng.randrange(len(value) + 1)
        yield from ("", " ", value[:at], value[at:], value[::-1], value + value[:1], value.upper(), value.lower(), value.swapcase())
        yield from (
            value[:at] + rng.choice(" -_.,/:\t\n" + string.ascii_letters + string.digits) + value[at:],
            value[:at] + value[at + 1 :],
        )
    elif kind is bytes:
        yield from (b"", value[:1], value[::-1], value + b" ")
    elif kind in (list, tuple):
        yield from (kind(), value[:1], value[1:], value[::-1], value + value[:1], value + value)
        if value:
            at = rng.randrange(len(value))
            yield kind([*value[:at], change(value[at], rng), *value[at + 1 :]])
            yield kind([*value[:at], change(value[at], rng), *value[at + 1 :]])
            yield kind([*value[:at], *value[at + 1 :]])
    elif kind in (set, frozenset):
        items = sorted(value, key=described)
        yield kind()
        if items:
            yield kind(items[1:])
            yield kind([*items, change(items[0], rng)])
    elif kind is dict:
        yield {}
        if value:
            key = rng.choice(list(value))
            yield {name: each for name, each in value.items() if name != key}
            yield {**value, key: change(value[key], rng)}
            yield {**value, change(key, rng): value[key]}
    elif value is None:
        yield from (0, "", [], True)
