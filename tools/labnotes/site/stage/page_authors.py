"""The authors of notes, as pages name them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labnotes.model import digests
from labnotes.source import heading_addresses
from labnotes.source.settings import NoteAuthor

LONGEST_ID = 80
"""How many characters of a name the address of an author's page may hold; the page is a file of that name."""


@dataclass(frozen=True, kw_only=True)
class PageAuthor:
    """An author, a person or a group; "" for what note.yml does not say."""

    name: str
    affiliation: str
    orcid: str
    url: str
    group: bool

    @property
    def page_id(self) -> str:
        """The name of the author's page."""
        return author_id(self.name)


def page_authors(authors: Iterable[NoteAuthor]) -> tuple[PageAuthor, ...]:
    """The authors that note.yml names."""
    return tuple(PageAuthor(**vars(who)) for who in authors)


def author_id(name: str) -> str:
    """The name of an author's page. Names that differ only in accents or script stay apart."""
    plain = heading_addresses.ascii_slug(name)
    short = plain[:LONGEST_ID]
    return plain if plain and name.isascii() and plain == short else f"{short or 'author'}-{digests.text_digest(name)[:6]}"
