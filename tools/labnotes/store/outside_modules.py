"""Modules that lie outside the lab and outside Python's own folders, as on PYTHONPATH or in an editable install: no version stands for them.

A record names them by their place on Python's path, without this machine's folders. Where a run found each of them is kept in the user's cache
folder, since a note may add to `sys.path` itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import site
import sys
import sysconfig
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import platformdirs

from labnotes.model.digests import text_digest
from labnotes.source.labs import Lab

ELSEWHERE = "installed elsewhere: "
"""Stands before the name of a module that lies outside the lab, where names of files are told as well."""

_SUFFIXES = (".py", ".so", ".pyd")


def python_path() -> list[str]:
    """The folders that PYTHONPATH names."""
    return [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]


def module_name(path: Path, imported: Collection[str]) -> str:
    """A module's file by its place on Python's path ("smallmodels/statistics.py").

    That is told by the longest of the `imported` names that fits, else by the path itself, else by the folders that are packages around it.
    """
    module = path.parent if path.name == "__init__.py" else path.with_name(path.name.partition(".")[0])
    parts = module.parts
    for start in range(1, len(parts)):  # the longest name first
        if ".".join(parts[start:]) in imported:
            return path.relative_to(Path(*parts[:start])).as_posix()
    bases = [Path(os.path.realpath(entry)) for entry in (*sys.path, *python_path()) if entry]
    bases = [base for base in bases if path.is_relative_to(base) and path != base]  # an archive is its own entry
    if bases:
        return path.relative_to(max(bases, key=lambda base: len(base.parts))).as_posix()
    base = path.parent
    while (base / "__init__.py").is_file():
        base = base.parent
    return path.relative_to(base).as_posix()


def find_module(name: str, slug: str, lab: Lab) -> Path | None:
    """The file that a run of the note would load now under this name, as far as can be told without a run; None if it is not on this machine."""
    remembered = _remembered_places(lab, slug).get(name)
    for path in (*_places_on_path(name), *([Path(remembered)] if remembered else [])):
        if path.is_file():
            return path
    return None


def remember_places(places: Mapping[str, Path], slug: str, lab: Lab) -> None:
    """Keep where a run of a note found its modules from outside the lab, beside those of earlier runs. A cache that cannot be written costs
    no more than that `find_module` may not find them."""
    if not places:
        return
    path = _places_file(lab, slug)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.write_text(
            json.dumps({**_remembered_places(lab, slug), **{name: str(place) for name, place in places.items()}}), encoding="utf-8"
        )
        os.replace(new, path)


def _places_file(lab: Lab, slug: str) -> Path:
    return Path(platformdirs.user_cache_dir("labnotes")) / "outside" / text_digest(str(lab.root))[:16] / f"{slug}.json"


def _remembered_places(lab: Lab, slug: str) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads(_places_file(lab, slug).read_text(encoding="utf-8"))
        return {str(name): str(place) for name, place in kept.items()} if isinstance(kept, dict) else {}
    return {}


def _places_on_path(name: str) -> Iterator[Path]:
    """Yield where Python would look for a module's file, first where PYTHONPATH says; not among what is installed, which versions stand for."""
    installed = [
        os.path.realpath(folder) for folder in (*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages())
    ]
    for entry in (*python_path(), *sys.path):
        folder = os.path.realpath(entry)
        if entry and not any(folder == place or folder.startswith(place + os.sep) for place in installed):
            yield Path(folder) / name
            if os.path.basename(folder) == name:  # an archive
                yield Path(folder)
    top, _, rest = name.partition("/")
    for package, place in editable_packages().items():
        if rest and package.replace(".", "/") == top:
            yield Path(place) / rest
        elif not rest and package == top.partition(".")[0]:
            yield from (Path(place).with_suffix(suffix) for suffix in _SUFFIXES if top.endswith(suffix))


def editable_packages() -> dict[str, str]:
    """The folders of packages that are installed where they are written, and found by an import hook rather than on sys.path."""
    packages: dict[str, str] = {}
    for name, module in sys.modules.copy().items():
        if name.startswith("__editable__"):
            packages |= getattr(module, "MAPPING", {})
    return packages
