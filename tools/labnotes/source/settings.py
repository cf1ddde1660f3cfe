"""The settings of a note: the keys of note.yml, and all problems of one such file."""

from __future__ import annotations

import datetime
import fnmatch
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, ValidationError, model_validator

from labnotes.errors import InvalidNote, Problem, did_you_mean
from labnotes.model.quantities import QuantityKind
from labnotes.source import merge_conflicts, pinned_inputs, text_files
from labnotes.source.labs import SLUG, Lab

EXAMPLES = {
    "title": "title: How many seeds a claim needs",
    "date": "date: 2026-11-21",
    "authors": "authors: [Ada Example]",
    "summary": "summary: One sentence that says what was found.",
    "tags": "tags: [statistics]",
    "status": "status: draft    (or published)",
    "references": "references: references.bib",
    "inputs": "inputs: [data/prompts.csv, {url: https://example.org/x.csv, sha256: ...}, {package: boltons==23.0.0, sha256: ...}]    "
    "(paths from the lab's root; what is fetched, with its digest)",
    "timeout": "timeout: 10m",
    "cell_timeout": "cell_timeout: 90s",
    "cores": "cores: 1",
    "seed": "seed: 0",
    "trained": 'trained: ["*"]    (or names and patterns; "!name" leaves one out)',
    "stated": "stated: 26",
    "updates": "updates: [{date: 2026-11-22, kind: correction, text: What changed and why.}]",
    "needs": "needs: {gpu: trains for 3 days on one H100}",
    "former_slugs": "former_slugs: [old-name]    (written by labnotes rename)",
}

SCAFFOLD = (EXAMPLES["summary"].removeprefix("summary: "), "Say in one sentence what was found")
"""What `labnotes new` writes for its author to replace: the summary in note.yml, and how the source begins."""

NEEDS = {"gpu": "a GPU", "key": "an API key", "hours": "hours of computing", "data": "data that is not in the lab"}
"""What a note may need that not every machine has, and its name in sentences."""

_UNITS = {"s": 1, "m": 60, "h": 3600}


def parse_duration(text: Any) -> float:
    """A duration such as 90, "90s", "30m" or "2h", in seconds.

    Raises ValueError for anything else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", str(text).strip())
    if isinstance(text, bool) or not match or float(match.group(1)) <= 0:
        raise ValueError(f"{text!r} is no duration: write 90s, 30m or 2h")
    return float(match.group(1)) * _UNITS[match.group(2) or "s"]


def _plain_date(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("write a date as YYYY-MM-DD")
    return value


Date = Annotated[datetime.date, BeforeValidator(_plain_date)]

Duration = Annotated[float, BeforeValidator(parse_duration)]

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def _checked_tag(value: Any) -> Any:
    if isinstance(value, str) and any(sign in value for sign in "<>"):
        raise ValueError("a tag is a few words, without < and >: lists and the search show it as it is")
    return value


Tag = Annotated[Words, BeforeValidator(_checked_tag)]


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


def _checked_slug(value: Any) -> Any:
    if not isinstance(value, str) or not SLUG.fullmatch(value):
        raise ValueError("is no name of a note")
    return value


class _StrictModel(BaseModel):
    """A model that refuses unknown keys and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoteAuthor(_StrictModel):
    """An author of a note."""

    name: Words
    affiliation: str = ""
    orcid: str = Field(default="", pattern=r"^(\d{4}-\d{4}-\d{4}-\d{3}[\dX])?$")
    url: str = Field(default="", pattern=r"^(https?://.+)?$")


class NoteUpdate(_StrictModel):
    """What changed in a note after it was published, as its page tells readers."""

    date: Date
    text: Words
    kind: Literal["update", "correction"] = "update"


class PinnedInput(_StrictModel):
    """An entry of `inputs` that is fetched before a run."""

    package: Annotated[str, BeforeValidator(pinned_inputs.checked_package)] = ""
    url: Annotated[str, BeforeValidator(pinned_inputs.checked_url)] = ""
    sha256: Annotated[str, BeforeValidator(pinned_inputs.checked_digest)]

    @model_validator(mode="after")
    def _one_of_two(self) -> PinnedInput:
        if bool(self.package) == bool(self.url):
            raise ValueError("names a package or a URL, one of them")
        return self

    @property
    def as_pin(self) -> pinned_inputs.Pin:
        return pinned_inputs.Pin(self.package or self.url, self.sha256)


_PATH, _PINNED = "a path", "a pinned file"
"""The kinds of inputs, as pydantic names them in the place of an error. Each holds a space, so that it is no key of note.yml."""

Input = Annotated[
    Annotated[Words, pydantic.Tag(_PATH)] | Annotated[PinnedInput, pydantic.Tag(_PINNED)],
    Discriminator(lambda value: _PINNED if isinstance(value, dict | PinnedInput) else _PATH),
]


def _author_fields(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class NoteSettings(_StrictModel):
    """The settings of a note, as note.yml gives them.

    `trained` names the quantities that hang on training: under other CPU kernels they are compared as a fresh draw. `stated` is how many
    statements about intervals the note made in all, where some of them, which did not hold, are no claims with a statement.
    """

    title: Words
    date: Date
    authors: Annotated[list[Annotated[NoteAuthor, BeforeValidator(_author_fields)]], Field(min_length=1)]
    summary: Words
    tags: list[Tag] = []
    status: Literal["draft", "published"] = "draft"
    references: Words = "references.bib"
    inputs: list[Input] = []
    timeout: Duration = 600.0
    cell_timeout: Duration | None = None
    cores: Annotated[int, Field(ge=1, le=256, strict=True)] = 1
    seed: Annotated[int, Field(ge=0, le=400_000, strict=True)] = 0
    trained: list[Words] = []
    stated: Annotated[int, Field(ge=0, strict=True)] = 0
    updates: list[NoteUpdate] = []
    needs: Annotated[dict[str, str], BeforeValidator(_named_needs)] = {}
    former_slugs: list[Annotated[str, BeforeValidator(_checked_slug)]] = []

    def hangs_on_training(self, kind: QuantityKind, name: str) -> bool:
        """Whether `trained` names this quantity, so that other CPU kernels give other values of it: the last pattern that fits decides."""
        is_trained = False
        for pattern in self.trained:
            if fnmatch.fnmatchcase(name, pattern.removeprefix("!")):
                is_trained = not pattern.startswith("!")
        return is_trained

    @property
    def needs_text(self) -> str:
        """What the note needs that not every machine has, in words: "a GPU (trains for 3 days) and an API key"; "" if nothing."""
        return " and ".join(f"{NEEDS[word]} ({reason})" if reason else NEEDS[word] for word, reason in self.needs.items())

    @property
    def input_paths(self) -> list[str]:
        """The inputs that are files and folders of the lab."""
        return [entry for entry in self.inputs if isinstance(entry, str)]

    @property
    def input_pins(self) -> list[pinned_inputs.Pin]:
        """The inputs that are fetched."""
        return [entry.as_pin for entry in self.inputs if isinstance(entry, PinnedInput)]


class _SettingsLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without dates: "2026-13-40" stays text, so that it is reported like any other wrong value."""


_SettingsLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _read_settings(path: Path, lab: Lab, problems: list[Problem]) -> NoteSettings | None:
    shown = lab.shown_path(path)
    if not path.is_file():
        required = "\n".join(EXAMPLES[key] for key in ("title", "date", "authors", "summary"))
        problems.append(Problem(str(shown), "does not exist", f"a note needs at least\n{required}"))
        return None
    try:
        text = text_files.read_text_file(path, shown)
        conflict = merge_conflicts.conflict_problem(str(shown), text, merge_conflicts.OWN_FILE)
        if conflict:
            problems.append(conflict)
            return None
        node = yaml.compose(text, Loader=_SettingsLoader)
        values = yaml.load(text, Loader=_SettingsLoader)
    except InvalidNote as error:
        problems += error.problems
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{shown}:{mark.line + 1}:{mark.column + 1}" if mark else str(shown)
        problems.append(Problem(place, f"is no YAML: {error.problem}", "a key, a colon, a space and a value on each line"))
        return None
    except yaml.YAMLError as error:
        problems.append(Problem(str(shown), f"is no YAML: {error}"))
        return None
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        problems.append(Problem(str(shown), "holds no settings", EXAMPLES["title"]))
        return None
    before = len(problems)
    keys = [str(key.value) for key, _ in node.value]
    for i, (key, _) in enumerate(node.value):
        if str(key.value) in keys[:i]:
            problems.append(Problem(f"{shown}:{key.start_mark.line + 1}: {key.value}", "is given twice", "keep one"))
    problems += [*_inputs_given_twice(shown, node, values), *_missing_inputs(shown, node, values, lab)]
    try:
        settings = NoteSettings.model_validate(values)
    except ValidationError as error:
        problems += [_validation_problem(shown, node, values, detail) for detail in error.errors()]
        return None
    return settings if len(problems) == before else None


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
        if isinstance(path, str) and not ((lab.root / path).resolve().is_relative_to(lab.root) and (lab.root / path).exists()):
            hint = "a file or folder inside the lab, as a path from its root"
            yield Problem(f"{shown}:{_key_line(node, ['inputs', i])}: inputs", f"{path!r} does not exist in the lab", hint)


def _validation_problem(shown: Path, node: yaml.MappingNode, values: dict[str, Any], detail: Any) -> Problem:
    place = [part for part in detail["loc"] if part not in ("function-before", "constrained-str", _PATH, _PINNED)]
    field = ".".join(str(part) for part in place)
    line = _key_line(node, place)
    where = f"{shown}:{line}: {field}" if line else f"{shown}: {field}"
    top = str(place[0]) if place else ""
    if detail["type"] == "extra_forbidden":
        inner: dict[str, type[BaseModel]] = {"authors": NoteAuthor, "updates": NoteUpdate, "inputs": PinnedInput}
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
