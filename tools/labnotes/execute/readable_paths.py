"""The paths that a run may read: its copy of its own folder, its declared inputs, the lab's code, the artifact store, Python and the system.

Everything else is held back from it and from every program that it starts, so that a read which nobody declared fails.
"""

from __future__ import annotations

import contextlib
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import labnotes
from labnotes.kernel.landlock import VisiblePaths
from labnotes.source.labs import Lab
from labnotes.source.leftovers import is_leftover
from labnotes.source.notes import Note
from labnotes.store.dependencies import input_files
from labnotes.store.outside_modules import editable_packages

SYSTEM = (
    "usr",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "bin",
    "sbin",
    "etc",
    "opt",
    "nix",
    "gnu",
    "snap",
    "proc",
    "sys",
    "run",
    "var/lib",
    "var/cache",
)
"""Folders below / with programs, libraries and fonts. Not home folders, temporary ones and the like, which hold a person's files."""

DEVICES = "/dev"
"""The folder of devices, to which a run may write as well: null, terminals, shared memory, accelerators."""

CODE = (".py", ".pyc", ".pyi", ".so", ".pth")
"""Files of the lab that are code: imported from any of its folders, and followed by the audit hook."""

_NO_CODE = {"node_modules", "site", "record"}


def readable_paths(note: Note, lab: Lab, own: list[Path], fetched: Iterable[Path]) -> VisiblePaths:
    """The paths that a run of `note` may read, list and write; `own` are the folders made for it (scratch, artifacts, settings).

    Of the `fetched` inputs it may read just these files: other notes' lie beside them.
    """
    root = os.path.realpath(lab.root)
    around = {path for place in (*_system_folders(), *_python_folders()) for path in _paths_without_lab(os.path.realpath(place), root)}
    # Python may be installed in the lab; other places in it are seen as code, one file after another
    installed = {os.path.realpath(place) for place in (sys.prefix, sys.base_prefix) if os.path.realpath(place) != root}
    inputs = {
        os.path.realpath(place) for place in (*input_files(note, lab), *(lab.root / name for name in note.settings.input_paths), *fetched)
    }
    read = {*around, *installed, *inputs, *_code_files(root), str(Path(labnotes.__file__).resolve().parent)}
    write = {*map(str, own), DEVICES}
    return VisiblePaths(tuple(sorted(read)), (root,), tuple(sorted(write)))


def _paths_without_lab(place: str, root: str) -> Iterator[str]:
    """Yield `place`; if it holds the lab, everything in it but the lab; nothing if it is in the lab. `root` is the lab's folder."""
    if place == root or place.startswith(root + os.sep):
        return
    if not root.startswith(place.rstrip(os.sep) + os.sep):
        yield place
        return
    with contextlib.suppress(OSError):
        for name in os.listdir(place):
            yield from _paths_without_lab(os.path.join(place, name), root)


def _system_folders() -> Iterator[str]:
    for name in SYSTEM:
        yield f"/{name}"


def _python_folders() -> Iterator[str]:
    """Yield the folders of this Python, of what is installed for it, and of the programs and libraries that it finds."""
    folders = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, site.getuserbase(), *sysconfig.get_paths().values()]
    folders += [*sys.path, *editable_packages().values()]
    for name in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH"):
        folders += os.environ.get(name, "").split(os.pathsep)
    for place in folders:
        if os.path.isabs(place) and place not in (os.sep, str(Path.home())):
            yield place


def _code_files(root: str) -> Iterator[str]:
    """Yield every file of code in the lab, and what installers left beside it. `root` is the lab's folder."""
    for folder, folders, names in os.walk(root):
        for name in folders:
            if name.endswith((".egg-info", ".dist-info")):
                yield os.path.join(folder, name)
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NO_CODE and not is_leftover(Path(folder, name))]
        yield from (os.path.realpath(os.path.join(folder, name)) for name in names if name.endswith(CODE))
