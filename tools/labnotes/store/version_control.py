"""What git says of a lab. A lab need not be a repository, and git need not be there."""

from __future__ import annotations

from pathlib import Path

from labnotes.source.git_output import git_output
from labnotes.store.dependencies import CHECKS


def clean_commit(root: Path) -> str | None:
    """The commit of the lab, if it is a git repository without changes other than lines of logs; else None."""
    changed = git_output(root, "status", "--porcelain", "--untracked-files=all", "--", ".")
    if changed is None or any(not line.endswith(CHECKS) for line in changed.splitlines()):
        return None
    commit = git_output(root, "rev-parse", "HEAD")
    return commit.strip() if commit else None


def untracked_files(root: Path, folder: Path) -> set[str]:
    """The files below `folder` that git does not track, ignored ones too, by their paths from `root`; none where there is no repository."""
    listed = git_output(root, "ls-files", "--others", "-z", "--", str(folder))
    return {name for name in listed.split("\0") if name} if listed else set()
