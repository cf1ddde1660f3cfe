r"""Math of prose as MathML Core, which browsers draw without JavaScript; equations with their numbers, and references to them.

math-core reads the TeX. What it does not read is put in other words before (`tex_macros`, `tex_commands`, `tex_equations`); what it would pass
over, print unread, or draw with styles of its own is refused here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from xml.etree import ElementTree as ET

from math_core import LatexError, LatexToMathML

from labnotes.errors import did_you_mean
from labnotes.source.formulas.math_elements import Marks, breakable_parts, character_references, element_html
from labnotes.source.formulas.tex_commands import label_of_key, reference_key, simplify_commands
from labnotes.source.formulas.tex_equations import Equation, EquationLine, parse_equation
from labnotes.source.formulas.tex_macros import Macros
from labnotes.source.formulas.tex_tokens import UnsupportedMath as UnsupportedMath
from labnotes.source.formulas.tex_tokens import join_tokens, refuse_large, split_tex

_DELIMITERS = (
    *(("$$", "$$", False), (r"\\[", r"\\]", False), (r"\[", r"\]", False)),
    *((r"\\(", r"\\)", True), (r"\(", r"\)", True), ("$", "$", True)),
)
"""What math stands between, and whether it is inline. Jupyter takes two backslashes, since Markdown makes one of them."""

_MACROS = {**dict.fromkeys(("mathds", "mathbbm", "mathbbold"), r"\mathbb{#1}"), "pmb": r"\boldsymbol{#1}"}
"""Commands that the library does not know, by those that it does."""

_REWRITTEN = (
    (r"(?<!\\)((?:\\\\)*)\\!", r"\1"),  # MathML Core has no negative space
    (r"\\\\\s*(?=\\end\{)", ""),  # it would show an empty last row
    (r"\\(left|right|middle|[bB]igg?[lrm]?)\s*<", r"\\\1\\langle "),
    (r"\\(left|right|middle|[bB]igg?[lrm]?)\s*>", r"\\\1\\rangle "),
    (r"\\(?:bm|boldsymbol)\s*\{([\d.]+)\}", r"\\mathbf{\1}"),  # there are no slanted digits, and it would leave plain ones
    (r"(\\(?!operatorname\*|tag\*)[A-Za-z]+)\*", r"\1 *"),  # it would read \omega* as one name
    (r"(\\[%&#$_]) ", r"\1{} "),  # it drops the space after some of these, in text too
)
_WRONG = (
    (r"\A\s*\Z", "is empty"),
    (r"[\x00-\x08\x0e-\x1f\x7f-\x9f]", "is a control character"),
    (r"(?<!\\)(?:\\\\)*%", r"begins a comment; write \%"),
    (r"\\(?:mspace|nolimits|d{3,4}ot)(?![A-Za-z])", "is not supported"),
    (
        r"\\begin\{array\}(?!\s*\{[lcr|:\s]+\})|\\begin\{(?!array|subarray)[^}]*\}\s*(?:\[[lcrtb]\]|\{[lcr|]+\})",
        "is not supported: array alone takes columns, of l, c and r",
    ),
    (r"\\operatorname(?!\*?\s*\{[A-Za-z\s\\,]+\})", r"takes letters only; write \text{…}"),
)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n")
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_QUOTED_LINE = re.compile(r"\n[ ]{0,3}>[ \t]?")
_POSITION = re.compile(r"^(?:macro)?\d*+:?\d*+: ")
_UNKNOWN = re.compile(r'unknown command "(\\[A-Za-z]+)"')

REFERENCE = re.compile(r"\\(eq)?ref\{([^{}\n]+)\}")
r"""A reference to an equation, as it may stand in prose: \eqref{a} shows its number in brackets, \ref{a} without."""


def to_mathml(segment: str) -> str:
    """The HTML of a segment of math with its delimiters, on one line and with nothing left that Markdown takes for markup.

    "" for one that only defines macros. `NoteMath` sets the math of a note, with what stands before and elsewhere in it.

    Raises UnsupportedMath.
    """
    return NoteMath([[segment]]).cell(0).to_mathml(segment)


@dataclass(frozen=True)
class _Set:
    """A segment of math that was read: its equation, and whether it stands in a line of text."""

    equation: Equation
    is_inline: bool


class NoteMath:
    """What the formulas of a note have in common: macros, numbers of equations, labels.

    `cells` are the text cells of the note, each as its segments of math with their delimiters; `macros` those of note.yml, TeX by name. A macro
    holds for all that stands below its definition. Equations without a star are numbered where the note labels one that has no tag of its
    own: LaTeX numbers all, Jupyter none.
    """

    def __init__(self, cells: Sequence[Sequence[str]], macros: Mapping[str, str] = MappingProxyType({})) -> None:
        current = Macros(macros)
        self._starts: list[tuple[Macros, int]] = []
        self._tags: dict[str, str] = {}
        self._repeated: set[str] = set()
        has_labels = any(r"\label" in segment for segments in cells for segment in segments)
        read_cells: list[list[Equation]] = []
        for segments in cells:
            before = current.copy_macros()
            self._starts.append((before, 1))
            read_cells.append([read for segment in segments if (read := _first_reading(segment, current, parsed=has_labels))])
        self._end = current
        lines = [line for equations in read_cells for equation in equations for line in equation.lines]
        self.is_numbered = any(line.labels and line.tag is None and not line.is_empty for line in lines)
        number = 1
        for place, equations in enumerate(read_cells):
            self._starts[place] = (self._starts[place][0], number)
            for equation in equations:
                tags, number = self.line_tags(equation, number)
                self._add_labels(equation, tags)

    def _add_labels(self, equation: Equation, tags: Sequence[str | None]) -> None:
        for line, tag in zip(equation.lines, tags, strict=True):
            for label in line.labels if tag is not None else ():
                if label in self._tags:
                    self._repeated.add(label)
                self._tags[label] = tag or ""

    def cell(self, place: int) -> CellMath:
        """The math of a text cell, from its beginning. `place` counts the text cells from 0."""
        macros, number = self._starts[place]
        return CellMath(self, macros.copy_macros(), number)

    def below_all_cells(self) -> CellMath:
        """The math of captions and the like: with all macros."""
        return CellMath(self, self._end.copy_macros(), 1)

    def output_formula(self, formula: str) -> str | None:
        """A formula, with its delimiters, that an output holds, as MathML; None if it cannot be set."""
        try:
            return self.below_all_cells().to_mathml(formula)
        except UnsupportedMath:
            return None

    def line_tags(self, equation: Equation, number: int) -> tuple[list[str | None], int]:
        """What each line shows as its number, None for nothing, and the next number."""
        tags: list[str | None] = []
        for line in equation.lines:
            if line.tag is not None:
                tags.append(_plain_text(line.tag))
            elif not line.is_empty and (line.labels or (self.is_numbered and line.has_number)):
                tags.append(str(number))
                number += 1
            else:
                tags.append(None)
        return tags, number

    def labelled_tag(self, label: str) -> str:
        """What the equation of a label shows as its number. Raises UnsupportedMath."""
        if label not in self._tags:
            raise UnsupportedMath(f"no equation of the note has the label {label!r}; {did_you_mean(label, self._tags)}")
        return self._tags[label]

    def label_id(self, label: str) -> str:
        """The id of the equation of a label, on its page. Raises UnsupportedMath."""
        if label in self._repeated:
            raise UnsupportedMath(f"the label {label!r} is given to several equations; give it to one")
        return "eq-" + re.sub(r"[\s\"'<>&#%]", "-", label)


class CellMath:
    """The math of one text cell, segment after segment."""

    def __init__(self, note: NoteMath, macros: Macros, number: int) -> None:
        self._note, self._macros, self._number = note, macros, number

    def to_mathml(self, segment: str) -> str:
        """The HTML of the next segment, as of the function of this name.

        Raises UnsupportedMath.
        """
        read = _read_segment(segment, self._macros)
        if read is None:
            return ""
        tags, self._number = self._note.line_tags(read.equation, self._number)
        lines = read.equation.lines
        if all(line.is_empty for line in lines) and not any(tags):
            return _nothing_shown(lines)
        if read.is_inline and any(line.labels or tag is not None for line, tag in zip(lines, tags, strict=True)):
            raise UnsupportedMath(r"\tag and \label are for equations that stand by themselves; write $$…$$")
        marks = ["" if tag is None else f"t{place}" for place, tag in enumerate(tags)]
        shown = {mark: self._line_mark(line, tag or "") for mark, line, tag in zip(marks, lines, tags, strict=True)}
        return _formula_html(read.equation.tex(marks), Marks(shown, self._marked_reference), inline=read.is_inline)

    def _line_mark(self, line: EquationLine, tag: str) -> tuple[str, str]:
        """The id of a line, "" for none, and what it shows at its end."""
        address = [self._note.label_id(label) for label in line.labels]
        for label in line.labels:
            self._note.labelled_tag(label)
        return (address[0] if address else ""), (tag if line.is_starred else f"({tag})")

    def _marked_reference(self, key: str) -> tuple[str, str]:
        label, in_brackets = label_of_key(key)
        tag = self._note.labelled_tag(label)
        return self._note.label_id(label), f"({tag})" if in_brackets else tag

    def reference_html(self, reference: str) -> str:
        r"""The HTML of a reference that stands in prose, such as \eqref{a} (REFERENCE finds them). Raises UnsupportedMath."""
        match = REFERENCE.fullmatch(reference)
        if match is None:
            raise UnsupportedMath("it is no reference to an equation")
        address, shown = self._marked_reference(reference_key(match[2].strip(), in_brackets=bool(match[1])))
        return f'<a class="ln-xref" href="#{html.escape(address)}">{character_references(shown)}</a>'


def _first_reading(segment: str, macros: Macros, *, parsed: bool) -> Equation | None:
    """The equation of a segment, if it can be read and may have numbers: what is wrong is told when it is set. Adds its macros to `macros`."""
    try:
        if parsed and not _is_inline(segment):
            read = _read_segment(segment, macros)
            return read.equation if read else None
        if r"\def" in segment or "command" in segment or any(word in segment for word in (r"\let", r"\gdef", r"\DeclareMathOperator")):
            _expanded_tokens(_undelimited(segment)[0], macros)
    except UnsupportedMath:
        pass
    return None


def _is_inline(segment: str) -> bool:
    return not segment.lstrip().startswith(("$$", r"\[", r"\\[", r"\begin"))


def _read_segment(segment: str, macros: Macros) -> _Set | None:
    """A segment as its lines; None if it only defines macros. Raises UnsupportedMath."""
    tex, inline = _undelimited(segment)
    tokens = _expanded_tokens(tex, macros)
    if not any(map(str.strip, tokens)):
        if tex.strip():
            return None
        raise UnsupportedMath("it is empty")
    equation = parse_equation(simplify_commands(tokens))
    for line in equation.lines if inline else ():
        line.has_number = False
    return _Set(equation, inline)


def _undelimited(segment: str) -> tuple[str, bool]:
    """The TeX between the delimiters of a segment, and whether it is inline. Raises UnsupportedMath."""
    written = segment.strip()
    if re.match(r"\\begin\s*\{", written) and written.endswith("}"):
        return written, False
    for opening, closing, inline in _DELIMITERS:
        if len(written) >= len(opening) + len(closing) and written.startswith(opening) and written.endswith(closing):
            return written[len(opening) : len(written) - len(closing)], inline
    raise UnsupportedMath("it is not between delimiters of math")


def _expanded_tokens(tex: str, macros: Macros) -> list[str]:
    """The signs of a formula, without comments, with what its macros stand for. Raises UnsupportedMath."""
    refuse_large(tex)
    lines = tex.count("\n")
    if lines and len(_QUOTED_LINE.findall(tex)) == lines:  # a quotation, or a formula whose lines begin with >
        if tex[tex.rfind("\n") :].strip() != ">":
            raise UnsupportedMath(r"> at the beginning of a line quotes in Markdown; write \gt")
        tex = _QUOTED_LINE.sub("\n", tex)
    tex = re.sub("&(?:lt|gt|amp);", lambda match: _ESCAPED[match[0]], _COMMENT.sub(r"\1", tex))
    tokens = macros.expand(split_tex(tex))
    refuse_large(join_tokens(tokens))
    return tokens


def _nothing_shown(lines: Sequence[EquationLine]) -> str:
    r"""The HTML of a segment without a formula: nothing, where \label marks a place for another program. Raises UnsupportedMath."""
    if any(line.labels for line in lines):
        return ""
    raise UnsupportedMath("it is empty")


def _plain_text(tokens: list[str]) -> str:
    """The characters that a tag shows. Raises UnsupportedMath."""
    text = join_tokens(tokens).strip()
    if re.fullmatch(r"[\w\s.,:;'’*†‡()+-]*", text):
        return text
    equation = parse_equation(simplify_commands([r"\text", "{", *tokens, "}"]))
    return "".join(_library_tree(equation.tex([""]), inline=True).itertext()).strip()


def _formula_html(tex: str, marks: Marks, *, inline: bool) -> str:
    root = _library_tree(tex, inline=inline)
    try:
        if inline:
            parts = "".join(f'<math class="ln-math">{part}</math>' for part in breakable_parts(root, marks))
            return f'<span class="ln-m">{parts}</span>'
        shown = "".join(element_html(part, marks) for part in root)
    except RecursionError:
        raise UnsupportedMath("it is nested too deeply") from None
    # not a <div>: in a list or a quotation it would stand inside a paragraph
    frame = '<span class="ln-eq ln-scroll" tabindex="0" role="group" aria-label="Equation">'
    return f'{frame}<math display="block" class="ln-math">{shown}</math></span>'


def _library_tree(tex: str, *, inline: bool) -> ET.Element:
    """What the library makes of a formula. Raises UnsupportedMath, too for what the library would not refuse and get wrong."""
    for pattern, replacement in _REWRITTEN:
        tex = re.sub(pattern, replacement, tex)
    for pattern, why in _WRONG:
        if mistake := re.search(pattern, tex):
            raise UnsupportedMath(f"{mistake[0].strip() or repr(mistake[0])} {why}")
    library = LatexToMathML(macros=_MACROS, fancy_error=False, allow_unreliable_rendering=True)  # \\widetilde; the others are refused
    try:
        made = library.convert_with_local_state(tex, displaystyle=not inline)
    except LatexError as error:
        reason = _POSITION.sub("", str(error)).rstrip(".")
        reason = reason[:1].lower() + reason[1:]
        if unknown := _UNKNOWN.fullmatch(reason):
            reason += rf"; \newcommand in a cell above defines it, or {unknown[1][1:]} under `macros` in note.yml"
        raise UnsupportedMath(reason) from None
    return ET.fromstring(re.sub(r"&(?!(?:lt|gt|amp|quot|apos);)\w+;", lambda entity: html.unescape(entity[0]), made))
