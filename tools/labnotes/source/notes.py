"""Notes as folders: what a note's own files say. All problems are found together."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path

from labnotes.errors import InvalidNote, Problem, did_you_mean
from labnotes.model import digests
from labnotes.source import (
    author_calls,
    bibliography,
    bindings,
    content_cache,
    labs,
    markdown_checks,
    math_checks,
    notebooks,
    prose_facts,
    raw_cells,
)
from labnotes.source.labs import SLUG, TAKEN, Lab
from labnotes.source.note_guard import guard_note
from labnotes.source.notebooks import NoteSource
from labnotes.source.setting_texts import SCAFFOLD, TO_FILL_IN
from labnotes.source.settings import NoteSettings, read_settings


@dataclass(frozen=True)
class Note:
    """A note as its own files describe it: settings, source, bibliography keys and what its code defines. `word_problems` is what is wrong
    with its words, of a note that was read for its numbers."""

    slug: str
    folder: Path
    settings: NoteSettings
    source: NoteSource
    references: frozenset[str]
    definitions: author_calls.NoteDefinitions
    word_problems: tuple[Problem, ...] = ()

    @property
    def record_folder(self) -> Path:
        return self.folder / "record"

    @cached_property
    def code_digest(self) -> str:
        """Digest of what the note's own files say about a run: its code and parameters, not its prose."""
        parameters = (str(self.settings.seed), str(self.settings.cores))
        return digests.text_digest(
            "\n".join([*(cell.cell_digest for cell in self.source.code_cells if not cell.does_nothing), *parameters])
        )


def read_note(lab: Lab, slug: str, *, numbers_first: bool = False) -> Note:
    """Read one note. With `numbers_first` what is wrong with its words alone is kept in the note, since a run needs none of them.

    Raises InvalidNote with everything that is wrong with its files.
    """
    folder = lab.notes_folder / slug
    problems: list[Problem] = []
    if not SLUG.fullmatch(slug):
        hint = "lower-case letters and digits, joined by single hyphens, 100 at most: it becomes the note's address for ever"
        problems.append(Problem(str(lab.shown_path(folder)), "is no usable name for a note", hint))
    elif slug in TAKEN:
        problems.append(
            Problem(str(lab.shown_path(folder)), f"has a name that the site itself needs: {', '.join(sorted(TAKEN))}", "rename it")
        )
    shown = lab.shown_path(folder)
    settings = source = None
    of_words: list[Problem] = []
    with guard_note(f"{shown / 'note.yml'}", problems):
        settings = read_settings(folder / "note.yml", lab, problems)
    with guard_note(str(shown), problems):
        source = _read_source(folder, lab, problems)
    references: frozenset[str] = frozenset()
    with guard_note(str(shown / (settings.references if settings else "references.bib")), problems):
        references = _read_references(folder, settings, lab, of_words)
    for former in settings.former_slugs if settings else []:
        if (lab.notes_folder / former).is_dir() and former != slug:
            what = f"{former!r} is a note of its own, so its address cannot lead here"
            problems.append(Problem(f"{lab.shown_path(folder / 'note.yml')}: former_slugs", what, "take the name out, or rename that note"))
    if settings and source and settings.status == "published":
        hint = "write your own, or status: draft"
        of_words += [Problem(where, what, hint) for where, what in _scaffold_places(settings, source, lab.shown_path(folder / "note.yml"))]
    if settings:
        of_words += _date_problems(settings, lab.shown_path(folder / "note.yml"))
    definitions = author_calls.find_definitions(source.run_cells) if source else author_calls.NoteDefinitions()
    problems += definitions.problems
    of_words += _unknown_references(definitions, settings, references, f"{lab.shown_path(folder / 'note.yml')}: based_on")
    if source:
        of_words += markdown_checks.markdown_problems(source.text_cells, folder.resolve(), lab.root.resolve())
        macros = settings.macros if settings else {}
        shown_texts = _short_texts(source.path, definitions.words, settings, are_shown=True)
        of_words += math_checks.math_problems(source.text_cells, shown_texts, macros, definitions.claims.keys())
    if source and not definitions.dynamic and not definitions.problems:  # a definition that cannot be read would be missed everywhere
        names = bindings.KnownNames(
            claims=definitions.claims.keys(), figures=definitions.figures.keys(), tables=definitions.tables.keys(), references=references
        )
        of_words += prose_problems(source, definitions.words, settings, names)
    if problems or settings is None or source is None or (of_words and not numbers_first):
        raise InvalidNote(*problems, *of_words)
    return Note(slug, folder, settings, source, references, definitions, tuple(of_words))


def scaffold_remarks(note: Note) -> list[str]:
    """What is told of a draft that still says what `labnotes new` wrote."""
    return [f"{where}: {what}" for where, what in _scaffold_places(note.settings, note.source, note.source.path.with_name("note.yml"))]


def front_matter_remarks(note: Note) -> list[str]:
    """What is told of a notebook whose front matter says something else than note.yml, which counts."""
    if not note.source.cells:
        return []
    cell, settings = note.source.cells[0], note.settings
    authors = [author.name for author in settings.authors]
    said = raw_cells.front_matter(cell.source) if cell.kind in ("raw", "text") else ""
    if not said:
        return []
    differences = raw_cells.told_differences(said, title=settings.title, authors=authors, date=settings.date.isoformat())
    return [f"{cell.line_place()}: its front matter says {difference}: a page says what note.yml does" for difference in differences]


def _scaffold_places(settings: NoteSettings, source: NoteSource, shown: Path) -> Iterator[tuple[str, str]]:
    """The places where a note still has the sentences of the scaffold, or words that adopt left to its author, with what is to be told. `shown`
    is its note.yml in messages."""
    summary, opening = SCAFFOLD
    if settings.summary.startswith(TO_FILL_IN):
        yield f"{shown}: summary", f"has still to be written: {settings.summary!r}"
    for cell in source.cells:
        if f"{TO_FILL_IN}: " in cell.source:
            line = cell.source[: cell.source.index(f"{TO_FILL_IN}: ")].count("\n") + 1
            yield cell.line_place(line), f"has words that are still to be written: {TO_FILL_IN} …"
    if settings.summary == summary:
        yield f"{shown}: summary", f"says what labnotes new wrote: {summary!r}"
    for cell in source.text_cells:
        if cell.source.lstrip().startswith(opening):
            yield cell.line_place(), f"says what labnotes new wrote: {opening!r}"


def _unknown_references(
    definitions: author_calls.NoteDefinitions, settings: NoteSettings | None, references: frozenset[str], setting: str
) -> Iterator[Problem]:
    """The keys that are in no bibliography, of those that code and note.yml name; `setting` is the place in the latter."""
    named = [(key, where, "cited(...) names") for key, where in definitions.cited]
    named += [(key, setting, "names") for key in settings.based_on] if settings else []
    for key, where, what in named:
        if key not in references:
            yield Problem(
                where, f"{what} an unknown reference {key!r}", f"{did_you_mean(key, references)}; references stand in references.bib"
            )


def _date_problems(settings: NoteSettings, shown: Path) -> Iterator[Problem]:
    """The dates of a note that cannot be: a published one in the future, which would stand above all others until then, and an update before
    the note itself. `shown` is its note.yml in messages."""
    latest = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)  # east of here it may be that day already
    is_published = settings.status == "published"
    if is_published and settings.date > latest:
        yield Problem(f"{shown}: date", f"{settings.date} lies in the future", "write the day of its publication; until then status: draft")
    for update in settings.updates:
        where = f"{shown}: updates, {update.date}"
        if is_published and update.date > latest:
            yield Problem(where, "lies in the future", "write the day on which the note was changed")
        elif update.date < settings.date:
            hint = "an update says what changed since the note was published: mend its date, or that of the note"
            yield Problem(where, f"lies before the date of the note, {settings.date}", hint)


def read_notes(lab: Lab, slugs: Iterable[str], *, numbers_first: bool = False) -> tuple[list[Note], list[Problem]]:
    """Every note that can be read, as `read_note` reads it, and the problems of those that cannot."""
    problems: list[Problem] = []
    good = []
    for slug in slugs:
        with guard_note(labs.printable_name(slug), problems):
            good.append(read_note(lab, slug, numbers_first=numbers_first))
    return good, problems


def prose_problems(
    source: NoteSource, words: Mapping[str, Mapping[str, str]], settings: NoteSettings | None, names: bindings.KnownNames
) -> list[Problem]:
    """The problems of text cells and of captions (`words`), summary, findings and updates: names that they refer to and that are unknown, and
    footnotes outside of cells. They are found once for the same texts and names."""
    prose_facts.remember_cells(source.text_cells)
    texts = [[cell.source, cell.line_place()] for cell in source.text_cells]
    short = list(_short_texts(source.path, words, settings))
    inputs = [texts, short, {kind: sorted(known) for kind, known in vars(names).items()}]
    what = f"prose {content_cache.installed_versions('jinja2', 'markdown_it_py', 'mdit_py_plugins')}"
    parts = content_cache.computed_for(what, inputs, lambda: [astuple(problem) for problem in _find_prose_problems(source, short, names)])
    return [Problem(*texts) for texts in parts]


def _short_texts(
    shown: Path, words: Mapping[str, Mapping[str, str]], settings: NoteSettings | None, *, are_shown: bool = False
) -> Iterator[tuple[str, str]]:
    """The texts of a note beside its cells in which names may be bound, each after its place; `shown` is its source in messages. With
    `are_shown`, only those that a page shows with markup: captions, findings and updates."""
    for label, texts in words.items():
        yield from ((f"{shown}: {field} of {label!r}", text) for field, text in texts.items() if field == "caption" or not are_shown)
    if settings:
        if not are_shown:
            yield f"{shown.with_name('note.yml')}: summary", settings.summary
            yield f"{shown.with_name('note.yml')}: sentence", settings.sentence
        yield from ((f"{shown.with_name('note.yml')}: findings, {i}", text) for i, text in enumerate(settings.findings, 1))
        yield from ((f"{shown.with_name('note.yml')}: updates, {update.date.isoformat()}", update.text) for update in settings.updates)


def _find_prose_problems(source: NoteSource, short_texts: Iterable[tuple[str, str]], names: bindings.KnownNames) -> Iterator[Problem]:
    for cell in source.text_cells:
        yield from bindings.binding_problems(prose_facts.cell_facts(cell), names, cell.line_place)
    for place, text in short_texts:
        facts = prose_facts.inline_facts(text)
        yield from bindings.binding_problems(facts, names, lambda _, place=place: place)  # type: ignore[misc]
        if facts.marks:
            yield Problem(place, "has a footnote, which only the text of a note can have", "say it in the text itself")


def _read_source(folder: Path, lab: Lab, problems: list[Problem]) -> NoteSource | None:
    paths = [folder / f"note{suffix}" for suffix in notebooks.FORMATS if (folder / f"note{suffix}").exists()]
    if len(paths) != 1:
        shown = str(lab.shown_path(folder))
        if paths:
            names = ", ".join(path.name for path in paths)
            problems.append(
                Problem(shown, f"has {len(paths)} sources under one slug: {names}", "keep one; another note needs a folder of its own")
            )
        else:
            others = sorted(path.name for path in folder.glob("*.ipynb")) if folder.is_dir() else []
            hint = f", or rename {others[0]}: labnotes new {folder.name} --from {lab.shown_path(folder / others[0])}" if others else ""
            problems.append(Problem(shown, "has no source", f"write note.ipynb, note.py (percent format) or note.md{hint}"))
        return None
    if not paths[0].resolve().is_relative_to(lab.root.resolve()):
        what = "is a link to what is no file of this lab"
        problems.append(Problem(str(lab.shown_path(paths[0])), what, "put the notebook itself there: others get the link alone"))
        return None
    try:
        return notebooks.read_notebook(paths[0], lab.shown_path(paths[0]))
    except InvalidNote as error:
        problems += error.problems
        return None


def _read_references(folder: Path, settings: NoteSettings | None, lab: Lab, problems: list[Problem]) -> frozenset[str]:
    path = folder / (settings.references if settings else "references.bib")
    where = f"{lab.shown_path(folder / 'note.yml')}: references"
    if not path.resolve().is_relative_to(lab.root.resolve()):
        problems.append(Problem(where, f"{str(path)!r:.200} lies outside this lab", "put the bibliography beside the note"))
        return frozenset()
    if settings and "references" in settings.given and not path.exists():
        problems.append(Problem(where, f"{settings.references!r} does not exist"))
    try:
        return frozenset(bibliography.read_bibliography(path, lab.shown_path(path)))
    except InvalidNote as error:
        problems += error.problems
        return frozenset()
