"""Can programs read what is meant for them: the feeds that the home page names, the sitemap, every JSON file?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from labnotes.errors import Problem
from labnotes.site.verify.addresses import BuiltSite
from labnotes.site.verify.pages import Document, Element, UnreadableFile, attribute_words, read_page, read_text, read_xml, visible_text
from labnotes.site.verify.scripts import parse_json

ATOM = "{http://www.w3.org/2005/Atom}"
WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def feed_problems(site: BuiltSite) -> Iterator[Problem]:
    try:
        if "index.html" in site.files:
            yield from _named_feed_problems(read_page(site.folder, "index.html"), site)
    except UnreadableFile:
        pass  # reported as a page
    yield from _sitemap_problems(site)
    yield from _json_file_problems(site)


def _named_feed_problems(home: Document, site: BuiltSite) -> Iterator[Problem]:
    for link in home.root.iter("link"):
        read = FORMATS.get(link.get("type", "").strip().lower())
        if read is None or "alternate" not in attribute_words(link, "rel"):
            continue
        try:
            path = site.resolve_address(home.path, link.get("href", "")).path
        except ValueError:
            continue  # reported as a link, as is a file that does not exist
        if path is None:
            yield home.problem_at(link, f"the feed {link.get('href')!r} is not of this site", "link to a feed of the site")
        elif path in site.files:
            try:
                yield from read(path, site)
            except UnreadableFile as error:
                yield error.problem


def _atom_problems(path: str, site: BuiltSite) -> Iterator[Problem]:
    document = read_xml(site.folder, path)
    feed = document.root
    if feed.tag != ATOM + "feed":
        yield document.problem_at(feed, f"is no Atom feed: it begins with <{feed.tag}>", '<feed xmlns="http://www.w3.org/2005/Atom">')
        return
    yield from _atom_field_problems(document, feed, "feed")
    if not any(link.get("rel") == "self" and link.get("href") for link in feed.findall(ATOM + "link")):
        yield document.problem_at(feed, "<feed> has no link to itself", '<link rel="self" href="..."/>')
    entries = feed.findall(ATOM + "entry")
    for entry in entries:
        yield from _atom_field_problems(document, entry, "entry")
        if entry.find(ATOM + "author") is None and feed.find(ATOM + "author") is None:
            yield document.problem_at(entry, "<entry> has no author", "<author><name>...</name></author>")
        pages = [link.get("href", "") for link in entry.findall(ATOM + "link") if link.get("rel", "alternate") == "alternate"]
        if not any(pages):
            yield document.problem_at(entry, "<entry> has no link", '<link href="..."/> to its page')
        yield from _page_address_problems(f"{path}:{entry.sourceline}", path, pages, site)
    yield from _repeated_id_problems(path, (_field_text(entry, "id") for entry in entries))


def _atom_field_problems(document: Document, element: Element, name: str) -> Iterator[Problem]:
    for field in ("id", "title", "updated"):
        if not _field_text(element, field):
            yield document.problem_at(element, f"<{name}> has no {field}", f"<{field}>...</{field}>")
    updated = _field_text(element, "updated")
    if updated and not _is_time(updated):
        yield document.problem_at(element, f"<updated> of the {name} is {updated!r}", "a time as 2026-11-21T00:00:00Z (RFC 3339)")


def _field_text(element: Element, name: str) -> str:
    child = element.find(ATOM + name)
    return "" if child is None else visible_text(child)


def _rss_problems(path: str, site: BuiltSite) -> Iterator[Problem]:
    document = read_xml(site.folder, path)
    if document.root.tag != "rss":
        yield document.problem_at(document.root, f"is no RSS feed: it begins with <{document.root.tag}>", '<rss version="2.0">')
    for item in document.root.iter("item"):
        yield from _page_address_problems(f"{path}:{item.sourceline}", path, [item.findtext("link", "").strip()], site)


def _json_feed_problems(path: str, site: BuiltSite) -> Iterator[Problem]:
    try:
        feed = parse_json(read_text(site.folder, path))
    except ValueError as error:
        yield _json_problem(path, error)
        return
    if not isinstance(feed, dict) or not str(feed.get("version")).startswith("https://jsonfeed.org/version/1"):
        yield Problem(path, "is no JSON feed of version 1", '{"version": "https://jsonfeed.org/version/1.1", ...}')
        return
    if not feed.get("title"):
        yield Problem(path, "has no title", '"title": ...')
    items = feed.get("items")
    if not isinstance(items, list):
        yield Problem(path, "has no items", '"items": [...]')
        return
    for number, item in enumerate(items):
        yield from _json_item_problems(path, site, number, item if isinstance(item, dict) else {})
    yield from _repeated_id_problems(path, (str(item["id"]) for item in items if isinstance(item, dict) and item.get("id")))


def _json_item_problems(path: str, site: BuiltSite, number: int, item: dict[str, object]) -> Iterator[Problem]:
    for fields in (("id",), ("url",), ("title",), ("content_html", "content_text", "summary"), ("date_published",)):
        if not any(item.get(field) for field in fields):
            yield Problem(path, f"items[{number}] has no {' or '.join(fields)}", f'"{fields[0]}": ...')
    published = item.get("date_published")
    if published and not _is_time(str(published)):
        yield Problem(path, f"date_published of items[{number}] is {published!r}", "a time as 2026-11-21T00:00:00Z (RFC 3339)")
    yield from _page_address_problems(path, path, [str(item.get("url") or "")], site)


def _page_address_problems(where: str, path: str, addresses: list[str], site: BuiltSite) -> Iterator[Problem]:
    for address in filter(None, addresses):
        try:
            target = site.resolve_address(path, address).path
        except ValueError as error:
            yield Problem(where, f"{address!r} is no URL ({error})", "correct the address")
            continue
        if target is not None and not site.has_page(target):
            yield Problem(where, f"names {address!r}: {target} is no page of the site", "correct the address, or build the page")


def _repeated_id_problems(path: str, ids: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(filter(None, ids)).items():
        if count > 1:
            yield Problem(path, f"the id {name!r} is given {count} times", "give every entry an id of its own")


def _is_time(text: str) -> bool:
    try:
        return bool(WHEN.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _sitemap_problems(site: BuiltSite) -> Iterator[Problem]:
    if "sitemap.xml" not in site.files:
        return
    try:
        sitemap = read_xml(site.folder, "sitemap.xml")
    except UnreadableFile as error:
        yield error.problem
        return
    for loc in (loc for url in sitemap.elements_named("url") for loc in url.findall("{*}loc")):
        try:
            path = site.resolve_address(sitemap.path, visible_text(loc)).path
        except ValueError:
            path = None
        if path is None or not site.has_page(path):
            yield sitemap.problem_at(
                loc, f"names {visible_text(loc)!r}, which is no page of the site", "correct site_url, or build the page"
            )


def _json_file_problems(site: BuiltSite) -> Iterator[Problem]:
    for path in site.paths_with_suffix(".json"):
        try:
            parse_json(read_text(site.folder, path))
        except UnreadableFile as error:
            yield error.problem
        except ValueError as error:
            yield _json_problem(path, error)


def _json_problem(path: str, error: ValueError) -> Problem:
    return Problem(path, f"does not parse: {error}", "write JSON")


FORMATS = {"application/atom+xml": _atom_problems, "application/rss+xml": _rss_problems, "application/feed+json": _json_feed_problems}
