"""note.yml as a file: YAML, the keys that it may have with their defaults, and all problems of one such file.

What needs YAML and pydantic, which take longer to import than all that a reading command does, is here and nowhere else.
"""

from __future__ import annotations

import datetime
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, ValidationError, model_validator

from labnotes.errors import InvalidNote, Problem, did_you_mean
from labnotes.source import (
    durations,
    file_limits,
    identifiers,
    languages,
    memory_sizes,
    merge_conflicts,
    pinned_inputs,
    plain_yaml,
    text_files,
)
from labnotes.source.labs import SLUG, Lab
from labnotes.source.setting_texts import EXAMPLES, NEEDS


def _plain_date(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("write a date as YYYY-MM-DD")
    return value


Date = Annotated[datetime.date, BeforeValidator(_plain_date)]

Duration = Annotated[float, BeforeValidator(durations.parse_duration)]

Memory = Annotated[int, BeforeValidator(memory_sizes.parse_memory)]

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def _checked_tag(value: Any) -> Any:
    if isinstance(value, str) and any(sign in value for sign in "<>"):
        raise ValueError("a tag is a few words, without < and >: lists and the search show it as it is")
    return value


Tag = Annotated[Words, BeforeValidator(_checked_tag)]

MOST_ALIASES = 12
"""How many other names a note may have: more would crowd all else out of what the search loads first."""

LONGEST_ALIAS = 40


def _checked_aliases(value: Any) -> Any:
    """Other words for what a note is about: a few short ones, each once."""
    if not _is_list_of_words(value):
        raise ValueError("is a list of words that readers may search for and the note does not use")
    if len(value) > MOST_ALIASES:
        raise ValueError(f"are {len(value)}, and a note has at most {MOST_ALIASES}: keep those that readers will type")
    seen: set[str] = set()
    for alias in value:
        words = " ".join(alias.split())
        if not words or len(words) > LONGEST_ALIAS or any(sign in words for sign in "<>"):
            raise ValueError(f"{alias!r:.80} is no name: one to {LONGEST_ALIAS} characters, without < and >")
        if words.casefold() in seen:
            raise ValueError(f"{alias!r} is given twice")
        seen.add(words.casefold())
    return [" ".join(alias.split()) for alias in value]


def _named_needs(value: Any) -> Any:
    """What `needs` names, as reasons by word: a word, a list of words, or reasons by word."""
    words = {value: ""} if isinstance(value, str) else dict.fromkeys(value, "") if _is_list_of_words(value) else value
    if not isinstance(words, dict):
        raise ValueError("names what a note needs that not every machine has, best with the reason")
    for word, reason in words.items():
        if word not in NEEDS:
            raise ValueError(f"{word!r} is none of the words; {did_you_mean(str(word), NEEDS)}")
        if not isinstance(reason, str | None):
            raise ValueError(f"the reason for {word} is no text")
    return {word: " ".join((reason or "").split()) for word, reason in words.items()}


def _is_list_of_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _checked_macros(value: Any) -> Any:
    """Macros of math: TeX by the name of its command, without its backslash."""
    if not isinstance(value, dict):
        raise ValueError("gives commands of math by name, and what they stand for")
    for name, text in value.items():
        if not isinstance(name, str) or not re.fullmatch(r"\\?[A-Za-z]+", name):
            raise ValueError(f"{name!r} is no name of a command: letters alone, RR for \\RR")
        if not isinstance(text, str):
            raise ValueError(f"what {name} stands for is no text; put it in single quotes")
        plain = re.sub(r"\\.", "", text, flags=re.DOTALL)
        depths = list(itertools.accumulate((sign == "{") - (sign == "}") for sign in plain))
        if min(depths, default=0) < 0 or (depths and depths[-1]):
            raise ValueError(f"the braces of {name} do not match: {text}")
        if wrong := re.search(r"#(?![1-9])", plain):
            raise ValueError(f"arguments are #1 to #9, and {name} has {plain[wrong.start() : wrong.start() + 2]}")
    return {name.removeprefix("\\"): text for name, text in value.items()}


def _checked_path(value: Any) -> Any:
    what = file_limits.path_problem(value) if isinstance(value, str) else ""
    if what:
        raise ValueError(what)
    return value


def _checked_slug(value: Any) -> Any:
    if not isinstance(value, str) or not SLUG.fullmatch(value):
        raise ValueError("is no name of a note")
    return value


LONGEST_SENTENCE = 200
"""Characters of the sentence under the title: what a reader takes in at once."""

MOST_FINDINGS, LONGEST_FINDING = 3, 240
"""How many findings the first screen of a note has room for, and the characters of each."""


class _StrictModel(BaseModel):
    """A model that refuses unknown keys and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Author(_StrictModel):
    """An entry of `authors`."""

    name: Words
    affiliation: str = ""
    orcid: Annotated[str, BeforeValidator(identifiers.checked_orcid)] = ""
    url: str = Field(default="", pattern=r"^(https?://.+)?$")
    group: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _people_have_orcids(self) -> _Author:
        if self.group and self.orcid:
            raise ValueError("is a group with an ORCID, which only a person has")
        return self


class _Update(_StrictModel):
    """An entry of `updates`."""

    date: Date
    text: Words
    kind: Literal["update", "correction"] = "update"


class _PinnedInput(_StrictModel):
    """An entry of `inputs` that is fetched before a run."""

    package: Annotated[str, BeforeValidator(pinned_inputs.checked_package)] = ""
    url: Annotated[str, BeforeValidator(pinned_inputs.checked_url)] = ""
    sha256: Annotated[str, BeforeValidator(pinned_inputs.checked_digest)]
    size: Annotated[int, BeforeValidator(pinned_inputs.checked_size)] = pinned_inputs.LARGEST

    @model_validator(mode="after")
    def _one_of_two(self) -> _PinnedInput:
        if bool(self.package) == bool(self.url):
            raise ValueError("names a package or a URL, one of them")
        return self


_PATH, _PINNED = "a path", "a pinned file"
"""The kinds of inputs, as pydantic names them in the place of an error. Each holds a space, so that it is no key of note.yml."""

Input = Annotated[
    Annotated[Words, pydantic.Tag(_PATH)] | Annotated[_PinnedInput, pydantic.Tag(_PINNED)],
    Discriminator(lambda value: _PINNED if isinstance(value, dict | _PinnedInput) else _PATH),
]


def _author_fields(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class _NoteFile(_StrictModel):
    """The keys of note.yml, as `settings.NoteSettings` explains them, with their defaults."""

    title: Words
    date: Date
    authors: Annotated[list[Annotated[_Author, BeforeValidator(_author_fields)]], Field(min_length=1)]
    summary: Words
    sentence: Annotated[str, StringConstraints(max_length=LONGEST_SENTENCE, strip_whitespace=True)] = ""
    findings: Annotated[list[Annotated[Words, StringConstraints(max_length=LONGEST_FINDING)]], Field(max_length=MOST_FINDINGS)] = []
    tags: list[Tag] = []
    aliases: Annotated[list[str], BeforeValidator(_checked_aliases)] = []
    status: Literal["draft", "published"] = "draft"
    references: Annotated[Words, BeforeValidator(_checked_path)] = "references.bib"
    inputs: list[Input] = []
    timeout: Duration = 600.0
    cell_timeout: Duration | None = None
    cores: Annotated[int, Field(ge=1, le=256, strict=True)] = 1
    memory: Memory | None = None
    seed: Annotated[int, Field(ge=0, le=400_000, strict=True)] = 0
    trained: list[Words] = []
    stated: Annotated[int, Field(ge=0, strict=True)] = 0
    updates: list[_Update] = []
    language: Annotated[str, BeforeValidator(languages.checked_language)] = ""
    needs: Annotated[dict[str, str], BeforeValidator(_named_needs)] = {}
    macros: Annotated[dict[str, str], BeforeValidator(_checked_macros)] = {}
    former_slugs: list[Annotated[str, BeforeValidator(_checked_slug)]] = []
    licence: Annotated[str, BeforeValidator(identifiers.checked_licence)] = ""
    doi: Annotated[str, BeforeValidator(identifiers.checked_doi)] = ""
    based_on: list[Words] = []


MOST_TOLD = 200
"""How many problems of one file are told: of more, the others mostly follow from the same mistake."""

LONGEST_SHOWN = 200
"""Characters that a message shows of a value."""


def read_settings_file(path: Path, shown: Path, lab: Lab) -> tuple[dict[str, Any], list[Problem]]:
    """The settings in note.yml as JSON: `given` are the keys that are there, all others have their defaults. Or no settings, but problems."""
    problems: list[Problem] = []
    if not os.path.lexists(path):
        required = "\n".join(EXAMPLES[key] for key in ("title", "date", "authors", "summary"))
        return {}, [Problem(str(shown), "does not exist", f"a note needs at least\n{required}")]
    try:
        text = text_files.read_text_file(path, shown, file_limits.LARGEST_SETTINGS)
        conflict = merge_conflicts.conflict_problem(str(shown), text, merge_conflicts.OWN_FILE)
        if conflict:
            return {}, [conflict]
        node, values = plain_yaml.read_yaml(text)
    except InvalidNote as error:
        return {}, list(error.problems)
    except plain_yaml.UnreadableYaml as error:
        hint = error.hint or "a key, a colon, a space and a value on each line"
        return {}, [Problem(error.place_in(shown), error.what, hint)]
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        return {}, [Problem(str(shown), "holds no settings", EXAMPLES["title"])]
    keys: set[str] = set()
    for key, _ in node.value:
        if str(key.value) in keys and len(problems) < MOST_TOLD:
            problems.append(Problem(f"{shown}:{key.start_mark.line + 1}: {key.value}", "is given twice", "keep one"))
        keys.add(str(key.value))
    problems += [*_inputs_given_twice(shown, node, values), *_missing_inputs(shown, node, values, lab)]
    try:
        settings = _NoteFile.model_validate(values)
    except ValidationError as error:
        details = error.errors()
        problems += [_validation_problem(shown, node, values, detail) for detail in details[:MOST_TOLD]]
        if len(details) > MOST_TOLD:
            problems.append(Problem(str(shown), f"has {len(details) - MOST_TOLD:,} more problems", "mend these first"))
        return {}, problems
    if problems:
        return {}, problems
    return {**settings.model_dump(mode="json"), "given": sorted(settings.model_fields_set)}, []


def _inputs_given_twice(shown: Path, node: yaml.MappingNode, values: dict[str, Any]) -> Iterator[Problem]:
    inputs = values.get("inputs")
    seen = set()
    for i, entry in enumerate(inputs if isinstance(inputs, list) else []):
        for kind in ("package", "url"):
            address = entry.get(kind) if isinstance(entry, dict) else None
            if not isinstance(address, str):
                continue
            if pinned_inputs.address_key(address) in seen:
                where = f"{shown}:{_key_line(node, ['inputs', i, kind])}: inputs.{i}.{kind}"
                yield Problem(where, f"{address!r} is given twice", "keep one")
            seen.add(pinned_inputs.address_key(address))


def _missing_inputs(shown: Path, node: yaml.MappingNode, values: dict[str, Any], lab: Lab) -> Iterator[Problem]:
    """A problem for each path among the inputs that is not there, whatever else is wrong with the settings."""
    inputs = values.get("inputs")
    for i, path in enumerate(inputs if isinstance(inputs, list) else []):
        what = lab.path_problem(path) if isinstance(path, str) else ""
        if what:
            hint = "a file or folder inside the lab, as a path from its root"
            yield Problem(f"{shown}:{_key_line(node, ['inputs', i])}: inputs", f"{path!r:.{LONGEST_SHOWN}} {what}", hint)


def _validation_problem(shown: Path, node: yaml.MappingNode, values: dict[str, Any], detail: Any) -> Problem:
    place = [part for part in detail["loc"] if part not in ("function-before", "constrained-str", _PATH, _PINNED)]
    field = ".".join(str(part) for part in place)
    line = _key_line(node, place)
    where = f"{shown}:{line}: {field}" if line else f"{shown}: {field}"
    top = str(place[0]) if place else ""
    if detail["type"] == "extra_forbidden":
        inner: dict[str, type[BaseModel]] = {"authors": _Author, "updates": _Update, "inputs": _PinnedInput}
        known = EXAMPLES if len(place) == 1 else inner[top].model_fields
        return Problem(where, "is no known key", did_you_mean(str(place[-1]), known))
    if detail["type"] == "missing":
        return Problem(where, "is missing", _example_for(place, values))
    message = detail["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    given = detail["input"]
    return Problem(where, f"{message}; found {given!r:.80}", _example_for(place, values))


def _example_for(place: Sequence[Any], values: dict[str, Any]) -> str:
    """An example of what to write at `place`."""
    if len(place) == 3 and place[0] == "inputs" and place[2] == "sha256":
        return pinned_inputs.how_to_pin(values["inputs"][place[1]])
    return EXAMPLES.get(str(place[0]), "") if place else ""


def _key_line(node: yaml.Node, place: Sequence[Any]) -> int | None:
    """The line (from 1) of the key or item at `place`; None where it is absent."""
    line = None
    for part in place:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if entry is None:
                return line
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
