"""Build the site: install the theme, stage the notes, let MkDocs make the site, read what it made. MkDocs is a command, never imported."""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from labnotes import installation
from labnotes.commands import papers, site_folder
from labnotes.errors import Problem, UsageError
from labnotes.site.stage import site_settings, source_marks, staging
from labnotes.site.stage.staging import StagingResult
from labnotes.site.verify import verification
from labnotes.source.labs import Lab
from labnotes.store import folders
from labnotes.store.result_stores import LogSource

THEME = ".labnotes/site"
"""Where a lab finds the theme of the labnotes that is installed: its mkdocs.yml inherits from THEME/mkdocs.yml."""

THEME_FILES = ".files"
"""The list of the theme's files that labnotes put into that folder."""

OWN_PREVIEW = "LABNOTES_PREVIEW"
"""The variable that tells the theme's hooks that labnotes serves the pages which are built, not MkDocs."""

WITHOUT_ADDRESS = (
    "feeds have no whole addresses, the sitemap none at all; pages no canonical one (og:url) and no picture for sites that link to them (og:image); "
    "citations, BibTeX, JSON-LD and paper do not say where the note stands"
)
"""What a site lacks that does not know its address."""

EXTRAS_WITH_PLUGINS = {"mkdocstrings": "reference"}
"""Plugins that labnotes does not need, and the extra that installs each for a lab whose mkdocs.yml asks for it."""


@dataclass(frozen=True)
class BuildResult:
    """The result of a build. `output` is what MkDocs said; it succeeded if `ok`. `faults` are the problems of the pages that it made."""

    staged: StagingResult
    out: Path
    ok: bool
    output: str
    faults: tuple[Problem, ...]


def build_site(lab: Lab, out: Path, checks: LogSource | None, *, drafts: bool, tell: Callable[[str], None]) -> BuildResult:
    """Stage every note, build the site into `out` and verify it.

    Raises UsageError if the lab has no site settings, MkDocs is not installed, or `out` holds something else.
    """
    site_folder.check_site_folder(lab, out)
    with staging_lock(lab):
        site = prepare_site(lab)
        tell_own_code(lab, tell)
        if not site.url:
            tell(f"mkdocs.yml has no site_url, the address of the published site: {WITHOUT_ADDRESS}")
        return _stage_and_build(lab, out, checks, site, drafts=drafts, tell=tell)


def _stage_and_build(
    lab: Lab, out: Path, checks: LogSource | None, site: site_settings.SiteSettings, *, drafts: bool, tell: Callable[[str], None]
) -> BuildResult:
    staged = staging.stage_notes(lab, lab.note_slugs(), site, theme_of(lab), checks, drafts=drafts)
    tell(f"staged {len(staged.pages)} note{'' if len(staged.pages) == 1 else 's'}, building the site")
    with site_folder.empty_site_folder(lab) as built:
        done = subprocess.run(
            mkdocs_command(lab, "build", "--strict", "--clean", "--site-dir", str(built)),
            cwd=lab.root,
            env=mkdocs_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        ok = done.returncode == 0
        printed = papers.print_notes(lab, built, staged.pages, tell) if ok else []
        if any(note.is_new for note in printed):
            tell(f"printed {sum(note.is_new for note in printed)} of {len(printed)} PDFs anew")
        problems = verification.verify_site(built, [f"notes/{slug}/" for slug in staged.broken]) if ok else []
        faults = tuple(source_marks.with_source_place(problem, built, site.docs) for problem in problems)
        if ok:
            site_folder.put_site(lab, built, out)
    return BuildResult(staged, out, ok, done.stdout + done.stderr, faults)


@contextmanager
def staging_lock(lab: Lab) -> Iterator[None]:
    """Hold the lock on the lab's staged pages: two commands at once would undo each other's work.

    Raises UsageError if another process holds the lock.
    """
    folder = folders.own_folder(lab.root / ".labnotes", lab.root)
    with (folder / "staging.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            hint = "end the other one first"
            raise UsageError(Problem(str(lab.root), "labnotes build or serve is at work in this lab already", hint)) from None
        yield


def prepare_site(lab: Lab) -> site_settings.SiteSettings:
    """Put the theme where the lab's settings look for it; return the settings of the site.

    Raises UsageError if there are no usable settings, or MkDocs or a plugin that they name is not installed.
    """
    require_builder(lab)
    path = lab.root / "mkdocs.yml"
    site = site_settings.read_settings(path)
    missing = _missing_plugins(path)
    if missing:
        raise UsageError(*missing)
    if not re.search(r"^INHERIT\s*:", path.read_text(encoding="utf-8"), re.MULTILINE):  # MkDocs would look for our templates in vain
        raise UsageError(Problem(str(path), "does not take over the settings of labnotes", f"add the line\nINHERIT: {THEME}/mkdocs.yml"))
    with as_file(files("labnotes.site") / "theme") as theme:
        target = folders.own_folder(lab.root / THEME, lab.root)
        folders.mirror_files(theme, target, target / THEME_FILES, before=())  # beside them lie parts that are staged
    return site


def require_builder(lab: Lab) -> None:
    """Raise UsageError if the lab has no settings of a site, or MkDocs is not installed."""
    path = lab.root / "mkdocs.yml"
    if not path.is_file():
        raise UsageError(
            Problem(
                str(path),
                "does not exist, so there is no site to build",
                "labnotes init . writes what a lab lacks; run and check work without",
            )
        )
    for module, name in (("mkdocs", "MkDocs"), ("mkdocs_jupyter", "mkdocs-jupyter")):
        if importlib.util.find_spec(module) is None:
            raise UsageError(Problem("", f"{name} is not installed", installation.install_command("site")))


def tell_own_code(lab: Lab, tell: Callable[[str], None]) -> None:
    """Tell in a line what code MkDocs will run because the lab's own settings name it, with the rights of whoever builds."""
    code = site_settings.code_named(lab.root / "mkdocs.yml")
    if code:
        tell(f"mkdocs.yml names code that MkDocs runs with your rights: {code}")


def _missing_plugins(path: Path) -> list[Problem]:
    """A problem for each plugin that a lab's own settings name and that is not installed."""
    named = site_settings.own_plugins(path)
    known = {point.name.removeprefix("material/") for point in importlib.metadata.entry_points(group="mkdocs.plugins")} if named else set()
    return [
        Problem(f"{path}: plugins", f"{name} is not installed", _command_for(name))
        for name in named
        if name.removeprefix("material/") not in known
    ]


def _command_for(plugin: str) -> str:
    extra = EXTRAS_WITH_PLUGINS.get(plugin)
    return installation.install_command("site", extra) if extra else "install the package that has this plugin, or take the name out"


def theme_of(lab: Lab) -> Path:
    return lab.root / THEME / "overrides"


def mkdocs_command(lab: Lab, *words: str) -> list[str]:
    return [sys.executable, "-m", "mkdocs", *words, "--config-file", str(lab.root / "mkdocs.yml")]


def mkdocs_environment() -> dict[str, str]:
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
