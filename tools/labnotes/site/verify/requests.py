"""Is everything that a browser fetches by itself a file of the site?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from labnotes.errors import Problem
from labnotes.site.verify.addresses import BuiltSite, tidied_address
from labnotes.site.verify.pages import Attribute, Document, Element, UnreadableFile, attribute_words, read_text

# <link rel> that makes a browser fetch or connect, for this page or ahead of the next
SHOWN = {"stylesheet", "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "manifest"}
AHEAD = {"preload", "prefetch", "prerender", "preconnect", "dns-prefetch", "modulepreload"}
FETCHED = SHOWN | AHEAD
# attributes
ADDRESS = {"src", "poster", "background", "data", "action", "formaction", "manifest"}
ADDRESSES = {"srcset", "imagesrcset", "ping"}
PAINTED = {"style", "fill", "stroke", "filter", "mask", "clip-path", "cursor", "marker", "marker-start", "marker-mid", "marker-end"}
WATCHED = ADDRESS | ADDRESSES | PAINTED | {"href", "srcdoc"}
CANDIDATE = re.compile(r"([^\s,](?:\S*[^\s,])?)(?:\s+[^,]*)?(?:,|$)")  # of a srcset
PICTURE_OR_FONT = re.compile(r"data:(image/|font/|application/(x-)?font|,)", re.IGNORECASE)
DOCUMENTS = {"iframe", "frame", "object", "embed", "script", "use", "form", "button"}  # where even data of an image may run script

# A comment, a namespace and a selector are passed over; an absolute URL in any other string is one, since image-set("...") fetches it.
# A style sheet may end, and a line break does end, what is still open.
CSS = re.compile(
    r"""/\*.*?(?:\*/|\Z) | @namespace\b[^;{}]* | [~|^$*]?=\s*(?:"[^"\n]*"|'[^'\n]*')
      | (?:\burl\(\s*|@import\s*) (?: "(?P<double>(?:\\.|[^"\\\n])*) | '(?P<single>(?:\\.|[^'\\\n])*) ) ["'\n]?
      | \burl\(\s* (?P<bare>[^"')\s][^)]*)
      | "(?P<text>(?:\\.|[^"\\\n])*)["\n]? | '(?P<words>(?:\\.|[^'\\\n])*)['\n]?""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
ESCAPED_LETTER = re.compile(r"\\0{0,4}([4-7][0-9a-f])(?![0-9a-f])\s?", re.IGNORECASE)  # u\72l(...) is url(...), too
ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(\n)|(.))", re.IGNORECASE)


def request_problems(document: Document, site: BuiltSite) -> Iterator[Problem]:
    """The problems of what a page or a drawing makes a browser fetch."""
    for element, place, address in _requested_addresses(document):
        fault = _address_fault(site, document.path, address, place)
        if fault:
            yield document.problem_at(element, f"<{place}> requests {address[:120]!r}: {fault[0]}", fault[1])
    for element in document.elements_named("base"):
        yield document.problem_at(element, "<base> changes where every link of the page leads", "take it out")
    for attribute in document.all_attributes:
        if attribute.name == "srcdoc":
            yield document.problem_at(
                attribute.element, f"<{attribute.tag} srcdoc> holds a page that nobody checks", "make it a page of the site"
            )


def _requested_addresses(document: Document) -> Iterator[tuple[Element, str, str]]:
    """Every address that a browser fetches for a document, after the element and its tag and attribute ("img src")."""
    for attribute in document.all_attributes:
        if attribute.name in WATCHED:
            for address in _attribute_addresses(attribute):
                yield attribute.element, f"{attribute.tag} {attribute.name}", address
    for element in document.elements_named("style"):
        for _, address in css_addresses("".join(element.itertext())):
            yield element, "style", address


def _attribute_addresses(attribute: Attribute) -> Iterator[str]:
    element, tag, name, value = attribute
    if name in ADDRESS:
        if name != "data" or tag == "object":
            yield value
    elif name == "href":
        if (tag == "link" and attribute_words(element, "rel") & FETCHED) or tag not in ("link", "a", "area", "base"):
            yield value
    elif name in ADDRESSES:
        yield from value.split() if name == "ping" else CANDIDATE.findall(value)
    elif name in PAINTED and "(" in value:
        yield from (address for _, address in css_addresses(value))


def style_sheet_problems(site: BuiltSite) -> Iterator[Problem]:
    """The problems of what the style sheets of the site make a browser fetch."""
    for path in site.paths_with_suffix(".css"):
        try:
            css = read_text(site.folder, path)
        except UnreadableFile as error:
            yield error.problem
            continue
        for offset, address in css_addresses(css):
            fault = _address_fault(site, path, address, "style")
            if fault:
                line = css.count("\n", 0, offset) + 1
                yield Problem(f"{path}:{line}", f"requests {address[:120]!r}: {fault[0]}", fault[1])


def css_addresses(css: str) -> Iterator[tuple[int, str]]:
    """The addresses that a style sheet fetches, each after its offset in characters."""
    if "\\" in css:
        css = ESCAPED_LETTER.sub(lambda match: chr(int(match[1], 16)), css)
    for match in CSS.finditer(css):
        address = match["double"] or match["single"] or match["bare"]
        words = match["text"] or match["words"]
        if address:
            yield match.start(), _unescaped_css(address.strip())
        elif words and re.match(r"(https?:)?//\w", words):
            yield match.start(), words


def _unescaped_css(css: str) -> str:
    def escaped_character(match: re.Match[str]) -> str:
        return chr(min(int(match[1], 16), 0x10FFFF)) if match[1] else match[3] or ""

    return ESCAPE.sub(escaped_character, css) if "\\" in css else css


def _address_fault(site: BuiltSite, source: str, address: str, place: str) -> tuple[str, str] | None:
    """What is wrong with an address that a browser fetches, and a hint; None if nothing is. `place` is a tag and attribute, or "style"."""
    if address.startswith("#"):
        return None
    given = tidied_address(address)
    if PICTURE_OR_FONT.match(given) and place.split()[0] not in DOCUMENTS:
        return None
    if given[:5].lower() == "data:":
        return "data that is neither picture nor font", "make it a file of the site"
    try:
        path = site.resolve_address(source, given).path
    except ValueError as error:
        return f"no URL ({error})", "correct the address"
    if path is None:
        return "it is not of this site", "copy it into the site, so that reading a page tells no third party"
    if path not in site.files:
        return f"{path} is not in the site", "correct the address, or add the file"
    return None
