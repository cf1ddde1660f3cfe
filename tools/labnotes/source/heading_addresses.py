"""Addresses of headings: made of their words in any script, the same for the same words, and numbered where a page has them twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PAGES_OWN = re.compile(r"(?:cell|fnref|sn)-\d+|ln-.+")
"""Matches the addresses that a page gives to its own parts."""

SECTIONS = ("updates", "reproduce", "cite", "references", "related")
"""Addresses of the sections that a page has beside those of its note."""

UNNAMED = "section"
"""The address of a heading without letters and digits."""


def heading_slug(words: str) -> str:
    """The address of a heading from its words: letters and digits in lower case, words joined by hyphens.

    Latin letters lose their accents, and those that are no plain letter with an accent are left out, as in the addresses of all notes so
    far. Other scripts stay as they are.
    """
    return _joined_words(_plain_letters(words))


def ascii_slug(words: str) -> str:
    """The same with ASCII alone: for the names of pages and keys of bibliographies."""
    return _joined_words(unicodedata.normalize("NFKD", re.sub(r"[*`]", "", words)).encode("ascii", "ignore").decode())


def _joined_words(words: str) -> str:
    kept = "".join(char for char in words if char in "_-" or char.isspace() or unicodedata.category(char)[0] in "LNM")
    return re.sub(r"[-\s]+", "-", kept.strip().lower())


def _plain_letters(words: str) -> str:
    kept: list[str] = []
    is_latin = False
    for char in unicodedata.normalize("NFKD", words):
        if char.isascii():
            is_latin = True
            kept.append(char)
        elif unicodedata.category(char) == "Mn" and is_latin:
            continue
        else:
            is_latin = unicodedata.name(char, "").startswith("LATIN")
            kept += [] if is_latin else [char]
    return unicodedata.normalize("NFC", "".join(kept))


@dataclass(frozen=True)
class AddressedHeading:
    """A heading as addresses are made: its `words`, and the `name` that its author gave it ("" for none)."""

    words: str
    name: str


def number_addresses(headings: Iterable[AddressedHeading], anchors: Iterable[str]) -> Iterator[str]:
    """The address of each heading of a page, whose `anchors` are the ids that its authors gave to other elements. A name that an author gives
    is kept; the second heading of the same words gets "_1", as MkDocs numbers them."""
    headings = list(headings)
    used = {*SECTIONS, *anchors, *(heading.name for heading in headings if heading.name)}
    named: set[str] = set()
    numbers: dict[str, int] = {}
    for heading in headings:
        address = heading.name
        if not address or address in named:
            wanted = address or heading_slug(heading.words) or UNNAMED
            address = wanted
            while address in used or PAGES_OWN.fullmatch(address):
                numbers[wanted] = numbers.get(wanted, 0) + 1
                address = f"{wanted}_{numbers[wanted]}"
        named.add(address)
        used.add(address)
        yield address
