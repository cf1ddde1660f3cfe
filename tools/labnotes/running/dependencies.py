"""What a run depended on, from the trace its processes left and from the files that always count."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import labnotes
from labnotes import fingerprints
from labnotes.freshness import input_files, listing, normal
from labnotes.notes import Lab, Note
from labnotes.records import Dependencies

PLATFORM = Path(labnotes.__file__).resolve().parent
"""This package: no record depends on it; the record's schema version counts instead."""

PLATFORM_DISTRIBUTIONS = {"labnotes", "matplotlib-inline"}
"""Loaded by the platform after the first cell, whatever the note does."""

_SKIPPED = {".git", "__pycache__", "record", ".labnotes", ".venv", ".ipynb_checkpoints"}

State = tuple[int, int] | None
"""Modification time (ns) and size of a file, None if it is absent."""


@dataclass
class Watched:
    """What the trace says. `moved` names inputs that changed while the run was reading them."""

    dependencies: Dependencies
    isolation: str
    moved: list[str] = field(default_factory=list)


def state_of(path: Path) -> State:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def snapshot(note: Note, lab: Lab) -> dict[Path, str]:
    """Digests of the files that always count, before a run."""
    return {path: fingerprints.of_file(path) for path in input_files(note, lab)}


def gather(trace: Path, before: Mapping[Path, str], note: Note, lab: Lab, scratch: Path) -> Watched:
    """Read the trace of a finished run. A file that the run wrote before it read it is an output, not a dependency."""
    modules: dict[str, str] = {}
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    packages: set[str] = set()
    baseline: set[str] = set()
    written: set[Path] = set()
    moved: list[str] = []
    outside: set[str] = set()
    watched = Watched(Dependencies(note.code_digest), "none")

    for line in trace.read_text(encoding="utf-8").splitlines():
        kind, *values = json.loads(line)
        if kind == "isolation":
            watched.isolation = values[0]
        elif kind == "baseline":
            baseline = baseline or set(values[0])
        elif kind == "package":
            packages.add(values[0])
        elif kind in ("read", "write", "list"):
            path = Path(os.path.realpath(values[0]))
            if not path.is_relative_to(lab.root):
                if kind == "read" and values[1] and _is_personal(path, scratch):
                    outside.add(path.name)
                continue
            if _SKIPPED & set(path.relative_to(lab.root).parts) or path.is_relative_to(PLATFORM):
                continue
            name = path.relative_to(lab.root).as_posix()
            if kind == "write":
                if name not in {*files, *modules}:
                    written.add(path)
            elif kind == "list":
                if path.is_dir():
                    folders[name] = ""
            elif path not in written and not path.is_dir() and name not in {*files, *modules}:
                if state_of(path) != (tuple(values[1]) if values[1] else None):
                    moved.append(name)
                digest = fingerprints.of_file(path) if path.is_file() else ""
                (modules if path.suffix == ".py" else files)[name] = digest

    for counted, digest in before.items():
        if counted in written:
            continue
        name = counted.relative_to(lab.root).as_posix()
        if not counted.is_file() or fingerprints.of_file(counted) != digest:
            moved.append(name)
        files[name] = digest
    made = {path.parent.relative_to(lab.root).as_posix() for path in written}
    folders = {name: listing(lab.root / name) for name in folders if name not in made}
    for own in (note.source.path.name, "note.yml", note.settings.references):
        files.pop((note.folder / own).relative_to(lab.root).as_posix(), None)
        modules.pop((note.folder / own).relative_to(lab.root).as_posix(), None)

    distributions = _distributions(packages - baseline)
    watched.dependencies = Dependencies(note.code_digest, modules, files, folders, distributions, tuple(sorted(outside)))
    watched.moved = sorted(set(moved))
    return watched


def _is_personal(path: Path, scratch: Path) -> bool:
    """Whether a file belongs to a person rather than to the system, Python or this run."""
    installed = [PLATFORM, sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()]
    system = ["/usr", "/lib", "/lib64", "/etc", "/bin", "/opt", "/tmp", "/var", "/nix"]
    caches = [scratch, *(Path.home() / name for name in (".cache", ".config", ".local"))]
    return not any(path.is_relative_to(os.path.realpath(str(folder))) for folder in (*installed, *system, *caches))


def _distributions(packages: set[str]) -> dict[str, str]:
    """Versions of the distributions that own these top-level packages."""
    owners = _owners()
    found = {normal(name) for package in packages for name in owners.get(package, [])} - PLATFORM_DISTRIBUTIONS
    return {name: importlib.metadata.version(name) for name in sorted(found)}


@cache
def _owners() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()
