"""Unresolved merge conflicts in files, as git marks them."""

from __future__ import annotations

import re

from labnotes.errors import Problem

_BEGIN, _MIDDLE, _END = (re.compile(sign * 7 + r"(?:[ \t].*)?") for sign in "<=>")
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")


def conflict_line(text: str, *, markdown: bool = False) -> int | None:
    """The line (from 1) where the first unresolved conflict begins; None if there is none. Fenced code of Markdown may show one."""
    sought, begin, fence = _BEGIN, 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line) if markdown else None
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        if fence or not sought.fullmatch(line):
            continue
        if sought is _END:
            return begin
        begin, sought = (number, _MIDDLE) if sought is _BEGIN else (begin, _END)
    return None


def conflict_problem(shown: str, text: str, hint: str, *, markdown: bool = False) -> Problem | None:
    """The problem that a file holds an unresolved conflict, at its line; None if it holds none. `hint` says what to do about such a file."""
    line = conflict_line(text, markdown=markdown)
    return None if line is None else Problem(f"{shown}:{line}", "holds an unresolved merge conflict, which begins at this line", hint)


OWN_FILE = "keep what is right of the two sides, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>"
"""What to do about a conflict in a file that a person writes."""
