"""A lab in a temporary folder, driven through the real command line."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

import in_process
import machine
from labnotes.model.digests import text_digest

OWN_LAB = Path(__file__).parents[2]

SETTINGS = {"title": "A note", "date": "2026-11-21", "authors": ["Ada Example"], "summary": "What was found.", "status": "published"}


@dataclass
class CommandResult:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass
class LabBox:
    """A lab with a cache of its own. Calling it runs `labnotes`, in this process unless another Python is asked for.

    `recorded` is the folder where all workers keep the records of notes that several tests begin with.
    """

    root: Path
    cache: Path
    recorded: Path
    environment: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable

    def write_note(self, slug: str, source: str, *, suffix: str = "py", settings: Mapping[str, object] | None = None) -> Path:
        folder = self.root / "notes" / slug
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"note.{suffix}").write_text(textwrap.dedent(source).lstrip(), encoding="utf-8")
        (folder / "note.yml").write_text(yaml.safe_dump({**SETTINGS, **(settings or {})}), encoding="utf-8")
        return folder

    def __call__(self, *args: str, cwd: Path | None = None, **environment: str) -> CommandResult:
        if self.python != sys.executable:
            return self.in_own_process(*args, cwd=cwd, **environment)
        return CommandResult(*in_process.run_command(args, cwd or self.root, self.command_environment(**environment)))

    def in_own_process(self, *args: str, timeout: float = 120, cwd: Path | None = None, **environment: str) -> CommandResult:
        done = subprocess.run(
            [self.python, "-m", "labnotes", *args],
            cwd=cwd or self.root,
            env=self.command_environment(**environment),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return CommandResult(done.returncode, done.stdout, done.stderr)

    def command_environment(self, **more: str) -> dict[str, str]:
        plain = {
            k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_STEP_SUMMARY", "FORCE_COLOR") and not k.startswith("LABNOTES")
        }
        own = {"XDG_CACHE_HOME": str(self.cache), "COLUMNS": "200", "LABNOTES_CHROMIUM": ""}  # a PDF takes seconds: few tests want one
        return {**plain, **own, **self.environment, **more}

    def artifacts_folder(self, slug: str) -> Path:
        """The folder that ordinary runs of a note find under LABNOTES_ARTIFACTS."""
        return self.cache / "labnotes" / "artifacts" / text_digest(str(self.root.resolve()))[:16] / slug

    def record_note(self, slug: str, source: str, *, suffix: str = "py", settings: Mapping[str, object] | None = None) -> Path:
        """Write a note, run it, and accept that run as its record; the folder of the note.

        The same note in a lab without other notes and variables of its own is run once for all tests: each gets a copy of record and run.
        """
        is_alone = not any(self.notes.iterdir()) and not self.environment and [path.name for path in self.root.iterdir()] == ["notes"]
        folder = self.write_note(slug, source, suffix=suffix, settings=settings)
        if not is_alone or self.python != sys.executable:
            self.run_and_accept(slug)
            return folder
        files = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))
        kept = self.recorded / hashlib.sha256(f"{slug} {suffix} {files}".encode()).hexdigest()[:16]
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                self.run_and_accept(slug)
                self._keep_record(folder, kept)
                return folder
        shutil.copytree(kept / "record", folder / "record")
        shutil.copytree(kept / "runs", self._runs_folder(), dirs_exist_ok=True)
        return folder

    def _keep_record(self, folder: Path, kept: Path) -> None:
        """Keep what `run_and_accept` made, unless it made more than a record and a run."""
        made = {path.name for path in folder.iterdir()} - {"record", "note.yml", "versions.jsonl"}
        artifacts = self.cache / "labnotes" / "artifacts"
        if {path.rpartition(".")[0] for path in made} == {"note"} and not any(path.is_file() for path in artifacts.rglob("*")):
            new = kept.with_suffix(".new")
            shutil.copytree(folder / "record", new / "record")
            shutil.copytree(self._runs_folder(), new / "runs")
            new.rename(kept)

    def _runs_folder(self) -> Path:
        """Where `labnotes.store.runs` keeps the runs of this lab."""
        return self.cache / "labnotes" / "runs" / hashlib.sha256(str(self.root).encode()).hexdigest()[:16]

    def copy_own_lab(self) -> None:
        """Copy what git knows of this repository's own lab, and what its pages are made of."""
        names = ["docs", "notes", "tools", "mkdocs.yml"]
        tracked = subprocess.run(["git", "ls-files", "-z", *names], cwd=OWN_LAB, capture_output=True, check=True)
        for name in tracked.stdout.decode().split("\0")[:-1]:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(OWN_LAB / name, self.root / name)

    @property
    def notes(self) -> Path:
        return self.root / "notes"

    def run_and_accept(self, *slugs: str) -> None:
        ran = self("run", *slugs)
        assert ran.code == 0, ran.text
        accepted = self("accept", *slugs, "--yes")
        assert accepted.code == 0, accepted.text


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine lacks something for."""
    for item in items:
        for marker, reason in machine.MISSING.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def ended_by_hangups() -> None:
    """Commands that tests start end on SIGHUP, though the tests themselves may have been started by nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def readings(session_folder: Path) -> None:
    """Figures of the corpus are drawn once for all workers of a parallel run of tests: figure_corpus/readings.py."""
    folder = session_folder / "readings"
    folder.mkdir(exist_ok=True)
    os.environ["FIGURE_READINGS"] = str(folder)


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a parallel run of tests."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def font_cache(session_folder: Path) -> Path:
    """matplotlib's font cache, built once for all workers: it takes seconds."""
    folder = session_folder / "matplotlib"
    with (session_folder / "matplotlib.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            code = "import matplotlib.font_manager"
            subprocess.run([sys.executable, "-c", code], env={**os.environ, "MPLCONFIGDIR": str(folder)}, check=True)
    return folder


@pytest.fixture(scope="session")
def new_lab(font_cache: Path, session_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], LabBox]:
    """Makes an empty lab with an empty cache."""
    recorded = session_folder / "recorded"
    recorded.mkdir(exist_ok=True)

    def make_lab() -> LabBox:
        root = tmp_path_factory.mktemp("box")
        (root / "lab" / "notes").mkdir(parents=True)
        (root / "cache" / "labnotes").mkdir(parents=True)
        (root / "cache" / "labnotes" / "matplotlib").symlink_to(font_cache)
        return LabBox(root / "lab", root / "cache", recorded)

    return make_lab


@pytest.fixture(scope="session")
def made_once(session_folder: Path) -> Callable[[str, Callable[[], Any]], Any]:
    """Calls a function once for all workers of a parallel run of tests: what it returns is kept as JSON under a name."""

    def call_once(name: str, make: Callable[[], Any]) -> Any:
        kept = session_folder / f"{name}.json"
        with (session_folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_text(json.dumps(make()))
        return json.loads(kept.read_text())

    return call_once


@pytest.fixture
def lab(new_lab: Callable[[], LabBox]) -> LabBox:
    return new_lab()


@pytest.fixture(scope="module")
def shared_lab(new_lab: Callable[[], LabBox]) -> LabBox:
    """One lab for the tests of a module that only look at it."""
    return new_lab()


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Replace text in a file; the text must be there."""

    def replace_text(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text, (path, old)
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace_text
