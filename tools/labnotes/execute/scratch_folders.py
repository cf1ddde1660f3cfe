"""Folders for the sockets and temporary files of runs. What a killed process left of them is removed by the next run."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PREFIX = "ln-"
"""How the names of these folders begin."""

HELD = ".held"
"""The file in such a folder that its process holds a lock on as long as it lives."""

LONGEST = 60
"""Characters of a path that leaves room for the name of a socket, which has at most 107 bytes with its path."""


@contextlib.contextmanager
def scratch_folder(base: Path | None = None, prefix: str = PREFIX) -> Iterator[Path]:
    """Lend a folder in `base`, else in that of the system, where its path is short, since a socket's path has a limit."""
    folder, held = _held_folder(base or _base_folder(), prefix)
    with held:
        try:
            yield folder
        finally:
            _remove_folder(folder)


def _held_folder(base: Path, prefix: str) -> tuple[Path, BinaryIO]:
    """A new folder and its file, which this process holds a lock on."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base)).resolve()
        with contextlib.suppress(FileNotFoundError):  # before it is held another process may take it for an abandoned one, and remove it
            held = (folder / HELD).open("wb")
            fcntl.flock(held, fcntl.LOCK_EX)
            if (folder / HELD).exists():
                return folder, held
            held.close()


def remove_abandoned(base: Path | None = None, prefix: str = PREFIX) -> None:
    """Remove the folders in `base`, else in that of the system, of this user's processes that were killed. One that somebody holds, or that is another's, is left."""
    for folder in (base or _base_folder()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            try:
                handle = os.open(folder / HELD, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:  # its process was killed before it held the folder, or after it had emptied it
                folder.rmdir()
                continue
            with open(handle, "wb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove_folder(folder)


def _remove_folder(folder: Path) -> None:
    """Remove a folder, the file that tells whose it is at the end: if this is broken off, the next run goes on with it."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != HELD:
                path.unlink()
        (folder / HELD).unlink()
        folder.rmdir()


def _base_folder() -> Path:
    base = tempfile.gettempdir()
    return Path(base if len(base) < LONGEST else "/tmp")
