"""Math of prose as MathML Core, which browsers draw without JavaScript.

math-core reads the TeX. What it would pass over, print unread, or draw with styles of its own is refused here.
"""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree as ET

from math_core import LatexError, LatexToMathML

from labnotes.site.stage.sanitising import MATH_ATTRIBUTES, MATH_ELEMENTS


class UnsupportedMath(ValueError):
    """Math that would come out wrong. The message names the command or says what is wrong."""


_DELIMITED = re.compile(r"\$\$(.*)\$\$|\\\[(.*)\\\]|(\\begin\{.*\})|\$(.*)\$|\\\((.*)\\\)", re.DOTALL)

_MACROS = {
    **dict.fromkeys(("mathds", "mathbbm", "mathbbold"), r"\mathbb{#1}"),
    "substack": r"{\begin{subarray}{c}#1\end{subarray}}",
    "mbox": r"\text{#1}",
    "pmb": r"\boldsymbol{#1}",
}
"""Commands that the library does not know, by those that it does."""

_REWRITTEN = (
    (r"\\(?:nonumber|notag)(?![A-Za-z])|\\(?:begin|end)\{equation\*?\}", ""),  # equations are not numbered
    (r"\\(begin|end)\{(?:align\*?|split)\}", r"\\\1{aligned}"),
    (r"\\(begin|end)\{gather\*?\}", r"\\\1{gathered}"),
    (r"\\(begin|end)\{smallmatrix\}", r"\\\1{matrix}"),
    (r"(?<!\\)((?:\\\\)*)\\!", r"\1"),  # MathML Core has no negative space
    (r"\\\\\s*(?=\\end\{)", ""),  # it would show an empty last row
    (r"\\\\\s*\[-?[\d.]+\s*[a-z]+\]", r"\\\\"),  # nor other distances of rows, and the brackets would be printed
    (r"\\(left|right|middle|[bB]igg?[lrm]?)\s*<", r"\\\1\\langle "),
    (r"\\(left|right|middle|[bB]igg?[lrm]?)\s*>", r"\\\1\\rangle "),
    (r"\\(?:bm|boldsymbol)\s*\{([\d.]+)\}", r"\\mathbf{\1}"),  # there are no slanted digits, and it would leave plain ones
    (r"(\\(?!operatorname\*)[A-Za-z]+)\*", r"\1 *"),  # it would read \omega* as one name
    (r"(\\[%&#$_]) ", r"\1{} "),  # it drops the space after some of these, in text too
)
_WRONG = (
    (r"\A\s*\Z", "is empty"),
    (r"\n[ \t]*>", r"at the beginning of a line quotes in Markdown; write \gt"),
    (r"[\x00-\x08\x0e-\x1f\x7f-\x9f]", "is a control character"),
    (r"(?<!\\)(?:\\\\)*%", r"begins a comment; write \%"),
    (
        r"\\(?:label|tag|ref|eqref|color|textcolor|[bx]?cancel|hspace|mspace|hline|nolimits|d{3,4}ot|def|[gex]def|let|(?:re)?newcommand|providecommand)(?![A-Za-z])",
        "is not supported",
    ),
    (
        r"\\begin\{array\}(?!\s*\{[lcr\s]+\})|\\begin\{(?!array|subarray)[^}]*\}\s*(?:\[|\{[lcr|]+\})",
        "is not supported: array alone takes columns, of l, c and r",
    ),
    (r"\\operatorname(?!\*?\s*\{[A-Za-z\s\\,]+\})", r"takes letters only; write \text{…}"),
)
_INNERMOST = re.compile(r"\\begin\{([^}]*)\}(?:(?!\\begin\{|\\end\{).)*\\end\{\1\}|\\substack\s*\{[^{}]*\}", re.DOTALL)
IN_TEXT = {"b", "i", "code", "span"}
"""Elements of HTML by which the library gives text within math another font."""
_POSITION = re.compile(r"^(?:macro)?\d*+:?\d*+: ")


LARGEST = 2000
"""Commands and braces of one formula. The library recurs on the stack of the process, which it ends at about 4000 within each other."""

LONGEST = 20_000
"""Characters of a formula, some screens full."""

VECTOR = "\N{COMBINING RIGHT ARROW ABOVE}"
"""The library's sign for \\vec. Chromium draws it beside its letter, so it becomes a small arrow."""


def to_mathml(segment: str) -> str:
    """The HTML of a segment of math with its delimiters, on one line and with nothing left that Markdown takes for markup.

    Raises UnsupportedMath.
    """
    match = _DELIMITED.fullmatch(segment.strip())
    if match is None:
        raise UnsupportedMath("it is not between delimiters of math")
    inline = (match.lastindex or 0) > 3
    tex = _readable_tex(match[match.lastindex or 0])
    try:
        made = LatexToMathML(macros=_MACROS, fancy_error=False).convert_with_local_state(tex, displaystyle=not inline)
    except LatexError as error:
        reason = _POSITION.sub("", str(error)).rstrip(".")
        raise UnsupportedMath(reason[:1].lower() + reason[1:]) from None
    root = ET.fromstring(re.sub(r"&(?!(?:lt|gt|amp|quot|apos);)\w+;", lambda entity: html.unescape(entity[0]), made))
    try:
        shown = "".join(map(_element_html, root))
    except RecursionError:
        raise UnsupportedMath("it is nested too deeply") from None
    if inline:
        return f'<span class="ln-m"><math class="ln-math">{shown}</math></span>'
    # not a <div>: in a list or a quotation it would stand inside a paragraph
    frame = '<span class="ln-eq ln-scroll" tabindex="0" role="group" aria-label="Equation">'
    return f'{frame}<math display="block" class="ln-math">{shown}</math></span>'


def _readable_tex(tex: str) -> str:
    """`tex` rewritten so that the library can read it. Raises UnsupportedMath for what it would not refuse and get wrong."""
    if len(re.findall(r"\\|\{", tex)) > LARGEST:
        raise UnsupportedMath(f"it has more than {LARGEST} commands and braces")
    if len(tex) > LONGEST:
        raise UnsupportedMath(f"it has more than {LONGEST:,} characters")
    for pattern, replacement in _REWRITTEN:
        tex = re.sub(pattern, replacement, tex)
    for pattern, why in _WRONG:
        if mistake := re.search(pattern, tex):
            raise UnsupportedMath(f"{mistake[0].strip() or repr(mistake[0])} {why}")
    outside, count = tex, 1
    while count:
        outside, count = _INNERMOST.subn("", outside)
    if r"\\" in outside:
        raise UnsupportedMath(r"\\ outside of an environment is not supported")
    return tex


def _element_html(element: ET.Element) -> str:
    """The HTML of an element with all it holds. Styles of the library become classes of ours, and room beside an element becomes space."""
    tag, attributes = element.tag, dict(element.attrib)
    style = attributes.pop("style", "")
    before = after = ""
    if tag == "mtd":
        side = re.search(r"text-align: (left|right)", style)
        attributes |= {"class": f"ln-{side[1]}"} if side else {}
        style = re.sub(r"(?:text-align|justify-items|padding[a-z-]*):[^;]*;", "", style)
    elif tag == "mpadded":
        tag, room = "mrow", dict(re.findall(r"padding-(left|right):([\d.]+em)", style))
        before, after = (f'<mspace width="{room[side]}"></mspace>' if side in room else "" for side in ("left", "right"))
        style = re.sub(r"padding-(?:left|right):[\d.]+(?:em)?;", "", style)
    elif tag in IN_TEXT:
        attributes = {}
    elif tag == "mover" and element[-1].text == VECTOR:
        element[-1].text, attributes["accent"] = "→", "false"
    if style or tag not in MATH_ELEMENTS | IN_TEXT or not attributes.keys() <= MATH_ATTRIBUTES | ({"class"} if tag == "mtd" else set()):
        raise UnsupportedMath(f"it needs what pages have no style for: {tag} {style or ', '.join(attributes)}".rstrip())
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    inside = _character_references(element.text) + "".join(_element_html(part) + _character_references(part.tail) for part in element)
    return f"<{tag}{written}>{before}{inside}{after}</{tag}>"


def _character_references(text: str | None) -> str:
    """A text with references for the characters that Markdown or HTML could take for markup."""
    return "".join(char if char.isalnum() or not (char.isascii() or char.isspace()) else f"&#{ord(char)};" for char in text or "")
