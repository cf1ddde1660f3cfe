"""What goes wrong through an author's input: every message says where, what was found and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One problem for messages. `where` is a file with line, a field or a cell; `what` names what was found; `hint` shows what to write."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return text + "".join(f"\n    {line}" for line in self.hint.splitlines())


class LabNotesError(Exception):
    """An author's mistake, or several found together. The command line prints it and exits 2."""

    def __init__(self, *problems: Problem) -> None:
        assert problems, "an error without a problem"
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class UsageError(LabNotesError):
    """A command was given something it cannot work with."""


class InvalidNote(LabNotesError):
    """A note's own files (note.yml, source, bibliography) cannot be used as they are."""


class InvalidRecord(LabNotesError):
    """A record or a stored run is not what was written: edited, truncated or of another schema."""


class AuthorError(LabNotesError, ValueError):
    """A call of the author functions (`claim`, `figure`, ...) inside a notebook that cannot be recorded."""

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(Problem(where, what, hint))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name: the nearest known one, and all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    listing = "known: " + ", ".join(names) if names else "none is defined"
    return f"did you mean {near[0]!r}? {listing}" if near else listing
