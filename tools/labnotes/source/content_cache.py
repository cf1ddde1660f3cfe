"""A cache of results that depend on a file's content alone, by the digest of that content, so that each is computed once.

Reading a notebook and taking the digest of a module as code cost much more than finding out whether a file is still the same. The results
in the cache are trusted, so it lies in the user's cache folder and not in the lab: no pull request can contain it, and no run can write to
it where files are held back (Landlock; on other systems a note's code has its user's rights in any case). Losing the cache costs only time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_dir

LARGEST = 16 * 2**20
"""Size in bytes. A cache file larger than this is deleted and started anew."""

REMEMBERED_FROM = 2**20
"""Size in bytes from which a file's digest is kept by the file's place, size and times: a smaller one is read as quickly."""

TICK = 2 * 10**9
"""Nanoseconds. The coarsest clock of a file system in use is FAT's: a change within this time may leave the times as they were."""


def computed_once(what: str, content: bytes, compute: Callable[[], Any]) -> Any:
    """What `compute` returns, which depends on `content` alone and can be written as JSON; from the cache if it was computed before.

    `what` names the computation and whatever else decides its result, such as the version of a library. An error of `compute` is not kept.
    """
    path = Path(user_cache_dir("labnotes")) / "contents.jsonl"
    known = _known_results(path)
    key = _content_digest(f"{what} {_code_version()} {_content_digest(content)}".encode())
    entry = _known_entry(known, key)
    if entry is None:
        entry = {"key": key, "value": compute()}
        known[key] = _append_entry(path, entry)
    return entry["value"]


def computed_for(what: str, inputs: Any, compute: Callable[[], Any]) -> Any:
    """`computed_once` for what depends on `inputs` alone, which can be written as JSON."""
    return computed_once(what, json.dumps(inputs).encode(), compute)


def installed_versions(*distributions: str) -> str:
    """The versions of installed distributions as one text, for `what`: by the names of their folders alone, since importlib.metadata takes
    longer to import than the rest of a look into the cache."""
    folders = _metadata_folders()
    return " ".join(folders.get(name) or _told_version(name) for name in distributions)


@cache
def _metadata_folders() -> dict[str, str]:
    """The names of the folders NAME-VERSION.dist-info on Python's path, by the distribution's name in lower case; the first counts."""
    names: dict[str, str] = {}
    for place in sys.path:
        with contextlib.suppress(OSError):
            for folder in os.listdir(place or "."):
                if folder.endswith(".dist-info"):
                    names.setdefault(folder.partition("-")[0].lower(), folder)
    return names


def _told_version(name: str) -> str:
    import importlib.metadata

    return f"{name}-{importlib.metadata.version(name)}"


def file_digest(path: Path) -> str:
    """The SHA-256 digest of a file, in hexadecimal digits; it is read in pieces. Raises OSError.

    A large file is not read again while its inode, size, and times of change are the same. As in git's index, a file that was changed within
    the tick of the clock in which it was read is not believed to be the same: the change may have come after.
    """
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        if before.st_size < REMEMBERED_FROM:
            return hashlib.file_digest(file, "sha256").hexdigest()
        cache_file = Path(user_cache_dir("labnotes")) / "contents.jsonl"
        known = _known_results(cache_file)
        key = _file_key(before)
        entry = _known_entry(known, key)
        if entry is None:
            began = time.time_ns()
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if _file_key(os.fstat(file.fileno())) != key or _is_recent(before, began):
                return digest
            entry = {"key": key, "value": digest}
            known[key] = _append_entry(cache_file, entry)
        return str(entry["value"])


def _file_key(state: os.stat_result) -> str:
    """What stands for a file's content as long as nobody writes to it. The time of its last change (ctime) tells also of a write after which
    the time of modification was put back."""
    return f"file {state.st_dev} {state.st_ino} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"


def _is_recent(state: os.stat_result, now: int) -> bool:
    """Whether a file was changed so shortly before `now` (ns since 1970) that another change may leave its times the same. A time in the
    future says nothing of when the file was changed."""
    return any(abs(now - changed) < TICK for changed in (state.st_mtime_ns, state.st_ctime_ns))


@cache
def _code_version() -> str:
    """The versions that decide a result besides the content and the library: those of Python and of the modules that compute it, or that
    define what is computed."""
    package = Path(__file__).parents[1]
    own = sorted((*(path for folder in ("model", "source", "store") for path in (package / folder).rglob("*.py")), package / "errors.py"))
    return " ".join((sys.version, *(_content_digest(path.read_bytes()) for path in own)))


def _content_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def _known_results(path: Path) -> dict[str, bytes]:
    """The lines of the cache file by their keys, the last of each key. Later ones of this process are added to the same dictionary.

    A line is read as JSON only when its result is asked for: a command needs few of thousands.
    """
    known = {}
    with contextlib.suppress(OSError):
        if path.stat().st_size > LARGEST:
            path.unlink()
        start = len(_BEGINNING)
        with path.open("rb") as file:
            for line in file:
                if line.startswith(_BEGINNING):
                    known[line[start : line.find(b'"', start)].decode("ascii", errors="replace")] = line
    return known


_BEGINNING = b'{"key": "'


def _known_entry(known: dict[str, bytes], key: str) -> dict[str, Any] | None:
    """The entry of a key; None if there is none, or its line was cut short because a process was ended while it wrote."""
    with contextlib.suppress(KeyError, ValueError, TypeError):
        entry: dict[str, Any] = json.loads(known[key])
        if entry["key"] == key and "value" in entry:
            return entry
    return None


def _append_entry(path: Path, entry: dict[str, Any]) -> bytes:
    """Append an entry in one write, so that lines of two processes do not mix, and return its line. The newline in front ends a line that
    another process left unfinished."""
    line = json.dumps(entry).encode()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, b"\n" + line + b"\n")
        finally:
            os.close(handle)
    return line
