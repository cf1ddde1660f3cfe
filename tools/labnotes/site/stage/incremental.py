"""What was staged before, so that only what changed is staged again. Losing it costs time, nothing else."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import labnotes
from labnotes.model import digests
from labnotes.store import staleness, records
from labnotes.store.check_log import LogSource
from labnotes.errors import InvalidRecord
from labnotes.source.labs import Lab
from labnotes.site.stage.note_lists import Entry


class Memory:
    """One small file a note: the keys it was staged under, its entry in the catalogue, the files that were written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, dict[str, Any] | None] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def content(self, slug: str) -> str:
        """The key of what the note was made of when it was staged last; "" if it never was."""
        found = self._read(slug)
        return str(found["content"]) if found else ""

    def last(self, slug: str) -> set[str]:
        """The files of a note when it was staged last, whatever changed since."""
        found = self._read(slug)
        return set(found["files"]) if found else set()

    def last_entry(self, slug: str) -> Entry | None:
        found = self._read(slug)
        return Entry.from_json(found["entry"]) if found else None

    def entry(self, slug: str, key: str) -> Entry | None:
        found = self._read(slug)
        return Entry.from_json(found["entry"]) if found and found["content"] == key else None

    def files(self, slug: str, key: str, target: Path) -> set[str] | None:
        """The files staged under exactly this key, if all are still there as they were written."""
        found = self._read(slug)
        if not found or found["key"] != key:
            return None
        sizes = found["files"]
        whole = all((path := target / name).is_file() and path.stat().st_size == size for name, size in sizes.items())
        return set(sizes) if whole else None

    def forget(self, slug: str) -> None:
        (self._folder / f"{slug}.json").unlink(missing_ok=True)
        self._seen.pop(slug, None)

    def keep(self, slug: str, content: str, key: str, entry: Entry, files: Mapping[str, bytes]) -> set[str]:
        sizes = {name: len(made) for name, made in files.items()}
        fields = {"content": content, "key": key, "entry": asdict(entry), "files": sizes}
        _replace(self._folder / f"{slug}.json", json.dumps(fields, ensure_ascii=False).encode())
        self._seen.pop(slug, None)
        return set(sizes)

    def _read(self, slug: str) -> dict[str, Any] | None:
        if slug not in self._seen:
            self._seen[slug] = self._load(slug)
        return self._seen[slug]

    def _load(self, slug: str) -> dict[str, Any] | None:
        try:
            found = json.loads((self._folder / f"{slug}.json").read_text(encoding="utf-8"))
            Entry.from_json(found["entry"])
            return found if {"content", "key", "files"} <= found.keys() else None
        except (OSError, ValueError, TypeError, KeyError):
            return None


def key(*parts: Any) -> str:
    return digests.of_text("\n".join(repr(part) for part in parts))


def content_key(lab: Lab, slug: str, checks: LogSource | None) -> str:
    """Digest of everything a note's page is made of, apart from other notes: its files, what its record depends on, its last check."""
    folder = lab.notes_folder / slug
    own = [f"{path.relative_to(folder)} {digests.of_bytes(path.read_bytes())}" for path in _files(folder)]
    logs = [digests.of_text(text) for _, text in checks.texts(slug)] if checks else []
    try:
        provenance = records.read_provenance(folder / "record", folder / "record")
    except InvalidRecord:
        provenance = None
    needs = provenance.dependencies if provenance else None
    depends = [f"{name} {_digest(lab.root / name)}" for name in sorted({*needs.modules, *needs.files})] if needs else []
    depends += [f"{name} {staleness.listing(lab.root / name)}" for name in sorted(needs.folders)] if needs else []
    depends += [f"{path} {_digest(path)}" for path in _declared(folder, lab)]
    pins = lab.root / "constraints.txt"
    return key(_platform(), own, depends, _digest(pins), logs)


def _declared(folder: Path, lab: Lab) -> list[Path]:
    """Files outside the note's folder that its note.yml names: inputs and the bibliography."""
    try:
        settings = yaml.load((folder / "note.yml").read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return []
    settings = settings if isinstance(settings, dict) else {}
    inputs = settings.get("inputs") or []
    # what is fetched is pinned in note.yml itself
    named = [lab.root / name for name in inputs if isinstance(name, str)] if isinstance(inputs, list) else []
    named.append(folder / str(settings.get("references", "references.bib")))
    return [path for place in named for path in ([place] if not place.is_dir() else _files(place))]


def _files(folder: Path) -> list[Path]:
    hidden = ("__pycache__", "record.new", ".ipynb_checkpoints")
    return sorted(p for p in folder.rglob("*") if p.is_file() and not any(part in hidden for part in p.relative_to(folder).parts))


def _digest(path: Path) -> str:
    try:
        return digests.of_bytes(path.read_bytes())
    except OSError:
        return ""


@cache
def _platform() -> str:
    """Digest of labnotes itself: another version may stage otherwise."""
    root = Path(labnotes.__file__).parent
    made = [path for path in sorted(root.rglob("*")) if path.suffix in (".py", ".j2")]
    return key([(path.name, _digest(path)) for path in made])


AHEAD = 10
"""Seconds by which a file of a preview is dated ahead.

MkDocs renders a page again if its source is newer than the page. A source that is written while the page before it is being rendered would
be older than that page, and its edit would never show.
"""


def write(target: Path, files: Mapping[str, bytes], *, preview: bool = False) -> int:
    """Write what differs, each file in one step; returns how many there were."""
    count = 0
    for name, content in files.items():
        path = target / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
            if preview:
                os.utime(path, (time.time() + AHEAD,) * 2)
            count += 1
    return count


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def sweep(target: Path, keep: Iterable[str]) -> None:
    """Remove every file that is not among `keep`, and folders left empty."""
    kept = set(keep)
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(target).as_posix() not in kept:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
