"""Does a page that leads on lead to a page of the site, for every kind of reader, and in one step?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from labnotes.errors import Problem
from labnotes.site.verify.addresses import UNKNOWN, BuiltSite
from labnotes.site.verify.pages import Document, Element, attribute_words

_REFRESH = re.compile(r"\s*(?P<seconds>[\d.]+)\s*(?:[;,]\s*(?:url\s*=\s*)?(?P<quote>['\"]?)(?P<address>.*?)(?P=quote)\s*)?", re.IGNORECASE)


def redirect_target(page: Document, site: BuiltSite) -> str | None:
    """The file that a page sends its reader to; None if it sends nobody on, "" if to no file of the site."""
    refresh = _refresh_element(page)
    if refresh is None:
        return None
    match = _REFRESH.fullmatch(refresh.get("content", ""))
    return _served_path(page, site, match["address"]) if match and match["address"] else ""


def redirect_problems(page: Document, site: BuiltSite) -> Iterator[Problem]:
    """What is wrong with a page that sends its reader on: a browser, a search engine and a person must all be led to one page of the site."""
    refresh, target = _refresh_element(page), redirect_target(page, site)
    if refresh is None:
        return
    if not target or not site.has_page(target):
        yield page.problem_at(
            refresh, f"sends its reader to no page of the site: {refresh.get('content', '')!r}", "0; url=../new/index.html"
        )
        return
    canonical = [
        _served_path(page, site, link.get("href", "")) for link in page.root.iter("link") if "canonical" in attribute_words(link, "rel")
    ]
    if canonical != [target] and (canonical or site.base != UNKNOWN):
        yield Problem(
            page.path, f"leads to {target} without being told so to search engines", f'<link rel="canonical" href="..."> with {target}'
        )
    if not any(_served_path(page, site, anchor.get("href", "")) == target for anchor in page.main_element.iter("a")):
        yield Problem(page.path, f"leads to {target} without a link, which browsers that do not refresh need", '<a href="...">')
    robots = [meta.get("content", "").lower() for meta in page.root.iter("meta") if meta.get("name", "").lower() == "robots"]
    if not any("noindex" in words for words in robots):
        yield Problem(page.path, f"leads to {target} and may itself be found by a search", '<meta name="robots" content="noindex">')


def chain_problems(targets: Mapping[str, str]) -> Iterator[Problem]:
    """The problems of pages that lead to a page which leads on itself; `targets` are the files that such pages lead to, by page."""
    for path, target in targets.items():
        if target in targets:
            yield Problem(path, f"leads to {target}, which leads on to {targets[target]}", "lead to the last page in one step")


def _refresh_element(page: Document) -> Element | None:
    heads = (meta for head in page.root.iter("head") for meta in head.iter("meta"))  # in the content it is a problem of its own
    return next((meta for meta in heads if meta.get("http-equiv", "").lower() == "refresh"), None)


def _served_path(page: Document, site: BuiltSite, address: str) -> str:
    """The file of the site that an address on the page means; "" for any other."""
    try:
        return site.resolve_address(page.path, address).path or ""
    except ValueError:
        return ""
