"""Labs as folders: where a lab's root is, and what notes it has."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labnotes.errors import InvalidNote, Problem, UsageError, did_you_mean
from labnotes.source import file_limits
from labnotes.source.leftovers import is_leftover

SLUG = re.compile(r"(?=.{1,100}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
"""A name of a note. File systems take 255 bytes, and some files of a note have longer names than the note."""

TAKEN = {"posts", "authors", "checks", "claims", "index"}
"""Addresses in /notes/ that no note can have."""

STAGED = ".staged"
"""Marks a folder of staged pages, so that docs/notes is never taken for a lab's notes."""


@dataclass(frozen=True)
class Lab:
    """A folder with notes in `notes/`."""

    root: Path

    @property
    def notes_folder(self) -> Path:
        return self.root / "notes"

    def note_slugs(self) -> list[str]:
        """The name of every folder in notes/, sorted."""
        return sorted(
            f.name for f in self.notes_folder.iterdir() if f.is_dir() and not f.name.startswith((".", "_")) and not is_leftover(f)
        )

    def choose_slugs(self, asked: Sequence[str]) -> list[str]:
        """The slugs asked for, by name or by path, also by one that a note had before, or all.

        Raises UsageError for what is no note.
        """
        known = self.note_slugs()
        renamed = self.renamed_slugs(asked)
        meant = {name: renamed.get(slug, slug) for name in asked for slug in [self.slug_of(name)]}
        unknown = [
            Problem("", f"no note {name!r} in {self.notes_folder}", did_you_mean(slug, [*known, *self.former_slugs()]))
            for name, slug in meant.items()
            if slug not in known
        ]
        if unknown:
            raise UsageError(*unknown)
        return list(dict.fromkeys(meant.values())) or known

    def renamed_slugs(self, asked: Sequence[str]) -> dict[str, str]:
        """Of the names or paths asked for, those that are slugs which notes had before they were renamed, with the slugs that they have now."""
        slugs = {self.slug_of(name) for name in asked} - set(self.note_slugs())
        former = self.former_slugs() if slugs else {}
        return {slug: former[slug] for slug in sorted(slugs & former.keys())}

    def slug_of(self, name: str) -> str:
        """The slug that a name or a path means: x, notes/x, notes/x/note.py, ./x, or a path to any of these from where we are."""
        plain = name.rstrip("/")
        if plain in self.note_slugs() or (Path(plain).name == plain and not Path(plain).exists()):
            return plain
        for path in (Path(os.path.abspath(name)), Path(name).resolve()):
            for folder in (self.notes_folder, self.notes_folder.resolve()):
                if path.is_relative_to(folder) and path != folder:
                    return path.relative_to(folder).parts[0]
        parts = [part for part in Path(name).parts if part != "."]
        if Path(name).is_absolute() or ".." in parts:  # a place outside notes/
            return name
        if len(parts) > 1 and parts[0] == "notes":  # as seen from the lab's root
            return parts[1]
        return parts[0] if len(parts) == 1 else name

    def former_slugs(self) -> dict[str, str]:
        """The slug that each note had before it was renamed, with the slug that it has now."""
        return {former: slug for slug in self.note_slugs() for former in former_slugs(self.notes_folder / slug) if former != slug}

    def slug_problems(self, slug: str, renamed: str = "") -> list[Problem]:
        """What is wrong with a slug for a new note, or for the note that is now called `renamed`, which may have its former one again."""
        if not SLUG.fullmatch(slug):
            hint = "lower-case letters and digits, joined by single hyphens: seeds-and-power"
            return [Problem(slug, "is no usable name for a note", hint)]
        if slug in TAKEN:
            return [Problem(slug, f"is a name that the site itself needs: {', '.join(sorted(TAKEN))}", "choose another")]
        owner = self.former_slugs().get(slug, renamed)
        if owner != renamed:
            return [Problem(slug, f"was the name of {owner}, to which its address leads for ever", "choose another")]
        return []

    def path_problem(self, name: str) -> str:
        """What is wrong with a path from the lab's root; "" if it names a file or folder in it that can be read."""
        what = file_limits.path_problem(name)
        if what:
            return what
        place = self.root / name
        if not (place.resolve().is_relative_to(self.root) and place.exists()):
            return "does not exist in the lab"
        kind = file_limits.kind_problem(place)
        return f"is {kind}, which may never end" if kind else ""

    def shown_path(self, path: Path) -> Path:
        """`path` as messages show it: from the lab's root, and with characters that would steer a terminal written out."""
        inside = path.relative_to(self.root) if path.is_relative_to(self.root) else path
        return inside if str(inside).isprintable() else Path(printable_name(str(inside)))


def printable_name(name: str) -> str:
    """A name as messages show it: as it is, or where it holds a line break, an escape or another sign that is none to print, as Python
    would write it."""
    return name if name.isprintable() else repr(name)


def find_lab(start: Path) -> Lab:
    """The lab that `start` lies in: the nearest folder upwards that has notes/.

    Raises UsageError if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "notes").is_dir() and not (folder / "notes" / STAGED).exists():
            return Lab(folder)
    raise UsageError(
        Problem(
            str(start),
            "no lab here: neither this folder nor one above has notes/",
            "make one with: labnotes init my-lab, or of this folder: labnotes init .",
        )
    )


def former_slugs(folder: Path) -> list[str]:
    """The slugs that the note in a folder had before, by its note.yml; none where that cannot be read, which `read_note` tells."""
    path = folder / "note.yml"
    try:
        text = file_limits.read_plain_file(path, path, file_limits.LARGEST_SETTINGS).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, InvalidNote):
        return []
    if "former_slugs" not in text:
        return []
    from labnotes.source import plain_yaml  # few notes need it, and every command asks

    try:
        _, fields = plain_yaml.read_yaml(text)
    except plain_yaml.UnreadableYaml:
        return []
    former = fields.get("former_slugs") if isinstance(fields, dict) else None
    return [slug for slug in former if isinstance(slug, str) and SLUG.fullmatch(slug)] if isinstance(former, list) else []
