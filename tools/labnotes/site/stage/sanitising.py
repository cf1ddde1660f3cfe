"""What a run or a caption may bring into a page: nothing that runs, nothing that loads from elsewhere."""

from __future__ import annotations

import base64
import html as html_text
import re
from typing import Any
from urllib.parse import urlsplit

import nh3
from lxml import etree

from labnotes.site.stage import output_styles
from labnotes.source.formulas.math_elements import MATH_ATTRIBUTES, MATH_ELEMENTS


def _word_set(text: str) -> set[str]:
    return set(text.split())


_INLINE = _word_set("a abbr b bdi bdo br cite code del em i kbd mark q rp rt ruby s small span strong sub sup var")
_TABLE = _word_set("table caption colgroup col thead tbody tfoot tr th td")
_BLOCK = _INLINE | _TABLE | _word_set("p div ul ol li dl dt dd pre blockquote hr img figure figcaption")
_PROSE = _word_set("h1 h2 h3 h4 h5 h6 details summary center font u ins strike tt big dfn samp wbr time picture video audio source track")
_OUTPUT_ELEMENTS = _word_set("h1 h2 h3 h4 h5 h6 details summary center u ins strike tt big dfn samp wbr audio video source")
_CELLS = {"colspan", "rowspan", "scope", "align", "valign"}
BLOCKS = _TABLE | _word_set("p div ul ol li dl dt dd pre blockquote hr h1 h2 h3 h4 h5 h6 details center")
"""Elements of prose that stand for themselves, and not in a line of text."""
_STYLES = _word_set(
    "color background-color text-align font-size font-weight font-style text-decoration width max-width height float clear margin margin-left "
    "margin-right margin-top margin-bottom padding border border-left border-radius vertical-align list-style-type"
)
"""Properties that the style of an author's element may set: none of them loads anything or covers the page."""

_OUTPUT_STYLES = _STYLES | _word_set("background color-scheme line-height white-space text-decoration-color text-transform min-width")
"""The same for an output, whose tables and texts are coloured by code."""

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


def sanitised_inline(html: str, *, with_pictures: bool = False) -> str:
    """The HTML of a caption or the like, with nothing left but text, emphasis, code, math and links; of a footnote, pictures of the lab too."""
    return nh3.clean(
        html,
        tags=_INLINE | MATH_ELEMENTS | ({"img"} if with_pictures else set()),
        attribute_filter=_kept_attribute,
        attributes={
            "*": {"class", "id", "title", "lang"},
            "a": {"href", "data-verdict"},
            "img": {"src", "alt", "role", "width", "height"},
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


LEFT_OUT = "ln-left-out"
"""The class of words that stand where something that an output shows is left out."""

_LEFT_OUT_SOURCE = "#left-out:"
_FRAME = re.compile(r"<(iframe|embed|object|applet|canvas)\b((?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>", re.IGNORECASE)
_SOURCE = re.compile(r"""\b(?:src|data)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_PLAYER = re.compile(r"<(audio|video)\b([^>]*)>(.*?)</\1>", re.DOTALL)
_IMAGE = re.compile(r"<img\b([^>]*)>")
_HELD_SVG = "data:image/svg+xml;base64,"
_STRAY = re.compile(
    r'(?<!code displayed">)</(?:audio|video)>|<source\b[^>]*>|<(?:audio|video)\b(?![^>]*aria-label="[^"]*code displayed")[^>]*>'
)
_DRAWING, _DRAWING_END = re.compile(r"<svg\b", re.IGNORECASE), re.compile(r"</svg\s*>", re.IGNORECASE)
_HELD = re.compile(r"data:(?:image/(?:png|jpeg|gif|webp)|audio/[\w.+-]+|video/[\w.+-]+);base64,")


def sanitised_output(html: str) -> str:
    """HTML that a cell displayed: its structure, its colours, and the pictures, sound and films held in it, without its classes and ids, which
    belong to the page. Words say what is left out, in its place."""
    made = _clean_output(_with_words_for_frames(_with_held_drawings(_with_looks(html))))
    if _UNWRAPPED.search(html):
        made = _clean_output(made)
    made = _with_words(made)
    made = re.sub(r"<h[1-6]\b([^>]*)>", r'<div class="ln-headline"\1>', re.sub(r"</h[1-6]>", "</div>", made))
    return _styled_tables(made)


def _with_looks(html: str) -> str:
    return output_styles.without_old_attributes(output_styles.with_inline_styles(html))


_UNWRAPPED = re.compile(r"<(?:button|select|option|object|applet|marquee|textarea|fieldset|dialog|label|form|template)\b", re.IGNORECASE)
"""Elements that a paragraph may hold with another in it. Without them a browser ends the first: what is left is read again, so that it does."""


def _clean_output(html: str) -> str:
    return nh3.clean(
        html,
        tags=_BLOCK | MATH_ELEMENTS | _OUTPUT_ELEMENTS,
        clean_content_tags={"script", "style", "title", "template", "select", "textarea"},
        attributes={
            "*": {"style", "dir", "lang"},
            "a": {"href"},
            "img": {"src", "alt", "width", "height"},
            "audio": {"src", "loop"},
            "video": {"src", "loop", "width", "height"},
            "source": {"src"},
            "details": {"open"},
            "th": _CELLS,
            "td": _CELLS,
            "col": {"span"},
            "ol": {"start"},
            **{tag: MATH_ATTRIBUTES for tag in MATH_ELEMENTS},
        },
        attribute_filter=_output_attribute,
        filter_style_properties=_OUTPUT_STYLES,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )


def sanitised_written_output(html: str, base: str) -> str:
    """The sanitised HTML of Markdown that a cell displayed. `base` is where the files lie that it may show; words stand in the place of others."""

    def marked_source(match: re.Match[str]) -> str:
        return match[0] if match[1].startswith((base, _LEFT_OUT_SOURCE)) else f'src="{html_text.escape(left_out_source(match[1]))}"'

    made = re.sub(r'(?<=\s)src="([^"]*)"', marked_source, sanitised_prose(sanitised_prose(html)))
    return _with_words(made).replace('<a href="">', "<a>")


def _with_words(made: str) -> str:
    """Sanitised HTML with players as a page shows them, pictures that say something, and words in the place of those that are left out."""
    told = _IMAGE.sub(_told_image, _STRAY.sub("", _PLAYER.sub(_told_player, made)))
    return re.sub(r"<img(?![^>]*\balt=\"[^\"])", '<img alt="Picture that the code displayed"', re.sub(r'(<img[^>]*?) alt=""', r"\1", told))


def shows_something(made: str) -> bool:
    """Whether sanitised HTML has anything to see."""
    return bool(re.search(r"<(?:img|audio|video|hr)\b", made) or html_text.unescape(re.sub(r"<[^>]*>", "", made)).strip())


def _with_held_drawings(html: str) -> str:
    """HTML whose drawings in SVG are pictures held in it, which load and run nothing."""
    parts, position = [], 0
    while (start := _DRAWING.search(html, position)) and (end := _DRAWING_END.search(html, start.end())):
        drawing = html[start.start() : end.end()]
        if "xmlns=" not in drawing.partition(">")[0]:
            drawing = f'<svg xmlns="{_SVG}"{drawing[4:]}'
        try:
            held = base64.b64encode(sanitised_svg_text(drawing.encode("utf-8", "replace")).encode()).decode()
            shown = f'<img src="data:image/svg+xml;base64,{held}">'
        except ValueError:
            shown = f'<img src="{_LEFT_OUT_SOURCE}A drawing is not shown: it is no SVG that can be read.">'
        parts += [html[position : start.start()], shown]
        position = end.end()
    return "".join([*parts, html[position:]])


def _with_words_for_frames(html: str) -> str:
    """HTML in which words stand before each element that shows another document, or what a script draws."""

    def with_words(match: re.Match[str]) -> str:
        name = match[1].lower()
        source = _SOURCE.search(match[2])
        what = "A frame" if name == "iframe" else f"The element {name}"
        why = "a script would draw it" if name == "canvas" else why_not_held(html_text.unescape(source[1]) if source else "")
        return f'<img src="{_LEFT_OUT_SOURCE}{html_text.escape(f"{what} is not shown: {why}.")}">{match[0]}'

    return _told_forms(_GAUGE.sub(lambda match: _gauge_words(match[1]), _FRAME.sub(with_words, html)))


_GAUGE = re.compile(r"<(?:progress|meter)\b((?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>", re.IGNORECASE)


def _gauge_words(attributes: str) -> str:
    """A bar that shows a number, as words."""
    value, most = (re.search(rf"""\b{name}\s*=\s*["']?([\d.]+)""", attributes, re.IGNORECASE) for name in ("value", "max"))
    return f"{value[1]} of {most[1] if most else 1} " if value else ""


_CONTROL = re.compile(r"<(/?)(form|input|select|textarea|button)\b((?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>", re.IGNORECASE)
_QUIET_CONTROL = re.compile(r"""\btype\s*=\s*["']?(?:checkbox|radio|hidden)\b""", re.IGNORECASE)
"""Matches controls by which a style sheet folds and unfolds, as in the reprs of xarray and scikit-learn: what they fold is shown."""

NO_FORM = "is not shown: a page has nothing to fill in"
"""Why forms and their controls are left out."""


def _told_forms(html: str) -> str:
    """HTML in which words stand before each form, and before the first of controls outside of forms."""
    inside = told = False

    def with_words(match: re.Match[str]) -> str:
        nonlocal inside, told
        is_form = match[2].lower() == "form"
        if is_form:
            inside = not match[1]
        elif match[1] or inside or told or _QUIET_CONTROL.search(match[3]):
            return match[0]
        else:
            told = True
        said = f'<img src="{_LEFT_OUT_SOURCE}{"A form" if is_form else "A control"} {NO_FORM}.">'
        return match[0] if match[1] else f"{said}{match[0]}"

    return _CONTROL.sub(with_words, html)


def why_not_held(address: str) -> str:
    """Why what lies at this address is not shown."""
    parts = urlsplit(address.strip()) if "[" not in address else urlsplit("")
    if parts.scheme in ("http", "https") or (not parts.scheme and parts.netloc):
        return f"it lies at {parts.netloc:.80}, and a page loads nothing from elsewhere"
    if parts.scheme or not parts.path:
        return "it is not held in the output"
    return f"the output names the file {parts.path[:80]} and does not hold it"


def left_out_source(address: str) -> str:
    """The address that a picture has until words stand in its place."""
    return f"{_LEFT_OUT_SOURCE}{why_not_held(address)}"


def _told_image(match: re.Match[str]) -> str:
    """A picture that is held in the HTML, or words in its place."""
    source, alt = (re.search(rf'\b{name}="([^"]*)"', match[1]) for name in ("src", "alt"))
    if source and not source[1].startswith(_LEFT_OUT_SOURCE):
        return match[0]
    said = source[1].removeprefix(_LEFT_OUT_SOURCE) if source else why_not_held("")
    if not said.endswith("."):
        said = f"A picture{f' ({alt[1][:200]})' if alt and alt[1] else ''} is not shown: {said}."
    return left_out_words(said)


def _told_player(match: re.Match[str]) -> str:
    """A player of sound or of a film that is held in the HTML, with its controls; or words in its place."""
    sources = re.findall(r'\bsrc="([^"]*)"', match[0])
    held = next((source for source in sources if not source.startswith(_LEFT_OUT_SOURCE)), "")
    what = "Sound" if match[1] == "audio" else "A film"
    if not held:
        said = sources[0].removeprefix(_LEFT_OUT_SOURCE) if sources else why_not_held("")
        return left_out_words(f"{what} is not shown: {said}.")
    kept = "".join(re.findall(r' (?:width|height|loop|style)="[^"]*"', match[2]))
    return f'<{match[1]} controls src="{held}"{kept} aria-label="{what} that the code displayed"></{match[1]}>'


def left_out_words(said: str) -> str:
    """The element of words that stand where something is left out; `said` is text in which characters of HTML may be escaped."""
    return f'<span class="{LEFT_OUT}">{said.replace("<", "&lt;").replace(">", "&gt;")}</span>'


_HEADER_CELL = re.compile(r"<th\b")


def _styled_tables(made: str) -> str:
    """HTML whose tables are in the page's style: header cells get a scope, and a table without one is marked as layout."""
    made = made.replace("<th></th>", "<td></td>")
    inside: list[bool] = []  # for each table that is open: whether its body is

    def styled_tag(match: re.Match[str]) -> str:
        closing, name = match[1], match[2]
        if name == "table":
            if closing and inside:
                inside.pop()
            elif not closing:
                inside.append(False)
                end = made.find("</table", match.end())
                layout = "" if _HEADER_CELL.search(made, match.end(), end if end >= 0 else len(made)) else ' role="presentation"'
                return f'<table class="ln-grid"{layout}{match[3]}>'
        elif name == "tbody" and inside:
            inside[-1] = not closing
        elif name == "th" and not closing and "scope=" not in match[0]:
            return f'<th scope="{"row" if inside and inside[-1] else "col"}"{match[3]}>'
        return match[0]

    return re.sub(r"<(/?)(table|tbody|th)\b([^>]*)>", styled_tag, made)


def _output_attribute(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute, if it loads nothing: what an element shows must be held in the HTML, a link must lead to another site, since what
    lies beside the note is not what lies beside its page. Else None, or for what is shown why it is left out."""
    if attribute == "style":
        return output_styles.readable_style(value) or None
    if attribute == "src" and value.startswith(_HELD_SVG):
        return _held_svg(value) or left_out_source("")
    if attribute == "src":
        return value if _HELD.match(value) or value.startswith(_LEFT_OUT_SOURCE) else left_out_source(value)
    plain = re.sub(r"[\x00-\x20]", "", value).lower()
    return None if attribute == "href" and not plain.startswith(("https:", "http:", "mailto:")) else value


def _held_svg(address: str) -> str:
    """The address of an SVG that is held in HTML, with nothing in it that runs or loads; "" for what is none."""
    try:
        drawing = sanitised_svg_text(base64.b64decode(address.removeprefix(_HELD_SVG)))
    except ValueError:
        return ""
    return _HELD_SVG + base64.b64encode(drawing.encode()).decode()


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
