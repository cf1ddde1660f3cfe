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
def scratch_folder() -> Iterator[Path]:
    """Lend a folder; its path is short, since a socket's path has a limit."""
    folder, held = _held_folder()
    with held:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _held_folder() -> tuple[Path, BinaryIO]:
    """A new folder and its file, which this process holds a lock on."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_base_folder())).resolve()
        held = (folder / HELD).open("wb")
        fcntl.flock(held, fcntl.LOCK_EX)
        if (folder / HELD).exists():
            return folder, held
        held.close()  # before the lock was there another process took the folder for an abandoned one, and removed it


def remove_abandoned() -> None:
    """Remove the folders of this user's processes that were killed. One that somebody holds, or that is another's, is left."""
    for folder in _base_folder().glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with open(os.open(folder / HELD, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), "wb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


def _base_folder() -> Path:
    base = tempfile.gettempdir()
    return Path(base if len(base) < LONGEST else "/tmp")
