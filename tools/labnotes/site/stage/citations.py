"""How to cite a note: as a sentence and as BibTeX."""

from __future__ import annotations

from labnotes.site.stage.note_page import NotePage
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import heading_addresses
from labnotes.source.notes import Note

_SPECIAL = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


def citation_sentence(note: Note, site: SiteSettings) -> str:
    people = [author.name for author in note.settings.authors]
    names = people[0] if len(people) == 1 else ", ".join(people[:-1]) + " and " + people[-1]
    return f"{names} ({note.settings.date.year}). {note.settings.title}. {site.name}." + (
        f" {note_address(note.slug, site)}" if site.url else ""
    )


def bibtex_entry(joined: NotePage, site: SiteSettings) -> str:
    """The BibTeX entry of a note. It names the record that is meant, since the page may change with a later record."""
    note, settings = joined.note, joined.note.settings
    key = (
        heading_addresses.ascii_slug(settings.authors[0].name.split()[-1]).replace("-", "")
        + str(settings.date.year)
        + note.slug.split("-")[0]
    )
    fields = {
        "title": "{" + settings.title.translate(_SPECIAL) + "}",
        "author": " and ".join(author.name.translate(_SPECIAL) for author in settings.authors),
        "year": str(settings.date.year),
        "howpublished": site.name.translate(_SPECIAL),
        **({"url": note_address(note.slug, site)} if site.url else {}),
        "note": f"{joined.state_text} {joined.last_execution_day}, record {joined.recorded.results_digest[:12]}",
    }
    lines = [f"  {name:<12} = {{{value}}}" for name, value in fields.items()]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}"


def note_address(slug: str, site: SiteSettings) -> str:
    return f"{site.url}notes/{slug}/"
