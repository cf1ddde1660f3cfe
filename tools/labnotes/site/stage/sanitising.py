"""What a run or a caption may bring into a page: nothing that runs, nothing that loads from elsewhere."""

from __future__ import annotations

import re
from typing import Any

import nh3
from lxml import etree


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
_INLINE = _word_set("a abbr b br cite code del em i kbd mark q s small span strong sub sup var")
_TABLE = _word_set("table caption colgroup col thead tbody tfoot tr th td")
_BLOCK = _INLINE | _TABLE | _word_set("p div ul ol li dl dt dd pre blockquote hr img figure figcaption")
_PROSE = _word_set("h1 h2 h3 h4 h5 h6 details summary center font u ins strike tt big dfn samp wbr time picture video audio source track")
_CELLS = {"colspan", "rowspan", "scope", "align", "valign"}
BLOCKS = _TABLE | _word_set("p div ul ol li dl dt dd pre blockquote hr h1 h2 h3 h4 h5 h6 details center")
"""Elements of prose that stand for themselves, and not in a line of text."""
_STYLES = _word_set(
    "color background-color text-align font-size font-weight font-style text-decoration width max-width height float clear margin margin-left "
    "margin-right margin-top margin-bottom padding border border-left border-radius vertical-align list-style-type"
)
"""Properties that the style of an author's element may set: none of them loads anything or covers the page."""

_ACTIVE = re.compile(
    r"^<\s*(script|iframe|object|embed|applet|link|meta|base|form)\b|[\s\"'/](on\w+)\s*=|(javascript|vbscript)\s*:|(data:text/html)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<\s*[a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>?")

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_SVG_SAFE = _word_set(
    "svg g defs path rect circle ellipse line polyline polygon text tspan textPath use symbol clipPath mask pattern marker image style "
    "linearGradient radialGradient stop title desc filter"
)


def sanitised_inline(html: str) -> str:
    """The HTML of a caption or the like, with nothing left but text, emphasis, code, math and links."""
    return nh3.clean(
        html,
        tags=_INLINE | MATH_ELEMENTS,
        attributes={
            "*": {"class", "id", "title", "lang"},
            "a": {"href", "data-verdict"},
            **{tag: MATH_ATTRIBUTES for tag in MATH_ELEMENTS},
        },
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def sanitised_prose(html: str) -> str:
    """The HTML of a text cell's Markdown, with nothing left that runs or loads from elsewhere, and every element ended."""
    made = nh3.clean(
        html,
        tags=_BLOCK | MATH_ELEMENTS | _PROSE,
        attributes={
            "*": {"class", "id", "title", "lang", "dir", "role", "aria-label", "tabindex", "align", "style"},
            "a": {"href", "data-verdict"},
            "img": {"src", "alt", "width", "height"},
            "video": {"src", "poster", "controls", "loop", "muted", "width", "height"},
            "audio": {"src", "controls", "loop"},
            "source": {"src", "type"},
            "details": {"open"},
            "font": {"color", "size"},
            "ol": {"start", "type"},
            "li": {"value"},
            "th": _CELLS,
            "td": _CELLS,
            **{tag: MATH_ATTRIBUTES for tag in MATH_ELEMENTS},
        },
        attribute_filter=_kept_attribute,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return _headed_tables(made)


def _kept_attribute(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute in prose, if it loads nothing of another site: what an element loads lies in the lab."""
    return None if attribute in ("src", "poster") and re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|[\\/]{2})", value, re.IGNORECASE) else value


def _headed_tables(made: str) -> str:
    """HTML of prose whose tables say what heads what: a table without a header cell is one of layout."""
    if "<table" not in made:
        return made
    parts = re.split(r"(<table\b[^>]*>)", made)
    for at in range(1, len(parts), 2):
        if "<th" not in parts[at + 1].partition("</table")[0].replace("<thead", ""):
            parts[at] = parts[at].replace("<table", '<table role="presentation"', 1) if "role=" not in parts[at] else parts[at]
    return re.sub(r"<th(?=[\s>])(?![^>]*\bscope=)", '<th scope="col"', "".join(parts))


def sanitised_output(html: str) -> str:
    """HTML that a cell displayed: its structure and the pictures held in it, without its classes and ids, which belong to the page."""
    made = nh3.clean(
        html,
        tags=_BLOCK | MATH_ELEMENTS,
        clean_content_tags={"script", "style", "title", "template"},
        attributes={
            "a": {"href"},
            "img": {"src", "alt", "width", "height"},
            "th": _CELLS,
            "td": _CELLS,
            "col": {"span"},
            "ol": {"start"},
            **{tag: MATH_ATTRIBUTES for tag in MATH_ELEMENTS},
        },
        attribute_filter=_held_picture,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    made = re.sub(r"<img(?![^>]*\balt=\"[^\"])", '<img alt="Picture that the code displayed"', re.sub(r'(<img[^>]*?) alt=""', r"\1", made))
    return _styled_tables(made)


def _styled_tables(made: str) -> str:
    """HTML whose tables are in the page's style: header cells get a scope, and tables are marked as layout where no header cell stands."""
    inside: list[bool] = []  # for each table that is open: whether its body is

    def styled_tag(match: re.Match[str]) -> str:
        closing, name = match[1], match[2]
        if name == "table":
            if closing and inside:
                inside.pop()
            elif not closing:
                inside.append(False)
                return '<table class="ln-grid">' if "<th" in made else '<table class="ln-grid" role="presentation">'
        elif name == "tbody" and inside:
            inside[-1] = not closing
        elif name == "th" and not closing and "scope=" not in match[0]:
            return f'<th scope="{"row" if inside and inside[-1] else "col"}"{match[3]}>'
        return match[0]

    return re.sub(r"<(/?)(table|tbody|th)\b([^>]*)>", styled_tag, made.replace("<th></th>", "<td></td>"))


def _held_picture(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute, if it loads nothing: a picture must be held in the HTML, a link must not lead to data. Else None."""
    if attribute == "src":
        return value if re.match(r"data:image/(png|jpeg|gif|webp);base64,", value) else None
    plain = re.sub(r"[\x00-\x20]", "", value).lower()
    return None if attribute == "href" and plain.startswith("data:") else value


def active_parts(html: str) -> list[str]:
    """What in `html` would have run or loaded something, for messages: `sanitising` never lets it through, found here or not."""
    parts = [next(part for part in match.groups() if part).lower() for tag in _TAG.findall(html) for match in _ACTIVE.finditer(tag)]
    return list(dict.fromkeys(parts))


def sanitised_svg(picture: bytes) -> Any:
    """An SVG as a tree of what draws: no script, handler, foreign content or address outside the file.

    Raises ValueError if it is no SVG.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(picture, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"is no SVG: {error}") from None
    if root.tag != f"{{{_SVG}}}svg":
        raise ValueError(f"is no SVG: its root is {root.tag}")
    for element in list(root.iter()):
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        foreign = not isinstance(element.tag, str) or etree.QName(element).namespace != _SVG or name not in _SVG_SAFE
        if foreign and element is not root and element.getparent() is not None:
            _remove_element(element)
            continue
        if name == "style" and _leaves_the_file(element.text or ""):
            element.text = ""
        for key, value in list(element.attrib.items()):
            if _is_unsafe_attribute(str(key), str(value)):
                del element.attrib[key]
    return root


def sanitised_svg_text(picture: bytes) -> str:
    return str(etree.tostring(sanitised_svg(picture), encoding="unicode"))


def _remove_element(element: Any) -> None:
    """Take an element out, with all in it, but not the text after it."""
    parent, tail = element.getparent(), element.tail or ""
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _is_unsafe_attribute(key: str, value: str) -> bool:
    name = etree.QName(key).localname.lower()
    if name.startswith("on"):
        return True
    if key == _XLINK or name in ("href", "src"):
        return not re.match(r"#|data:image/(png|jpeg|gif|webp);base64,", value.strip(), re.IGNORECASE)
    return _leaves_the_file(value)


def _without_comments(css: str) -> str:
    """`css` without comments. One that never ends stays, and nothing is looked at twice."""
    parts, position = [], 0
    while (start := css.find("/*", position)) >= 0 and (end := css.find("*/", start + 2)) >= 0:
        parts.append(css[position:start])
        position = end + 2
    return "".join([*parts, css[position:]])


def _leaves_the_file(css: str) -> bool:
    plain = re.sub(r"[\x00-\x20]", "", _without_comments(css)).lower()
    return (
        any(sign in plain for sign in ("\\", "//", "@import", "image-set("))
        or "expression(" in plain
        or "javascript:" in plain
        or bool(re.search(r"url\((?![\"']?#)", plain))
    )
