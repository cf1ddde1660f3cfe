"""Can a note be cited, shared and found, and is it light enough? A note is a page with a citation_title."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import date

from labnotes.errors import Problem
from labnotes.site.verify.addresses import UNKNOWN, BuiltSite
from labnotes.site.verify.pages import Document, Element, attribute_words
from labnotes.site.verify.scripts import parse_json, script_type

NEEDED = {
    "citation_title": "the note's title",
    "citation_author": "one <meta> an author",
    "citation_publication_date": "YYYY/MM/DD",
    "description": "one sentence",
    "og:title": "the note's title",
    "og:type": "article",
}
"""What every note's page has in its head, and what stands there."""

BYTES, BYTES_A_WORD, BYTES_A_CLAIM = 60_000, 15, 500
"""How many bytes of HTML the page of a note may have without its figures and recorded tables, how many more for each word that it shows beyond
`FREE_WORDS`, and for each claim in its badge. Text of the notes here takes 12 to 13 a word, with its links and bound numbers, a claim 390 to 480."""

COMPRESSED, COMPRESSED_A_WORD, COMPRESSED_A_CLAIM = 12_000, 4, 45
"""The same for its HTML as gzip compresses it: text takes 3 to 4 a word, a claim 38 to 52."""

FREE_WORDS = 1_500

FIGURE_BYTES = 30_000
"""How many bytes of HTML a figure or a recorded table may have in the page: 40 rows of a table have 2,000 to 20,000."""

UNREAD = ("figure", "nav", "script", "style", "svg")
"""Elements whose words nobody reads as the text of a note."""

_FIGURE = re.compile(rb"<figure\b.*?</figure>", re.DOTALL)


def is_note(page: Document) -> bool:
    return "citation_title" in _meta_contents(page)


def metadata_problems(page: Document, site: BuiltSite) -> Iterator[Problem]:
    metas = _meta_contents(page)
    if "citation_title" in metas:
        yield from _citation_problems(page, metas)
        yield from _sharing_problems(page, site, metas)
        yield from _linked_data_problems(page)
        yield from _size_problems(page)


def _meta_contents(page: Document) -> dict[str, list[str]]:
    contents: dict[str, list[str]] = {}
    for meta in page.root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        contents.setdefault(name, []).append(meta.get("content", "").strip())
    return contents


def _citation_problems(page: Document, metas: dict[str, list[str]]) -> Iterator[Problem]:
    for name, meaning in NEEDED.items():
        if not metas.get(name) or not all(metas[name]):
            kind_of_name = "property" if ":" in name else "name"
            yield Problem(page.path, f"has no {name}, or an empty one", f'<meta {kind_of_name}="{name}" content="..."> with {meaning}')
    for day in filter(None, metas.get("citation_publication_date", [])):
        if not re.fullmatch(r"\d{4}/\d\d/\d\d", day) or not _is_date(day.replace("/", "-")):
            yield Problem(page.path, f"citation_publication_date is {day!r}", "a date as YYYY/MM/DD")


def _sharing_problems(page: Document, site: BuiltSite, metas: dict[str, list[str]]) -> Iterator[Problem]:
    if site.base != UNKNOWN:
        if not any("canonical" in attribute_words(link, "rel") and link.get("href") for link in page.root.iter("link")):
            yield Problem(page.path, "has no canonical link, though the home page has one", '<link rel="canonical" href="...">')
        if not metas.get("og:url") or not all(metas["og:url"]):
            yield Problem(page.path, "has no og:url, or an empty one", '<meta property="og:url" content="..."> with the note\'s address')
    for image in metas.get("og:image", []):
        if not re.match(r"https?://[^/]", image):
            yield Problem(page.path, f"og:image is {image!r}", "an absolute URL")
        elif image.startswith(site.base):
            path = site.resolve_address(page.path, image).path
            if path not in site.files:
                yield Problem(page.path, f"og:image is {image!r}: {path} is not in the site", "add the file, or drop the <meta>")
            elif not image.lower().endswith((".png", ".jpg", ".jpeg")):
                yield Problem(page.path, f"og:image is {image!r}", "a .png or .jpg, which every service shows")


def _linked_data_problems(page: Document) -> Iterator[Problem]:
    article = next((item for item in _linked_data(page) if "ScholarlyArticle" in _as_list(item.get("@type"))), None)
    if article is None:
        yield Problem(
            page.path, "has no JSON-LD of a ScholarlyArticle", '<script type="application/ld+json">{"@type": "ScholarlyArticle", ...}'
        )
        return
    for name in ("headline", "datePublished", "author"):
        if not article.get(name):
            yield Problem(page.path, f"its JSON-LD has no {name}", f'"{name}": ...')
    day = article.get("datePublished")
    if day and not (isinstance(day, str) and _is_date(day[:10])):
        yield Problem(page.path, f"its JSON-LD has datePublished {day!r}", "a date as YYYY-MM-DD")


def _linked_data(page: Document) -> Iterator[dict[str, object]]:
    for script in page.root.iter("script"):
        if script_type(script) == "application/ld+json":
            try:
                data = parse_json(script.text or "")
            except ValueError:
                continue  # reported with the scripts
            for item in _as_list(data):
                if isinstance(item, dict):
                    yield item
                    yield from (inner for inner in _as_list(item.get("@graph")) if isinstance(inner, dict))


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _size_problems(page: Document) -> Iterator[Problem]:
    for figure in _FIGURE.finditer(page.data):
        if len(figure[0]) > FIGURE_BYTES:
            line = page.data.count(b"\n", 0, figure.start()) + 1
            what = f"a figure or table has {len(figure[0]):,} bytes of HTML, over its budget of {FIGURE_BYTES:,}"
            yield Problem(f"{page.path}:{line}", what, "record fewer rows or shorter texts; a file beside the note may hold them all")
    words = len(_shown_text(page.main_element).split())
    claims = sum(row.get("id", "").startswith("claim-") for row in page.main_element.iter("tr"))
    beyond = max(0, words - FREE_WORDS)
    hint = f"fold what is no text, or move it to a file of its own; {words} words and {claims} claims are on the page, besides figures and folds"
    content = _FIGURE.sub(b"", page.data)
    size, limit = len(content), BYTES + BYTES_A_WORD * beyond + BYTES_A_CLAIM * claims
    if size > limit:
        yield Problem(page.path, f"has {size:,} bytes of HTML, over its budget of {limit:,}", hint)
    size, limit = len(gzip.compress(content, 9, mtime=0)), COMPRESSED + COMPRESSED_A_WORD * beyond + COMPRESSED_A_CLAIM * claims
    if size > limit:
        yield Problem(page.path, f"has {size:,} bytes of HTML compressed, over its budget of {limit:,}", hint)


def _shown_text(element: Element) -> str:
    """The text of an element that a reader sees who opens the page: none of figures, nor of what is folded."""
    if not isinstance(element.tag, str) or element.tag in UNREAD or (element.tag == "details" and element.get("open") is None):
        return ""
    return (element.text or "") + "".join(_shown_text(child) + (child.tail or "") for child in element)
