r"""What notebooks write and the library does not read, by what it does: math in text, plain TeX, sizes, colours, columns of arrays.

Signs become other signs; each is looked at a fixed number of times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import ClassVar

from labnotes.source.formulas.tex_tokens import UnsupportedMath, group_ends, join_tokens, skip_blanks, split_tex

SIZES = {
    **{r"\tiny": "0.5em", r"\scriptsize": "0.7em", r"\footnotesize": "0.8em", r"\small": "0.85em", r"\normalsize": "1em"},
    **{r"\large": "1.2em", r"\Large": "1.44em", r"\LARGE": "1.73em", r"\huge": "2.07em", r"\Huge": "2.49em"},
}
"""The sizes of MathJax."""

SIZE_COLORS = {f"#0F1E{number:02X}": size for number, size in enumerate(SIZES.values(), 1)}
"""Sizes by colours that stand for them, since the library knows which signs a colour covers, and no sizes."""

_TEXT = {
    **dict.fromkeys((r"\text", r"\mbox", r"\hbox", r"\textrm", r"\textnormal", r"\textup", r"\textmd"), r"\text"),
    **{command: command for command in (r"\textbf", r"\textit", r"\texttt", r"\textsf", r"\textsc", r"\emph")},
    r"\textsl": r"\textit",
}
"""Commands that take text, by those that the library has for them. Serifs are left to the font of the page."""

_TEXT_SWITCHES = {
    r"\bf": r"\textbf",
    r"\bfseries": r"\textbf",
    r"\it": r"\textit",
    r"\itshape": r"\textit",
    r"\tt": r"\texttt",
    r"\sf": r"\textsf",
}
_SWITCHES = {
    rf"\{name}" for name in ("rm", "bf", "it", "cal", "sf", "tt", "displaystyle", "textstyle", "scriptstyle", *(size[1:] for size in SIZES))
}
_PLAIN_TEX = {
    **{rf"\{name}": name for name in ("matrix", "pmatrix", "bmatrix", "vmatrix", "cases")},
    **{r"\displaylines": "gathered", r"\eqalign": "aligned", r"\substack": "subarray"},
}
"""Commands whose argument is a table, by the environment for it."""

_COLORS = {
    **{"aqua": "00FFFF", "brown": "A52A2A", "crimson": "DC143C", "cyan": "00FFFF", "darkblue": "00008B", "darkgreen": "006400"},
    **{"darkorange": "FF8C00", "darkred": "8B0000", "fuchsia": "FF00FF", "gold": "FFD700", "gray": "808080", "green": "008000"},
    **{"grey": "808080", "indigo": "4B0082", "lime": "00FF00", "magenta": "FF00FF", "maroon": "800000", "navy": "000080"},
    **{"olive": "808000", "orange": "FFA500", "pink": "FFC0CB", "purple": "800080", "royalblue": "4169E1", "silver": "C0C0C0"},
    **{"skyblue": "87CEEB", "steelblue": "4682B4", "teal": "008080", "tomato": "FF6347", "violet": "EE82EE"},
}
"""Colours that CSS, and so Jupyter, names otherwise than LaTeX and the library, or alone."""

_WITHOUT_ARGUMENT = {r"\class", r"\cssId", r"\require"}
"""Commands whose first argument only names something to a script, or an extension that is there anyway."""

_OTHER = {
    **{r"\LaTeX": r"\text{LaTeX}", r"\TeX": r"\text{TeX}", r"\strut": r"\mathstrut"},
    **{r"\dotsc": r"\ldots", r"\dotso": r"\ldots", r"\dotsi": r"\cdots", r"\hdots": r"\ldots", r"\sp": "^", r"\sb": "_"},
}
_RENAMED = {
    **dict.fromkeys(
        ("align", "align*", "alignat", "alignat*", "alignedat", "flalign", "flalign*", "split", "eqnarray", "eqnarray*"), "aligned"
    ),
    **dict.fromkeys(("gather", "gather*", "multline", "multline*"), "gathered"),
    **{"smallmatrix": "matrix", "cases*": "cases", "dcases*": "dcases"},
    **{f"{name}matrix*": f"{name}matrix" for name in ("", "p", "b", "B", "v", "V")},
}
"""Environments within others or beside something else, by those that the library has for them there."""

_BIG = {rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
_NOTHING = re.compile(r"\s*[-+]?0*\.?0*\s*[a-z]*\s*")
_DISTANCE = re.compile(r"\s*-?[\d.]+\s*[a-z]+\s*")
_IN_COLUMNS = re.compile(r"[@!]\s*\{[^{}]*\}")
_IN_TEXT = {"_": r"\_", "&": r"\&", "#": r"\#", "^": r"\textasciicircum{}", r"\\": " ", r"\newline": " ", r"\rm": "", r"\normalfont": ""}
_NESTED_TEXTS = 10
_COLUMNS = 200


def nested_environment(name: str) -> str:
    """The name that the library has for an environment within others."""
    return _RENAMED.get(name, name)


def simplify_commands(tokens: list[str], depth: int = 0) -> list[str]:
    """The signs of a formula in the words that the library reads. `depth` counts the texts that it stands in. Raises UnsupportedMath."""
    if depth > _NESTED_TEXTS:
        raise UnsupportedMath("it is nested too deeply: texts in math in texts")
    return _Simplifier(tokens, depth).simplified()


class _Simplifier:
    """One walk over the signs of a formula. `_closers` are what comes in the place of a `}`."""

    def __init__(self, tokens: list[str], depth: int) -> None:
        self._tokens, self._depth = tokens, depth
        self._ends = group_ends(tokens)
        self._place = 0
        self._made: list[str] = []
        self._closers: dict[int, list[str]] = {}

    def simplified(self) -> list[str]:
        while self._place < len(self._tokens):
            token = self._tokens[self._place]
            self._place += 1
            if token == "}":
                self._made += self._closers.get(self._place - 1, ["}"])
            else:
                self._HANDLERS.get(token, _Simplifier._simple)(self, token)
        return self._made

    def _simple(self, token: str) -> None:
        if token in SIZES:
            color = next(color for color, size in SIZE_COLORS.items() if size == SIZES[token])
            self._made += split_tex(rf"\color[HTML]{{{color[1:]}}}")
        elif token in _OTHER:
            self._made += split_tex(_OTHER[token])
        else:
            self._made.append(r"\ " if len(token) == 2 and token[0] == "\\" and token[1].isspace() else token)

    def _group(self, command: str) -> tuple[list[str], int]:
        """The signs of the group that comes next, and the place behind it."""
        start = skip_blanks(self._tokens, self._place)
        if start not in self._ends:
            raise UnsupportedMath(f"{command} lacks its argument in braces")
        return self._tokens[start + 1 : self._ends[start]], self._ends[start] + 1

    def _brackets(self) -> list[str] | None:
        """The signs in the brackets that come next, which are passed by; None if there are none."""
        start = skip_blanks(self._tokens, self._place)
        if start >= len(self._tokens) or self._tokens[start] != "[":
            return None
        for end in range(start, min(start + 40, len(self._tokens))):
            if self._tokens[end] == "]":
                self._place = end + 1
                return self._tokens[start + 1 : end]
        return None

    def _line_end(self, token: str) -> None:
        if self._tokens[self._place : self._place + 1] == ["*"]:
            self._place += 1
        before = self._place
        brackets = self._brackets()
        if brackets is not None and not _DISTANCE.fullmatch("".join(brackets)):
            self._place = before  # they are math
        self._made.append(r"\\")

    def _line(self, token: str) -> None:
        """One line for two of them, which the library does not take."""
        self._made.append(token)
        while self._tokens[(place := skip_blanks(self._tokens, self._place)) : place + 1] == [token]:
            self._place = place + 1

    def _script(self, token: str) -> None:
        r"""A switch as a whole script, as in x_\rm{max}, is given braces."""
        self._made.append(token)
        start = skip_blanks(self._tokens, self._place)
        behind = skip_blanks(self._tokens, start + 1)
        if start < len(self._tokens) and self._tokens[start] in _SWITCHES and behind in self._ends:
            self._made.append("{")
            self._closers[self._ends[behind]] = ["}", "}"]

    def _environment(self, token: str) -> None:
        signs, self._place = self._group(token)
        name = "".join(signs).strip()
        self._made += [token, "{", *name, "}"]
        if token == r"\end":
            return
        if name in ("alignat", "alignat*", "alignedat"):
            self._place = self._group(name)[1]
        elif name == "array" or name.endswith("matrix*") or name in ("aligned", "gathered", "alignedat", "split"):
            before = self._place
            position = "".join(self._brackets() or "").strip()
            if position not in ("t", "b", "c", "l", "r"):
                self._place = before
        if name == "array" and skip_blanks(self._tokens, self._place) in self._ends:
            columns, self._place = self._group(name)
            self._made += ["{", *_plain_columns("".join(columns)), "}"]

    def _plain_table(self, token: str) -> None:
        start = skip_blanks(self._tokens, self._place)
        if start not in self._ends:
            self._made.append(token)
            return
        name = _PLAIN_TEX[token]
        self._made += ["{", r"\begin", "{", *name, "}", *("{c}" if name == "subarray" else "")]
        self._closers[self._ends[start]] = [r"\end", "{", *name, "}", "}"]
        self._place = start + 1

    def _color(self, token: str) -> None:
        r"""\color{red}{x} colours its second argument, as in MathJax of notebooks; \color{red} x all that follows in its group."""
        model = "".join(self._brackets() or "")
        signs, self._place = self._group(token)
        color = "".join(signs).strip()
        if re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", color):
            model, color = "HTML", color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
        elif not model and color in _COLORS:
            model, color = "HTML", _COLORS[color]
        switch = [*split_tex(r"\color"), *(f"[{model}]" if model else ""), "{", *color, "}"]
        start = skip_blanks(self._tokens, self._place)
        if start in self._ends:
            self._made += ["{", *switch]
            self._place = start + 1
        elif token == r"\textcolor":
            raise UnsupportedMath(r"\textcolor lacks its second argument in braces")
        else:
            self._made += switch

    def _reference(self, token: str) -> None:
        signs, self._place = self._group(token)
        self._made += [r"\eqref", "{", *reference_key(join_tokens(signs).strip(), in_brackets=token == r"\eqref"), "}"]

    def _verbatim(self, token: str) -> None:
        sign = self._tokens[self._place] if self._place < len(self._tokens) else ""
        end = next((place for place in range(self._place + 1, len(self._tokens)) if self._tokens[place] == sign), None)
        if end is None:
            raise UnsupportedMath(rf"\verb lacks the second {sign or 'sign'}")
        shown = self._tokens[self._place + 1 : end]
        if any(sign in "{}" or (len(sign) > 1 and sign[0] == "\\") for sign in shown):
            raise UnsupportedMath(r"\verb with commands or braces is not supported; write it as code, outside of math")
        self._made += [r"\texttt", "{", *_escaped_text(shown), "}"]
        self._place = end + 1

    def _unsmashed(self, token: str) -> None:
        self._brackets()

    def _rule(self, token: str) -> None:
        """A rule without width or height only makes room, which lines have here anyway."""
        self._brackets()
        width, self._place = self._group(token)
        height, self._place = self._group(token)
        if not any(_NOTHING.fullmatch("".join(size)) for size in (width, height)):
            raise UnsupportedMath(r"\rule that can be seen is not supported; write a line as | or \hline")

    def _big(self, token: str) -> None:
        r"""\Big{|} is \Big|."""
        self._made.append(token)
        start = skip_blanks(self._tokens, self._place)
        signs = [sign for sign in self._tokens[start + 1 : self._ends.get(start, start)][:3] if sign.strip()]
        if len(signs) == 1:
            self._made += signs
            self._place = self._ends[start] + 1

    def _without_argument(self, token: str) -> None:
        self._place = self._group(token)[1]

    def _unstarred(self, token: str) -> None:
        self._made.append(token)
        if self._tokens[self._place : self._place + 1] == ["*"]:
            self._place += 1

    def _text(self, token: str) -> None:
        start = skip_blanks(self._tokens, self._place)
        if start not in self._ends:
            self._made.append(_TEXT[token])
            return
        signs, self._place = self._group(token)
        first = skip_blanks(signs, 0)
        command = _TEXT[token]
        if first < len(signs) and signs[first] in _TEXT_SWITCHES:
            command, signs = _TEXT_SWITCHES[signs[first]], signs[skip_blanks(signs, first + 1) :]
        if "$" not in signs and r"\(" not in signs:
            self._made += [command, "{", *_escaped_text(signs), "}"]
        else:
            self._made += ["{", *self._text_with_math(command, signs), "}"]

    def _text_with_math(self, command: str, signs: list[str]) -> Iterator[str]:
        """Text and the math in it, beside each other."""
        ends = group_ends(signs)
        run: list[str] = []
        place = 0
        while place < len(signs):
            sign = signs[place]
            behind = skip_blanks(signs, place + 1)
            if sign in ("$", r"\("):
                closing = "$" if sign == "$" else r"\)"
                end = next((later for later in range(place + 1, len(signs)) if signs[later] == closing), None)
                if end is None:
                    raise UnsupportedMath(f"the math in {command} does not end")
                yield from (command, "{", *_escaped_text(run), "}") if run else ()
                yield from ("{", *simplify_commands(signs[place + 1 : end], self._depth + 1), "}")
                run, place = [], end
            elif sign in _TEXT and behind in ends and "$" in signs[behind : ends[behind]]:
                yield from (command, "{", *_escaped_text(run), "}") if run else ()
                yield from simplify_commands(signs[place : ends[behind] + 1], self._depth + 1)
                run, place = [], ends[behind]
            elif sign in _TEXT and behind in ends:
                run += signs[place : ends[behind] + 1]
                place = ends[behind]
            elif sign not in "{}":
                run.append(sign)
            place += 1
        yield from (command, "{", *_escaped_text(run), "}") if run else ()

    _HANDLERS: ClassVar[dict[str, Callable[[_Simplifier, str], None]]] = {
        **dict.fromkeys((r"\begin", r"\end"), _environment),
        **dict.fromkeys((r"\color", r"\textcolor"), _color),
        **dict.fromkeys((r"\eqref", r"\ref"), _reference),
        **dict.fromkeys((r"\\", r"\cr", r"\newline"), _line_end),
        **dict.fromkeys(("_", "^"), _script),
        **dict.fromkeys(_TEXT, _text),
        **dict.fromkeys(_BIG, _big),
        **dict.fromkeys(_PLAIN_TEX, _plain_table),
        **dict.fromkeys(_WITHOUT_ARGUMENT, _without_argument),
        **{r"\verb": _verbatim, r"\smash": _unsmashed, r"\hspace": _unstarred},
        **{r"\rule": _rule, r"\hline": _line},
    }
    """What reads a command and all that belongs to it."""


def reference_key(label: str, *, in_brackets: bool) -> str:
    """A label in letters and digits, which the library takes; and whether the reference stands in brackets."""
    return ("b" if in_brackets else "n") + label.encode().hex()


def label_of_key(key: str) -> tuple[str, bool]:
    """The label that `reference_key` made a key of, and whether it stands in brackets."""
    return bytes.fromhex(key[1:]).decode(), key[0] == "b"


def _escaped_text(signs: list[str]) -> list[str]:
    """Text with its signs of math as signs of text."""
    return [part for sign in signs for part in split_tex(_IN_TEXT.get(sign, _TEXT.get(sign, sign)))]


def _plain_columns(columns: str) -> str:
    """The columns of an array as the library takes them: l, c and r, and lines between them."""
    columns = _IN_COLUMNS.sub("", columns)
    columns = re.sub(r"\*\s*\{(\d{1,2})\}\s*\{([^{}]*)\}", lambda match: int(match[1]) * match[2], columns)
    columns = re.sub(r"[pmb]\s*\{[^{}]*\}", "l", columns)
    if len(columns) > _COLUMNS:
        raise UnsupportedMath(f"an array has at most {_COLUMNS} columns")
    return re.sub(r"\|\|+", "|", re.sub(r"\s+", "", columns))
