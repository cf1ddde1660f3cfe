"""Labs as folders: where a lab's root is, and what notes it has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labnotes.errors import Problem, UsageError, did_you_mean
from labnotes.source.leftovers import is_leftover

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

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
        """The slugs asked for, or all.

        Raises UsageError for names that are no note.
        """
        known = self.note_slugs()
        plain = [Path(name).name if "/" in name.rstrip("/") else name.rstrip("/") for name in asked]
        unknown = [name for name in plain if name not in known]
        if unknown:
            raise UsageError(*(Problem("", f"no note {name!r} in {self.notes_folder}", did_you_mean(name, known)) for name in unknown))
        return list(dict.fromkeys(plain)) or known

    def shown_path(self, path: Path) -> Path:
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
