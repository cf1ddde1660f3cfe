"""Numbers in prose that nothing binds. What looks like one and is none is left out: years, dates, names such as GPT2, levels of intervals."""

from __future__ import annotations

import bisect
import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labnotes.source.markdown_reader import Token

EXEMPT = re.compile(
    r"""
    (?:https?://|www\.)\S++                        # addresses
  | \b\d{4}-\d{2}-\d{2}\b | \b(?:1[5-9]|2[01])\d{2}\b   # dates, years
  | \b\d+\s?%\s(?:\w+\s)?intervals?\b              # the level of an interval
  | \b[A-Za-z_]\w*\d\w*\b | \b\w+-\d+\b            # names such as GPT2, Qwen-7
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"(?<![\w.])[-\N{MINUS SIGN}]?\d[\d,]*(?:\.\d+)?(?:\s?%)?")


def numbers_in(token: Token) -> list[tuple[int, str]]:
    """The loose numbers of a paragraph, heading or cell of a table, given its token; each with its line in the cell (from 1)."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "image"):
            parts.append(child.content)
        elif child.type == "html_text":
            parts.append(html.unescape(child.content))
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "piece":
            parts.append("\n" * child.content.count("\n") or " ")
        elif child.type == "code_inline":
            parts.append("`")
    text = "".join(parts)
    breaks = [match.start() for match in re.finditer("\n", text)]
    bare = EXEMPT.sub(lambda match: " " * len(match[0]), text)
    return [(token.meta["line"] + bisect.bisect_left(breaks, match.start()), match[0].strip()) for match in _NUMBER.finditer(bare)]
