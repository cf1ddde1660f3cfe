"""Finished runs, kept by content in the user's cache folder: `check` may use one instead of running a note, `accept` makes one the record.

Each is a folder in the form of a record, named by the digest of its provenance, which holds the digest of every other file. So an edited
run is never used. Failures, timeouts and runs whose inputs changed meanwhile are not kept.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from labnotes.errors import InvalidRecord, LabNotesError, Problem, UsageError
from labnotes.model import digests
from labnotes.model.observation import Observation, RunEnvironment
from labnotes.model.quantities import SCHEMA
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store import folders, records
from labnotes.store.staleness import environment_differences, stale_reasons

LIMIT = 2 * 1024**3
"""Bytes kept. Beyond them, the runs that were unused for longest are deleted. LABNOTES_CACHE_LIMIT (bytes) overrides it."""


LEFT_BEHIND = 3600
"""Seconds after which a run that is not kept yet was left by a process that was killed: to write one takes less than one."""


class StoreError(LabNotesError):
    """The cache folder cannot be written."""


@dataclass(frozen=True)
class RunStore:
    """The finished runs of one lab; `limit` in bytes is that of all labs together."""

    root: Path
    limit: int
    warn: Callable[[str], None]

    @classmethod
    def for_lab(cls, lab: Lab, warn: Callable[[str], None]) -> RunStore:
        """The store of a lab, in the user's cache folder; `warn` is called with a text for each run that is refused.

        Raises UsageError if LABNOTES_CACHE_LIMIT is no number of bytes.
        """
        given = os.environ.get("LABNOTES_CACHE_LIMIT", str(LIMIT))
        if not given.isdigit():
            raise UsageError(Problem("LABNOTES_CACHE_LIMIT", f"{given!r} is no number of bytes", f"for example {LIMIT}"))
        root = Path(platformdirs.user_cache_dir("labnotes")) / "runs" / digests.text_digest(str(lab.root))[:16]
        return cls(root, int(given), warn)

    def save_run(self, note: Note, seed: int, files: Mapping[str, bytes]) -> None:
        """Keep a finished run, given as the files of its record by name.

        Raises StoreError if the disk is full or not writable; no half-written run stays.
        """
        folder = self._run_folder(note, seed)
        target = folder / digests.bytes_digest(files["provenance.json"])
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _remove_unfinished(folder)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as temporary:
                folders.replace_folder(Path(temporary) / "run", files)
                if not target.exists():
                    (Path(temporary) / "run").rename(target)
            folders.replace_file(self._pointer(note, seed), target.relative_to(self.root).as_posix().encode())
        except OSError as error:
            hint = "the result stands, but the next check runs this note again; free some space, or set XDG_CACHE_HOME"
            raise StoreError(Problem(str(self.root), f"the run of {note.slug} could not be kept: {error.strerror}", hint)) from None
        self._prune_runs(keep=target)

    def find_run(self, note: Note, lab: Lab, seed: int, environment: RunEnvironment) -> Observation | None:
        """A finished run for exactly this code, these inputs, this seed and this environment."""
        for path in self._newest_first(self._run_folder(note, seed)):
            run = self._read_run(path)
            if (
                run
                and not run.provenance.dependencies.outside
                and not run.provenance.dependencies.elsewhere
                and not stale_reasons(run.provenance, run.cells, note, lab)
                and not environment_differences(run.provenance, environment)
            ):
                with contextlib.suppress(FileNotFoundError):  # another check may have pruned it
                    os.utime(path)
                return run
        return None

    def latest_run(self, note: Note) -> Observation | None:
        """The run of a note with its golden seed that was kept last, whether or not it still fits the source.

        Which that is was written down: the times of runs go back where a clock does.
        """
        with contextlib.suppress(OSError, UnicodeDecodeError, ValueError):
            path = self.root / self._pointer(note, note.settings.seed).read_text(encoding="utf-8")
            if path.resolve().is_relative_to(self.root.resolve()) and path.is_dir():
                run = self._read_run(path)
                if run is not None:
                    return run
        folders = (self.root / note.slug).glob(f"*-{note.settings.seed}")
        runs = [run for folder in folders for path in self._newest_first(folder) if (run := self._read_run(path))]
        return max(runs, key=lambda run: run.provenance.started, default=None)

    def _pointer(self, note: Note, seed: int) -> Path:
        """The file that names the run of a note and a seed that was kept last."""
        return self.root / note.slug / f".latest-{seed}"

    def _run_folder(self, note: Note, seed: int) -> Path:
        return self.root / note.slug / f"{note.code_digest[:32]}-{seed}"

    def _newest_first(self, folder: Path) -> list[Path]:
        paths = [path for path in folder.glob("*") if not path.name.startswith(".")] if folder.is_dir() else []
        return sorted(paths, key=_last_used, reverse=True)

    def _read_run(self, path: Path) -> Observation | None:
        """Read a stored run; None if it is not what was stored, in which case it is removed, or if it is of another schema."""
        try:
            name = digests.bytes_digest((path / "provenance.json").read_bytes())
            if name != path.name:
                raise InvalidRecord(Problem(path.name[:12], "its provenance is not what was stored"))
            run = records.read_record(path, Path(path.name[:12]), stored=True)
            return run if run and run.provenance.schema == SCHEMA else None
        except (InvalidRecord, OSError) as error:
            self.warn(f"refused a stored run that is not what was stored, and removed it: {error}".splitlines()[0])
            shutil.rmtree(path, ignore_errors=True)
            return None

    def _prune_runs(self, keep: Path) -> None:
        """Delete the runs that were unused for longest until the others fit the limit; `keep` always stays."""
        runs = sorted(((_last_used(path), _folder_size(path), path) for path in self._all_runs() if path != keep), reverse=True)
        total = _folder_size(keep)
        for _, size, path in runs:
            total += size
            if total > self.limit:
                shutil.rmtree(path, ignore_errors=True)

    def _all_runs(self) -> Iterator[Path]:
        """The runs of every lab: the limit is one for the whole cache."""
        return (path for path in self.root.parent.glob("*/*/*/*") if not path.name.startswith("."))


def _remove_unfinished(folder: Path) -> None:
    """Remove what processes that were killed left of runs that they were about to keep."""
    for left in folder.glob(".new-*"):
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < time.time() - LEFT_BEHIND:
                shutil.rmtree(left)


def _last_used(run: Path) -> float:
    """When a run was last used, in seconds since 1970; 0 if another check has just removed it."""
    with contextlib.suppress(OSError):
        return run.stat().st_mtime
    return 0.0


def _folder_size(run: Path) -> int:
    """The size of a run in bytes; incomplete if another check removes the run meanwhile."""
    total = 0
    with contextlib.suppress(OSError):
        for path in run.rglob("*"):
            total += path.stat().st_size
    return total
