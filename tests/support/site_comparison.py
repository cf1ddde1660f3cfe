"""Two built sites of the same staged pages, element by element: what the second lost.

Compared are all files, and of each page the language, the head, the list of pages, the list of contents, the content and the footer, with every address as a
browser resolves it. What is left out is named here: the builders' own scripts and style sheets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

from lxml import etree, html

BUILDERS_OWN = ("assets/javascripts/", "assets/stylesheets/", "assets/images/")
"""Folders of a built site where the builder's own scripts, style sheets and pictures lie."""

SEARCHES = ("notes/search.json", "notes/search_sections.json")
"""What the search reads, compared line by line."""

BUILDERS_SEARCH = ("search.json",)
"""The index of Zensical's own search, which no page loads."""

_ADDRESSES = {"href", "src", "poster", "data", "action"}

_PARTS = {
    "page": ("/html", "//body"),
    "head": ("//head/title", "//head/meta", "//head/link", "//script[@src]", "//script[@type='application/ld+json']"),
    "pages": ("//header//a[contains(@class, 'ln-brand')]", "//nav[contains(@class, 'ln-nav')]/a"),
    "footer": ("//footer[contains(@class, 'ln-footer')]",),
    "content": ("//*[@data-md-component='content']",),
}
"""The elements of each part of a page. Those of the last two are compared with all that stands in them."""


@dataclass(frozen=True)
class Difference:
    """A place of a page, or a file, that is not the same in both sites."""

    place: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def compare_sites(before: Path, after: Path, root: str) -> Iterator[Difference]:
    """Yield each difference between two built sites that are published at the path `root`, such as "/lab/"."""
    files = [{path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()} for site in (before, after)]
    own, other = (
        {name for name in names if not name.startswith(BUILDERS_OWN) and name not in SEARCHES + BUILDERS_SEARCH} for names in files
    )
    for name in sorted(own ^ other):
        yield Difference(name, ("file",) * (name in own), ("file",) * (name in other))
    for name in sorted(own & other):
        if name.endswith(".html"):
            yield from _compare_pages(before / name, after / name, name, root)
        elif name == "sitemap.xml":
            yield from _compare_lists(name, *(_lines_of_sitemap(site / name) for site in (before, after)))
        elif (before / name).read_bytes() != (after / name).read_bytes():
            yield Difference(name, ("bytes",), ("other bytes",))
    yield from _compare_lists("search", *(_searched_texts(site) for site in (before, after)))


def name_losses(differences: Iterator[Difference], kinds: dict[str, Callable[[Difference], bool]]) -> set[str]:
    """The names of the kinds that the differences are of; a difference of no kind is named by itself."""
    return {next((name for name, fits in kinds.items() if fits(difference)), str(difference)) for difference in differences}


def _compare_pages(before: Path, after: Path, name: str, root: str) -> Iterator[Difference]:
    pages = [html.fromstring(path.read_bytes().decode()) for path in (before, after)]
    base = f"https://site{root}{name.removesuffix('index.html')}"
    for part in _PARTS:
        yield from _compare_lists(f"{name}: {part}", *(list(_elements_of_part(page, part, base)) for page in pages))
    yield from _compare_lists(f"{name}: contents", *(_contents(page) for page in pages))


def _compare_lists(place: str, before: list[str], after: list[str]) -> Iterator[Difference]:
    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Difference(place, tuple(before[first:last]), tuple(after[start:end]))


def _elements_of_part(page: html.HtmlElement, part: str, base: str) -> Iterator[str]:
    for path in _PARTS[part]:
        for top in page.xpath(path):
            elements = top.iter(etree.Element) if part in ("content", "footer") else [top]
            contents = {*top.xpath(".//nav[contains(@class, 'ln-toc')]/descendant-or-self::*")} if part == "content" else set()
            yield from (
                _element_line(element, base, whole=part != "page")
                for element in elements
                if element not in contents and not _is_builders_own(element, base)
            )


def _is_builders_own(element: html.HtmlElement, base: str) -> bool:
    address = urljoin(base, element.get("src") or element.get("href") or "")
    return element.tag in ("script", "link") and any(f"/{folder}" in address for folder in BUILDERS_OWN)


def _element_line(element: html.HtmlElement, base: str, *, whole: bool) -> str:
    """An element with its attributes, and the text that stands before its first child and after its end."""
    attributes = {name: urljoin(base, value) if name in _ADDRESSES else value for name, value in element.attrib.items()}
    if element.get("srcset"):
        attributes["srcset"] = re.sub(r"[^\s,]+(?=\s)", lambda address: urljoin(base, address[0]), element.get("srcset"))
    words = " ".join(f"{name}={' '.join(value.split())!r}" for name, value in sorted(attributes.items()))
    if not whole:
        return f"<{element.tag} {words}>"
    text = element.text or ""
    if element.tag == "script" and element.get("type") == "application/ld+json":
        text = json.dumps(json.loads(text), sort_keys=True)
    is_kept = element.tag in ("pre", "code") or any(above.tag in ("pre", "code") for above in element.iterancestors())
    texts = [text, element.tail or ""] if is_kept else [re.sub(r"\s+", " ", text), re.sub(r"\s+", " ", element.tail or "")]
    if "md-pagination" in element.get("class", ""):  # the links to further pages are the builder's own elements
        texts = [text.strip() for text in texts]
    return f"<{element.tag} {words}>{texts[0] if texts[0].strip() else ''}</>{texts[1] if texts[1].strip() else ''}"


def _contents(page: html.HtmlElement) -> list[str]:
    """The list of contents beside a note: the builder makes its elements, so that only its words and addresses are compared."""
    links = page.xpath("//nav[contains(@class, 'ln-toc')]//a")
    return [f"{' '.join(''.join(link.itertext()).split())} {link.get('href')}" for link in links]


def _lines_of_sitemap(path: Path) -> list[str]:
    """The addresses in a sitemap, and which other elements it has."""
    elements = [(element.tag.rpartition("}")[2], (element.text or "").strip()) for element in ET.parse(path).iter()]
    return sorted({text if tag == "loc" else tag for tag, text in elements})


def _searched_texts(site: Path) -> list[str]:
    """What the search reads, a line for each page, heading, section and claim: its address and what is said of it."""
    first, rest = (json.loads((site / name).read_text(encoding="utf-8"))["pages"] for name in SEARCHES)
    told = [(entry["address"], key, value) for entry in first for key, value in entry.items() if key not in ("address", "headings")]
    told += [(f"{entry['address']}#{anchor}", "headings", words) for entry in first for anchor, words in entry.get("headings", ())]
    told += [(f"{address}#{row[0]}", key, row[1:]) for address, page in rest.items() for key, rows in page.items() for row in rows]
    return sorted(map(str, told))
