"""Markdown cut into prose, code, math and comments, in one pass: each sign is looked at a fixed number of times, whatever stands there.

A pattern that looks for the end of each piece would look through the whole text again for each that has none.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

CODE, MATH, COMMENT, PROSE = "code", "math", "comment", "prose"
"""The kinds of segments."""

_OPENING = re.compile(
    r"""
    ^[ ]{0,3}(?P<fence>`{3,}+|~{3,}+)[^\n]*+\n
  | (?P<ticks>`+)
  | (?P<math>\$\$|\$|\\\(|\\\[|\\begin\{\w+\*?\})
  | (?P<comment><!--(?!-?>))
    """,
    re.VERBOSE | re.MULTILINE,
)
_CLOSING_FENCE = re.compile(r"^[ ]{0,3}(?P<marks>`{3,}+|~{3,}+)[`~]*+[ \t]*+$", re.MULTILINE)
_TICKS = re.compile(r"`+")
_BLANK = re.compile(r"\n(?=[ \t]*\n)")
_END = re.compile(r"\\end\{(\w+\*?)\}")
_DOLLAR = re.compile(r"(?<![\\$\w])\$(?![\s$])[^$\n]*+(?<![\s\\])\$(?![\d$])")
_CLOSERS = {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}


def split_markdown(text: str) -> Iterator[tuple[str, str, int]]:
    """Split Markdown into ("prose" | "code" | "math" | "comment", text, offset)."""
    finder = _SegmentFinder(text)
    position = look = 0
    while match := _OPENING.search(text, look):
        segment = finder.segment_of(match)
        if segment is None:
            look = match.end("ticks") if match["ticks"] else match.end("fence") if match["fence"] else match.start() + 1
            continue
        kind, start, end = segment
        if start > position:
            yield PROSE, text[position:start], position
        yield kind, text[start:end], start
        position = look = end
    if position < len(text):
        yield PROSE, text[position:], position


def math_segments(text: str) -> list[str]:
    """The segments of math in Markdown, each with its delimiters."""
    return [part for kind, part, _ in split_markdown(text) if kind == MATH]


def outside_code(matches: Iterable[re.Match[str]], text: str) -> list[re.Match[str]]:
    """The matches in a text that do not begin in code, in order."""
    starts, ends = [], []
    for kind, part, offset in split_markdown(text):
        if kind == CODE:
            starts.append(offset)
            ends.append(offset + len(part))
    ordered = sorted(matches, key=lambda match: match.start())
    return [match for match in ordered if bisect.bisect_right(starts, match.start()) == bisect.bisect_right(ends, match.start())]


class _SegmentFinder:
    """Finds where a piece of a text ends that begins at an opening."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._unclosed: set[str] = set()
        """The closing signs that do not come again."""

    def segment_of(self, opening: re.Match[str]) -> tuple[str, int, int] | None:
        """The kind, start and end of the piece; None if it never ends, so that it is prose."""
        start = opening.start()
        if opening["fence"]:
            end = self._fence_end(opening)
            if end is not None:
                return CODE, start, end
            return self._code_span(opening.start("fence"), opening.end("fence")) if opening["fence"][0] == "`" else None
        if opening["ticks"]:
            return self._code_span(start, opening.end())
        if opening["comment"]:
            end = self._end_after("-->", opening.end())
            return None if end is None else (COMMENT, start, end)
        end = self._math_end(opening)
        return None if end is None else (MATH, start, end)

    def _end_after(self, closer: str, position: int) -> int | None:
        """The end of the next `closer` from `position` on."""
        if closer in self._unclosed:
            return None
        at = self._text.find(closer, position)
        if at < 0:
            self._unclosed.add(closer)  # nor will it be found from any later position
            return None
        return at + len(closer)

    def _math_end(self, opening: re.Match[str]) -> int | None:
        sign = opening["math"]
        if sign == "$":
            match = _DOLLAR.match(self._text, opening.start())
            return match.end() if match else None
        if sign in _CLOSERS:
            return self._end_after(_CLOSERS[sign], opening.end() + 1)
        ends = self._environment_ends.get(sign.removeprefix("\\begin{").removesuffix("}"), [])
        at = bisect.bisect_left(ends, (opening.end() + 1, 0))
        return ends[at][1] if at < len(ends) else None

    @cached_property
    def _environment_ends(self) -> dict[str, list[tuple[int, int]]]:
        """Start and end of each \\end{name}, by name."""
        ends: dict[str, list[tuple[int, int]]] = {}
        for match in _END.finditer(self._text):
            ends.setdefault(match[1], []).append(match.span())
        return ends

    def _fence_end(self, opening: re.Match[str]) -> int | None:
        """The end of a fenced block: the first closing fence that is as long as the opening one, or as the longest that comes."""
        fence = opening["fence"]
        closers, longest = self._closing_fences[fence[0]]
        at = bisect.bisect_left(closers, (opening.end(), 0, 0))
        if at == len(closers):
            return None
        length = min(len(fence), longest[at])
        while closers[at][2] < length:
            at += 1
        return closers[at][1]

    @cached_property
    def _closing_fences(self) -> dict[str, tuple[list[tuple[int, int, int]], list[int]]]:
        """By sign: start, end and length of each closing fence, and the longest of it and all that follow."""
        closers: dict[str, list[tuple[int, int, int]]] = {"`": [], "~": []}
        for match in _CLOSING_FENCE.finditer(self._text):
            closers[match["marks"][0]].append((*match.span(), len(match["marks"])))
        by_sign = {}
        for sign, spans in closers.items():
            longest = list(itertools.accumulate((length for *_, length in reversed(spans)), max))
            by_sign[sign] = (spans, longest[::-1])
        return by_sign

    def _code_span(self, start: int, end: int) -> tuple[str, int, int] | None:
        """The code span whose opening ticks end at `end`: all that begin at `start`, or as many of the last ones as are closed in the same
        paragraph."""
        at = bisect.bisect_left(self._blank_lines, end)
        limit = self._blank_lines[at] if at < len(self._blank_lines) else len(self._text)
        for length in range(end - start, 0, -1):
            runs = self._tick_runs.get(length, [])
            at = bisect.bisect_left(runs, end)
            if at < len(runs) and runs[at] <= limit:
                return CODE, end - length, runs[at] + length
        return None

    @cached_property
    def _blank_lines(self) -> list[int]:
        return [match.start() for match in _BLANK.finditer(self._text)]

    @cached_property
    def _tick_runs(self) -> dict[int, list[int]]:
        """Where runs of backticks begin, by their length."""
        runs: dict[int, list[int]] = {}
        for match in _TICKS.finditer(self._text):
            runs.setdefault(len(match.group()), []).append(match.start())
        return runs
