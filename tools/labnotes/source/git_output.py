"""What git says of a folder. A lab need not be a repository, and git need not be there."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git_output(root: Path, *arguments: str) -> str | None:
    """What git prints; None where there is no git, no repository, or it fails."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
