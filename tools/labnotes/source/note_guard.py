"""The guard around whatever is done for one note: what goes wrong there is a problem of that note, and the others go on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from labnotes.errors import LabNotesError, Problem

LONGEST = 300
"""Characters that a message shows of the text of an error which is not ours: it may repeat its input."""


@contextlib.contextmanager
def guard_note(where: str, problems: list[Problem]) -> Iterator[None]:
    """Add to `problems` whatever goes wrong in the body, which ends there. `where` is the note, or its file, in messages."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not take the other notes with it
        problems += error_problems(error, where)


def error_problems(error: BaseException, where: str) -> list[Problem]:
    """An error in words: those of its own if it is an author's mistake, else what it means at `where`; at last a fault of labnotes."""
    if isinstance(error, LabNotesError):
        return list(error.problems)
    if isinstance(error, BaseExceptionGroup):
        return [problem for part in error.exceptions for problem in error_problems(part, where)]
    if isinstance(error, RecursionError):
        return [Problem(where, "is nested too deeply to be read", "give its parts names of their own, or make it flatter")]
    if isinstance(error, MemoryError):
        return [Problem(where, "is too large: the memory of this machine does not hold it", "make it smaller, or keep the data in a file")]
    if isinstance(error, UnicodeEncodeError):
        return [Problem(where, f"holds the character {error.object[error.start]!r}, which cannot be written as UTF-8", "delete it")]
    if isinstance(error, OSError) and error.filename is not None:
        place = ascii(os.fsdecode(error.filename))[1:-1]
        return [Problem(where, f"cannot be read or written: {place:.{LONGEST}}: {error.strerror}", "mend its permissions, or move it")]
    return [fault_of_ours(error, where)]


def fault_of_ours(error: BaseException, where: str) -> Problem:
    """The problem that an error is which labnotes should have foreseen."""
    import traceback  # only where something goes wrong

    own = Path(__file__).parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    last = next((frame for frame in reversed(frames) if Path(frame.filename).is_relative_to(own)), frames[-1] if frames else None)
    place = f" at {Path(last.filename).name}:{last.lineno}" if last else ""
    what = f"unexpected {type(error).__name__}: {str(error).partition(chr(10))[0]:.{LONGEST}}"
    return Problem(where, what, f"a fault of labnotes{place}; please report it")
