"""The HTML of what the library makes of a formula: nothing but elements and attributes that pages may have, styles as classes of ours."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from labnotes.source.formulas.tex_commands import SIZE_COLORS
from labnotes.source.formulas.tex_tokens import UnsupportedMath


def _word_set(text: str) -> set[str]:
    return set(text.split())


MATH_ELEMENTS = _word_set(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup munder mover munderover "
    "mmultiscripts mprescripts mtable mtr mtd menclose semantics"
)
MATH_ATTRIBUTES = _word_set(
    "display displaystyle scriptlevel mathvariant stretchy fence separator form lspace rspace minsize maxsize movablelimits accent "
    "accentunder linethickness columnalign rowspacing columnspacing columnlines rowlines width height depth symmetric largeop notation "
    "mathcolor mathsize"
)
"""What a page may have of MathML."""

IN_TEXT = {"b", "i", "em", "code", "span"}
"""Elements of HTML by which the library gives text within math another font."""

VECTOR = "\N{COMBINING RIGHT ARROW ABOVE}"
"""The library's sign for \\vec. Chromium draws it beside its letter, so it becomes a small arrow."""

_LINE = re.compile(r"border-(top|left|right|bottom): [\d.]+em (solid|dashed) currentcolor;?")
_LINES = {
    **{"top solid": "ln-solid-top", "bottom solid": "ln-solid-bottom", "left solid": "ln-solid-left", "right solid": "ln-solid-right"},
    **{
        "top dashed": "ln-dashed-top",
        "bottom dashed": "ln-dashed-bottom",
        "left dashed": "ln-dashed-left",
        "right dashed": "ln-dashed-right",
    },
}
"""Classes for the lines of an array."""

_COLOR = re.compile(r"color:(#[0-9A-F]{6});?")
_PLACED = re.compile(r"(?:text-align|justify-items|padding[a-z-]*|width):[^;]*(?:;|$)")


LONG_IN_LINE = 24
"""Characters from which a formula in a line of text may break, as TeX breaks all. A phone shows about 40 of them."""

_BREAKING = frozenset("=<>+−≤≥≠≈∼≃≅≡≔∝∈∉⊂⊆→←↦⇒⟹⇔⟺±×⋅∪∩∧∨⊕⊗")
"""Signs behind which a formula may break."""


@dataclass(frozen=True)
class Marks:
    """What the tags and references of a formula say: for the key of a line its id and its tag, for that of a reference the id and the text
    of its link."""

    lines: Mapping[str, tuple[str, str]]
    reference: Callable[[str], tuple[str, str]]


def element_html(element: ET.Element, marks: Marks) -> str:
    """The HTML of an element with all it holds. Styles of the library become classes of ours, and room beside an element becomes space."""
    tag, attributes = element.tag, dict(element.attrib)
    style = attributes.pop("style", "")
    before = after = ""
    if tag == "a":
        address, shown = marks.reference(attributes["href"].removeprefix("#"))
        return f'<a class="ln-xref" href="#{html.escape(address)}">{character_references(shown)}</a>'
    if tag == "mtd" and attributes.get("id") in marks.lines:
        return _tag_cell(*marks.lines[attributes["id"]])
    if tag == "mrow" and attributes.get("class", "").startswith("menclose-"):
        return ""  # for a style sheet that draws enclosures; ours draws on the element itself
    if tag == "mpadded":
        tag, room = "mrow", dict(re.findall(r"padding-(left|right):([\d.]+em)", style))
        before, after = (f'<mspace width="{room[side]}"></mspace>' if side in room else "" for side in ("left", "right"))
        style = re.sub(r"padding-(?:left|right):[\d.]+(?:em)?;", "", style)
    elif tag == "mover" and element[-1].text == VECTOR:
        element[-1].text, attributes["accent"] = "→", "false"
    attributes, style = _with_classes(element, attributes, style)
    if color := _COLOR.fullmatch(style):
        size = SIZE_COLORS.get(color[1])
        attributes |= {"mathsize": size} if size else {"mathcolor": color[1]}
        style = ""
    classes = {"class"} if tag in ("mtd", "mtable", "span") else set()
    if style or tag not in MATH_ELEMENTS | IN_TEXT or not attributes.keys() <= MATH_ATTRIBUTES | classes:
        raise UnsupportedMath(f"it needs what pages have no style for: {tag} {style or ', '.join(attributes)}".rstrip())
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    inside = character_references(element.text) + "".join(element_html(part, marks) + character_references(part.tail) for part in element)
    return f"<{tag}{written}>{before}{inside}{after}</{tag}>"


def breakable_parts(root: ET.Element, marks: Marks) -> list[str]:
    """The HTML of what stands in `root`, in one part or in several: browsers break lines between <math> elements alone.

    A sign at which a part ends is told to be between two others, since it would be set as behind one.
    """
    is_long = sum(len(text.strip()) for text in root.itertext()) >= LONG_IN_LINE
    return _parts_of_row(root, marks) if is_long else ["".join(element_html(element, marks) for element in root)]


def _parts_of_row(row: ET.Element, marks: Marks) -> list[str]:
    """The parts of what stands in a row, and in the rows in it that only have another size or colour, as behind \\displaystyle."""
    parts = [""]
    for place, element in enumerate(row):
        if element.tag == "mrow" and element.attrib:
            opening = element_html(ET.Element("mrow", element.attrib), marks).removesuffix("</mrow>")
            first, *others = (f"{opening}{part}</mrow>" for part in _parts_of_row(element, marks))
            parts[-1] += first
            parts += others
            continue
        is_break = 0 < place < len(row) - 1 and element.tag == "mo" and element.text in _BREAKING and "lspace" not in element.attrib
        if is_break:
            element.set("form", "infix")
        parts[-1] += element_html(element, marks)
        if is_break:
            parts.append("")
    return parts


def _tag_cell(address: str, shown: str) -> str:
    """The cell with the number of an equation, at the end of its line."""
    written = f' id="{html.escape(address)}"' if address else ""
    return f'<mtd class="ln-tag"{written}><mtext>{character_references(shown)}</mtext></mtd>'


def _with_classes(element: ET.Element, attributes: dict[str, str], style: str) -> tuple[dict[str, str], str]:
    """The attributes of an element with classes for its style, and what is left of that."""
    if element.tag == "mtd":
        return _cell_classes(attributes, style)
    if element.tag == "mtable":
        return _table_classes(element, attributes, style)
    if element.tag in IN_TEXT:
        return ({"class": "ln-small-caps"} if style.startswith("font-variant-caps") else {}), ""
    if element.tag == "mspace":
        return attributes, ""  # it says the width once more, or a negative one, which MathML Core has not
    if element.tag == "mfrac":
        return attributes, style.removesuffix("padding-top: 0.1667em")
    return attributes, style


def _cell_classes(attributes: dict[str, str], style: str) -> tuple[dict[str, str], str]:
    """The attributes of a cell with its classes, and what is left of its style."""
    side = re.search(r"text-align: (left|right)", style)
    width = re.search(r"width: (50|7\.5)%", style)
    classes = [f"ln-{side[1]}"] if side else []
    classes += [{"50": "ln-side", "7.5": "ln-edge"}[width[1]]] if width else []
    classes += [_LINES[f"{line[1]} {line[2]}"] for line in _LINE.finditer(style)]
    return attributes | ({"class": " ".join(classes)} if classes else {}), _PLACED.sub("", _LINE.sub("", style)).strip()


def _table_classes(element: ET.Element, attributes: dict[str, str], style: str) -> tuple[dict[str, str], str]:
    """The attributes of a table with its classes, and what is left of its style."""
    classes = ["ln-numbered"] if "width: 100%" in style else []
    classes += [_LINES[f"{line[1]} {line[2]}"] for line in _LINE.finditer(style)]
    last = element[-1] if len(element) > 1 else None
    if last is not None and not any(True for cell in last for _ in (*cell, *filter(None, [cell.text]))):
        below = next((line for cell in last for line in _LINE.finditer(cell.get("style", "")) if line[1] == "top"), None)
        if below:  # a line below the last row, by which the library begins one more
            classes.append(_LINES[f"bottom {below[2]}"])
            element.remove(last)
    return attributes | ({"class": " ".join(classes)} if classes else {}), _PLACED.sub("", _LINE.sub("", style)).strip()


def character_references(text: str | None) -> str:
    """A text with references for the characters that Markdown or HTML could take for markup."""
    return "".join(char if char.isalnum() or not (char.isascii() or char.isspace()) else f"&#{ord(char)};" for char in text or "")
