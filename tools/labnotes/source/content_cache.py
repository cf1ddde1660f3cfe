"""What was computed from a file's content alone, kept under the digest of that content, so that it is computed once.

Reading a notebook and taking the digest of a module as code cost much more than asking whether a file is still the same. What the cache says of a
file is believed, so it lies in the user's cache folder and not in the lab: no pull request can bring it along, and no run can write there, where
files are held back (Landlock; elsewhere a note's code has its user's rights in any case). Losing it costs time, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_dir

LARGEST = 16 * 2**20
"""Bytes. A file that has grown beyond them is begun anew."""


def computed_once(what: str, content: bytes, compute: Callable[[], Any]) -> Any:
    """What `compute` returns, which depends on `content` alone and can be written as JSON; from the cache if it was computed before.

    `what` names the computation and whatever else decides its result, such as the version of a library. An error of `compute` is not kept.
    """
    path = Path(user_cache_dir("labnotes")) / "contents.jsonl"
    known = _known(path)
    key = _digest(f"{what} {_version()} {_digest(content)}".encode())
    if key not in known:
        known[key] = compute()
        _append(path, {"key": key, "value": known[key]})
    return known[key]


@cache
def _version() -> str:
    """What decides a result beside content and library: this Python, and the code that computes."""
    own = (Path(__file__).with_name(name) for name in ("bibliography.py", "content_cache.py", "code_digest.py", "notebooks.py"))
    return " ".join((sys.version, *(_digest(path.read_bytes()) for path in own)))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def _known(path: Path) -> dict[str, Any]:
    known = {}
    with contextlib.suppress(OSError):
        if path.stat().st_size > LARGEST:
            path.unlink()
        for line in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, TypeError, KeyError):  # another process was ended while it wrote
                entry = json.loads(line)
                known[str(entry["key"])] = entry["value"]
    return known


def _append(path: Path, entry: dict[str, Any]) -> None:
    """In one write, so that lines of two processes do not mix; the newline in front ends what another left unfinished."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, b"\n" + json.dumps(entry).encode() + b"\n")
        finally:
            os.close(handle)
