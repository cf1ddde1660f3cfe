"""What was staged before, so that only what changed is staged again. Losing it costs time, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

import labnotes
from labnotes.errors import InvalidNote, InvalidRecord
from labnotes.model import digests
from labnotes.site.stage.interactive import installed_libraries
from labnotes.site.stage.note_lists import ListedNote
from labnotes.source import code_digest, file_limits, plain_yaml, text_files
from labnotes.source.labs import Lab
from labnotes.source.leftovers import own_files
from labnotes.store import folders, records
from labnotes.store.dependencies import recorded_dependencies
from labnotes.store.outside_modules import find_module
from labnotes.store.result_stores import LogSource, all_log_texts


@dataclass(frozen=True)
class StagedNote:
    """What was staged last of a note: its `content_key`, the key of everything its files were made from, its entry in the catalogue, and the
    sizes of its files in bytes."""

    content: str
    key: str
    entry: ListedNote
    files: Mapping[str, int]


class StageCache:
    """What was staged last, in one small file a note."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, StagedNote | None] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def last_content_key(self, slug: str) -> str:
        """The `content_key` of a note when it was staged last; "" if it never was."""
        last = self._last_staged(slug)
        return last.content if last else ""

    def last_files(self, slug: str) -> set[str]:
        """The files of a note when it was staged last, whatever changed since."""
        last = self._last_staged(slug)
        return set(last.files) if last else set()

    def last_entry(self, slug: str) -> ListedNote | None:
        last = self._last_staged(slug)
        return last.entry if last else None

    def unchanged_entry(self, slug: str, key: str) -> ListedNote | None:
        """The entry of a note in the catalogue; None if its `content_key` is not `key` any more."""
        last = self._last_staged(slug)
        return last.entry if last and last.content == key else None

    def unchanged_files(self, slug: str, key: str, target: Path) -> set[str] | None:
        """The files staged under exactly this key; None unless all are still there, each of the size that was written."""
        last = self._last_staged(slug)
        if not last or last.key != key:
            return None
        whole = all((path := target / name).is_file() and path.stat().st_size == size for name, size in last.files.items())
        return set(last.files) if whole else None

    def forget_note(self, slug: str) -> None:
        (self._folder / f"{slug}.json").unlink(missing_ok=True)
        self._seen.pop(slug, None)

    def keep_note(self, slug: str, content: str, key: str, entry: ListedNote, files: Mapping[str, bytes]) -> set[str]:
        staged = StagedNote(content, key, entry, {name: len(made) for name, made in files.items()})
        folders.replace_file(self._folder / f"{slug}.json", _staged_note_form().dump_json(staged), durable=False)
        self._seen.pop(slug, None)
        return set(staged.files)

    def _last_staged(self, slug: str) -> StagedNote | None:
        """What was staged last of a note; None if it never was, or by a labnotes that kept something else of it."""
        if slug not in self._seen:
            try:
                self._seen[slug] = _staged_note_form().validate_json((self._folder / f"{slug}.json").read_bytes())
            except (OSError, ValidationError):
                self._seen[slug] = None
        return self._seen[slug]


@cache
def _staged_note_form() -> TypeAdapter[StagedNote]:
    return TypeAdapter(StagedNote)


def digest_of_parts(*parts: object) -> str:
    return digests.text_digest("\n".join(repr(part) for part in parts))


def content_key(lab: Lab, slug: str, checks: LogSource | None) -> str:
    """Digest of everything a note's page is made of, apart from other notes: its files, what its record depends on, its last
    check, and whose figures can be drawn in a browser."""
    folder = lab.notes_folder / slug
    own = [f"{path.relative_to(folder)} {_file_digest(path)}" for path in _visible_files(folder)]
    logs = [digests.text_digest(text) for _, text in all_log_texts(lab, slug, checks)]
    try:
        provenance = records.read_provenance(folder / "record", folder / "record")
    except InvalidRecord:
        provenance = None
    needs = provenance.dependencies if provenance else None
    depends = [f"{dependency.name} {dependency.digest_now(lab)}" for dependency in recorded_dependencies(needs)] if needs else []
    depends += [f"{path} {_file_digest(path)}" for path in _declared_files(folder, lab)]
    outside = {name: find_module(name, slug, lab) for name in needs.elsewhere} if needs else {}
    depends += [f"{name} {_file_digest(path) if path else ''}" for name, path in outside.items()]
    pins = lab.root / "constraints.txt"
    return digest_of_parts(_labnotes_digest(), installed_libraries(), own, depends, _file_digest(pins), logs)


def _declared_files(folder: Path, lab: Lab) -> list[Path]:
    """Files outside the note's folder that its note.yml names: inputs and the bibliography."""
    path = folder / "note.yml"
    try:
        settings = plain_yaml.read_yaml(text_files.read_text_file(path, path, file_limits.LARGEST_SETTINGS))[1]
    except (OSError, InvalidNote, plain_yaml.UnreadableYaml):
        return []
    settings = settings if isinstance(settings, dict) else {}
    inputs = settings.get("inputs") or []
    # what is fetched is pinned in note.yml itself
    names = [lab.root / name for name in inputs if _is_path(name)] if isinstance(inputs, list) else []
    bibliography = settings.get("references", "references.bib")
    names += [folder / bibliography] if _is_path(bibliography) else []
    inside = [place for place in names if place.resolve().is_relative_to(lab.root.resolve())]
    return [path for place in inside for path in ([place] if not place.is_dir() else _visible_files(place))]


def _is_path(name: object) -> bool:
    return isinstance(name, str) and not file_limits.path_problem(name)


def _visible_files(folder: Path) -> list[Path]:
    """The files in a folder and below it, without leftovers and unfinished records."""
    return [path for path in own_files(folder) if "record.new" not in path.relative_to(folder).parts]


def _file_digest(path: Path) -> str:
    """The digest of a file; "" if it cannot be read, or is a pipe or device, which may never end."""
    try:
        return code_digest.file_digest(path) if path.is_file() else ""
    except (OSError, ValueError):
        return ""


@cache
def _labnotes_digest() -> str:
    """Digest of labnotes itself: another version may stage otherwise."""
    root = Path(labnotes.__file__).parent
    made = [path for path in sorted(root.rglob("*")) if path.suffix in (".py", ".j2")]
    return digest_of_parts([(path.name, _file_digest(path)) for path in made])


def write_changed_files(target: Path, files: Mapping[str, bytes]) -> int:
    """Write the files that differ, each in one step. Returns how many were written."""
    return sum(folders.replace_changed_file(target, name, content) for name, content in files.items())


def remove_other_files(target: Path, keep: Iterable[str]) -> None:
    """Remove every file that is not among `keep`, and folders left empty."""
    kept = set(keep)
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(target).as_posix() not in kept:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
