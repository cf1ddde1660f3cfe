"""A note in the words of schema.org, for catalogues and search engines: what it is, whose, under which licence, of what it is made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from labnotes.site.stage import interactive
from labnotes.site.stage.citations import note_address, note_licence
from labnotes.site.stage.note_page import NotePage
from labnotes.site.stage.page_authors import PageAuthor, page_authors
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import identifiers
from labnotes.source.bibliography import BibliographyEntry
from labnotes.source.settings import PinnedInput


def linked_article(joined: NotePage, site: SiteSettings, entries: Mapping[str, BibliographyEntry], version: str) -> str:
    """The ScholarlyArticle of a note, as JSON that may stand in a page. `entries` are the works that it cites, `version` names what is published now."""
    settings = joined.note.settings
    address = note_address(joined.note.slug, site) if site.url else ""
    based = [*(_linked_work(entries[key]) for key in settings.based_on if key in entries), *_linked_inputs(joined)]
    fields = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": settings.title,
        "description": joined.summary,
        "author": [_linked_author(author) for author in page_authors(settings.authors)],
        "datePublished": settings.date.isoformat(),
        "dateModified": joined.last_change_day,
        "keywords": list(settings.tags),
        "inLanguage": settings.language or site.language,
        "isPartOf": {"@type": "Periodical", "name": site.name, **({"url": site.url} if site.url else {})},
        "publisher": {"@type": "Organization", "name": site.name},
        "version": version,
        "url": address,
        "identifier": f"https://doi.org/{settings.doi}" if settings.doi else "",
        "image": f"{address}card.png" if address and joined.recorded.card else "",
        "license": list(identifiers.licence_addresses(note_licence(joined.note, site)).values()),
        "isBasedOn": based,
        "citation": [_linked_work(entry) for key, entry in entries.items() if key not in settings.based_on],
    }
    held = {name: value for name, value in fields.items() if value or name == "keywords"}
    return str(interactive.json_in_page(json.dumps(held, ensure_ascii=False).encode()))


def _linked_author(author: PageAuthor) -> dict[str, Any]:
    """An author: an ORCID is the identity of a person, and no address without it."""
    who: dict[str, Any] = {"@type": "Organization" if author.group else "Person", "name": author.name}
    if author.orcid:
        who["@id"] = f"https://orcid.org/{author.orcid}"
    if author.url:
        who["url"] = author.url
    if author.affiliation:
        who["parentOrganization" if author.group else "affiliation"] = {"@type": "Organization", "name": author.affiliation}
    return who


def _linked_work(entry: BibliographyEntry) -> dict[str, Any]:
    return {"@type": "CreativeWork", "name": entry.title, **({"url": entry.address} if entry.address else {})}


def _linked_inputs(joined: NotePage) -> Iterator[str]:
    """The addresses of what the note fetches: of a package its name as package URLs have it, whatever its releases."""
    pinned = [entry for entry in joined.note.settings.inputs if isinstance(entry, PinnedInput)]
    yield from dict.fromkeys(entry.url or f"pkg:pypi/{entry.package.partition('==')[0]}" for entry in pinned)
