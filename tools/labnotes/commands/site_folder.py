"""The folder that a site is built into. A build replaces and removes there what a build put there, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labnotes.errors import Problem, UsageError
from labnotes.model.digests import text_digest
from labnotes.source.labs import Lab
from labnotes.store import folders

LISTS = ".labnotes/built"
"""The folder of a lab with a list of the files of each site that was built, one path a line."""

OURS = "assets/labnotes"
"""The folder of the theme's own files, which is in every site that labnotes built."""


@contextmanager
def empty_site_folder(lab: Lab) -> Iterator[Path]:
    """Lend an empty folder of the lab to build into; it is removed afterwards."""
    folder = folders.own_folder(lab.root / ".labnotes", lab.root) / f"building-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_site_folder(lab: Lab, out: Path) -> None:
    """Make sure that a site may be put into `out`.

    Raises UsageError if it is a link, a file, or holds files that no build put there.
    """
    _refuse_links(lab, out)
    if out.exists() and not out.is_dir():
        raise UsageError(Problem(str(out), "is no folder", "name a new or empty folder"))
    if out.is_dir() and any(out.iterdir()) and not _list_of_files(lab, out).exists() and not (out / OURS).is_dir():
        hint = "a build removes what an older build left: name a new or empty folder, or move these files"
        raise UsageError(Problem(str(out), "holds files that no build of labnotes put there", hint))


def put_site(lab: Lab, built: Path, out: Path) -> None:
    """Make `out` hold the site that was built, and remove what an older build put there and this one did not."""
    check_site_folder(lab, out)
    listing = _list_of_files(lab, out)
    folders.own_folder(listing.parent, lab.root)
    folders.mirror_files(built, out, listing, before=folders.files_below(out))


def _refuse_links(lab: Lab, out: Path) -> None:
    root = lab.root if out.is_relative_to(lab.root) else out.parent
    folders.refuse_links(out, root)


def _list_of_files(lab: Lab, out: Path) -> Path:
    return lab.root / LISTS / f"{text_digest(str(out))[:16]}.txt"
