"""Is a built site fit to be published? Looks at its files only, so it does not matter which builder made them.

It does not look at how pages look, at what scripts do, or at whether other sites answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labnotes.errors import Problem
from labnotes.site.verify import alternatives, drawings, feeds, links, metadata, redirects, requests, scripts, structure
from labnotes.site.verify.addresses import survey_site
from labnotes.site.verify.pages import UnreadableFile, read_page

CHECKS = (
    structure.structure_problems,
    alternatives.text_alternative_problems,
    requests.request_problems,
    scripts.script_problems,
    metadata.metadata_problems,
    redirects.redirect_problems,
)


def verify_site(site: Path) -> list[Problem]:
    """Everything that is wrong with the site in this folder, by page."""
    return sorted(dict.fromkeys(_all_problems(site)), key=_page_and_line)  # a line may hold the same mistake twice


def _all_problems(folder: Path) -> Iterator[Problem]:
    site = survey_site(folder)
    if "index.html" not in site.files:
        yield Problem("index.html", f"is not in {folder}", "build the site first")
    pages: dict[str, links.LinkEnds] = {}
    of_notes: list[str] = []
    targets: dict[str, str] = {}
    for path in site.paths_with_suffix(".html"):
        try:
            page = read_page(folder, path)
        except UnreadableFile as error:
            yield error.problem
            continue
        for check in CHECKS:
            yield from check(page, site)
        # only this much of the page is kept: the trees of a thousand pages would take over a gigabyte
        pages[path] = links.link_ends(page)
        if metadata.is_note(page):
            of_notes.append(path)
        if (target := redirects.redirect_target(page, site)) is not None:
            targets[path] = target
    yield from links.link_problems(site, pages, of_notes, targets)
    yield from redirects.chain_problems(targets)
    yield from requests.style_sheet_problems(site)
    yield from drawings.drawing_problems(site)
    yield from feeds.feed_problems(site)


def _page_and_line(problem: Problem) -> tuple[str, int]:
    path, _, line = problem.where.rpartition(":")
    return (path, int(line)) if line.isdigit() else (problem.where, 0)
