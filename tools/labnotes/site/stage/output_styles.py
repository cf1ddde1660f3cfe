"""Colours of what a cell displayed: the rules of its own style sheet as styles of its elements, and colours that are read on a dark page too.

A page keeps no style sheet of an output, since that would hold for the whole page. Which properties may be set is for `sanitising` to say.
"""

from __future__ import annotations

import contextlib
import html as html_text
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tinycss2
from lxml import etree
from lxml import html as lxml_html
from tinycss2 import color3

INK, WHITE = "#1d1f22", "#ffffff"
"""The colours of text on a light and on a dark ground of its author's, whatever the page has."""

LIGHT_GROUND = "#fdfdfb"
"""The ground of a light page: --ln-paper in tokens.css."""

INK_COLOUR = (0x1D / 255, 0x1F / 255, 0x22 / 255)
"""INK as parts of red, green and blue from 0 to 1."""

DARK_PAPER = (0x16 / 255, 0x18 / 255, 0x1B / 255)
"""The ground of a dark page, as parts of red, green and blue from 0 to 1: --ln-paper in tokens.css."""

READABLE = 4.5
"""The contrast that text needs to its ground (WCAG 2.2, level AA)."""

MOST_MATCHES = 2_000_000
"""How many pairs of a selector and an element are tried. A Styler names each cell by its id, which needs no search."""

_COMPOUND = re.compile(r"([a-zA-Z][\w-]*|\*)?((?:[#.][\w-]+)*)")

Colour = tuple[float, float, float]
"""Parts of red, green and blue from 0 to 1."""


@dataclass(frozen=True)
class _Compound:
    """A part of a selector that is about one element: `td.data`, `#T_1_row0_col0`. An empty name is that of any element."""

    name: str
    identity: str
    classes: frozenset[str]

    def fits(self, element: Any) -> bool:
        return (
            self.name in ("", element.tag)
            and (not self.identity or element.get("id") == self.identity)
            and self.classes <= set(element.get("class", "").split())
        )


@dataclass(frozen=True)
class _StyleRule:
    """The declarations for elements that fit the last of `compounds`, within elements that fit those before."""

    compounds: tuple[_Compound, ...]
    declarations: str

    @property
    def weight(self) -> tuple[int, int, int]:
        """What decides between rules that set the same property: counts of ids, classes and names."""
        parts = self.compounds
        return (
            sum(bool(part.identity) for part in parts),
            sum(len(part.classes) for part in parts),
            sum(bool(part.name) for part in parts),
        )

    def applies_to(self, element: Any) -> bool:
        if not self.compounds[-1].fits(element):
            return False
        above = element.iterancestors()
        return all(any(compound.fits(ancestor) for ancestor in above) for compound in reversed(self.compounds[:-1]))


def with_inline_styles(html: str) -> str:
    """HTML whose own style sheets stand as styles at its elements: of rules that name elements, ids and classes, within one another. Other rules
    (of a state, of a position) hold for nothing."""
    if "<style" not in html.lower():
        return html
    try:
        root = lxml_html.fragment_fromstring(html, create_parent="div")
    except (etree.ParserError, ValueError):  # what lxml does not read, such as a null
        return html
    rules = [rule for sheet in root.iter("style") for rule in _style_rules(sheet.text or "")]
    by_identity: dict[str, list[Any]] = {}
    elements = [element for element in root.iter() if isinstance(element.tag, str) and element.tag != "style"]
    for element in elements:
        if element.get("id"):
            by_identity.setdefault(element.get("id"), []).append(element)
    styles: dict[Any, list[str]] = {}
    tried = 0
    for rule in sorted(rules, key=lambda rule: rule.weight):
        identity = rule.compounds[-1].identity
        candidates = by_identity.get(identity, []) if identity else elements
        tried += len(candidates)
        if tried > MOST_MATCHES:
            break
        for element in candidates:
            if rule.applies_to(element):
                styles.setdefault(element, []).append(rule.declarations)
    for element, declarations in styles.items():
        with contextlib.suppress(ValueError):  # characters that no attribute may hold
            element.set("style", ";".join([*declarations, element.get("style", "")]))
    return "".join([root.text or "", *(str(etree.tostring(child, encoding="unicode", method="html")) for child in root)])


def without_old_attributes(html: str) -> str:
    """HTML whose attributes of looks (`color`, `bgcolor`, `align`), as reports of older programs have them, stand as styles of their elements, and <font> as
    <span>. What the style of an element says itself counts for more."""

    def styled_tag(match: re.Match[str]) -> str:
        name, written = match[2], match[3]
        is_font = name.lower() == "font"
        if match[1] or not (is_font or _OLD_ATTRIBUTE.search(written)):
            return "</span>" if match[1] and is_font else match[0]
        attributes = {key.lower(): html_text.unescape(value.strip("\"'")) for key, value in _ATTRIBUTE.findall(written)}
        looks = list(_looks_of(name.lower(), attributes))
        kept = _OLD_ATTRIBUTE.sub("", _STYLE_ATTRIBUTE.sub("", written))
        style = ";".join([*looks, attributes.get("style", "")]).strip(";")
        shown = f' style="{html_text.escape(style)}"' if style else ""
        return f"<{'span' if is_font else name}{shown}{kept}>"

    return _TAG.sub(styled_tag, html)


_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*+)((?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>")
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
_ATTRIBUTE = re.compile(rf"(?<![\w-])([a-zA-Z-]+)\s*=\s*({_VALUE})")
_OLD_ATTRIBUTE = re.compile(rf"\s(?:color|bgcolor|align|size|face)\s*=\s*{_VALUE}", re.IGNORECASE)
_STYLE_ATTRIBUTE = re.compile(rf"\sstyle\s*=\s*{_VALUE}", re.IGNORECASE)
_FONT_SIZES = {
    "1": "x-small",
    "2": "small",
    "4": "large",
    "5": "x-large",
    "6": "xx-large",
    "7": "xxx-large",
    "-1": "smaller",
    "+1": "larger",
}


def _looks_of(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    """The declarations that attributes of looks mean."""
    for attribute, declared in (("color", "color"), ("bgcolor", "background-color")):
        colour = _named_colour(attributes.get(attribute, ""))
        if colour and (attribute == "bgcolor" or name == "font"):
            yield f"{declared}:{colour}"
    if name == "font" and (size := _FONT_SIZES.get(attributes.get("size", ""))):
        yield f"font-size:{size}"
    align = attributes.get("align", "").lower()
    if name in ("table", "img") and align in ("left", "right"):
        yield f"float:{align}"
    elif name == "table" and align == "center":
        yield "margin-left:auto;margin-right:auto"
    elif align in ("left", "right", "center", "justify") and name != "img":
        yield f"text-align:{align}"


def _named_colour(text: str) -> str:
    """A colour of an old attribute as CSS names it, "" for none: six digits may stand without their sign."""
    written = f"#{text}" if re.fullmatch("[0-9a-fA-F]{6}", text) else text.strip()
    return written if color3.parse_color(written) else ""


def _style_rules(css: str) -> Iterator[_StyleRule]:
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type == "qualified-rule":
            declarations = tinycss2.serialize(rule.content).strip()
            for selector in tinycss2.serialize(rule.prelude).split(","):
                compounds = tuple(_read_compounds(selector))
                if compounds:
                    yield _StyleRule(compounds, declarations)


def _read_compounds(selector: str) -> Iterable[_Compound]:
    """The parts of a selector; none if it says more than what an element is called."""
    matches = [_COMPOUND.fullmatch(part) for part in selector.split()]
    parts: list[_Compound] = []
    for match in matches:
        if match is None:
            return []
        signs = re.findall(r"[#.][\w-]+", match[2])
        identities = [sign[1:] for sign in signs if sign[0] == "#"]
        name = "" if match[1] in (None, "*") else match[1].lower()
        parts.append(_Compound(name, identities[0] if identities else "", frozenset(sign[1:] for sign in signs if sign[0] == ".")))
    return parts


def readable_style(style: str) -> str:
    """The declarations of an element's style, for light and dark pages: text on a ground of the author's has a colour that is read on it, and
    a colour of text alone is lifted on a dark page. What leads out of the page is left out."""
    given = {
        declaration.lower_name: tinycss2.serialize(declaration.value).strip()
        for declaration in tinycss2.parse_declaration_list(style, skip_comments=True, skip_whitespace=True)
        if declaration.type == "declaration" and not _loads_something(declaration.value)
    }
    if "gradient(" in given.get("background", ""):  # a bar, beside which the page is seen
        given.setdefault("background-color", LIGHT_GROUND)
    grounds = [value for name, value in given.items() if name in ("background", "background-color")]
    ground = _opaque_colour(grounds[-1]) if grounds else None
    colour = _opaque_colour(given.get("color", ""))
    if ground:
        is_light = _contrast(ground, INK_COLOUR) >= READABLE
        given.setdefault("color", INK if is_light else WHITE)
        given["color-scheme"] = "light" if is_light else "dark"  # by which light-dark() of what lies on it chooses
    elif colour and not grounds:
        lifted = lifted_colour(colour)
        if lifted != colour:
            given["color"] = f"light-dark({given['color']}, {_colour_text(lifted)})"
    return ";".join(f"{name}:{value}" for name, value in given.items())


def _loads_something(values: Sequence[Any]) -> bool:
    return any(
        value.type == "url"
        or (value.type == "function" and (value.lower_name in ("url", "image-set", "image", "src") or _loads_something(value.arguments)))
        for value in values
    )


def _opaque_colour(text: str) -> Colour | None:
    """The colour that a text of CSS names; None for none, or one through which the page is seen."""
    parsed = color3.parse_color(text) if text else None
    return (parsed.red, parsed.green, parsed.blue) if isinstance(parsed, color3.RGBA) and parsed.alpha >= 0.5 else None


def lifted_colour(colour: Colour) -> Colour:
    """A colour, mixed with as much white as text on a dark page needs."""
    for share in range(11):
        mixed = tuple(part + (1 - part) * share / 10 for part in colour)
        if _contrast((mixed[0], mixed[1], mixed[2]), DARK_PAPER) >= READABLE:
            return mixed[0], mixed[1], mixed[2]
    return (1.0, 1.0, 1.0)


def _colour_text(colour: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _contrast(first: Colour, second: Colour) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
