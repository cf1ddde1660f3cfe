"""Finished runs, kept by content in the user's cache folder: what `check` may skip by and what `accept` takes.

Each is a folder in the form of a record, named by the digest of its provenance, which holds the digest of every other file. So nothing in
it can be edited and still be taken. Failures, timeouts and runs whose inputs moved never get here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from labnotes.errors import InvalidRecord, LabNotesError, Problem, UsageError
from labnotes.model import digests
from labnotes.model.observation import Environment, Observation
from labnotes.model.quantities import SCHEMA
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store import records
from labnotes.store.staleness import environment_differences, stale_reasons

LIMIT = 2 * 1024**3
"""Bytes kept; beyond, the runs unused for longest go. LABNOTES_CACHE_LIMIT (bytes) overrides it."""


class StoreError(LabNotesError):
    """The cache folder cannot be written."""


@dataclass(frozen=True)
class Store:
    """The runs of one lab."""

    root: Path
    limit: int
    warn: Callable[[str], None]

    @classmethod
    def of(cls, lab: Lab, warn: Callable[[str], None]) -> Store:
        """The store of a lab, in the user's cache folder; `warn` is told of runs that are refused.

        Raises UsageError if LABNOTES_CACHE_LIMIT is no number of bytes.
        """
        given = os.environ.get("LABNOTES_CACHE_LIMIT", str(LIMIT))
        if not given.isdigit():
            raise UsageError(Problem("LABNOTES_CACHE_LIMIT", f"{given!r} is no number of bytes", f"for example {LIMIT}"))
        root = Path(platformdirs.user_cache_dir("labnotes")) / "runs" / digests.of_text(str(lab.root))[:16]
        return cls(root, int(given), warn)

    def put(self, note: Note, seed: int, files: Mapping[str, bytes]) -> None:
        """Keep a finished run.

        Raises StoreError if the disk is full or not writable; nothing half-written stays.
        """
        folder = self._folder(note, seed)
        target = folder / digests.of_bytes(files["provenance.json"])
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as temporary:
                records.write(files, Path(temporary) / "run")
                if not target.exists():
                    (Path(temporary) / "run").rename(target)
        except OSError as error:
            hint = "the result stands, but the next check runs this note again; free some space, or set XDG_CACHE_HOME"
            raise StoreError(Problem(str(self.root), f"the run of {note.slug} could not be kept: {error.strerror}", hint)) from None
        self._prune(keep=target)

    def find(self, note: Note, lab: Lab, seed: int, here: Environment) -> Observation | None:
        """A finished run for exactly this code, these inputs, this seed and this environment."""
        for path in self._newest_first(self._folder(note, seed)):
            found = self._read(path)
            if (
                found
                and not found.provenance.dependencies.outside
                and not found.provenance.dependencies.elsewhere
                and not stale_reasons(found.provenance, found.cells, note, lab)
                and not environment_differences(found.provenance, here)
            ):
                with contextlib.suppress(FileNotFoundError):  # another check may have pruned it
                    os.utime(path)
                return found
        return None

    def latest(self, note: Note) -> Observation | None:
        """The newest run of a note with its golden seed, whether or not it still fits the source."""
        folders = (self.root / note.slug).glob(f"*-{note.settings.seed}")
        runs = [run for folder in folders for path in self._newest_first(folder) if (run := self._read(path))]
        return max(runs, key=lambda run: run.provenance.started, default=None)

    def _folder(self, note: Note, seed: int) -> Path:
        return self.root / note.slug / f"{note.code_digest[:32]}-{seed}"

    def _newest_first(self, folder: Path) -> list[Path]:
        paths = [path for path in folder.glob("*") if not path.name.startswith(".")] if folder.is_dir() else []
        return sorted(paths, key=_used, reverse=True)

    def _read(self, path: Path) -> Observation | None:
        """A stored run, if it is what was stored; else it is refused and removed."""
        try:
            name = digests.of_bytes((path / "provenance.json").read_bytes())
            if name != path.name:
                raise InvalidRecord(Problem(path.name[:12], "its provenance is not what was stored"))
            found = records.read(path, Path(path.name[:12]))
            return found if found and found.provenance.schema == SCHEMA else None
        except (InvalidRecord, OSError) as error:
            self.warn(f"refused a stored run that is not what was stored, and removed it: {error}".splitlines()[0])
            shutil.rmtree(path, ignore_errors=True)
            return None

    def _prune(self, keep: Path) -> None:
        runs = sorted(((_used(path), _size(path), path) for path in self._all() if path != keep), reverse=True)
        total = _size(keep)
        for _, size, path in runs:
            total += size
            if total > self.limit:
                shutil.rmtree(path, ignore_errors=True)

    def _all(self) -> Iterator[Path]:
        """The runs of every lab: the limit is one for the whole cache."""
        return (path for path in self.root.parent.glob("*/*/*/*") if not path.name.startswith("."))


# another check may remove a run while we look at it
def _used(run: Path) -> float:
    with contextlib.suppress(OSError):
        return run.stat().st_mtime
    return 0.0


def _size(run: Path) -> int:
    total = 0
    with contextlib.suppress(OSError):
        for path in run.rglob("*"):
            total += path.stat().st_size
    return total
