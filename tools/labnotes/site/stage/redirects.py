"""Pages at the addresses that notes had before they were renamed, each of which leads to where the note is now."""

from __future__ import annotations

from collections.abc import Sequence

from labnotes.errors import Problem
from labnotes.site.stage.body import TEMPLATES
from labnotes.site.stage.citations import note_address
from labnotes.site.stage.note_lists import ListedNote
from labnotes.site.stage.site_settings import SiteSettings


def redirect_files(entries: Sequence[ListedNote], site: SiteSettings) -> dict[str, bytes]:
    """The pages at former addresses by their names in docs/notes/: of the note, of its notebook and of the history of its checks.

    They are plain HTML, which the site builder copies, so that they are in no list, no search and no map of the site.
    """
    files = {}
    for note in entries:
        parts = ["", "notebook/", *(["checks/"] if note.checks else [])]
        for former in note.former_slugs:
            for part in parts:
                up = "../" * (1 + part.count("/"))
                files[f"{former}/{part}index.html"] = (
                    TEMPLATES.get_template("redirect.html.j2")
                    .render(
                        title=note.title,
                        target=f"{up}{note.slug}/{part}index.html",  # the whole name: a site that is read from the disk has no server
                        canonical=f"{note_address(note.slug, site)}{part}" if site.url else f"{up}{note.slug}/{part}index.html",
                    )
                    .encode()
                )
    return files


def redirect_problems(entries: Sequence[ListedNote]) -> list[Problem]:
    """The problems of former slugs that two notes have, or that another note has now."""
    now = {note.slug for note in entries}
    first: dict[str, str] = {}
    problems = []
    for note in entries:
        for former in note.former_slugs:
            known = former if former in now else first.setdefault(former, note.slug)
            if known != note.slug:
                what = f"former_slugs: the address of {former!r} cannot lead here, it is that of {known}"
                problems.append(Problem(f"notes/{note.slug}/note.yml", what, "take the name out of one of them"))
    return problems
