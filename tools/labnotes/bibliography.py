"""references.bib: the keys prose may cite, and each entry as text."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labnotes.errors import InvalidNote, Problem


@dataclass(frozen=True)
class Entry:
    """`short` as in "Ada et al. 2025"; `long` as HTML with links to DOI and arXiv."""

    short: str
    long: str


def read(path: Path, shown: Path | None = None) -> dict[str, Entry]:
    """Entries by key, empty if there is no file.

    Raises InvalidNote if the file does not parse.
    """
    if not path.is_file():
        return {}
    from pybtex.database import BibliographyDataError, parse_string
    from pybtex.exceptions import PybtexError

    try:
        found = parse_string(path.read_text(encoding="utf-8"), "bibtex").entries
    except (PybtexError, BibliographyDataError, UnicodeDecodeError) as error:
        hint = "@article{key2025, title = {...}, author = {...}, year = {2025}}"
        raise InvalidNote(Problem(str(shown or path), f"does not parse: {error}", hint)) from None
    return {key: _entry(entry) for key, entry in found.items()}


def _entry(entry: Any) -> Entry:
    people = [" ".join([*person.prelast_names, *person.last_names]) for person in entry.persons.get("author", [])]
    names = people[0] + " et al." if len(people) > 2 else " and ".join(people) or "Anonymous"
    fields = {key: str(value).replace("{", "").replace("}", "") for key, value in entry.fields.items()}
    year = fields.get("year", "n.d.")
    text = f"{html.escape(', '.join(people) or 'Anonymous')} ({html.escape(year)}). <cite>{html.escape(fields.get('title', ''))}</cite>."
    venue = fields.get("journal") or fields.get("booktitle") or fields.get("publisher")
    if venue:
        text += f" {html.escape(venue)}."
    if "doi" in fields:
        text += f' <a href="https://doi.org/{html.escape(fields["doi"], quote=True)}">doi:{html.escape(fields["doi"])}</a>'
    if fields.get("archiveprefix", "").lower() == "arxiv" or "arxiv" in fields:
        number = html.escape(fields.get("arxiv") or fields.get("eprint", ""), quote=True)
        text += f' <a href="https://arxiv.org/abs/{number}">arXiv:{number}</a>'
    elif "url" in fields and "doi" not in fields:
        text += f' <a href="{html.escape(fields["url"], quote=True)}">{html.escape(fields["url"])}</a>'
    return Entry(f"{names} {year}", text)
