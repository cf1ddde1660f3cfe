"""Text files as editors on every system write them: with or without a byte order mark, with any ends of lines. Other encodings than UTF-8
are refused."""

from __future__ import annotations

import codecs
from pathlib import Path

from labnotes.errors import InvalidNote, Problem
from labnotes.source import file_limits

SAVE_AS_UTF8 = "save it as UTF-8: in VS Code click the encoding at the lower right, then Save with Encoding"


def read_text_file(path: Path, shown: Path, largest: int = file_limits.LARGEST_SOURCE) -> str:
    """The text of a file in UTF-8, without a byte order mark, with `\\n` at the end of each line. `shown` is its path in messages.

    Raises InvalidNote for another encoding, for more than `largest` bytes, and for what is no plain file.
    """
    return decode_text(file_limits.read_plain_file(path, shown, largest), shown)


def decode_text(content: bytes, shown: Path) -> str:
    """The text in the bytes of a file, as `read_text_file` returns it."""
    encoding = _wide_encoding(content)
    if encoding:
        raise InvalidNote(Problem(str(shown), f"is written in {encoding}, not in UTF-8", SAVE_AS_UTF8))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"is not UTF-8: {error.reason} at byte {error.start} ({error.object[error.start]:#04x})"
        raise InvalidNote(Problem(f"{shown}:{line}", what, SAVE_AS_UTF8)) from None
    return unify_line_ends(text)


def unify_line_ends(text: str) -> str:
    """The same text with `\\n` at the end of each line, whichever system wrote it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _wide_encoding(content: bytes) -> str:
    """UTF-16 or UTF-32 where a file begins as in one of them, with or without its mark; "" for any other."""
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    start = content[:4]  # a letter of ASCII, in two bytes or four
    if len(start) == 4 and start.count(0) == 3:
        return "UTF-32"
    return "UTF-16" if len(start) == 4 and start.count(0) == 2 and (not any(start[::2]) or not any(start[1::2])) else ""
