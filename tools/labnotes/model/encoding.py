"""Dataclasses as strict JSON: written and read here alone, so that a new field is declared in its dataclass and nowhere else.

A field stands in the JSON under its own name. What is otherwise is said where it is declared: of a field by APART or ALWAYS, of a class by
ExactJson, SparseJson or OwnJson.

Writing needs nothing but the standard library, since kernels write. Reading is pydantic's, but for what is known to be valid because the same bytes
were read before: see KNOWN and `source.validated`.
"""

from __future__ import annotations

import contextlib
import datetime
import math
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar, Union

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

APART = {"labnotes.json": "apart"}
"""Metadata of a field that is not in the object's JSON: it is the key that the JSON stands under, or has a file of its own."""

ALWAYS = {"labnotes.json": "always"}
"""Metadata of a field that a SparseJson writes even where it holds its default."""

SHOWN = 60
"""Characters that a message shows of a value that cannot be read."""

_FROM_JSON_ERRORS = (KeyError, TypeError, IndexError, AttributeError)
"""What `from_json` raises of JSON that has another form, besides ValueError."""

T = TypeVar("T")


class UnreadableJson(ValueError):
    """JSON that is not what `encode_value` wrote; the text names the key and says what stands there."""


class ExactJson:
    """A dataclass whose JSON has no other keys than its fields: what another version of labnotes wrote besides may be what matters."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}


class SparseJson(ExactJson):
    """An ExactJson whose fields are left out where they hold their default, so that the JSON is short."""


class OwnJson:
    """A dataclass whose JSON has another form than its fields."""

    def as_json(self) -> Any:
        """The object as strict JSON."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The object that `as_json` wrote."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def read_object(value: Any) -> Any:
            try:
                return value if isinstance(value, cls) else cls.from_json(value)
            except _FROM_JSON_ERRORS as error:
                raise ValueError(f"has another form than was written: {type(error).__name__} {error}") from None

        return core_schema.no_info_plain_validator_function(read_object)


# -- writing -----------------------------------------------------------------------------------------------------------------------------


def encode_value(value: Any) -> Any:
    """`value` as strict JSON: dataclasses as objects, enums by their value, NaN and the infinities as "NaN", "Infinity" and "-Infinity"."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, Mapping):
        return {str(key): encode_value(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [encode_value(item) for item in value]
    if isinstance(value, OwnJson):
        return value.as_json()
    if is_dataclass(value) and not isinstance(value, type):
        return _encode_fields(value)
    return value


def _encode_fields(value: Any) -> dict[str, Any]:
    made = {}
    for name, kept, default in _json_fields(type(value)):  # type: ignore[arg-type]  # mypy 2 knows no hash of a class
        content = getattr(value, name)
        if kept and (default is MISSING or content != default):
            made[name] = encode_value(content)
    return made


def encode_whole(value: Any) -> dict[str, Any]:
    """A dataclass as JSON, with the fields that are kept apart in a record: for a message that says all."""
    apart = [attribute.name for attribute in fields(value) if attribute.metadata == APART]
    return {**_encode_fields(value), **{name: encode_value(getattr(value, name)) for name in apart}}


@cache
def _json_fields(kind: type[Any]) -> tuple[tuple[str, bool, Any], ...]:
    """The fields of a dataclass: name, whether the JSON has it, and the value that is left out (MISSING: it is never)."""
    made = []
    for attribute in fields(kind):
        sparse = issubclass(kind, SparseJson) and attribute.metadata != ALWAYS
        default = attribute.default_factory() if attribute.default_factory is not MISSING else attribute.default
        made.append((attribute.name, attribute.metadata != APART, default if sparse else MISSING))
    return tuple(made)


# -- reading -----------------------------------------------------------------------------------------------------------------------------


def decode_value(kind: type[T], value: Any, *, apart: Mapping[str, Any] | None = None, place: str = "") -> T:
    """The object of a dataclass that `encode_value` wrote; `apart` has the fields that are kept apart.

    Raises UnreadableJson if `value` is anything else; `place` says there where it stands.
    """
    given = {**value, **(apart or {})} if isinstance(value, Mapping) else value
    if KNOWN.get():
        known: T = convert_known(kind, given)
        return known
    from pydantic import ValidationError

    try:
        made: T = _reader_of(kind).validate_python(given)  # type: ignore[arg-type]  # as above
    except ValidationError as error:
        text = _error_text(error, given)
    else:
        return made
    raise UnreadableJson(f"{place}: {text}" if place else text)


def decode_number(value: Any) -> Any:
    """The number that `encode_value` wrote."""
    return NONFINITE[value] if isinstance(value, str) else value


@cache
def _reader_of(kind: type[Any]) -> TypeAdapter[Any]:
    """What reads a dataclass; made when it is needed, since it costs milliseconds."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _error_text(error: ValidationError, given: Any) -> str:
    """What cannot be read of `given`: each key with what is wrong and what stands there."""
    messages: dict[str, list[str]] = {}
    contents: dict[str, str] = {}
    for problem in error.errors(include_url=False):
        *parents, last = problem["loc"] or ("",)
        if problem["type"] == "missing":
            messages[".".join([*_known_keys(given, parents), str(last)])] = ["is missing"]
            continue
        path = ".".join(_known_keys(given, problem["loc"]))
        if problem["type"] == "unexpected_keyword_argument":
            messages[path] = ["is no known key"]
        else:
            messages.setdefault(path, []).append(problem["msg"].removeprefix("Value error, "))
            contents[path] = f" (found {repr(problem['input'])[:SHOWN]})"
    return "; ".join(f"{path}: {' or '.join(texts)}{contents.get(path, '')}".removeprefix(": ") for path, texts in messages.items())


def _known_keys(given: Any, keys: Sequence[str | int]) -> list[str]:
    """The keys that lead to a value of `given`; without what pydantic appends, the names of the types of a union."""
    known = []
    for key in keys:
        try:
            given = given[key]
        except (KeyError, IndexError, TypeError):
            break
        known.append(str(key))
    return known


# -- reading what is known to be valid -----------------------------------------------------------------------------------------------------

KNOWN: ContextVar[bool] = ContextVar("KNOWN", default=False)
"""Whether `decode_value` converts and does not validate. pydantic, which validates, takes longer to import than all that a reading command does."""


@contextlib.contextmanager
def known_to_be_valid() -> Iterator[None]:
    """Inside, `decode_value` reads what pydantic has validated before. It may raise anything of other values."""
    token = KNOWN.set(True)
    try:
        yield
    finally:
        KNOWN.reset(token)


def convert_known(kind: Any, given: Any) -> Any:
    """The object of a dataclass with these fields, each as its annotation says. A value of a wrong type stays as it is, or raises an error."""
    if isinstance(given, kind):
        return given
    if issubclass(kind, OwnJson):
        return kind.from_json(given)
    converters = _field_converters(kind)
    return kind(**{name: converters[name](value) for name, value in given.items() if name in converters})


@cache
def _field_converters(kind: Any) -> dict[str, Callable[[Any], Any]]:
    hints = typing.get_type_hints(kind)
    return {attribute.name: _converter_to(hints[attribute.name]) for attribute in fields(kind)}


def _converter_to(hint: Any) -> Callable[[Any], Any]:
    """The function that makes a value of this type of its JSON."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda value: convert_known(hint, value)
    if hint is datetime.date:
        return datetime.date.fromisoformat
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if origin in (Union, types.UnionType):
        return _converter_to_union(arguments)
    if origin is tuple and arguments[-1] is not Ellipsis:
        converters = [_converter_to(argument) for argument in arguments]
        return lambda value: tuple(convert(item) for convert, item in zip(converters, value, strict=True))
    if origin in (tuple, list):
        convert_item = _converter_to(arguments[0])
        return lambda value: origin(map(convert_item, value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        convert_value = _converter_to(arguments[1])
        return lambda value: {key: convert_value(item) for key, item in value.items()}
    assert origin is Literal or hint in (str, int, float, bool, Any), hint
    return _as_float if hint is float else _as_it_is


def _converter_to_union(members: tuple[Any, ...]) -> Callable[[Any], Any]:
    """An optional value is None or of its one other type. Of other unions at most one member is no plain value: a mapping or list is of it."""
    given = [member for member in members if member is not types.NoneType]
    if len(given) == 1:
        convert = _converter_to(given[0])
        return lambda value: None if value is None else convert(value)
    structured = [member for member in given if member not in (str, int, float, bool)]
    assert len(structured) <= 1, members
    convert = _converter_to(structured[0]) if structured else _as_it_is
    return lambda value: convert(value) if isinstance(value, dict | list) else value


def _as_float(value: Any) -> Any:
    return float(value) if type(value) is int else decode_number(value)


def _as_it_is(value: Any) -> Any:
    return value
