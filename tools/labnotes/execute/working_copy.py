"""A run's own copy of its note's folder, so that nothing that an earlier run or session left is taken for a result of this one.

The copy lies in a folder that looks like the lab: beside it are links to everything else of the lab, so that `../../data` and
`sys.path.insert(0, "../../src")` mean what they mean in the lab. What a run writes, it writes into the copy, which is gone afterwards.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from labnotes.source.labs import Lab
from labnotes.source.leftovers import is_leftover
from labnotes.source.notes import Note
from labnotes.store.dependencies import MACHINE_FILES

LARGEST_COPY = 16_000_000
"""Bytes up to which a file is copied. A larger one is linked: a run reads it where it lies, and cannot write to it."""

CACHES = {"record", "record.new", "record.old"}
"""Names of folders that no run is given, besides leftovers: what was accepted of earlier runs."""


@dataclass(frozen=True)
class WorkingCopy:
    """The copy that a run works in. `lab_root` is the lab that it stands for, `root` the folder that looks like it, `folder` the note's
    folder in it. `left_out` names files of the note's folder that earlier runs wrote, by their paths from it."""

    lab_root: Path
    root: Path
    folder: Path
    left_out: tuple[str, ...] = ()

    def path_in_lab(self, path: Path) -> Path:
        """The path in the lab that a path in the copy stands for; any other path is returned as it is."""
        return self.lab_root / path.relative_to(self.root) if path.is_relative_to(self.root) else path


def make_working_copy(note: Note, lab: Lab, scratch: Path, written: Collection[str]) -> WorkingCopy:
    """Copy the note's folder to `scratch`, without what is hidden, what is recorded, and the files `written` by earlier runs.

    `written` are paths from the lab's root.
    """
    root = scratch / "lab"
    folder = root / note.folder.relative_to(lab.root)
    folder.mkdir(parents=True)
    inner = note.folder
    while inner != lab.root:  # what lies beside the note's folder, and beside each folder that holds it
        parent = inner.parent
        for path in parent.iterdir():
            if path != inner:
                (root / path.relative_to(lab.root)).symlink_to(path)
        inner = parent
    own = {name for name in written if _is_below(name, note.folder.relative_to(lab.root))}
    left_out = _copy_tree(note.folder, folder, lab.root, own)
    return WorkingCopy(lab.root, root, folder, tuple(sorted(left_out)))


def _is_below(name: str, folder: Path) -> bool:
    return Path(name).is_relative_to(folder)


def _copy_tree(folder: Path, target: Path, lab_root: Path, written: Collection[str]) -> list[str]:
    """Copy files, links and folders; return what was left out of the files that earlier runs wrote, by their paths from `folder`."""
    left_out = []
    for walked, folders, names in os.walk(folder):
        at = Path(walked)
        place = target / at.relative_to(folder)
        top = at == folder
        links = [name for name in folders if (at / name).is_symlink()]
        folders[:] = [
            name
            for name in folders
            if name not in CACHES and name not in links and not (top and name.startswith(".")) and not is_leftover(at / name)
        ]
        for name in folders:
            (place / name).mkdir()
        for name in (*names, *links):
            path = at / name
            if is_leftover(path) or (top and (name in MACHINE_FILES or name.startswith("."))):
                continue
            if path.relative_to(lab_root).as_posix() in written:
                left_out.append(path.relative_to(folder).as_posix())
                continue
            _copy_file(path, place / name, lab_root)
    return left_out


def _copy_file(path: Path, target: Path, lab_root: Path) -> None:
    """Copy a file with its time; keep a link a link, link a large file, and leave out what is no file at all, such as a socket.

    A link out of the lab leads to the same place from here: beside the copy there is only what looks like the lab.
    """
    with contextlib.suppress(FileNotFoundError):  # of a file that was removed meanwhile
        if path.is_symlink():
            real = Path(os.path.realpath(path))
            target.symlink_to(os.readlink(path) if real.is_relative_to(lab_root) else real)
            return
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return
        if status.st_size > LARGEST_COPY:
            target.symlink_to(path)
        else:
            shutil.copy2(path, target)
