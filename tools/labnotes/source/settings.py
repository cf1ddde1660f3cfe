"""The settings of a note: what note.yml says, read once for the same content."""

from __future__ import annotations

import datetime
import fnmatch
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from labnotes.errors import InvalidNote, Problem
from labnotes.model.encoding import convert_known
from labnotes.model.quantities import QuantityKind
from labnotes.source import content_cache, file_limits, pinned_inputs
from labnotes.source.labs import Lab
from labnotes.source.setting_texts import NEEDS


@dataclass(frozen=True, kw_only=True)
class NoteAuthor:
    """An author of a note: a person, or a group."""

    name: str
    affiliation: str
    orcid: str
    url: str
    group: bool


@dataclass(frozen=True, kw_only=True)
class NoteUpdate:
    """What changed in a note after it was published, as its page tells readers."""

    date: datetime.date
    text: str
    kind: Literal["update", "correction"]


@dataclass(frozen=True, kw_only=True)
class PinnedInput:
    """An entry of `inputs` that is fetched before a run: a package or a URL, the other of them is "". `size` is what it may have at most, in
    bytes."""

    package: str
    url: str
    sha256: str
    size: int

    @property
    def as_pin(self) -> pinned_inputs.Pin:
        return pinned_inputs.Pin(self.package or self.url, self.sha256, self.size)


@dataclass(frozen=True, kw_only=True)
class NoteSettings:
    """The settings of a note, as note.yml gives them. Which keys there are, and their defaults, `settings_file` says.

    `sentence` says in plain words what was found, "" where the summary is short enough to say it; `findings` are the results that a reader sees
    first. `trained` names the quantities that hang on training: under other CPU kernels they are compared as a fresh draw. `stated` is how many
    statements about intervals the note made in all, where some of them, which did not hold, are no claims with a statement. `timeout` and
    `cell_timeout` are in seconds, `memory` in bytes (None: no limit). `language` is the tag of BCP 47, "" for the
    site's own. `needs` are reasons by word, `macros` TeX by the
    name of its command. `licence` is an expression of SPDX, "" for the site's own; `based_on` are keys of the bibliography, `aliases` words that the
    search finds the note by. `given` are the
    keys that note.yml has.
    """

    title: str
    date: datetime.date
    authors: list[NoteAuthor]
    summary: str
    sentence: str
    findings: list[str]
    tags: list[str]
    aliases: list[str]
    status: Literal["draft", "published"]
    references: str
    inputs: list[str | PinnedInput]
    timeout: float
    cell_timeout: float | None
    cores: int
    memory: int | None
    seed: int
    trained: list[str]
    stated: int
    updates: list[NoteUpdate]
    language: str
    needs: dict[str, str]
    macros: dict[str, str]
    former_slugs: list[str]
    licence: str
    doi: str
    based_on: list[str]
    given: tuple[str, ...]

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


def read_settings(path: Path, lab: Lab, problems: list[Problem]) -> NoteSettings | None:
    """Read note.yml at `path`. What is wrong with it is added to `problems`; then there are no settings."""
    try:
        content = b""
        if os.path.lexists(path):
            content = file_limits.read_plain_file(path, lab.shown_path(path), file_limits.LARGEST_SETTINGS)
        what = f"settings {content_cache.installed_versions('pydantic', 'pyyaml', 'langcodes', 'packaging')}"
        settings: NoteSettings = convert_known(NoteSettings, content_cache.computed_once(what, content, lambda: _valid_settings(path, lab)))
        if any(map(lab.path_problem, settings.input_paths)):
            _valid_settings(path, lab)  # says so, with lines
    except InvalidNote as error:
        problems += error.problems
        return None
    return settings


def _valid_settings(path: Path, lab: Lab) -> dict[str, Any]:
    """The settings as JSON. Raises InvalidNote with all problems."""
    from labnotes.source import settings_file

    values, problems = settings_file.read_settings_file(path, lab.shown_path(path), lab)
    if problems:
        raise InvalidNote(*problems)
    return values
