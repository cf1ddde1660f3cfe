"""The story of a build: stage the notes, then let MkDocs make the site. MkDocs is a command here, never imported."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from labnotes import staging
from labnotes.errors import Problem, UsageError
from labnotes.notes import Lab
from labnotes.staging import Staged


@dataclass(frozen=True)
class Built:
    """`output` is what MkDocs said; it succeeded if `ok`."""

    staged: Staged
    out: Path
    ok: bool
    output: str


def build(lab: Lab, out: Path, checks: Path, *, drafts: bool, tell: Callable[[str], None]) -> Built:
    """Stage every note and build the site into `out`.

    Raises UsageError if the lab has no site settings or MkDocs is not installed.
    """
    settings = lab.root / "mkdocs.yml"
    if not settings.is_file():
        raise UsageError(
            Problem(str(settings), "does not exist, so there is no site to build", "labnotes init makes one; run and check work without")
        )
    if importlib.util.find_spec("mkdocs") is None:
        raise UsageError(Problem("", "MkDocs is not installed", "pip install 'labnotes[site]'"))
    staged = staging.stage(lab, lab.slugs(), _docs_folder(settings), checks, drafts=drafts)
    tell(f"staged {len(staged.pages)} note{'' if len(staged.pages) == 1 else 's'}, building the site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "--config-file", str(settings), "--site-dir", str(out)],
        cwd=lab.root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Built(staged, out, done.returncode == 0, done.stdout + done.stderr)


class _AnyTag(yaml.SafeLoader):
    """Site settings may hold tags that only MkDocs knows (!ENV, !!python/name)."""


_AnyTag.add_multi_constructor("", lambda loader, suffix, node: None)


def _docs_folder(settings: Path) -> Path:
    try:
        found = yaml.load(settings.read_text(encoding="utf-8"), Loader=_AnyTag)
    except yaml.YAMLError as error:
        raise UsageError(Problem(str(settings), f"is no YAML: {error}")) from None
    name = found.get("docs_dir", "docs") if isinstance(found, dict) else "docs"
    return settings.parent / str(name)
