"""Notes as folders: what a note's own files say. All problems are found together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from labnotes.errors import InvalidNote, Problem, did_you_mean
from labnotes.model import digests
from labnotes.source import author_calls, bibliography, bindings, markdown_checks, notebooks
from labnotes.source.labs import SLUG, TAKEN, Lab
from labnotes.source.notebooks import Source
from labnotes.source.settings import Settings, _read_settings


@dataclass(frozen=True)
class Note:
    """A note's own half: settings, source, bibliography keys and what its code defines."""

    slug: str
    folder: Path
    settings: Settings
    source: Source
    references: frozenset[str]
    definitions: author_calls.Definitions

    @property
    def record_folder(self) -> Path:
        return self.folder / "record"

    @cached_property
    def code_digest(self) -> str:
        """Digest of what the note's own files say about a run: its code and parameters, not its prose."""
        parameters = (str(self.settings.seed), str(self.settings.cores))
        return digests.of_text("\n".join([*(cell.digest for cell in self.source.code if not cell.does_nothing), *parameters]))


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
    definitions = author_calls.find(source.code) if source else author_calls.Definitions()
    found += definitions.problems
    for key, where in definitions.cited:
        if key not in references:
            hint = did_you_mean(key, references) + "; references stand in references.bib"
            found.append(Problem(where, f"cited(...) names an unknown reference {key!r}", hint))
    if source:
        found += markdown_checks.problems(source.text, folder.resolve(), lab.root.resolve())
    if source and not definitions.dynamic and not definitions.problems:  # a definition that cannot be read would be missed everywhere
        names = bindings.Names(definitions.claims.keys(), definitions.figures.keys(), definitions.tables.keys(), references)
        found += prose_problems(source, definitions.words, names)
        for update in settings.updates if settings else []:
            place = f"{lab.shown(folder / 'note.yml')}: updates, {update.date.isoformat()}"
            found += bindings.problems(update.text, names, lambda _, place=place: place)  # type: ignore[misc]
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


def prose_problems(source: Source, words: dict[str, dict[str, str]], names: bindings.Names) -> list[Problem]:
    """What the text cells and captions of a source refer to and is not known."""
    found = [problem for cell in source.text for problem in bindings.problems(cell.source, names, cell.where)]
    for label, texts in words.items():
        for field, text in texts.items():
            place = f"{source.path}: {field} of {label!r}"
            found += bindings.problems(text, names, lambda _, place=place: place)  # type: ignore[misc]
            if markdown_checks.has_footnote(text):
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
