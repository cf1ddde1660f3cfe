"""What a run depended on, from the trace its processes left and from the files that always count."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs
from packaging.utils import canonicalize_name

import labnotes
from labnotes.errors import InvalidNote, Problem
from labnotes.execute.working_copy import WorkingCopy
from labnotes.model.observation import RunDependencies
from labnotes.source import code_digest, content_cache
from labnotes.source.labs import Lab
from labnotes.source.leftovers import is_left_below
from labnotes.source.notes import Note
from labnotes.store import inputs, outside_modules
from labnotes.store.dependencies import folder_digest, input_files
from labnotes.store.loaded_modules import LoadedModules, note_file

PLATFORM = Path(labnotes.__file__).resolve().parent
"""This package: no record depends on it; the record's schema version counts instead."""

PLATFORM_PACKAGES = ("labnotes", "matplotlib_inline")
"""Loaded by the platform after the first cell, whatever the note does. No run depends on the distributions that hold them."""

_FONTS = {".ttf", ".otf", ".ttc", ".afm", ".pfb"}

State = tuple[int, int] | None
"""Modification time (ns) and size of a file, None if it is absent."""


@dataclass
class TraceResult:
    """The result of reading a trace. `moved` names inputs that changed while the run was reading them."""

    dependencies: RunDependencies
    moved: list[str]


def input_digests(note: Note, lab: Lab) -> dict[Path, str]:
    """The digests of the files that always count, by path; taken before a run."""
    return {path: code_digest.file_digest(path) for path in input_files(note, lab)}


def read_trace(trace: Path, before: Mapping[Path, str], note: Note, lab: Lab, copy: WorkingCopy) -> TraceResult:
    """Read the trace of a finished run and add the files that always count. A path in the run's copy of the lab stands for that in the lab.

    Raises InvalidNote if the run took modules from elsewhere that the lab has itself.
    """
    findings = _TraceFindings(note, lab, copy, before)
    for line in trace.read_text(encoding="utf-8").splitlines():
        findings.add_finding(*json.loads(line))
    findings.add_counted(before)
    findings.add_failed_imports()
    findings.refuse_other_copies()
    return TraceResult(findings.collected_dependencies(), sorted(findings.moved))


class _TraceFindings:
    """What the processes of a run did, by the lines of its trace. A file written before it was read is an output, not a dependency."""

    def __init__(self, note: Note, lab: Lab, copy: WorkingCopy, counted: Iterable[Path]) -> None:
        self._note, self._lab, self._copy, self._scratch = note, lab, copy, copy.root.parent
        self._linked = {os.path.realpath(path): path for path in counted}
        words = (note.source.path.name, "note.yml", note.settings.references)
        self._own = {(note.folder / name).resolve() for name in words}
        self._fetched = inputs.inputs_folder().resolve()
        self._modules: set[str] = set()
        self._files: dict[str, str] = {}
        self._folders: set[str] = set()
        self._written: set[str] = set()
        self._absent: set[str] = set()
        self._outside: set[str] = set()
        self._elsewhere: set[Path] = set()
        self._packages: set[str] = set()
        self._baseline: set[str] | None = None
        self._imports: set[str] = set()
        self.moved: set[str] = set()

    def add_finding(self, kind: str, *values: Any) -> None:
        """Add a finding of the audit hook; other kinds are about cells (see `cell_reports`)."""
        value, state, *_ = (*values, None, None)
        if kind == "baseline":
            self._baseline = set(value) if self._baseline is None else self._baseline
        elif kind == "package":
            self._packages.add(value)
        elif kind == "import":
            self._imports.add(value)
        elif kind in ("module", "read", "write", "list"):
            self._add_path(kind, self._path_through_lab(value), tuple(state) if state else None)

    def add_counted(self, before: Mapping[Path, str]) -> None:
        """Add the files that count whether or not they were seen to be read, with their digests before the run."""
        self.moved |= {name for name in self._absent if (self._lab.root / name).is_file()}
        for path, digest in before.items():
            name = self._path_in_lab(path)
            if name in self._written:
                continue
            if not path.is_file() or code_digest.file_digest(path) != digest:
                self.moved.add(name)
            self._files[name] = digest

    def add_failed_imports(self) -> None:
        """Add modules that were looked for in vain: a file of that name in the lab would be loaded next time."""
        bases = {self._note.folder, self._lab.root, *(Path(os.path.realpath(p)) for p in (*sys.path, *outside_modules.python_path()))}
        bases = {base for base in bases if self._is_of_lab(base)}
        for name in sorted(self._imports):
            if _is_installed(name.partition(".")[0]):
                continue
            places = [base / name.replace(".", "/") for base in bases]
            if not any(place.is_dir() or place.with_suffix(".py").is_file() for place in places):
                self._files.update({self._path_in_lab(place.with_suffix(".py")): "" for place in places})

    def _is_of_lab(self, folder: Path) -> bool:
        """Whether a folder is the lab's own: not this package, nor an environment that happens to be installed in the lab."""
        if not folder.is_relative_to(self._lab.root) or folder.is_relative_to(PLATFORM):
            return False
        installed = any(folder.is_relative_to(os.path.realpath(prefix)) for prefix in (sys.prefix, sys.base_prefix))
        return not installed and not is_left_below(folder, self._lab.root)

    def collected_dependencies(self) -> RunDependencies:
        made = {str(Path(name).parent.as_posix()) for name in self._written}
        listings = {name: folder_digest(self._lab.root / name) for name in sorted(self._folders - made)}
        packages = self._packages - (self._baseline or set())
        places = self._places_elsewhere()
        outside_modules.remember_places(places, self._note.slug, self._lab)
        loaded = LoadedModules.of_run(self._modules, places, self._note, self._lab)
        modules = {name: loaded.digest_of(name) for name in sorted(self._modules - self._files.keys())}
        if loaded.note_docstrings:
            modules[note_file(self._note)] = loaded.note_docstrings
        return RunDependencies(
            code=self._note.code_digest,
            modules=modules,
            files=self._files,
            folders=listings,
            distributions=_distribution_versions(packages),
            written=tuple(sorted(self._written)),
            outside=tuple(sorted(self._outside)),
            fetched={pin.address: pin.sha256 for pin in self._note.settings.input_pins},
            elsewhere={name: loaded.outside_digest(name) for name in sorted(places)},
        )

    def refuse_other_copies(self) -> None:
        """Refuse a run that took a module from elsewhere which the lab has itself: it says nothing about the lab's.

        Raises InvalidNote with one problem for each package, which names both places.
        """
        problems: dict[str, Problem] = {}
        for name, path in sorted(self._places_elsewhere().items()):
            own = _of_lab(self._lab, self._note, name)
            if own is None:
                continue
            top = name.partition("/")[0].removesuffix(".py")
            place = _base_of(path, name)
            what = f"{top} was loaded from {place}, not from this lab, which has its own ({self._path_in_lab(own)})"
            source = own.parents[len(Path(name).parts) - 1]
            hint = (
                "the run says nothing about the code that is here. Use an environment of this lab's own (its editable install), "
                f"or say where its code lies: PYTHONPATH={self._path_in_lab(source) or '.'}"
            )
            problems.setdefault(top, Problem(self._note.slug, what, hint))
        if problems:
            raise InvalidNote(*problems.values())

    def _places_elsewhere(self) -> dict[str, Path]:
        """The modules outside the lab by their names on Python's path. Of two that have one name, one is called by its folder too."""
        places: dict[str, Path] = {}
        for path in sorted(self._elsewhere):
            name = outside_modules.module_name(path, self._imports)
            while name in places:
                name = path.relative_to(path.parents[min(len(Path(name).parts), len(path.parts) - 1)]).as_posix()
            places[name] = path
        return places

    def _path_through_lab(self, given: str) -> Path:
        """A path without links; but of what lies outside the lab and is reached by a link in the lab, the path in the lab: as that the record
        keeps it, and what it leads to is compared."""
        real = self._copy.path_in_lab(Path(os.path.realpath(given)))
        if real.is_relative_to(self._lab.root):
            return real
        for folder in Path(given).parents:
            place = self._copy.path_in_lab(Path(os.path.realpath(folder)))
            if place.is_relative_to(self._lab.root):
                return place / Path(given).relative_to(folder)
        return self._linked.get(str(real), real)

    def _add_path(self, kind: str, path: Path, state: State) -> None:
        if path.is_relative_to(self._fetched):  # they count by their digests, wherever the cache is
            return
        if kind == "module" and path.is_file() and self._is_without_version(path):
            self._elsewhere.add(path)
            return
        if not path.is_relative_to(self._lab.root):
            if kind == "read" and state and self._is_personal(path):
                self._outside.add(path.name)
            return
        name = self._path_in_lab(path)
        parts = path.relative_to(self._lab.root).parts
        of_record = parts[:1] == ("notes",) and parts[2:3] == ("record",)
        if is_left_below(path, self._lab.root) or of_record or path.is_relative_to(PLATFORM) or path in self._own:
            return
        self._add_of_lab(kind, name, path, state)

    def _add_of_lab(self, kind: str, name: str, path: Path, state: State) -> None:
        """Add what a run read, listed, wrote or looked for in the lab, by its path from the lab's root."""
        known = {*self._files, *self._modules}
        if kind == "list":
            self._folders.add(name)
        elif kind == "write":
            if name in self._absent:  # looked for, then made by the run itself
                self._absent.discard(name)
                del self._files[name]
                self._written.add(name)
            elif name not in known:
                self._written.add(name)
        elif state is None and name not in known and name not in self._written:
            self._absent.add(name)
            self._files[name] = ""
        elif name not in self._written and not path.is_dir():
            if name not in known and _file_state(path) != state:
                self.moved.add(name)
            if kind == "module" and path.suffix == ".py" and path.is_file():
                self._modules.add(name)
            elif name not in self._files:
                self._files[name] = code_digest.file_digest(path) if path.is_file() else ""

    def _path_in_lab(self, path: Path) -> str:
        return path.relative_to(self._lab.root).as_posix()

    def _is_without_version(self, path: Path) -> bool:
        """Whether a module is neither the lab's nor one that a version stands for. What pip has checked out to install it from is in the
        environment (`src/`), which may lie in the lab."""
        sources = Path(os.path.realpath(sys.prefix), "src")
        if sys.prefix != sys.base_prefix and path.is_relative_to(sources):
            return not path.is_relative_to(PLATFORM)
        return not path.is_relative_to(self._lab.root) and self._is_personal(path)

    def _is_personal(self, path: Path) -> bool:
        """Whether a file belongs to a person rather than to the system, Python or this run."""
        system = ["/usr", "/lib", "/lib64", "/etc", "/bin", "/sbin", "/nix/store", "/System", "/Library"]
        cache = Path(platformdirs.user_cache_dir("labnotes"))
        own = [PLATFORM, self._scratch, cache, cache / "matplotlib"]
        installed = [sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()]
        known = any(path.is_relative_to(os.path.realpath(str(folder))) for folder in (*system, *own, *installed))
        return not known and path.suffix.lower() not in _FONTS


def _file_state(path: Path) -> State:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _base_of(path: Path, name: str) -> Path:
    return path.parents[len(Path(name).parts) - 1]


def _of_lab(lab: Lab, note: Note, name: str) -> Path | None:
    """The lab's own module of that name: beside the note, at the lab's root or at most two folders deep; None if it has none."""
    for pattern in (name, f"*/{name}", f"*/*/{name}"):
        for path in sorted((note.folder / name, *lab.root.glob(pattern))):
            parts = path.relative_to(lab.root).parts
            of_other_note = path.is_relative_to(lab.notes_folder) and not path.is_relative_to(note.folder)
            if (
                path.is_file()
                and not of_other_note
                and not {"site", "node_modules"} & set(parts)
                and not is_left_below(path, lab.root)
                and not path.is_relative_to(PLATFORM)
            ):
                return path
    return None


@cache
def _is_installed(top: str) -> bool:
    """Whether Python finds this package outside any note's folder."""
    try:
        return top in sys.stdlib_module_names or importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


def _distribution_versions(packages: set[str]) -> dict[str, str]:
    """Versions of the distributions that own these top-level packages."""
    owners = _package_owners(_installed_folders())
    distributions, own = (
        {str(canonicalize_name(name)) for package in names for name in owners.get(package, [])} for names in (packages, PLATFORM_PACKAGES)
    )
    return {name: importlib.metadata.version(name) for name in sorted(distributions - own)}


def _installed_folders() -> tuple[str, ...]:
    """The folders of metadata of all installed distributions, each with the time of its last change: pip makes them anew."""
    names = []
    for place in sys.path:
        with contextlib.suppress(OSError), os.scandir(place or ".") as entries:
            names += [f"{entry.path} {entry.stat().st_mtime_ns}" for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    return tuple(sorted(names))


@cache
def _package_owners(installed: tuple[str, ...]) -> Mapping[str, list[str]]:
    """The distributions that own each top-level package. It takes a third of a second to read the lists of their files, so this is done once
    for the same `installed` folders."""
    owners: dict[str, list[str]] = content_cache.computed_for("package owners", installed, importlib.metadata.packages_distributions)
    return owners
