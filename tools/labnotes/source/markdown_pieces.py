"""The pieces of a text cell that are no Markdown: math, bindings, cross-references, citations and marks of footnotes.

Jupyter takes math out of a cell before it reads the Markdown, so that nothing in it is markup and a bar in it ends no cell of a table. Here
the same is done with all that is labnotes' own: each piece becomes one character, which the reader of Markdown takes for a letter, and is put
back where that reader has found text, code or HTML. Each sign is looked at a fixed number of times, whatever stands there.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

BINDING, CROSS, CITATION, NAME = "binding", "cross", "citation", "name"
MARK, MATH, EQUATION = "mark", "math", "equation"
"""The kinds of pieces. A name, @key, is a citation if the bibliography has the key; a mark is that of a footnote; the last is a reference to an
equation."""

FIRST, LAST = 0xF0000, 0x10FFFD
"""The characters that stand for pieces: Unicode's planes for private use."""

STAND_IN = re.compile(f"[{chr(FIRST)}-{chr(LAST)}]")

_OPENING = re.compile(
    r"""
    (?P<math>\\\\\(|\\\\\[|\\\(|\\\[|\\begin\{\w+\*?\}|\$\$|\$)
  | (?P<equation>\\(?:eq)?ref\{[^{}\n]+\})
  | (?P<escape>\\[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e])
  | (?P<ticks>`+)
  | (?P<comment><!--(?!-?>))
  | (?P<tag></?[A-Za-z](?:[^<>"'`{}$]|"[^"]*+"|'[^']*+')*+>)
  | (?P<braces>\{\{(?:[^{}]|\{(?!\{)|\}(?!\}))*+\}\})
  | (?P<cross>(?<![\w@])@(?:fig|tab):[A-Za-z0-9_-]*[A-Za-z0-9])
  | (?P<name>(?<![\w@.:/\\+-])@[A-Za-z0-9_](?:[\w:.-]{0,200}\w)?)
  | (?P<mark>\[\^\w[\w.:-]*+\](?!:))
  | (?P<citation>\[[^\[\]@\n]*+(?:@[A-Za-z0-9_][^\[\]@\n]*+)++\](?!\())
    """,
    re.VERBOSE,
)
_KINDS = {"braces": BINDING, "cross": CROSS, "name": NAME, "citation": CITATION, "mark": MARK, "equation": EQUATION}
_CLOSERS = {"$$": "$$", "\\\\(": "\\\\)", "\\\\[": "\\\\]", "\\(": "\\)", "\\[": "\\]"}
_ENVIRONMENT_END = re.compile(r"\\end\{(\w+\*?)\}")
_TICKS = re.compile(r"`+")
_SINGLE_DOLLAR = re.compile(r"(?<!\$)\$(?!\$)")
_QUOTED = re.compile(r"\n[ \t]*>[ \t]?")
_TEX = re.compile(r"\\[A-Za-z,;:!{}|]|[\^_{}=]")
_WORDS = re.compile(r"[\w ,;:'-]+")
"""Matches what \\[ and \\] enclose where they are brackets, as in \\[1\\], and no delimiters of math."""
_IN_BRACES = re.compile(r"\{[^{}]*+\}")
_WORD = re.compile(r"(?<!\\)(?<![A-Za-z])[A-Za-z]{2,}")

MOST_DOLLARS = 4
"""Dollar signs within braces that inline math may hold, as in $a \\text{ if $b$}$."""


@dataclass(frozen=True)
class MarkdownPiece:
    """A piece of a text cell, as written: `text` is text[start:end] of the cell, and begins in its `line` (from 1)."""

    kind: str
    text: str
    start: int
    end: int
    line: int


@dataclass(frozen=True)
class MarkedText:
    """A text cell with a character in place of each piece."""

    text: str
    pieces: Sequence[MarkdownPiece]

    def piece_of(self, stand_in: str) -> MarkdownPiece:
        return self.pieces[ord(stand_in) - FIRST]

    def restored_text(self, text: str) -> str:
        """A part of the marked text as its author wrote it."""
        return STAND_IN.sub(lambda match: self.piece_of(match[0]).text, text) if self.pieces else text

    def line_breaks(self, text: str) -> list[int]:
        """For each line break of the source that a part of the marked text stands for, where it is in that part."""
        breaks: list[int] = []
        for match in re.finditer(f"\n|{STAND_IN.pattern}", text):
            breaks += [match.start()] * (1 if match[0] == "\n" else self.piece_of(match[0]).text.count("\n"))
        return breaks

    @cached_property
    def source_lines(self) -> list[int]:
        """For each line of the marked text, and one more, the line of the source (from 0) in which it begins."""
        lines, line = [], 0
        for text in self.text.split("\n"):
            lines.append(line)
            line += 1 + sum(self.piece_of(stand_in).text.count("\n") for stand_in in STAND_IN.findall(text))
        return [*lines, line]


@dataclass(frozen=True)
class TextLines:
    """What each line of a cell is: `code` says which are code, `unit_ends` where the paragraph, row or block of HTML of each ends (a number
    of a line, which does not belong to it any more)."""

    code: Sequence[bool]
    unit_ends: Sequence[int]


def mark_pieces(text: str, lines: TextLines) -> MarkedText:
    """Put a character in place of each piece of `text`."""
    pieces = list(_PieceFinder(text, lines).find_pieces())
    parts, position = [], 0
    for number, piece in enumerate(pieces):
        parts += [text[position : piece.start], chr(FIRST + number)]
        position = piece.end
    return MarkedText("".join([*parts, text[position:]]), pieces)


def mark_plain_text(text: str) -> MarkedText:
    """The same for a text that is no Markdown, such as one between the tags of HTML."""
    count = text.count("\n") + 1
    return mark_pieces(text, TextLines([False] * count, [count] * count))


class _PieceFinder:
    def __init__(self, text: str, lines: TextLines) -> None:
        self._text, self._lines = text, lines
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._unclosed: set[tuple[str, int]] = set()
        """The closing signs that do not come again before the end of a passage, each with that end."""

    def find_pieces(self) -> Iterator[MarkdownPiece]:
        count = 0
        for start, end in self._passages():
            position = start
            while count <= LAST - FIRST and (match := _OPENING.search(self._text, position, end)):
                kind, stop = self._piece_at(match, end)
                position = max(stop, match.start() + 1)
                if kind:
                    count += 1
                    yield self._piece(kind, match.start(), stop)

    def _passages(self) -> Iterator[tuple[int, int]]:
        """Start and end of each run of lines that are neither code nor blank. No piece reaches from one into another, as in Jupyter."""
        start = None
        for number, begin in enumerate(self._starts):
            end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
            if self._lines.code[number] or not self._text[begin:end].strip():
                if start is not None:
                    yield start, begin
                start = None
            elif start is None:
                start = begin
        if start is not None:
            yield start, len(self._text)

    def _piece(self, kind: str, start: int, end: int) -> MarkdownPiece:
        return MarkdownPiece(kind, self._text[start:end], start, end, bisect.bisect_right(self._starts, start))

    def _piece_at(self, opening: re.Match[str], end: int) -> tuple[str, int]:
        """The kind and end of what begins at an opening; the kind is "" for what is no piece and is passed over."""
        name = opening.lastgroup or ""
        if name == "math":
            stop = self._math_end(opening, end)
            # without an end \( and \[ are an escape, and \\( begins with one
            return (MATH, stop) if stop else ("", opening.start() + (2 if opening["math"][0] == "\\" else len(opening["math"])))
        if name == "ticks":
            return "", self._code_end(opening)
        if name == "comment":
            return "", self._end_after("-->", opening.end(), end) or opening.end()
        return _KINDS.get(name, ""), opening.end()

    def _end_after(self, closer: str, position: int, end: int) -> int | None:
        """The end of the next `closer` from `position` on, within the passage that ends at `end`."""
        if (closer, end) in self._unclosed:
            return None
        at = self._text.find(closer, position, end)
        if at < 0:
            self._unclosed.add((closer, end))  # nor will it be found from any later position
            return None
        return at + len(closer)

    def _math_end(self, opening: re.Match[str], end: int) -> int | None:
        sign = opening["math"]
        if sign == "$":
            return self._dollar_end(opening.start(), end)
        if sign in _CLOSERS:
            stop = self._end_after(_CLOSERS[sign], opening.end() + 1, end)
            return None if stop and sign == "\\[" and _WORDS.fullmatch(self._text, opening.end(), stop - 2) else stop
        ends = self._environment_ends.get(sign.removeprefix("\\begin{").removesuffix("}"), [])
        at = bisect.bisect_left(ends, opening.end() + 1)
        return ends[at] if at < len(ends) and ends[at] <= end else None

    @cached_property
    def _environment_ends(self) -> dict[str, list[int]]:
        """The end of each \\end{name}, by name."""
        ends: dict[str, list[int]] = {}
        for match in _ENVIRONMENT_END.finditer(self._text):
            ends.setdefault(match[1], []).append(match.end())
        return ends

    def _dollar_end(self, start: int, end: int) -> int | None:
        """The end of the inline math that begins at a dollar sign; None where the sign is one of money."""
        position = start + 1
        for _ in range(MOST_DOLLARS):
            match = self._next_dollar(position, end)
            if match is None:
                return None
            content = self._text[start + 1 : match.start()]
            if content.count("{") - content.count("\\{") <= content.count("}") - content.count("\\}"):
                break
            position = match.end()
        else:
            return None
        before = self._text[start - 1 : start]
        return match.end() if _is_math(content, before, self._text[match.end() : match.end() + 1]) else None

    def _next_dollar(self, position: int, end: int) -> re.Match[str] | None:
        while match := _SINGLE_DOLLAR.search(self._text, position, end):
            backslashes = len(self._text[position : match.start()]) - len(self._text[position : match.start()].rstrip("\\"))
            if backslashes % 2 == 0:
                return match
            position = match.end()
        return None

    def _code_end(self, opening: re.Match[str]) -> int:
        """The end of the code span that begins with these backticks, which the same paragraph must close; without one, that of the ticks."""
        line = bisect.bisect_right(self._starts, opening.start()) - 1
        last = self._lines.unit_ends[line]
        limit = self._starts[last] if last < len(self._starts) else len(self._text)
        runs = self._tick_runs.get(len(opening.group()), [])
        at = bisect.bisect_left(runs, opening.end())
        return runs[at] + len(opening.group()) if at < len(runs) and runs[at] < limit else opening.end()

    @cached_property
    def _tick_runs(self) -> dict[int, list[int]]:
        """Where runs of backticks begin, by their length."""
        runs: dict[int, list[int]] = {}
        for match in _TICKS.finditer(self._text):
            runs.setdefault(len(match.group()), []).append(match.start())
        return runs


def _is_math(content: str, before: str, after: str) -> bool:
    """Whether a text between two dollar signs is math. Jupyter takes all for math; here "$5 and $6" is money.

    `before` and `after` are the characters beside the signs.
    """
    if not content.strip() or "`" in _IN_BRACES.sub("", content):  # code begins between the signs; quotes of TeX stand in braces
        return False
    has_tex = bool(_TEX.search(content))
    if after.isdigit():
        return has_tex and not content.strip()[0].isdigit()
    is_tight = content == content.strip() and "\n" not in content and not re.match(r"\w", before)
    return is_tight or has_tex or not _WORD.search(content)


def math_text(piece: MarkdownPiece, *, quoted: bool) -> str:
    """A piece of math with its delimiters, without the signs that a quotation sets before each line."""
    return _QUOTED.sub("\n", piece.text) if quoted else piece.text
