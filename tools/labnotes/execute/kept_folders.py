"""What runs keep from one to the next, in the user's cache folder: for each note what was dear to make, for all the list of fonts."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

from labnotes.errors import Problem, UsageError
from labnotes.model.digests import text_digest
from labnotes.source.labs import Lab
from labnotes.source.notes import Note

FONT_LISTS = "fontlist-*.json"
"""The files of matplotlib's folder that runs are given. A matplotlibrc there would change what all notes draw."""


def artifacts_folder(note: Note, lab: Lab) -> Path:
    """The folder in which ordinary runs of a note keep what is dear to make, such as trained weights. No other note's runs have it."""
    return _cache_folder() / "artifacts" / text_digest(str(lab.root))[:16] / note.slug


def nothing_kept(note: Note, lab: Lab) -> bool:
    """Whether the next run of a note begins from nothing, since no artifact is there."""
    folder = artifacts_folder(note, lab)
    return not folder.is_dir() or not any(folder.iterdir())


def plotting_settings() -> Path:
    """The folder of matplotlib that labnotes keeps: it holds the list of fonts, which takes seconds to make.

    Raises UsageError if it cannot be made.
    """
    return made_folder(_cache_folder() / "matplotlib").resolve()


def make_font_list() -> None:
    """Have matplotlib, if it is installed, make its list of fonts, if there is none."""
    folder = plotting_settings()
    if any(folder.glob(FONT_LISTS)) or importlib.util.find_spec("matplotlib") is None:
        return
    command = [sys.executable, "-P", "-c", "import matplotlib.font_manager"]
    subprocess.run(command, env={**os.environ, "MPLCONFIGDIR": str(folder)}, cwd=folder, capture_output=True, check=False)


def copy_font_list(target: Path) -> None:
    """Give a run a matplotlib folder of its own, with the list of fonts alone."""
    target.mkdir()
    for path in plotting_settings().glob(FONT_LISTS):
        if path.is_file() and not path.is_symlink():
            shutil.copy2(path, target / path.name)


def made_folder(folder: Path) -> Path:
    """A folder that exists.

    Raises UsageError if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be made, and a run needs it: {error.strerror}"
        raise UsageError(Problem(str(folder), what, "set XDG_CACHE_HOME to a folder that can be written")) from None
    return folder


def _cache_folder() -> Path:
    return Path(platformdirs.user_cache_dir("labnotes"))
