"""Where the lines of logs are kept: with the note, in a folder, on a branch of git.

A store knows texts and lines, not what they say: that is `store.check_log`. To keep results elsewhere, write a class with the methods of
ResultStore, and name it in SOURCES, for `--checks`, or in `own_results` and `shown_log`, for what `labnotes check` appends to. No other module must
change.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, Self, cast

from labnotes.errors import LabNotesError, Problem, UsageError
from labnotes.source import file_limits
from labnotes.source.git_output import git_output
from labnotes.source.labs import Lab, former_slugs
from labnotes.store import folders
from labnotes.store.dependencies import CHECKS

BRANCH = "checks"
"""The branch of git on which workflows keep lines of logs."""


class LogNotWritten(LabNotesError):
    """A line of the log could not be written to disk."""


class LogNotRead(LabNotesError):
    """A log is there and cannot be read."""


class LogSource(Protocol):
    """A place that has lines of logs."""

    def log_texts(self, slug: str) -> list[tuple[str, str]]:
        """The texts of a note's logs in this place, each after the place that messages name."""


class ResultStore(LogSource, Protocol):
    """A place that takes lines of logs, too."""

    def append_line(self, slug: str, line: str) -> None:
        """Add a line to a note's log: all of it, or nothing where the process is killed.

        Raises LogNotWritten.
        """

    def rewrite_lines(self, slug: str, merge: Callable[[list[str]], list[str]]) -> None:
        """Replace a note's lines by those that `merge` makes of them, while nobody else appends.

        Raises LogNotWritten; the lines are then as they were.
        """


def own_results(lab: Lab) -> ResultStore:
    """The store that `labnotes check` appends to, and that is read always."""
    return NoteLogs(lab)


def find_source(lab: Lab, given: str | None) -> LogSource | None:
    """The source that `--checks` names; without a name, the branch `checks`, if the repository or its origin has one.

    Raises UsageError for a name that is none.
    """
    for source_of in SOURCES:
        source = source_of(lab, given)
        if source is not None:
            return source
    if given is None:
        return None
    hint = "for example --checks report/checks, or --checks checks"
    raise UsageError(Problem("--checks", f"{given!r} is no folder and no ref of git here", hint))


def all_log_texts(lab: Lab, slug: str, more: LogSource | None) -> list[tuple[str, str]]:
    """The texts of a note's logs in the lab's own store and in `more`, each after the place that messages name."""
    return [*own_results(lab).log_texts(slug), *more_log_texts(lab, slug, more)]


def more_log_texts(lab: Lab, slug: str, more: LogSource | None) -> list[tuple[str, str]]:
    """The texts of a note's logs in `more`, under its slug and under those that it had before it was renamed."""
    slugs = [slug, *former_slugs(lab.notes_folder / slug)] if more is not None else []
    return [text for name in dict.fromkeys(slugs) for text in more.log_texts(name)] if more is not None else []


def shown_log(slug: str) -> str:
    """The log of a note in `own_results`, as messages name it."""
    return _path_in_lab(slug)


# -- places ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoteLogs:
    """The logs of a lab's notes, each beside its note, committed with it."""

    lab: Lab

    def log_texts(self, slug: str) -> list[tuple[str, str]]:
        return [(_path_in_lab(slug), _file_text(self.log_path(slug)))]

    def append_line(self, slug: str, line: str) -> None:
        hint = "the check itself stands, see above; mend that and check again, or say --no-log"
        with _told_errors(f"{slug}: {CHECKS}", hint):
            self._refuse_links(slug)
            _append_line(self.log_path(slug), line)

    def rewrite_lines(self, slug: str, merge: Callable[[list[str]], list[str]]) -> None:
        with _told_errors(f"{slug}: {CHECKS}", "the log is as it was; free some space or mend its permissions"):
            self._refuse_links(slug)
            _rewrite_lines(self.log_path(slug), merge)

    def _refuse_links(self, slug: str) -> None:
        try:
            folders.refuse_links(self.log_path(slug), self.lab.root)
        except UsageError as error:
            raise LogNotWritten(*error.problems) from None

    def log_path(self, slug: str) -> Path:
        """The file of a note's log."""
        return self.lab.notes_folder / slug / CHECKS


@dataclass(frozen=True)
class FolderLogs:
    """The logs in a folder: SLUG.jsonl, or SLUG/checks.jsonl, also below notes/. What is written is SLUG.jsonl, as beside a report."""

    folder: Path

    @classmethod
    def from_option(cls, lab: Lab, given: str | None) -> Self | None:
        """The folder of this name, if there is one."""
        return cls(Path(given)) if given is not None and Path(given).is_dir() else None

    def log_texts(self, slug: str) -> list[tuple[str, str]]:
        paths = [self._written_path(slug), self.folder / slug / CHECKS, self.folder / "notes" / slug / CHECKS]
        return [(str(path), _file_text(path)) for path in paths if path.is_file()]

    def append_line(self, slug: str, line: str) -> None:
        path = self._written_path(slug)
        with _told_errors(str(path), "name another folder, or free some space there or mend its permissions"):
            self.folder.mkdir(parents=True, exist_ok=True)
            _append_line(path, line)

    def rewrite_lines(self, slug: str, merge: Callable[[list[str]], list[str]]) -> None:
        path = self._written_path(slug)
        with _told_errors(str(path), "the log is as it was; free some space or mend its permissions"):
            _rewrite_lines(path, merge)

    def _written_path(self, slug: str) -> Path:
        return self.folder / f"{slug}.jsonl"


@dataclass(frozen=True)
class GitLogs:
    """The logs on a branch or at a commit of the lab's repository; git alone writes there."""

    root: Path
    ref: str

    @classmethod
    def from_option(cls, lab: Lab, given: str | None) -> Self | None:
        """The branch or commit of this name, if there is one; without a name, BRANCH."""
        for ref in (BRANCH, f"origin/{BRANCH}") if given is None else (given,):
            if git_output(lab.root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") is not None:
                return cls(lab.root, ref)
        return None

    def log_texts(self, slug: str) -> list[tuple[str, str]]:
        text = git_output(self.root, "show", f"{self.ref}:{_path_in_lab(slug)}")
        return [(f"{self.ref}:{_path_in_lab(slug)}", text)] if text else []


SOURCES: list[Callable[[Lab, str | None], LogSource | None]] = [FolderLogs.from_option, GitLogs.from_option]
"""What `--checks` may name, asked in this order: each gives the source of that name, or None."""


# -- files -------------------------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _told_errors(where: str, hint: str) -> Iterator[None]:
    """Raise LogNotWritten for what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise LogNotWritten(Problem(where, f"cannot be written: {error.strerror or error}", hint)) from None


def _path_in_lab(slug: str) -> str:
    """The path of a note's own log, from the lab's root."""
    return f"notes/{slug}/{CHECKS}"


def _file_text(path: Path) -> str:
    try:
        return file_limits.read_plain_file(path, path, file_limits.LARGEST_RECORD_FILE).decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise LogNotRead(Problem(str(path), f"cannot be read: {error.strerror}", "mend its permissions")) from None


def _append_line(path: Path, line: str) -> None:
    """Append a line, in one step and under a lock, so that a kill leaves all of it or none, and two processes can append at once.

    A last line that a kill cut short is removed first: it says nothing any more.
    """
    with _locked_log(path) as log:
        end = _mend_end(log.fileno())
        try:
            _write_all(log.fileno(), f"{line}\n".encode())
            os.fsync(log.fileno())
        except OSError:
            os.ftruncate(log.fileno(), end)
            raise


def _rewrite_lines(path: Path, merge: Callable[[list[str]], list[str]]) -> None:
    if not path.exists():
        return
    with _locked_log(path) as log:
        _mend_end(log.fileno())
        log.seek(0)
        lines = [line for line in log.read().decode("utf-8", errors="replace").split("\n") if line.strip()]
        folders.replace_file(path, "".join(f"{line}\n" for line in merge(lines)).encode())


@contextlib.contextmanager
def _locked_log(path: Path) -> Iterator[BinaryIO]:
    """The log, open for appending and locked; opened again if it was replaced during the wait for the lock."""
    while True:
        with path.open("a+b", buffering=0) as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(log.fileno()), path.stat()):
                    yield cast(BinaryIO, log)
                    return


def _write_all(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _mend_end(handle: int) -> int:
    """Make the file end with a whole line, and return its size in bytes."""
    size = os.fstat(handle).st_size
    if size == 0:
        return 0
    with open(os.dup(handle), "rb") as file:
        file.seek(0)
        content = file.read()
    if content.endswith(b"\n"):
        return size
    start = content.rfind(b"\n") + 1
    with contextlib.suppress(ValueError, UnicodeDecodeError):
        json.loads(content[start:].decode())  # whole, but for its end
        os.write(handle, b"\n")
        return size + 1
    os.ftruncate(handle, start)
    return start


# -- git ---------------------------------------------------------------------------------------------------------------------------------
