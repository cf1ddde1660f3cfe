r"""A formula as its lines: which of them have a number, a tag, labels; and the TeX in which the library sets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from labnotes.source.formulas.tex_commands import nested_environment
from labnotes.source.formulas.tex_tokens import UnsupportedMath, group_ends, join_tokens, skip_blanks

_WRAPPERS = {"equation": True, "equation*": False, "displaymath": False, "math": False, "subequations": False}
"""Environments of one formula, and whether it has a number."""

_LINES = {
    **dict.fromkeys(("align", "alignat", "flalign", "eqnarray"), "align"),
    **{"gather": "gather", "multline": "multline"},
}
"""Environments of numbered lines, by those that the library has for them. With a star they have no numbers."""

_INNER = {"aligned": "align", "split": "align", "gathered": "gather"}
"""Environments within a formula, by those that they are read as where their lines have tags of their own."""


@dataclass
class EquationLine:
    """A line of a formula. `tag` are the signs of its own tag, with `is_starred` without brackets."""

    tokens: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    tag: list[str] | None = None
    is_starred: bool = False
    has_number: bool = False

    @property
    def shown_tokens(self) -> list[str]:
        r"""Its signs without the blanks around them. The command `\ ` is no blank."""
        start, end = skip_blanks(self.tokens, 0), len(self.tokens)
        while end > start and self.tokens[end - 1].isspace():
            end -= 1
        return self.tokens[start:end]

    @property
    def is_empty(self) -> bool:
        return not self.shown_tokens


@dataclass(frozen=True)
class Equation:
    """A formula: its lines, and the environment that sets them ("" for a single one)."""

    environment: str
    lines: list[EquationLine]

    def tex(self, marks: Sequence[str]) -> str:
        """The TeX of the formula for the library. `marks` are the keys of the lines that show a tag, "" for the others."""
        if not any(marks) and self.environment != "multline":
            name = {"align": "aligned", "gather": "gathered"}.get(self.environment, "")
        else:
            name = f"{self.environment or 'equation'}*"
        written = [
            join_tokens(line.shown_tokens) + (rf"\label{{{mark}}}\tag*{{{mark}}}" if mark else "")
            for line, mark in zip(self.lines, marks, strict=True)
        ]
        body = r" \\ ".join(written)
        return rf"\begin{{{name}}}{body}\end{{{name}}}" if name else body


def parse_equation(tokens: list[str]) -> Equation:
    r"""The lines of a formula: those of its environment, or those that \\ makes. Raises UnsupportedMath."""
    start, end, has_number = skip_blanks(tokens, 0), len(tokens), False
    closings = _environment_ends(tokens)
    environment = name = ""
    while start < end and tokens[start] == r"\begin" and start in closings and _is_last(tokens, closings[start], end):
        name = _name_at(tokens, start)
        base = name.removesuffix("*")
        closing = closings[start]
        if name in _WRAPPERS:
            has_number = has_number or _WRAPPERS[name]
        elif base in _LINES:
            environment, has_number = _LINES[base], name == base
        elif name in _INNER and sum(token in (r"\tag", r"\label") for token in tokens[start:closing]) > 1:
            environment, has_number = _INNER[name], False
        else:
            break
        start, end = skip_blanks(tokens, _behind_name(tokens, start)), closing
        if environment:
            break
    lines = _LineWalk(tokens[start:end], is_table=bool(environment), is_eqnarray=name.startswith("eqnarray")).lines()
    if len(lines) > 1 and lines[-1].is_empty:
        last = lines.pop()
        lines[-1].labels += last.labels
        lines[-1].tag = lines[-1].tag or last.tag
    if not environment:
        return _loose_lines(lines, has_number=has_number)
    for place, line in enumerate(lines):
        is_numbered = environment != "multline" or place == len(lines) - 1
        line.has_number = has_number and line.has_number and is_numbered
    if environment == "multline":
        _gather_marks(lines)
    return Equation(environment, lines)


def _loose_lines(lines: list[EquationLine], *, has_number: bool) -> Equation:
    r"""A formula in no environment of lines: it has one number, whatever \\ breaks."""
    if len(lines) > 1 and lines[0].is_empty:
        raise UnsupportedMath(r"\\ at its beginning breaks a line; a command begins with one backslash")
    for line in lines[:-1]:
        line.has_number = False
    lines[-1].has_number = has_number and lines[-1].has_number
    if len(lines) == 1:
        return Equation("", lines)
    return Equation("align" if any("&" in line.tokens for line in lines) else "gather", lines)


def _gather_marks(lines: list[EquationLine]) -> None:
    """Tag and labels of the whole stand on its last line."""
    for line in lines[:-1]:
        lines[-1].labels = line.labels + lines[-1].labels
        if line.tag is not None:
            lines[-1].tag, lines[-1].is_starred, line.tag = line.tag, line.is_starred, None
        line.labels = []


class _LineWalk:
    """One walk over the signs of a formula, which takes them apart into lines."""

    def __init__(self, tokens: list[str], *, is_table: bool, is_eqnarray: bool) -> None:
        self._tokens, self._is_table, self._is_eqnarray = tokens, is_table, is_eqnarray
        self._ends = group_ends(tokens)
        self._lines = [EquationLine(has_number=True)]
        self._environments = self._braces = self._columns = 0

    def lines(self) -> list[EquationLine]:
        place = 0
        while place < len(self._tokens):
            place = self._read_token(place)
        return self._lines

    def _read_token(self, place: int) -> int:
        """Read the sign at a place. Returns that of the next."""
        token, line = self._tokens[place], self._lines[-1]
        if token in (r"\nonumber", r"\notag"):
            line.has_number = False
        elif token in (r"\tag", r"\label"):
            return self._read_mark(place, token)
        elif token in (r"\begin", r"\end"):
            return self._read_environment(place, token)
        elif token == r"\\" and not self._environments:
            self._break_line()
        elif token == "&" and self._is_eqnarray and not (self._environments or self._braces):
            self._columns += 1
            if self._columns != 2:
                line.tokens.append(token)
        else:
            self._braces += (token in ("{", r"\left")) - (token in ("}", r"\right"))
            line.tokens.append(token)
        return place + 1

    def _break_line(self) -> None:
        if not self._braces:
            self._lines.append(EquationLine(has_number=True))
            self._columns = 0
        elif self._is_table:
            self._lines[-1].tokens.append(r"\\")  # the library says what is wrong with it
        else:
            raise UnsupportedMath(r"\\ outside of an environment is not supported within braces")

    def _read_mark(self, place: int, token: str) -> int:
        line = self._lines[-1]
        start = skip_blanks(self._tokens, place + 1)
        is_starred = token == r"\tag" and self._tokens[start : start + 1] == ["*"]
        start = skip_blanks(self._tokens, start + 1) if is_starred else start
        if start not in self._ends:
            raise UnsupportedMath(f"{token} lacks its argument in braces")
        signs = self._tokens[start + 1 : self._ends[start]]
        if token == r"\label":
            line.labels.append(join_tokens(signs).strip())
        elif line.tag is not None:
            raise UnsupportedMath(r"a line has one \tag; another stands before it")
        else:
            line.tag, line.is_starred = signs, is_starred
        return self._ends[start] + 1

    def _read_environment(self, place: int, token: str) -> int:
        name = _name_at(self._tokens, place)
        if name in _WRAPPERS:  # beside something else it is only a frame
            return _behind_name(self._tokens, place)
        self._environments += 1 if token == r"\begin" else -1
        self._lines[-1].tokens += [token, "{", nested_environment(name), "}"]
        return _behind_name(self._tokens, place)


def _name_at(tokens: list[str], place: int) -> str:
    r"""The name of the environment whose \begin or \end stands at a place. `tex_commands` has set it in braces."""
    return "".join(tokens[place + 2 : _behind_name(tokens, place) - 1])


def _behind_name(tokens: list[str], place: int) -> int:
    return tokens.index("}", place) + 1


def _is_last(tokens: list[str], closing: int, end: int) -> bool:
    r"""Whether nothing stands behind the \end at `closing`, before `end`."""
    return skip_blanks(tokens, _behind_name(tokens, closing)) >= end


def _environment_ends(tokens: list[str]) -> dict[int, int]:
    r"""The places of \end by those of their \begin."""
    ends, opened = {}, []
    for place, token in enumerate(tokens):
        if token == r"\begin":
            opened.append(place)
        elif token == r"\end" and opened:
            ends[opened.pop()] = place
    return ends
