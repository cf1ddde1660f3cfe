"""Files and folders are replaced in one step: a kill or a full disk leaves the old one or the new one, whole.

What is written has the mode that the user's umask gives, so that others of a shared checkout can read it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import threading
from collections.abc import Mapping
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that at any moment it holds either what it held before or all of `content`."""
    new = path.with_name(f".{path.name}.new-{os.getpid()}-{threading.get_ident()}")
    try:
        _write_through(new, content)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `folder` so that at any moment it holds either what it held before or all of `files`, and nothing else."""
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        for name, content in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(path, content)
        if folder.exists():
            _exchange_folders(new, folder)
        else:
            new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def finish_exchange(folder: Path) -> None:
    """Finish an exchange of folders that a kill interrupted: where it takes several steps, the old folder may be left under another
    name."""
    aside = folder.with_name(folder.name + ".old")
    if aside.is_dir():
        if folder.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(folder)


def _write_through(path: Path, content: bytes) -> None:
    """Write a file, and wait until the disk has it: else a loss of power could leave its name without its content."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _exchange_folders(new: Path, folder: Path) -> None:
    """Swap two folders in one step where the system can (Linux), else by a third name, which `finish_exchange` cleans up."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        at_cwd, exchange = -100, 2
        if hasattr(libc, "renameat2") and libc.renameat2(at_cwd, os.fsencode(new), at_cwd, os.fsencode(folder), exchange) == 0:
            return
    aside = folder.with_name(folder.name + ".old")
    folder.rename(aside)
    new.rename(folder)
    shutil.rmtree(aside)
