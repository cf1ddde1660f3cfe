"""Rename a note: its folder moves with record and log, and note.yml keeps the former slug, from which the site leads to the new one."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from labnotes.errors import LabNotesError, Problem, UsageError
from labnotes.model.json_text import dump_json
from labnotes.source import notebooks, notes, text_files
from labnotes.source.git_output import git_output
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store import audits, folders, records
from labnotes.store.dependencies import current_name, recorded_dependencies


class NotRenamed(LabNotesError):
    """The disk refused the change; the note is where it was."""


@dataclass(frozen=True)
class NoteRename:
    """A note under its new slug, with all `former` ones; `mentions` are sentences on the places in the lab that still name the one it had."""

    former: tuple[str, ...]
    mentions: tuple[str, ...]


def rename_note(lab: Lab, old: str, new: str) -> NoteRename:
    """Rename a note. Its record stays what it is, but for the names of the note's own files in provenance.json and audit.json.

    Raises UsageError if the new slug is not usable or taken, the note's folder is a link, or it has changes that are not committed; InvalidNote or InvalidRecord if
    there is anything wrong with it; NotRenamed if the disk refuses.
    """
    folders.refuse_links(lab.notes_folder / old, lab.root)
    problems = [*_place_problems(lab, old, new), *_uncommitted_problems(lab, old)]
    if problems:
        raise UsageError(*problems)
    note = notes.read_note(lab, old)
    former = tuple(dict.fromkeys(slug for slug in (*note.settings.former_slugs, old) if slug != new))
    contents = {"note.yml": _settings_with_former(note.folder / "note.yml", former), **_renamed_records(lab, note, new)}
    mentions = tuple(_mentions_of(lab, old, new))
    target = lab.notes_folder / new
    before = {name: (note.folder / name).read_bytes() for name in contents}
    try:
        _replace_files(note.folder, contents)
        note.folder.rename(target)  # the last step: before it nothing but the words of a few files is changed
    except OSError as error:
        with contextlib.suppress(OSError):
            _replace_files(note.folder, before)
        raise NotRenamed(Problem(old, f"could not be renamed: {error.strerror or error}", "it is where it was; mend that")) from None
    return NoteRename(former, mentions)


def _place_problems(lab: Lab, old: str, new: str) -> Iterator[Problem]:
    """What is wrong with the new slug, or with what has it."""
    problems = lab.slug_problems(new, renamed=old)
    if not problems and os.path.lexists(lab.notes_folder / new):
        problems = [Problem(str(lab.shown_path(lab.notes_folder / new)), "exists already", "choose another name")]
    yield from problems


def _uncommitted_problems(lab: Lab, slug: str) -> Iterator[Problem]:
    """A problem if git knows the note and there are changes in it that are not committed."""
    folder = str(lab.notes_folder / slug)
    if not git_output(lab.root, "ls-files", "--", folder):
        return
    status = git_output(lab.root, "status", "--porcelain", "--untracked-files=all", "--", folder) or ""
    changed = [line[3:] for line in status.splitlines()]
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        what = f"has changes that are not committed: {', '.join(changed[:3])}{more}"
        yield Problem(str(lab.shown_path(lab.notes_folder / slug)), what, "commit them first, so that the rename is a change of its own")


def _settings_with_former(path: Path, former: tuple[str, ...]) -> bytes:
    """The content of a note.yml with these former slugs; everything else in it stays, comments and ends of lines among it."""
    content = path.read_bytes()
    text = text_files.decode_text(content, path)
    end = "\r\n" if b"\r\n" in content else "\n"
    value = f"[{', '.join(former)}]"
    node = yaml.compose(text)
    assert isinstance(node, yaml.MappingNode), "a note.yml that was read"
    given = next((item for key, item in node.value if key.value == "former_slugs"), None)
    if given is None:
        text = f"{text.rstrip()}\nformer_slugs: {value}\n" if former else text
    else:
        rest = text[given.end_mark.index :]
        text = f"{text[: given.start_mark.index].rstrip()} {value}" + ("" if not rest or rest.startswith(("\n", " ")) else "\n") + rest
    with contextlib.suppress(yaml.YAMLError):
        if yaml.safe_load(text).get("former_slugs", []) == list(former):
            return text.replace("\n", end).encode()
    raise UsageError(Problem(str(path), "has a form that is not understood", "write one key on each line, as labnotes new does"))


def _renamed_records(lab: Lab, note: Note, new: str) -> dict[str, bytes]:
    """The contents of provenance.json and audit.json with the note's own files under their new names. No digest of a result changes."""
    records.read_record(note.record_folder, lab.shown_path(note.record_folder))  # raises where it is not what was written
    provenance = records.read_provenance(note.record_folder, lab.shown_path(note.record_folder))
    if provenance is None:
        return {}
    renamed = {slug: new for slug in (note.slug, *note.settings.former_slugs)}
    fields = json.loads((note.record_folder / "provenance.json").read_text(encoding="utf-8"))
    needs = fields["dependencies"]
    for kind in ("modules", "files", "folders"):
        if kind in needs:
            needs[kind] = _renamed_keys(needs[kind], renamed)
    if "written" in needs:
        needs["written"] = [current_name(name, renamed) for name in needs["written"]]
    contents = {"record/provenance.json": dump_json(fields).encode()}
    audit = audits.read_audit(note)
    then = provenance.dependencies
    if audit is not None:
        now = replace(
            then,
            modules=_renamed_keys(then.modules, renamed),
            files=_renamed_keys(then.files, renamed),
            folders=_renamed_keys(then.folders, renamed),
        )
        digests = {then.contents_digest: now.contents_digest, then.inputs_digest: now.inputs_digest}
        contents[audits.FILE] = audits.sealed_text(replace(audit, inputs=digests.get(audit.inputs, audit.inputs))).encode()
    return contents


def _renamed_keys(digests: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    return {current_name(name, renamed): digest for name, digest in digests.items()}


def _mentions_of(lab: Lab, old: str, new: str) -> Iterator[str]:
    """Sentences on the places in the lab's words, settings and records that name the note's folder; paths are those after the rename."""
    named = re.compile(rf"(?:\bnotes|\.\.)/{re.escape(old)}(?![\w-])")
    docs = [path for path in sorted((lab.root / "docs").rglob("*.md")) if not path.is_relative_to(lab.root / "docs" / "notes")]
    for path in (*sorted(lab.notes_folder.glob("*/note.*")), *docs, lab.root / "mkdocs.yml", lab.root / "README.md"):
        if path.suffix in (*notebooks.FORMATS, ".yml") and path.is_file():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            shown = current_name(lab.shown_path(path).as_posix(), {old: new})
            yield from (f"{shown}:{number} names notes/{old}" for number, line in enumerate(lines, 1) if named.search(line))
    for slug in lab.note_slugs():
        folder = lab.notes_folder / slug / "record"
        with contextlib.suppress(LabNotesError):
            provenance = records.read_provenance(folder, folder) if slug != old else None
            names = [dependency.name for dependency in recorded_dependencies(provenance.dependencies)] if provenance else []
            if any(name.startswith(f"notes/{old}/") for name in names):
                yield f"notes/{slug}: its record depends on files of notes/{old}"


def _replace_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files in a folder, each in one step."""
    for name, content in contents.items():
        folders.replace_file(folder / name, content)
