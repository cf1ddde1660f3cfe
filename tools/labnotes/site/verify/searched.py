"""Does every answer of the search lead to a page of the site, and to a place on it?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from labnotes.errors import Problem
from labnotes.site.verify.addresses import BuiltSite
from labnotes.site.verify.links import LinkEnds
from labnotes.site.verify.pages import UnreadableFile, read_text

PAGES, SECTIONS = "notes/search.json", "notes/search_sections.json"


def search_problems(site: BuiltSite, pages: Mapping[str, LinkEnds], lacking: tuple[str, ...] = ()) -> Iterator[Problem]:
    """The problems of answers that lead nowhere. What the site is known to lack begins with one of `lacking`."""
    if PAGES not in site.files and SECTIONS not in site.files:
        return
    try:
        first, rest = (json.loads(read_text(site.folder, name))["pages"] for name in (PAGES, SECTIONS))
        places = [(PAGES, entry["address"], anchor) for entry in first for anchor in ["", *(row[0] for row in entry.get("headings", ()))]]
        places += [(SECTIONS, address, anchor) for address, told in rest.items() for anchor in _anchors(told)]
    except UnreadableFile as error:
        yield error.problem
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        yield Problem(PAGES, "is not what the search reads", "build the site again")
    else:
        for name, address, anchor in places:
            yield from _place_problems(name, address, anchor, site, pages, lacking)


def _anchors(told: Mapping[str, Any]) -> Iterator[str]:
    yield from (row[0] for row in told.get("parts", ()))
    yield from (f"claim-{row[0]}" for row in told.get("claims", ()))


def _place_problems(
    name: str, address: str, anchor: str, site: BuiltSite, pages: Mapping[str, LinkEnds], lacking: tuple[str, ...]
) -> Iterator[Problem]:
    path = f"{address}index.html"
    if lacking and path.startswith(lacking):
        return
    if path not in site.files:
        yield Problem(
            name,
            f"leads to {address!r}: {path} is not in the site",
            "build the site again; a page that is left out of it, leave out of the search",
        )
    elif anchor and path in pages and anchor not in pages[path].anchors:
        yield Problem(name, f"leads to '{address}#{anchor}': {path} has no id {anchor!r}", "give the heading a name: ## Words {: #name }")
