"""What a file may be before it is read: a plain file, of a size that a person or a machine wrote on purpose."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from labnotes.errors import InvalidNote, Problem

LARGEST_SETTINGS = 256 * 2**10
"""Bytes of note.yml, the longest of which has had a few thousand."""

LARGEST_SOURCE = 20 * 2**20
"""Bytes of a notebook, whose outputs are kept in it; and of a bibliography."""

LARGEST_TEXT = 500 * 2**10
"""Characters of all code of a note, and of all its prose: ten thousand lines of each."""

LARGEST_RECORD_FILE = 500 * 2**20
"""Bytes of a file of a record, and of its log."""

LONGEST_PART = 255
"""Bytes of a part of a path, which is what file systems take."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def kind_problem(path: Path) -> str:
    """What a path is that can be no input: a pipe, a device or a socket, which may never end; "" for a file, a folder, or nothing."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return ""
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else _KINDS.get(stat.S_IFMT(mode), "no plain file")


def read_plain_file(path: Path, shown: Path | str, largest: int) -> bytes:
    """The bytes of a file of at most `largest` bytes; `shown` is its path in messages.

    Raises InvalidNote for a larger one, and for a folder, pipe, device or socket, which is not opened.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InvalidNote(_not_plain(status.st_mode, shown))
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # so that a pipe which took its place does not hang
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise InvalidNote(_not_plain(status.st_mode, shown))
        content = file.read(largest + 1)
    if len(content) > largest:
        what = f"is larger than {largest // 2**10:,} KB, the most that is read"
        raise InvalidNote(Problem(str(shown), what, "keep data in files of their own beside it"))
    return content


def _not_plain(mode: int, shown: Path | str) -> Problem:
    return Problem(str(shown), f"is {_KINDS.get(stat.S_IFMT(mode), 'no plain file')}, not a file", "put a file in its place")


def path_problem(text: str) -> str:
    """What keeps a text from being a path: characters that no path of a lab has, or a part that no file system takes; "" if nothing."""
    for character in text:
        if not character.isprintable():
            return f"holds the character {character!r}, which no path here may have"
    for part in text.split("/"):
        if len(part.encode("utf-8", errors="surrogatepass")) > LONGEST_PART:
            return f"has a part of {len(part):,} characters, of which a file system takes {LONGEST_PART}"
    return "" if len(text) < 4_000 else f"is a path of {len(text):,} characters, which no system takes"


def unwritable_character(text: str) -> tuple[int, str] | None:
    """The position and the name of the first character that no text may hold: half of a surrogate pair, or NUL; None if there is none."""
    if text.isascii() and "\0" not in text:
        return None
    for position, character in enumerate(text):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            return position, f"the character U+{ord(character):04X}"
    return None
