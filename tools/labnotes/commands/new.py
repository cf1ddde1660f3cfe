"""Make new labs and new notes from the templates beside this module."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from string import Template

from labnotes import installation
from labnotes.adoption import git_facts
from labnotes.errors import InvalidNote, Problem, UsageError
from labnotes.source import bindings, markdown_checks, notebooks, plain_yaml
from labnotes.source.labs import Lab
from labnotes.store import folders


@dataclass(frozen=True)
class LabFiles:
    """What `new_lab` did: paths from the lab's root that it `made`, those that were there and are `left` as they are, and what the left ones
    lack, a sentence each."""

    made: tuple[str, ...]
    left: tuple[str, ...]
    lacking: tuple[str, ...]


def new_lab(folder: Path) -> LabFiles:
    """Make a lab of a folder: write every file of a new lab that is not there, and change none that is.

    Raises UsageError if the folder, or one that is needed in it, is a file, or one in it is a link.
    """
    with as_file(files("labnotes.commands") / "templates" / "lab") as template:
        # packaging tools leave out names with a leading dot
        names = {path: str(path.relative_to(template)).replace("dot-", ".") for path in sorted(template.rglob("*")) if path.is_file()}
        needed = {Path(name).parent for name in names.values()} | {Path(), Path("notes")}
        files_in_the_way = sorted(folder / name for name in needed if (folder / name).exists() and not (folder / name).is_dir())
        if files_in_the_way:
            raise UsageError(*(Problem(str(path), "is a file, and a lab has a folder there", "rename it") for path in files_in_the_way))
        lab_name = folder.resolve().name.replace("-", " ").replace("_", " ").strip().capitalize() or "Lab notes"
        texts = {name: _filled_in(path.read_text(encoding="utf-8"), lab_name) for path, name in names.items()}
    if not any((folder / "notes").glob("*")):
        texts["notes/.gitkeep"] = ""
    left = [name for name in texts if os.path.lexists(folder / name)]  # a link that leads nowhere is somebody's too
    made = [name for name in texts if name not in left]
    for name in made:
        folders.refuse_links((folder / name).parent, folder)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(texts[name], encoding="utf-8")
    lacking = (_what_lacks(folder / name, name, texts[name]) for name in left)
    return LabFiles(tuple(made), tuple(left), tuple(filter(None, lacking)))


def _what_lacks(path: Path, name: str, text: str) -> str:
    """What a file that was there lacks of what a lab needs, in a sentence; "" if nothing is known to lack."""
    if name not in BY_LINES or not path.is_file():
        return ""
    content = path.read_text(encoding="utf-8", errors="replace")
    present = {line.partition(" #")[0].strip() for line in content.splitlines()}
    lines = [line.partition(" #")[0].strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if name == "mkdocs.yml":
        lines = lines[:1]  # INHERIT
    if name == "requirements.txt":
        lines = [line for line in lines if not re.search(rf"(?m)^{re.escape(re.split(r'[^A-Za-z0-9._-]', line)[0])}\b", content)]
    missing = [line for line in lines if line not in present]
    return f"{name} lacks: {', '.join(missing)}" if missing else ""


BY_LINES = (".gitignore", ".gitattributes", "requirements.txt", "mkdocs.yml")
"""The files of a lab of which it is told which lines they lack."""


def _filled_in(text: str, name: str) -> str:
    """Return the text of a template with the lab's name, and with the requirement that installs labnotes from where this one came from."""

    def requirement_text(match: re.Match[str]) -> str:
        return installation.running_origin().requirement_line(*filter(None, (match[1] or "").split(",")))

    return re.sub(r"LABNOTES_REQUIREMENT(?:\[([\w,]+)\])?", requirement_text, text.replace("LAB_NAME", name))


@dataclass(frozen=True)
class NoteFiles:
    """What `new_note` wrote of a note, by names in its folder; its source is there now, written or not."""

    source: Path
    made: tuple[str, ...]


def new_note(lab: Lab, slug: str, format: str | None, origin: Path | None = None) -> NoteFiles:
    """Make notes/SLUG with a note.yml and a source that runs as it is, or complete a folder that has one of them.

    The source is `origin`, if it is given: copied, or renamed if it lies in the note's folder. The title is the first heading of the first level in
    the source, which the page leaves out where it begins the source; without one, it is made of the slug.

    Raises UsageError if the name is not usable, the note is complete, its folder is a link, or the format unknown.
    """
    folder = lab.notes_folder / slug
    folders.refuse_links(folder, lab.root)
    problems = [*lab.slug_problems(slug), *_format_problems(format), *_origin_problems(origin)]
    sources = [path for suffix in notebooks.FORMATS if (path := folder / f"note{suffix}").is_file()]
    if not problems:
        problems += _folder_problems(lab, folder, sources, origin)
    if problems:
        raise UsageError(*problems)
    settings = folder / "note.yml"
    was_there = folder.exists()
    made = [name for name, is_missing in ((f"note.{format or 'ipynb'}", not sources), ("note.yml", not settings.exists())) if is_missing]
    with as_file(files("labnotes.commands") / "templates" / "note") as template:
        folder.mkdir(exist_ok=True)
        try:
            if not sources:
                sources = [_write_source(template, folder, format or "ipynb", origin)]
                made[0] = sources[0].name
            if not settings.exists():
                words = Template((template / "note.yml").read_text(encoding="utf-8"))
                today = datetime.datetime.now(datetime.UTC).date().isoformat()
                title = _written_title(sources[0]) or slug.replace("-", " ").capitalize()
                settings.write_text(
                    words.substitute(title=plain_yaml.text_value(title), date=today, author=git_facts.configured_author()), encoding="utf-8"
                )
        except BaseException:
            if not was_there:
                shutil.rmtree(folder)
            raise
    return NoteFiles(sources[0], tuple(made))


def _format_problems(format: str | None) -> Iterator[Problem]:
    if format is not None and f".{format}" not in notebooks.FORMATS:
        yield Problem("--format", f"{format!r} is none of: {', '.join(suffix[1:] for suffix in notebooks.FORMATS)}")


def _origin_problems(origin: Path | None) -> Iterator[Problem]:
    if origin is None:
        return
    if origin.suffix not in notebooks.FORMATS:
        yield Problem(f"--from {origin}", f"is none of: {', '.join(notebooks.FORMATS)}", "name a notebook, a percent file or Markdown")
    elif not origin.is_file():
        yield Problem(f"--from {origin}", "is not there", "name a file")


def _folder_problems(lab: Lab, folder: Path, sources: Sequence[Path], origin: Path | None) -> Iterator[Problem]:
    """Why a folder cannot be made a note or completed."""
    shown = str(lab.shown_path(folder))
    if folder.exists() and not folder.is_dir():
        yield Problem(shown, "is a file", "choose another name, or rename the file")
    elif sources and (folder / "note.yml").exists():
        yield Problem(shown, "exists already", "choose another name: a note's address is for ever")
    elif sources and origin is not None:
        yield Problem(shown, f"has a source already: {sources[0].name}", "leave out --from, and its note.yml is written")
    elif not sources and origin is None:
        others = sorted(path.name for path in folder.glob("*.ipynb"))
        if others:
            hint = f"labnotes new {folder.name} --from {lab.shown_path(folder / others[0])}"
            yield Problem(shown, f"has no note.ipynb, but {', '.join(others)}", f"if that is the note: {hint}")


def _write_source(template: Path, folder: Path, format: str, origin: Path | None) -> Path:
    """Write the source of a new note: `origin`, else that of the template in the format asked for."""
    if origin is None:
        source = folder / f"note.{format}"
        notebooks.convert_notebook(template / "note.py", source)
        return source
    source = folder / f"note{origin.suffix}"
    if origin.resolve().parent == folder.resolve():
        origin.rename(source)
    else:
        shutil.copyfile(origin, source)
    return source


def _written_title(source: Path) -> str:
    """The title that a source gives itself, as plain words; "" if it has none, or cannot be read, which the next command tells."""
    with contextlib.suppress(InvalidNote):
        return bindings.reader_words(markdown_checks.title_heading(notebooks.read_notebook(source, source).text_cells))
    return ""
