"""Labs and notes as folders: where a lab's root is, what notes it has, and what a note's own files say. All problems are found together."""

from __future__ import annotations

import datetime
import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, ValidationError, model_validator

from labnotes import bibliography, calls, fetching, fingerprints, markup, notebooks, prose
from labnotes.errors import InvalidNote, Problem, UsageError, did_you_mean
from labnotes.notebooks import Source

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
TAKEN = {"posts", "authors", "checks", "claims", "index"}
"""Addresses in /notes/ that no note can have."""

STAGED = ".staged"
"""Marks a folder of staged pages, so that docs/notes is never taken for a lab's notes."""

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
}

_UNITS = {"s": 1, "m": 60, "h": 3600}


def seconds(text: Any) -> float:
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
Duration = Annotated[float, BeforeValidator(seconds)]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def _tag(value: Any) -> Any:
    if isinstance(value, str) and any(sign in value for sign in "<>"):
        raise ValueError("a tag is a few words, without < and >: lists and the search show it as it is")
    return value


Tag = Annotated[Words, BeforeValidator(_tag)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Author(_Strict):
    name: Words
    affiliation: str = ""
    orcid: str = Field(default="", pattern=r"^(\d{4}-\d{4}-\d{4}-\d{3}[\dX])?$")
    url: str = Field(default="", pattern=r"^(https?://.+)?$")


class Update(_Strict):
    date: Date
    text: Words
    kind: Literal["update", "correction"] = "update"


class PinnedInput(_Strict):
    """An entry of `inputs` that is fetched before a run."""

    package: Annotated[str, BeforeValidator(fetching.checked_package)] = ""
    url: Annotated[str, BeforeValidator(fetching.checked_url)] = ""
    sha256: Annotated[str, BeforeValidator(fetching.checked_digest)]

    @model_validator(mode="after")
    def _one_of_two(self) -> PinnedInput:
        if bool(self.package) == bool(self.url):
            raise ValueError("names a package or a URL, one of them")
        return self

    @property
    def pin(self) -> fetching.Pin:
        return fetching.Pin(self.package or self.url, self.sha256)


_PATH, _PINNED = "a path", "a pinned file"
"""The kinds of inputs, as pydantic names them in the place of an error. With a space: no key is called so."""

Input = Annotated[
    Annotated[Words, pydantic.Tag(_PATH)] | Annotated[PinnedInput, pydantic.Tag(_PINNED)],
    Discriminator(lambda value: _PINNED if isinstance(value, dict | PinnedInput) else _PATH),
]


def _author(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Settings(_Strict):
    """note.yml.

    `trained` names the quantities that hang on training: under other CPU kernels they are compared as a fresh draw. `stated` is how many
    statements about intervals the note made in all, where some of them, which did not hold, are no claims with a statement.
    """

    title: Words
    date: Date
    authors: Annotated[list[Annotated[Author, BeforeValidator(_author)]], Field(min_length=1)]
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
    updates: list[Update] = []

    def hangs_on_training(self, kind: str, name: str) -> bool:
        """Whether `trained` names a quantity of any kind, so that other CPU kernels give other values: the last pattern that fits decides."""
        found = False
        for pattern in self.trained:
            if fnmatch.fnmatchcase(name, pattern.removeprefix("!")):
                found = not pattern.startswith("!")
        return found

    @property
    def paths(self) -> list[str]:
        """The inputs that are files and folders of the lab."""
        return [each for each in self.inputs if isinstance(each, str)]

    @property
    def pins(self) -> list[fetching.Pin]:
        """The inputs that are fetched."""
        return [each.pin for each in self.inputs if isinstance(each, PinnedInput)]


@dataclass(frozen=True)
class Note:
    """A note's own half: settings, source, bibliography keys and what its code defines."""

    slug: str
    folder: Path
    settings: Settings
    source: Source
    references: frozenset[str]
    definitions: calls.Definitions

    @property
    def record_folder(self) -> Path:
        return self.folder / "record"

    @cached_property
    def code_digest(self) -> str:
        """Digest of what the note's own files say about a run: its code and parameters, not its prose."""
        parameters = (str(self.settings.seed), str(self.settings.cores))
        return fingerprints.of_text("\n".join([*(cell.digest for cell in self.source.code if not cell.does_nothing), *parameters]))


@dataclass(frozen=True)
class Lab:
    """A folder with notes in `notes/`."""

    root: Path

    @property
    def notes_folder(self) -> Path:
        return self.root / "notes"

    def slugs(self) -> list[str]:
        """The name of every folder in notes/, sorted."""
        return sorted(f.name for f in self.notes_folder.iterdir() if f.is_dir() and not f.name.startswith((".", "_")))

    def chosen(self, asked: Sequence[str]) -> list[str]:
        """The slugs asked for, or all.

        Raises UsageError for names that are no note.
        """
        known = self.slugs()
        plain = [Path(name).name if "/" in name.rstrip("/") else name.rstrip("/") for name in asked]
        unknown = [name for name in plain if name not in known]
        if unknown:
            raise UsageError(*(Problem("", f"no note {name!r} in {self.notes_folder}", did_you_mean(name, known)) for name in unknown))
        return list(dict.fromkeys(plain)) or known

    def shown(self, path: Path) -> Path:
        """`path` as messages show it: from the lab's root."""
        return path.relative_to(self.root) if path.is_relative_to(self.root) else path


def find_lab(start: Path) -> Lab:
    """The lab that `start` lies in: the nearest folder upwards that has notes/.

    Raises UsageError if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "notes").is_dir() and not (folder / "notes" / STAGED).exists():
            return Lab(folder)
    raise UsageError(
        Problem(str(start), "no lab here: neither this folder nor one above has notes/", "make one with: labnotes init my-lab")
    )


def read(lab: Lab, slug: str) -> Note:
    """Read one note.

    Raises InvalidNote with everything that is wrong with its files.
    """
    folder = lab.notes_folder / slug
    found: list[Problem] = []
    if not SLUG.fullmatch(slug):
        hint = "lower-case letters and digits, joined by single hyphens: it becomes the note's address for ever"
        found.append(Problem(str(lab.shown(folder)), "is no usable name for a note", hint))
    elif slug in TAKEN:
        found.append(Problem(str(lab.shown(folder)), f"has a name that the site itself needs: {', '.join(sorted(TAKEN))}", "rename it"))
    settings = _read_settings(folder / "note.yml", lab, found)
    source = _read_source(folder, lab, found)
    references = _read_references(folder, settings, lab, found)
    for path in settings.paths if settings else []:
        if not (lab.root / path).resolve().is_relative_to(lab.root) or not (lab.root / path).exists():
            hint = "a file or folder inside the lab, as a path from its root"
            found.append(Problem(f"{lab.shown(folder / 'note.yml')}: inputs", f"{path!r} does not exist in the lab", hint))
    definitions = calls.find(source.code) if source else calls.Definitions()
    found += definitions.problems
    for key, where in definitions.cited:
        if key not in references:
            hint = did_you_mean(key, references) + "; references stand in references.bib"
            found.append(Problem(where, f"cited(...) names an unknown reference {key!r}", hint))
    if source:
        found += markup.problems(source.text, folder.resolve(), lab.root.resolve())
    if source and not definitions.dynamic and not definitions.problems:  # a definition that cannot be read would be missed everywhere
        names = prose.Names(definitions.claims.keys(), definitions.figures.keys(), definitions.tables.keys(), references)
        found += prose_problems(source, definitions.words, names)
        for update in settings.updates if settings else []:
            place = f"{lab.shown(folder / 'note.yml')}: updates, {update.date.isoformat()}"
            found += prose.problems(update.text, names, lambda _, place=place: place)  # type: ignore[misc]
    if found or settings is None or source is None:
        raise InvalidNote(*found)
    return Note(slug, folder, settings, source, references, definitions)


def read_all(lab: Lab, slugs: Iterable[str]) -> tuple[list[Note], list[Problem]]:
    """Every note that can be read, and the problems of those that cannot."""
    found: list[Problem] = []
    good = []
    for slug in slugs:
        try:
            good.append(read(lab, slug))
        except InvalidNote as error:
            found += error.problems
    return good, found


def prose_problems(source: Source, words: dict[str, dict[str, str]], names: prose.Names) -> list[Problem]:
    """What the text cells and captions of a source refer to and is not known."""
    found = [problem for cell in source.text for problem in prose.problems(cell.source, names, cell.where)]
    for label, texts in words.items():
        for field, text in texts.items():
            place = f"{source.path}: {field} of {label!r}"
            found += prose.problems(text, names, lambda _, place=place: place)  # type: ignore[misc]
            if markup.has_footnote(text):
                found.append(Problem(place, "has a footnote, which only the text of a note can have", "say it in the caption itself"))
    return found


def _read_source(folder: Path, lab: Lab, found: list[Problem]) -> Source | None:
    paths = [folder / f"note{suffix}" for suffix in notebooks.FORMATS if (folder / f"note{suffix}").is_file()]
    if len(paths) != 1:
        shown = str(lab.shown(folder))
        if paths:
            names = ", ".join(path.name for path in paths)
            found.append(
                Problem(shown, f"has {len(paths)} sources under one slug: {names}", "keep one; another note needs a folder of its own")
            )
        else:
            found.append(Problem(shown, "has no source", "write note.ipynb, note.py (percent format) or note.md"))
        return None
    try:
        return notebooks.read(paths[0], lab.shown(paths[0]))
    except InvalidNote as error:
        found += error.problems
        return None


def _read_references(folder: Path, settings: Settings | None, lab: Lab, found: list[Problem]) -> frozenset[str]:
    path = folder / (settings.references if settings else "references.bib")
    if settings and "references" in settings.model_fields_set and not path.is_file():
        found.append(Problem(f"{lab.shown(folder / 'note.yml')}: references", f"{settings.references!r} does not exist"))
    try:
        return frozenset(bibliography.read(path, lab.shown(path)))
    except InvalidNote as error:
        found += error.problems
        return frozenset()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without dates: "2026-13-40" stays text, so that it is reported like any other wrong value."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _read_settings(path: Path, lab: Lab, found: list[Problem]) -> Settings | None:
    shown = lab.shown(path)
    if not path.is_file():
        required = "\n".join(EXAMPLES[key] for key in ("title", "date", "authors", "summary"))
        found.append(Problem(str(shown), "does not exist", f"a note needs at least\n{required}"))
        return None
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{shown}:{mark.line + 1}:{mark.column + 1}" if mark else str(shown)
        found.append(Problem(place, f"is no YAML: {error.problem}", "a key, a colon, a space and a value on each line"))
        return None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        found.append(Problem(str(shown), f"is no YAML: {error}"))
        return None
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        found.append(Problem(str(shown), "holds no settings", EXAMPLES["title"]))
        return None
    before = len(found)
    keys = [str(key.value) for key, _ in node.value]
    for i, (key, _) in enumerate(node.value):
        if str(key.value) in keys[:i]:
            found.append(Problem(f"{shown}:{key.start_mark.line + 1}: {key.value}", "is given twice", "keep one"))
    found += _inputs_given_twice(shown, node, values)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        found += [_problem(shown, node, values, detail) for detail in error.errors()]
        return None
    return settings if len(found) == before else None


def _inputs_given_twice(shown: Path, node: yaml.MappingNode, values: dict[str, Any]) -> Iterator[Problem]:
    inputs = values.get("inputs")
    seen = set()
    for i, entry in enumerate(inputs if isinstance(inputs, list) else []):
        for kind in ("package", "url"):
            address = entry.get(kind) if isinstance(entry, dict) else None
            if not isinstance(address, str):
                continue
            if fetching.same(address) in seen:
                where = f"{shown}:{_line(node, ['inputs', i, kind])}: inputs.{i}.{kind}"
                yield Problem(where, f"{address!r} is given twice", "keep one")
            seen.add(fetching.same(address))


def _problem(shown: Path, node: yaml.MappingNode, values: dict[str, Any], detail: Any) -> Problem:
    place = [part for part in detail["loc"] if part not in ("function-before", "constrained-str", _PATH, _PINNED)]
    field = ".".join(str(part) for part in place)
    line = _line(node, place)
    where = f"{shown}:{line}: {field}" if line else f"{shown}: {field}"
    top = str(place[0]) if place else ""
    if detail["type"] == "extra_forbidden":
        inner: dict[str, type[BaseModel]] = {"authors": Author, "updates": Update, "inputs": PinnedInput}
        known = EXAMPLES if len(place) == 1 else inner[top].model_fields
        return Problem(where, "is no known key", did_you_mean(str(place[-1]), known))
    if detail["type"] == "missing":
        return Problem(where, "is missing", _example(place, values))
    message = detail["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    given = detail["input"]
    return Problem(where, f"{message}; found {given!r:.80}", _example(place, values))


def _example(place: Sequence[Any], values: dict[str, Any]) -> str:
    """What to write at `place`."""
    if len(place) == 3 and place[0] == "inputs" and place[2] == "sha256":
        return fetching.how_to_pin(values["inputs"][place[1]])
    return EXAMPLES.get(str(place[0]), "") if place else ""


def _line(node: yaml.Node, place: Sequence[Any]) -> int | None:
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
