"""Raw HTML in prose: what no page can have, what it links to and loads, and what was never closed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from labnotes.source.markdown_reader import HtmlTag

ACTIVE = {"script", "iframe", "object", "embed", "applet", "base", "meta", "link", "style", "form", "frame", "frameset", "portal"}
"""Elements that run, load or frame something."""

CONTROLS = {"input", "button", "select", "textarea"}

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param", "frame"}
"""Elements that have no end."""

ENDED = {
    *("div", "details", "summary", "section", "article", "center", "blockquote", "table", "ul", "ol", "dl", "pre", "figure"),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "a",
        "b",
        "i",
        "u",
        "s",
        "em",
        "strong",
        "span",
        "font",
        "code",
        "small",
        "big",
        "sub",
        "sup",
        "kbd",
    ),
}
"""Elements of which it is told that they never end: all that is open within them is shown otherwise than what stands after them."""

_AS_PICTURE = "save the drawing as a file beside the note, and show that"
LOST = {
    **{"svg": _AS_PICTURE, "canvas": "a script would draw it", "map": "write the links as a list"},
    **{"progress": "write the number", "meter": "write the number", "track": "a page has no subtitles"},
}
"""Elements of which a page shows nothing, with what to do."""

SHOWN = 120
"""Characters that a message shows of a tag."""

_LOADING = ("src", "srcset", "poster", "background", "data")
_FOREIGN = re.compile(r"(?:https?:)?//[^\s\"'>]+", re.IGNORECASE)
_LEADS = ("href", "src", "poster", "action", "formaction", "data", "xlink:href", "background")
_SCRIPT = re.compile(r"(?:java|vb)script:|data:text/html", re.IGNORECASE)
_BOUND = re.compile(r"\{\{[^{}]*\}\}")


def heading_level(tag: HtmlTag) -> int:
    """The level of a heading's tag, 0 for another."""
    return int(tag.name[1]) if re.fullmatch("h[1-6]", tag.name) else 0


def tag_links(tag: HtmlTag) -> Iterator[tuple[str, str, bool]]:
    """Target, words, and whether it is loaded, of what a tag links to in this lab or page. Other sites are for `tag_problems`."""
    attributes = tag.attributes
    if tag.is_closing:
        return
    if tag.name in ("a", "area") and "href" in attributes and not _leads_to_script(attributes["href"]):
        yield attributes["href"], tag.name, False
    loaded = [attributes[name] for name in ("src", "poster") if attributes.get(name) and not _FOREIGN.match(attributes[name].strip())]
    if tag.name == "img" and loaded:
        yield loaded[0], attributes.get("alt", "") or ("-" if attributes.get("role") in ("presentation", "none") else ""), True
    elif tag.name in ("video", "audio", "source"):
        yield from ((target, tag.name, True) for target in loaded)


def _leads_to_script(address: str) -> bool:
    return bool(_SCRIPT.match(re.sub(r"[\x00-\x20]", "", address)))


class HtmlChecker:
    """Looks at the tags of one cell in order."""

    def __init__(self) -> None:
        self._open: list[tuple[str, int]] = []

    def tag_problems(self, written: str, tag: HtmlTag, line: int) -> Iterator[tuple[str, str]]:
        """What is wrong with a tag, each with what to do."""
        self._count_tag(tag, line)
        if tag.is_closing:
            return
        if tag.name in ACTIVE:
            yield f"<{tag.name}> in prose", "pages hold no script, style or frame of their own; a widget goes into widget.js"
        elif tag.name in CONTROLS:
            yield f"<{tag.name}> in prose", "a page has nothing to fill in; a list of tasks is written - [ ] and - [x]"
        for name in tag.attributes:
            if re.fullmatch(r"on[a-z]+", name):
                shown = re.search(rf"\b{name}\b", written, re.IGNORECASE)
                yield f"<{tag.name}> has the event handler {shown[0] if shown else name}", "pages hold no script"
                break
        for name in _LOADING:
            match = _FOREIGN.match(tag.attributes.get(name, "").strip())
            if match:
                yield f"<{tag.name}> loads {match[0]:.{SHOWN}}", "put the file beside the note: a page here loads nothing from elsewhere"
                break
        if any(_leads_to_script(tag.attributes.get(name, "")) for name in _LEADS):
            yield f"<{tag.name}> links to a script", "pages hold no script"
        if bound := _BOUND.search(written):
            yield f"{bound[0]:.{SHOWN}} stands within a tag of HTML", "write it in the text: a value is a link itself"

    def _count_tag(self, tag: HtmlTag, line: int) -> None:
        if tag.name not in ENDED:
            return
        if not tag.is_closing:
            self._open.append((tag.name, line))
            return
        for depth in range(len(self._open) - 1, max(-1, len(self._open) - 50), -1):
            if self._open[depth][0] == tag.name:
                del self._open[depth]
                return

    def unclosed_tags(self) -> Iterator[tuple[int, str]]:
        """The line of each element that never ends, with what is to be told."""
        for name, line in self._open:
            yield line, f"<{name}> is never closed; it ends with its cell"
