"""Files and folders that editors, file managers and tools leave beside a person's own: no run depends on them, nothing shows them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path

FOLDERS = frozenset(
    (
        ".git",
        ".hg",
        ".svn",
        ".labnotes",
        ".venv",
        ".tox",
        ".nox",
        ".idea",
        ".vscode",
        ".vs",
        ".ropeproject",
        "__pycache__",
        ".ipynb_checkpoints",
        ".virtual_documents",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".pytype",
        ".hypothesis",
        ".appledouble",
        ".fseventsd",
        ".spotlight-v100",
        ".trashes",
        "__macosx",
        "@eadir",
    )
)
"""Names of folders, in small letters: of version control, environments, editors, caches of tools, and what systems keep on every disk."""

FILES = (
    ".ds_store",  # macOS
    "._*",
    ".localized",
    "icon\r",
    "thumbs.db",  # Windows
    "ehthumbs.db",
    "desktop.ini",
    "~$*",  # Office
    ".~lock.*#",  # LibreOffice
    ".directory",  # KDE
    ".nfs*",  # a file that was removed while it was open
    ".fuse_hidden*",
    "*~",  # backups of Emacs, Vim, gedit, Kate
    "#*#",  # Emacs
    ".#*",
    "*.swp",  # Vim, nano
    "*.swo",
    "*.swn",
    ".*.swx",
    ".*.kate-swp",
    ".goutputstream-*",  # gedit
    ".~*",  # Jupyter, while it saves
    "*___jb_tmp___",  # PyCharm
    "*___jb_old___",
)
"""Patterns of file names, in small letters."""

_PATTERN = re.compile("|".join(map(fnmatch.translate, FILES)))

_VIM_PROBE = "4913"
"""The empty file by which Vim tries whether it can write to a folder. A file of this name that holds something is a person's own."""


def is_leftover(path: Path) -> bool:
    """Whether the last part of a path names what editors, file managers or tools leave behind."""
    name = path.name.lower()
    if name in FOLDERS or _PATTERN.match(name):
        return True
    return name == _VIM_PROBE and not path.is_dir() and _size(path) == 0


def is_left_below(path: Path, folder: Path) -> bool:
    """Whether `path`, which is in `folder`, or a folder between the two is a leftover."""
    parts = path.relative_to(folder).parts
    return any(is_leftover(folder.joinpath(*parts[: depth + 1])) for depth in range(len(parts)))


def own_files(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and below it, sorted, without leftovers and without what cannot be listed."""
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return
    for path in paths:
        if is_leftover(path):
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not path.is_symlink():  # a link may lead back up
            yield from own_files(path)


def _size(path: Path) -> int:
    """The size of a file in bytes; 0 if it is gone by now."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
