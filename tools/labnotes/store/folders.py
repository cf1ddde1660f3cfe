"""Files and folders are replaced in one step: a kill or a full disk leaves the old one or the new one, whole.

What is written has the mode that the user's umask gives, so that others of a shared checkout can read it. Nothing is written or removed through
a link: it would lie where nobody expects it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import secrets
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from labnotes.errors import Problem, UsageError


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file so that at any moment it holds either what it held before or all of `content`.

    What can be made again need not be `durable`: the disk is then not waited for, and a loss of power may leave it empty.
    """
    new = path.with_name(f".{path.name}.new-{os.getpid()}-{threading.get_ident()}")
    try:
        if durable:
            _write_through(new, content)
        else:
            new.write_bytes(content)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def replace_changed_file(root: Path, name: str, content: bytes) -> bool:
    """Write the file of that name below `root`, with the folders that it lies in, if it differs; whether it did. For what can be made again.

    Raises UsageError if it, or a folder on the way, is a link.
    """
    path = root / name
    refuse_links(path, root)
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content, durable=False)
    return True


def mirror_files(source: Path, target: Path, listing: Path, before: Iterable[str]) -> None:
    """Make `target` hold the files of `source`, and remove what an older call put there and this one did not.

    `listing` is the file with the list of what was put there; where there is none, that is `before`. Raises UsageError if a file would be
    written through a link.
    """
    known = set(listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else before)
    names = files_below(source)
    _write_list(listing, {*known, *names})  # of a call that is broken off, as well
    for name in names:
        replace_changed_file(target, name, (source / name).read_bytes())
    for name in known - set(names):
        _remove_file(target, name)
    _write_list(listing, names)


def files_below(folder: Path) -> list[str]:
    """The names of the files below a folder, none through a link, without Python's caches."""
    names = []
    for walked, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        names += [(Path(walked) / name).relative_to(folder).as_posix() for name in files]
    return sorted(names)


def _write_list(listing: Path, names: Iterable[str]) -> None:
    replace_file(listing, "".join(f"{name}\n" for name in sorted(names)).encode())


def _remove_file(root: Path, name: str) -> None:
    """Remove a file below `root`, and the folders that become empty by that; nothing behind a link that took the place of one of them."""
    path = root / name
    if ".." in Path(name).parts or not path.is_relative_to(root) or any((root / at).is_symlink() for at in Path(name).parents):
        return
    path.unlink(missing_ok=True)
    for at in Path(name).parents[:-1]:
        place = root / at
        if not place.is_dir() or any(place.iterdir()):
            break
        place.rmdir()


def own_folder(folder: Path, root: Path) -> Path:
    """A folder below `root`, made if it is not there, in which labnotes may write and remove: neither it nor a folder between is a link.

    Raises UsageError for one that is.
    """
    refuse_links(folder, root)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def refuse_links(path: Path, root: Path) -> None:
    """Make sure that a path below `root` leads where it says.

    Raises UsageError if it, or a folder between, is a link.
    """
    place = root
    for part in path.relative_to(root).parts:
        place /= part
        if place.is_symlink():
            what = (
                f"is a link to {os.readlink(place)}, and labnotes writes nothing through a link: it would lie outside of where it belongs"
            )
            raise UsageError(Problem(str(place), what, "put a real folder or file in its place"))


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that a file stands for, and wait for whoever holds it. The file is made beside what it guards, and stays."""
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666), "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `folder` so that at any moment it holds either what it held before or all of `files`, and nothing else.

    Raises UsageError if it is a link.
    """
    refuse_links(folder, folder.parent)
    new = folder.with_name(f".{folder.name}.new-{secrets.token_hex(8)}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    new.mkdir()  # never one that is there, so that no other writer and no link is met
    try:
        for name, content in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(path, content)
        try:
            new.rename(folder)  # also over a folder that is there and empty
        except OSError:
            _exchange_folders(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def finish_exchange(folder: Path) -> None:
    """Finish an exchange of folders that a kill interrupted: where it takes several steps, the old folder may be left under another
    name."""
    aside = folder.with_name(folder.name + ".old")
    if aside.is_dir() and not aside.is_symlink():
        if folder.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(folder)


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed `replace_folder` left beside `folder`. To be called by whoever holds its lock."""
    for left in folder.parent.glob(f".{folder.name}.new-*"):
        if not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)


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
