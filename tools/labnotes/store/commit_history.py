"""What git says of a lab's notes: the commit of each source as it is now, and the commits that changed a record. Asked once for all notes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from labnotes.source.git_output import git_output
from labnotes.source.labs import Lab

_PATHS = ("notes/*/note.*", "notes/*/record/provenance.json")
_COMMIT = re.compile(r"\x01([0-9a-f]{7,64}) (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class RecordCommit:
    """A commit that changed a record, with its day and the path of the record's folder from the lab's root."""

    commit: str
    day: str
    folder: str


@dataclass(frozen=True)
class NoteCommits:
    """The commits of a note: `source` is that of its source ("" where it was changed since), `path` where that lies in the repository, `records`
    are those of its records, oldest first. `is_whole` tells that no earlier one is missing, as it is where only the last commits were fetched."""

    source: str = ""
    path: str = ""
    records: tuple[RecordCommit, ...] = ()
    is_whole: bool = False


class CommitHistory:
    """The commits of all notes of a lab; none where it is no repository."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def note_commits(self, slug: str, former: Iterable[str] = ()) -> NoteCommits:
        """The commits of a note, also of its records under slugs that it had before."""
        folders = {f"notes/{name}/record/provenance.json": f"notes/{name}/record" for name in (*former, slug)}
        is_source = re.compile(rf"notes/{re.escape(slug)}/note\.(?:ipynb|py|md)").fullmatch
        sources = ((commit, name) for commit, _, names in self._commits for name in names if is_source(name))
        commit, source = next(sources, ("", ""))
        is_clean = source and source not in self._changed and (self._lab.root / source).is_file()
        records = [
            RecordCommit(commit, day, folders[name]) for commit, day, names in reversed(self._commits) for name in names if name in folders
        ]
        return NoteCommits(
            commit if is_clean else "",
            f"{self._prefix}{source}" if is_clean else "",
            tuple(records) if self._is_whole else (),
            self._is_whole,
        )

    @cached_property
    def _commits(self) -> list[tuple[str, str, list[str]]]:
        """Each commit that changed such a file, the newest first: its name, its day, and the paths of the files from the lab's root."""
        told = git_output(self._lab.root, "log", "--format=%x01%H %cs", "--name-only", "--relative", "--no-renames", "--", *_PATHS) or ""
        commits: list[tuple[str, str, list[str]]] = []
        for line in told.splitlines():
            start = _COMMIT.fullmatch(line)
            if start:
                commits.append((start[1], start[2], []))
            elif line:
                commits[-1][2].append(line)
        return commits

    @cached_property
    def _changed(self) -> set[str]:
        """The sources that are not as in the last commit."""
        return {*(git_output(self._lab.root, "diff", "--name-only", "--relative", "HEAD", "--", _PATHS[0]) or "").splitlines()}

    @cached_property
    def _prefix(self) -> str:
        return (git_output(self._lab.root, "rev-parse", "--show-prefix") or "").strip()

    @cached_property
    def _is_whole(self) -> bool:
        return (git_output(self._lab.root, "rev-parse", "--is-shallow-repository") or "").strip() == "false"
