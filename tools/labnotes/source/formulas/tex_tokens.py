"""TeX of formulas cut into signs: commands, braces, blanks, characters."""

from __future__ import annotations

import re
from collections.abc import Sequence

LARGEST = 2000
"""Commands and braces of one formula. The library recurs on the stack of the process, which it ends at about 4000 within each other."""

LONGEST = 20_000
"""Characters of a formula, some screens full."""

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.|\\", re.DOTALL)


class UnsupportedMath(ValueError):
    """Math that would come out wrong. The message names the command or says what is wrong."""


def split_tex(tex: str) -> list[str]:
    """The signs of a formula: `\\alpha`, `\\,`, `{`, a run of blanks, or one character."""
    return _TOKEN.findall(tex)


def join_tokens(tokens: Sequence[str]) -> str:
    """The TeX of signs. A command is kept apart from a letter that has come to stand behind it."""
    parts: list[str] = []
    for token in tokens:
        if parts and token[:1].isalpha() and is_word(parts[-1]):
            parts.append(" ")
        parts.append(token)
    return "".join(parts)


def is_word(token: str) -> bool:
    """Whether a sign is a command of letters, which a letter after it would make longer."""
    return len(token) > 1 and token[0] == "\\" and token[-1].isalpha()


def group_ends(tokens: Sequence[str]) -> dict[int, int]:
    """Where each group ends: the places of `}` by those of their `{`."""
    ends, opened = {}, []
    for place, token in enumerate(tokens):
        if token == "{":
            opened.append(place)
        elif token == "}" and opened:
            ends[opened.pop()] = place
    return ends


def skip_blanks(tokens: Sequence[str], place: int) -> int:
    """The place of the first sign from `place` on that is no blank; their number if there is none."""
    while place < len(tokens) and tokens[place].isspace():
        place += 1
    return place


def refuse_large(tex: str) -> None:
    """Raise UnsupportedMath for a formula that would take too long, or the process with it."""
    if len(re.findall(r"\\|\{", tex)) > LARGEST:
        raise UnsupportedMath(f"it has more than {LARGEST} commands and braces")
    if len(tex) > LONGEST:
        raise UnsupportedMath(f"it has more than {LONGEST:,} characters")
