"""Dataclasses as strict JSON: written and read here alone, so that a new field is declared in its dataclass and nowhere else.

A field stands in the JSON under its own name. What is otherwise is said where it is declared: of a field by APART or ALWAYS, of a class by
ExactJson, SparseJson or OwnJson.

Writing needs nothing but the standard library, since kernels write; reading is pydantic's, which every command that reads has loaded for note.yml.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

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
    from pydantic import ValidationError

    given = {**value, **(apart or {})} if isinstance(value, Mapping) else value
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
