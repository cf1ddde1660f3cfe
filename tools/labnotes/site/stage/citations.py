"""How to cite a note: as a sentence and as BibTeX, and what it may be used under."""

from __future__ import annotations

from labnotes.site.stage.note_page import NotePage
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import heading_addresses
from labnotes.source.notes import Note
from labnotes.source.settings import NoteAuthor

_SPECIAL = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


def citation_sentence(note: Note, site: SiteSettings) -> str:
    people = [author.name for author in note.settings.authors]
    names = people[0] if len(people) == 1 else ", ".join(people[:-1]) + " and " + people[-1]
    where = f"https://doi.org/{note.settings.doi}" if note.settings.doi else note_address(note.slug, site) if site.url else ""
    return f"{names} ({note.settings.date.year}). {note.settings.title}. {site.name}." + (f" {where}" if where else "")


def bibtex_entry(joined: NotePage, site: SiteSettings) -> str:
    """The BibTeX entry of a note. It names the record that is meant, since the page may change with a later record."""
    note, settings = joined.note, joined.note.settings
    key = f"{_key_word(settings.authors[0])}{settings.date.year}{note.slug.split('-')[0]}"
    fields = {
        "title": "{" + settings.title.translate(_SPECIAL) + "}",
        "author": " and ".join(map(_bibtex_name, settings.authors)),
        "year": str(settings.date.year),
        "howpublished": site.name.translate(_SPECIAL),
        **({"doi": settings.doi.translate(_SPECIAL)} if settings.doi else {}),
        **({"url": note_address(note.slug, site)} if site.url else {}),
        **({"version": str(number)} if (number := joined.versions.number_of(joined.recorded.results_digest)) else {}),
        "note": f"{joined.state_text} {joined.last_execution_day}, record {joined.recorded.results_digest[:12]}",
    }
    lines = [f"  {name:<12} = {{{value}}}" for name, value in fields.items()]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}"


def _bibtex_name(author: NoteAuthor) -> str:
    """A name as BibTeX reads it. Braces keep that of a group whole, and a person's in which a word joins two names."""
    name = author.name.translate(_SPECIAL)
    return f"{{{name}}}" if author.group or " and " in f" {author.name.lower()} " else name


def _key_word(author: NoteAuthor) -> str:
    """The word of a name that stands in a key: a person's last, a group's first that is no article."""
    words = author.name.split()
    word = next((word for word in words if word.lower() not in ("the", "a", "an")), words[0]) if author.group else words[-1]
    return heading_addresses.ascii_slug(word).replace("-", "")


def note_licence(note: Note, site: SiteSettings) -> str:
    """What a note may be used under, as SPDX names it: its own licence or the site's; "" if neither says."""
    return note.settings.licence or site.licence


def note_address(slug: str, site: SiteSettings) -> str:
    return f"{site.url}notes/{slug}/"
