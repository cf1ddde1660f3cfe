"""What version control knows of a file: who wrote it, since when, and to which repository it belongs."""

from __future__ import annotations

import datetime
import getpass
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labnotes.source.git_output import git_output


@dataclass(frozen=True)
class FileHistory:
    """The people who changed a file, those with the most changes first, and the day of its first change; nothing for one that is unknown."""

    authors: tuple[str, ...] = ()
    first: datetime.date | None = None


def file_history(path: Path) -> FileHistory:
    lines = _git_lines(["log", "--follow", "--format=%as%x09%aN", "--", path.name], path.parent)
    changes = [line.partition("\t") for line in lines if "\t" in line]
    if not changes:
        return FileHistory()
    people = Counter(name.strip() for _, _, name in changes if name.strip() and "[bot]" not in name)
    return FileHistory(tuple(name for name, _ in people.most_common()), datetime.date.fromisoformat(changes[-1][0]))


def repository_root(folder: Path) -> Path | None:
    """The root of the repository that a folder lies in."""
    lines = _git_lines(["rev-parse", "--show-toplevel"], folder)
    return Path(lines[0]) if lines else None


def configured_author() -> str:
    """The author's name as version control knows it, else the name of the account."""
    lines = _git_lines(["config", "user.name"], Path.cwd())
    return (lines[0].strip() if lines and lines[0].strip() else getpass.getuser()).replace('"', "'")


def _git_lines(words: Sequence[str], folder: Path) -> list[str]:
    """The lines that git prints; none where it is not installed, or the folder is in no repository."""
    return (git_output(folder, *words) or "").splitlines()
