"""references.bib: the keys prose may cite, and each entry as text."""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labnotes.errors import InvalidNote, Problem
from labnotes.source import content_cache, file_limits, merge_conflicts, text_files


@dataclass(frozen=True, kw_only=True)
class BibliographyEntry:
    """One publication. `people` are family names with initials; `doi` and `arxiv` are bare identifiers, "" where there is none.

    `more` tells that there are authors who are not named.
    """

    people: tuple[str, ...]
    families: tuple[str, ...]
    year: str
    title: str
    venue: str = ""
    doi: str = ""
    arxiv: str = ""
    url: str = ""
    more: bool = False

    @property
    def short_citation(self) -> str:
        """Authors and year, such as "Ada et al. 2025"."""
        return f"{self._short_names} {self.year}"

    @property
    def text_citation(self) -> str:
        """Authors and year as part of a sentence, such as "Ada et al. (2025)"."""
        return f"{self._short_names} ({self.year})"

    @property
    def _short_names(self) -> str:
        families = self.families or ("Anonymous",)
        return families[0] + " et al." if len(families) > 2 or self.more else " and ".join(families)

    @property
    def reference_html(self) -> str:
        """The entry in a list of references, as HTML with links to DOI and arXiv."""
        people = list(self.people) or ["Anonymous"]
        names = ", ".join(people[:-1]) + " and " + people[-1] if 1 < len(people) <= MOST_NAMED else people[0]
        if self.more:
            names = ", ".join(people) + " et al."
        if len(people) > MOST_NAMED:
            names = ", ".join(people[: MOST_NAMED - 1]) + " et al."
        text = f"{html.escape(names)} ({html.escape(self.year)}). <cite>{html.escape(self.title)}</cite>."
        if self.venue:
            text += f" {html.escape(self.venue)}."
        if self.doi:
            text += f' <a href="https://doi.org/{html.escape(self.doi)}">doi:{html.escape(self.doi)}</a>'
        if self.arxiv:
            text += f' <a href="https://arxiv.org/abs/{html.escape(self.arxiv)}">arXiv:{html.escape(self.arxiv)}</a>'
        if self.url and not self.doi and not self.arxiv:
            text += f' <a href="{html.escape(self.url)}">{html.escape(self.url)}</a>'
        return text

    @property
    def address(self) -> str:
        """Where the publication is found: its DOI's address, arXiv's, or its own; "" if none is known."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else self.url

    @property
    def citation_metadata(self) -> str:
        """The entry as Scholar and Zotero read it from a page's head (`citation_reference`)."""
        parts = {"title": self.title, "publication_date": self.year, "journal_title": self.venue, "doi": self.doi, "arxiv_id": self.arxiv}
        people = "".join(f"citation_author={name};" for name in self.people)
        return people + ";".join(f"citation_{name}={value.replace(';', ',')}" for name, value in parts.items() if value)


MOST_NAMED = 6
"""The most authors that a list of references names; of more authors it names only the first ones."""


def read_bibliography(path: Path, shown: Path | None = None) -> dict[str, BibliographyEntry]:
    """Read the entries of a bibliography, by key; empty if there is no file. `shown` is the path in messages.

    Raises InvalidNote if the file does not parse.
    """
    if not path.exists():
        return {}
    library = f"bibliography {content_cache.installed_versions('pybtex')}"
    content = file_limits.read_plain_file(path, shown or path, file_limits.LARGEST_TEXT)
    made = content_cache.computed_once(
        library, content, lambda: {key: asdict(entry) for key, entry in _parse_entries(content, shown or path).items()}
    )
    return {
        key: BibliographyEntry(**{**entry, "people": tuple(entry["people"]), "families": tuple(entry["families"])})
        for key, entry in made.items()
    }


def _parse_entries(content: bytes, shown: Path) -> dict[str, BibliographyEntry]:
    from pybtex.database import BibliographyDataError, parse_string
    from pybtex.exceptions import PybtexError

    try:
        text = text_files.decode_text(content, shown)
        conflict = merge_conflicts.conflict_problem(str(shown), text, merge_conflicts.OWN_FILE)
        if conflict:  # between two entries BibTeX would take the marks for a comment
            raise InvalidNote(conflict)
        entries = parse_string(text, "bibtex").entries
    except (PybtexError, BibliographyDataError) as error:
        hint = "@article{key2025, title = {...}, author = {...}, year = {2025}}"
        raise InvalidNote(Problem(str(shown), f"does not parse: {error}", hint)) from None
    return {key: _convert_entry(entry) for key, entry in entries.items()}


def _convert_entry(entry: Any) -> BibliographyEntry:
    people = entry.persons.get("author", [])
    more = bool(people) and str(people[-1]).strip().lower() == "others"
    people = people[:-1] if more else people
    families = tuple(_plain_text(" ".join([*person.prelast_names, *person.last_names])) for person in people)
    initials = (" ".join(f"{name[0]}." for name in [*person.first_names, *person.middle_names] if name) for person in people)
    fields = {key.lower(): _plain_text(str(value)) for key, value in entry.fields.items()}
    is_arxiv = fields.get("archiveprefix", fields.get("eprinttype", "")).lower() == "arxiv"
    url = fields.get("url", "")
    return BibliographyEntry(
        people=tuple(f"{first} {family}".strip() for first, family in zip(initials, families, strict=True)),
        families=families,
        more=more,
        year=fields.get("year", "n.d."),
        title=fields.get("title", ""),
        venue=fields.get("journal") or fields.get("booktitle") or fields.get("publisher") or "",
        doi=fields.get("doi", "").removeprefix("https://doi.org/"),
        arxiv=fields.get("arxiv") or (fields.get("eprint", "") if is_arxiv else ""),
        url=url if url.startswith(("http://", "https://")) else "",
    )


def _plain_text(text: str) -> str:
    """`text` without the braces that protect capitals in BibTeX, and with LaTeX accents as characters."""
    from pybtex.richtext import Text

    text = re.sub(r"\\(?:emph|text[a-z]{2}|url)\s*(?=\{)", "", re.sub(r"(?<!\\)%", r"\\%", text))
    try:
        return str(Text.from_latex(text))
    except (ValueError, IndexError):
        return text.replace("{", "").replace("}", "")
