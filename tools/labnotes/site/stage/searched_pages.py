"""What the search knows of the hand-written pages: read from their Markdown, since that lies there whatever builds the site.

What only the site builder makes is added once it has made it: notebooks among the pages, and what mkdocstrings puts in the place of `:::`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from labnotes.errors import Problem, UsageError
from labnotes.site.stage.searched_words import SearchedSection, counted_words
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import bindings, heading_addresses

PAGE, BACKGROUND, REFERENCE = "page", "background", "reference"
"""The kinds of hand-written pages: for readers and authors; deep in a folder and in no menu; made of docstrings. The search ranks them so."""

DEEPEST = 3
"""The deepest level of headings that the search leads to, as the lists of contents have it."""

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*$")
_NAME = re.compile(r"\s*\{:?\s*#([\w:.-]+)[^}]*\}\s*$")
_EXPLAINED = re.compile(r"\|\s*(`[^|]+)\|")
_CODE = re.compile(r"`([^`]+)`")
_DOCSTRINGS = re.compile(r"^::: \S", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class SearchedPage:
    """A page: its address from the root of the site, its words, other names for it, and by how much its author has the search prefer it."""

    address: str
    kind: str
    title: str
    summary: str
    aliases: tuple[str, ...] = ()
    boost: float = 1
    sections: tuple[SearchedSection, ...] = ()


def read_pages(site: SiteSettings, problems: list[Problem]) -> list[SearchedPage]:
    """The pages in the folder of documents that are Markdown, but for those that say `search: {exclude: true}`. What is wrong with the front matter
    of one is added to `problems`."""
    paths = [path for path in sorted(site.docs.rglob("*.md")) if _is_page(path.relative_to(site.docs))]
    texts = {path: path.read_text(encoding="utf-8-sig", errors="replace") for path in paths}
    of_docstrings = {path.parent for path, text in texts.items() if _DOCSTRINGS.search(text)} - {site.docs}
    pages = []
    for path, text in texts.items():
        place = path.relative_to(site.docs).as_posix()
        is_deep = "/" in place and place not in site.menu
        kind = REFERENCE if path.parent in of_docstrings else BACKGROUND if is_deep else PAGE
        try:
            page = _read_page(text, place, path, kind)
        except UsageError as error:
            problems += error.problems
            continue
        if page is not None:
            pages.append(page)
    return pages


def page_address(place: str) -> str:
    """The address of the page that is made of the file at `place`."""
    path = PurePosixPath(place)
    folder = path.parent if path.stem in ("index", "README") else path.with_suffix("")
    return "" if folder == PurePosixPath(".") else f"{folder}/"


def _is_page(place: Path) -> bool:
    return place.parts[0] != "notes" and place.as_posix() != "404.md" and not any(part.startswith(".") for part in place.parts)


def _read_page(text: str, place: str, path: Path, kind: str) -> SearchedPage | None:
    front, body = _split_front_matter(text, path)
    asked = front.get("search")
    asked = asked if isinstance(asked, dict) else {}
    if asked.get("exclude"):
        return None
    boost, aliases = asked.get("boost", 1), front.get("aliases") or []
    if not isinstance(boost, int | float) or isinstance(boost, bool) or not 0 < boost <= 10:
        raise UsageError(Problem(f"{path}: search.boost", f"found {boost!r}: is no number above 0 and up to 10", "search: {boost: 1.5}"))
    if not isinstance(aliases, list) or not all(isinstance(alias, str) and alias.strip() for alias in aliases):
        raise UsageError(Problem(f"{path}: aliases", f"found {aliases!r}: is no list of words", "aliases: [tolerance, verdict]"))
    title, sections = _sections_of(body)
    return SearchedPage(
        address=page_address(place),
        kind=kind,
        title=str(front.get("title") or title or PurePosixPath(place).stem),
        summary=str(front.get("description") or ""),
        aliases=tuple(" ".join(alias.split()) for alias in aliases),
        boost=float(boost),
        sections=sections,
    )


def _split_front_matter(text: str, path: Path) -> tuple[dict[str, Any], str]:
    match = re.match(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match:
        return {}, text
    try:
        front = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        raise UsageError(
            Problem(str(path), f"its front matter is no YAML: {error}", "a key, a colon, a space and a value on each line")
        ) from None
    return front if isinstance(front, dict) else {}, text[match.end() :]


def _sections_of(body: str) -> tuple[str, tuple[SearchedSection, ...]]:
    """The first heading of the first level, and the sections."""
    title, fence = "", ""
    used: set[str] = set()
    parts: list[tuple[str, str, list[str]]] = [("", "", [])]
    for line in body.splitlines():
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark[1]
        heading = None if fence else _HEADING.match(line)
        if heading is None:
            parts[-1][2].append(line)
            continue
        words, name = _NAME.sub("", heading[2]), _NAME.search(heading[2])
        shown = html.unescape(re.sub(r"<[^>]+>", "", bindings.reader_words(words).replace("`", "")))
        address = _unused_address(name[1] if name else heading_addresses.ascii_slug(shown), used)
        level = len(heading[1])
        if level == 1 and not title:
            title = shown
        elif level <= DEEPEST:
            parts.append((address, shown, []))
    return title, tuple(
        SearchedSection(anchor, heading, tuple(_explained_names(lines)), counted_words("\n".join(lines)))
        for anchor, heading, lines in parts
    )


def _unused_address(wanted: str, used: set[str]) -> str:
    """The address of a heading as Python-Markdown numbers it: the second of the same words gets "_1"."""
    address, number = wanted, 0
    while address in used or not address:
        number += 1
        address = f"{wanted}_{number}"
    used.add(address)
    return address


def _explained_names(lines: Iterable[str]) -> Iterable[str]:
    """The words in the first column of tables that are set as code, which is how a page explains its terms."""
    cells = (match[1] for line in lines if (match := _EXPLAINED.match(line)))
    return dict.fromkeys(name for cell in cells for name in _CODE.findall(cell) if len(name) <= 40)


@dataclass(frozen=True, kw_only=True)
class BuiltPage:
    """A page as the site builder made it: `headings` with address and words, `text` the words of its content; `is_markdown` tells that it was made
    of Markdown."""

    address: str
    title: str
    summary: str
    headings: Sequence[tuple[str, str]]
    text: str
    is_markdown: bool
