"""What a record depends on among the files of its lab, enumerated once: staleness compares it, staging hashes it, the preview watches it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from labnotes.model.digests import text_digest
from labnotes.model.observation import RunDependencies
from labnotes.source import code_digest
from labnotes.source.labs import Lab
from labnotes.source.leftovers import is_leftover, own_files
from labnotes.source.notes import Note
from labnotes.store.loaded_modules import LoadedModules, is_note_file
from labnotes.store.outside_modules import ELSEWHERE

CHECKS = "checks.jsonl"
"""The file name of the log of a note's checks."""

MUTATIONS = "mutations.json"
"""The file name of the score that `labnotes mutate` keeps."""

VERSIONS = "versions.jsonl"
"""The file name of the list of a record's versions, which `labnotes accept` keeps."""

MACHINE_FILES = {"widget.js", "audit.json", CHECKS, MUTATIONS, VERSIONS}
"""Names of files in a note's folder that are of no use to a run: what readers' browsers load, and what checks, audits and accepting wrote."""

NOT_INPUTS = {"note.yml", *MACHINE_FILES, "record", "record.new", "record.old"}
"""Names of files and folders in a note's folder that no run's result depends on, besides its source, its bibliography and leftovers."""


class DependencyKind(Enum):
    """What of a path a record depends on: a module's code, a file byte by byte, or the names in a folder."""

    MODULE = "module"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True)
class RecordedDependency:
    """One module, file or folder that a run read. `name` is its path from the lab's root, `digest` what it had then, "" if it was not there."""

    kind: DependencyKind
    name: str
    digest: str

    def digest_now(self, lab: Lab) -> str:
        """The digest of what is there now, of a module byte by byte; "" if nothing is."""
        path = lab.root / self.name
        if self.kind is DependencyKind.FOLDER:
            return folder_digest(path)
        return code_digest.file_digest(path) if path.is_file() else ""

    def has_changed(self, loaded: LoadedModules) -> bool:
        """Whether what is there now is not what the run read; `loaded` are all modules of the run as they are now."""
        if self.kind is not DependencyKind.MODULE:
            return self.digest_now(loaded.lab) != self.digest
        if loaded.unseen:  # whether these read docstrings cannot be told
            return self.digest not in loaded.possible_digests(self.name)
        return loaded.digest_of(self.name) != self.digest

    def top_folder(self, lab: Lab) -> Path:
        """The folder right below the lab's root that holds it, or the root itself."""
        parts = Path(self.name).parts
        return lab.root / parts[0] if len(parts) > 1 else lab.root


def recorded_dependencies(needs: RunDependencies) -> Iterator[RecordedDependency]:
    """Every module, file and folder of the lab that a run depended on, in this order."""
    for kind, digests in (
        (DependencyKind.MODULE, needs.modules),
        (DependencyKind.FILE, needs.files),
        (DependencyKind.FOLDER, needs.folders),
    ):
        for name, digest in digests.items():
            yield RecordedDependency(kind, name, digest)


def digests_of_input(name: str, loaded: LoadedModules) -> set[str]:
    """All digests that may stand for the present contents of an input of a run: of a file as code or byte by byte, of a folder, of a module
    outside the lab, or the one that note.yml pins; {""} if there is nothing of this name. `loaded` are the modules of the run."""
    note, lab = loaded.note, loaded.lab
    if name.startswith(ELSEWHERE):
        return {loaded.outside_digest(name.removeprefix(ELSEWHERE))}
    pins = {pin.address: pin.sha256 for pin in note.settings.input_pins}
    if name in pins:
        return {pins[name]}
    name = current_name(name, {former: note.slug for former in note.settings.former_slugs})
    path = lab.root / name
    if path.is_dir():
        return {folder_digest(path)}
    digests = {RecordedDependency(DependencyKind.FILE, name, "").digest_now(lab)}
    return digests | loaded.possible_digests(name) if path.suffix == ".py" or is_note_file(name, note) else digests


def current_name(name: str, renamed: Mapping[str, str]) -> str:
    """The path from the lab's root that a path is now, where notes were `renamed`: new slugs by former ones."""
    parts = name.split("/")
    if len(parts) > 1 and parts[0] == "notes" and parts[1] in renamed:
        parts[1] = renamed[parts[1]]
    return "/".join(parts)


def input_files(note: Note, lab: Lab) -> Iterator[Path]:
    """Files that count whether or not a run was seen to read them, since native code reads unseen.

    Everything in the note's folder that is neither Python nor the note's own words, and what note.yml declares.
    """
    words = {note.source.path.name, note.settings.references, *NOT_INPUTS}
    for path in sorted(note.folder.iterdir()):
        if path.name not in words and not path.name.startswith(".") and not is_leftover(path):
            if path.is_symlink() and path.is_dir() and note.folder.resolve().is_relative_to(path.resolve()):
                continue  # it leads back to the note's folder or above it: what is there is no more the note's for that
            yield from (file for file in _files_below(path) if file.suffix not in (".py", ".pyc"))
    for declared in note.settings.input_paths:
        yield from _files_below((lab.root / declared).resolve())


def _files_below(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(own_files(path))


def folder_digest(folder: Path) -> str:
    """Digest of the names in a folder, hidden files and leftovers aside; "" if there is no such folder."""
    if not folder.is_dir():
        return ""
    names = sorted(
        path.name for path in folder.iterdir() if not path.name.startswith(".") and path.name not in NOT_INPUTS and not is_leftover(path)
    )
    return text_digest("\n".join(names))
