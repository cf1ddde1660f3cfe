"""Does every link to the own site lead to a page, and to a place on it?"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from labnotes.errors import Problem
from labnotes.site.verify.addresses import BuiltSite
from labnotes.site.verify.pages import THEMES_OWN, Document, attribute_words
from labnotes.site.verify.requests import FETCHED


@dataclass(frozen=True)
class PageLink:
    line: int
    tag: str
    address: str


@dataclass(frozen=True)
class LinkEnds:
    """The anchors and the links of a page, which are kept when the tree of the page is freed."""

    anchors: frozenset[str]
    links: tuple[PageLink, ...]


def link_ends(page: Document) -> LinkEnds:
    names = frozenset(name for anchor in page.root.iter("a") if (name := anchor.get("name")))
    links = tuple(
        PageLink(element.sourceline, tag, value)
        for element, tag, name, value in page.all_attributes
        # what a <link> makes the browser fetch is checked as a request
        if name == "href" and (tag in ("a", "area") or (tag == "link" and not attribute_words(element, "rel") & FETCHED))
    )
    return LinkEnds(page.element_ids | names, links)


def link_problems(
    site: BuiltSite, pages: Mapping[str, LinkEnds], notes: Iterable[str], redirects: Container[str], lacking: tuple[str, ...] = ()
) -> Iterator[Problem]:
    """The problems of links that lead nowhere, and of notes to which only they themselves, pages in their own folder and `redirects` link. What
    the site is known to lack begins with one of `lacking`."""
    unlinked = set(notes)
    for path, page in pages.items():
        for link in page.links:
            try:
                target = site.resolve_address(path, link.address)
            except ValueError as error:
                yield _broken_link(path, link, f"no URL ({error})", "correct the address")
                continue
            if target.path is None or (lacking and target.path not in site.files and target.path.startswith(lacking)):
                continue
            if target.path not in site.files:
                yield _broken_link(path, link, f"{target.path} is not in the site", "correct the link, or add what it leads to")
            elif target.path in pages and not _has_anchor(target.fragment, pages[target.path].anchors):
                yield _broken_link(path, link, f"{target.path} has no id {target.fragment!r}", "link to a heading or an id of that page")
            if link.tag != "link" and path not in redirects and not path.startswith(target.path.removesuffix("index.html") or target.path):
                unlinked.discard(target.path)
    for note in unlinked:
        yield Problem(note, "no other page links to this note", "list it on the home page or on another page")


def _broken_link(path: str, link: PageLink, what: str, hint: str) -> Problem:
    return Problem(f"{path}:{link.line}", f"<{link.tag}> leads to {link.address!r}: {what}", hint)


def _has_anchor(fragment: str, anchors: frozenset[str]) -> bool:
    name = fragment.partition(":~:")[0]  # what follows marks a passage of text
    return not name or name.startswith(THEMES_OWN) or name.lower() == "top" or name in anchors or unquote(name) in anchors
