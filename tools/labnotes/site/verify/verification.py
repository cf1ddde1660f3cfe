"""Is a built site fit to be published? Looks at its files only, so it does not matter which builder made them.

It does not look at how pages look, at what scripts do, or at whether other sites answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labnotes.errors import Problem
from labnotes.site.verify import drawings, feeds, alternatives, links, metadata, requests, scripts, structure
from labnotes.site.verify.addresses import survey
from labnotes.site.verify.pages import Unreadable, read_page

CHECKS = (structure.check, alternatives.check, requests.check, scripts.check, metadata.check)


def verify(site: Path) -> list[Problem]:
    """Everything that is wrong with the site in this folder, by page."""
    return sorted(dict.fromkeys(_problems(site)), key=_place)  # a line may hold the same mistake twice


def _problems(folder: Path) -> Iterator[Problem]:
    site = survey(folder)
    if "index.html" not in site.files:
        yield Problem("index.html", f"is not in {folder}", "build the site first")
    pages: dict[str, links.Ends] = {}
    of_notes: list[str] = []
    for path in site.ending(".html"):
        try:
            page = read_page(folder, path)
        except Unreadable as error:
            yield error.problem
            continue
        for check in CHECKS:
            yield from check(page, site)
        # the tree goes here: a thousand of them would take over a gigabyte
        pages[path] = links.ends(page)
        if metadata.is_note(page):
            of_notes.append(path)
    yield from links.check(site, pages, of_notes)
    yield from requests.check_files(site)
    yield from drawings.check_files(site)
    yield from feeds.check(site)


def _place(problem: Problem) -> tuple[str, int]:
    path, _, line = problem.where.rpartition(":")
    return (path, int(line)) if line.isdigit() else (problem.where, 0)
