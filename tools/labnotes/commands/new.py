"""Make new labs and new notes from the templates beside this module."""

from __future__ import annotations

import datetime
import getpass
import re
import shutil
import subprocess
from importlib.resources import as_file, files
from pathlib import Path
from string import Template

from labnotes import installation
from labnotes.errors import Problem, UsageError
from labnotes.source import notebooks
from labnotes.source.labs import SLUG, Lab


def new_lab(folder: Path) -> list[str]:
    """Fill a new or empty folder; returns what was made.

    Raises UsageError if there is something in the folder already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            Problem(str(folder), "is not empty", "labnotes init makes a lab in a new or empty folder; in an old one, make notes/ yourself")
        )
    folder.mkdir(parents=True, exist_ok=True)
    name = folder.resolve().name.replace("-", " ").replace("_", " ").strip().capitalize() or "Lab notes"
    with as_file(files("labnotes.commands") / "templates" / "lab") as template:
        for path in sorted(template.rglob("*")):
            # packaging tools leave out names with a leading dot
            target = folder / str(path.relative_to(template)).replace("dot-", ".")
            if path.is_dir():
                target.mkdir(exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(_filled_in(path.read_text(encoding="utf-8"), name), encoding="utf-8")
    (folder / "notes").mkdir(exist_ok=True)
    (folder / "notes" / ".gitkeep").touch()
    return sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir())


def _filled_in(text: str, name: str) -> str:
    """Return the text of a template with the lab's name, and with the requirement that installs labnotes from where this one came from."""

    def requirement_text(match: re.Match[str]) -> str:
        return installation.running_origin().requirement_line(*filter(None, (match[1] or "").split(",")))

    return re.sub(r"LABNOTES_REQUIREMENT(?:\[([\w,]+)\])?", requirement_text, text.replace("LAB_NAME", name))


def new_note(lab: Lab, slug: str, format: str) -> Path:
    """Make notes/SLUG with a note.yml and a source that runs as it is; returns the source's path.

    Raises UsageError if the name is not usable or taken, or the format unknown.
    """
    problems = []
    folder = lab.notes_folder / slug
    if not SLUG.fullmatch(slug):
        problems.append(
            Problem(slug, "is no usable name for a note", "lower-case letters and digits, joined by single hyphens: seeds-and-power")
        )
    elif folder.exists():
        problems.append(Problem(str(lab.shown_path(folder)), "exists already", "choose another name: a note's address is for ever"))
    if f".{format}" not in notebooks.FORMATS:
        problems.append(Problem("--format", f"{format!r} is none of: {', '.join(suffix[1:] for suffix in notebooks.FORMATS)}"))
    if problems:
        raise UsageError(*problems)
    with as_file(files("labnotes.commands") / "templates" / "note") as template:
        folder.mkdir()
        try:
            source = folder / f"note.{format}"
            notebooks.convert_notebook(template / "note.py", source)
            title = slug.replace("-", " ").capitalize()
            settings = Template((template / "note.yml").read_text(encoding="utf-8"))
            values = {"title": title, "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "author": _author_name()}
            (folder / "note.yml").write_text(settings.substitute(values), encoding="utf-8")
        except BaseException:
            shutil.rmtree(folder)
            raise
    return source


def _author_name() -> str:
    """The author's name as version control knows it, else the name of the account."""
    try:
        name = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        name = ""
    return (name or getpass.getuser()).replace('"', "'")
