"""Is a built site fit to be published? Looks at its files only, so it does not matter which builder made them.

It does not look at how pages look, at what scripts do, or at whether other sites answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labnotes.errors import Problem
from labnotes.site.verify import alternatives, drawings, feeds, links, metadata, redirects, requests, scripts, searched, structure
from labnotes.site.verify.addresses import BuiltSite, survey_site
from labnotes.site.verify.pages import Document, UnreadableFile, read_bytes, read_page

CHECKS = (
    structure.structure_problems,
    alternatives.text_alternative_problems,
    requests.request_problems,
    scripts.script_problems,
    metadata.metadata_problems,
    redirects.redirect_problems,
)


def verify_site(site: Path, lacking: Sequence[str] = ()) -> list[Problem]:
    """Everything that is wrong with the site in this folder, by page. It is known to lack the folders `lacking` ("notes/a-note/"): links to
    them are no further problem."""
    problems = SiteVerifier(lacking).site_problems(site, lambda: False)
    assert problems is not None
    return problems


@dataclass(frozen=True)
class _PageFindings:
    """What was found on a page when it had this digest: its problems, and what of it matters to other pages. Only this much of it is kept: the trees
    of a thousand pages would take over a gigabyte."""

    digest: str
    problems: tuple[Problem, ...]
    ends: links.LinkEnds | None = None  # of a page that can be read
    is_note: bool = False
    target: str | None = None  # of a page that leads on


class SiteVerifier:
    """Verifies a site again and again: a page that did not change since is not read again, unless files that it may need came or went."""

    def __init__(self, lacking: Sequence[str] = ()) -> None:
        self._lacking = tuple(lacking)
        self._findings: dict[str, _PageFindings] = {}
        self._files: frozenset[str] = frozenset()
        self._theme: tuple[str, frozenset[str]] = ("", frozenset())

    def site_problems(self, folder: Path, is_interrupted: Callable[[], bool]) -> list[Problem] | None:
        """Everything that is wrong with the site in a folder, by page; None as soon as `is_interrupted` says so. What was looked at is kept."""
        site = survey_site(folder)
        self._forget_outdated(site)
        for path in site.paths_with_suffix(".html"):
            if is_interrupted():
                return None
            self._look_at_page(site, path)
        return sorted(dict.fromkeys(self._all_problems(site)), key=_page_and_line)  # a line may hold the same mistake twice

    def _forget_outdated(self, site: BuiltSite) -> None:
        """Forget what was found where another site would have other problems."""
        if (site.base, site.theme_scripts) != self._theme or self._files - site.files:
            self._findings.clear()
        elif site.files - self._files:  # what lacked a file may have it now
            self._findings = {path: page for path, page in self._findings.items() if not page.problems}
        self._findings = {path: page for path, page in self._findings.items() if path in site.files}
        self._files, self._theme = site.files, (site.base, site.theme_scripts)

    def _look_at_page(self, site: BuiltSite, path: str) -> None:
        try:
            digest = hashlib.sha256(read_bytes(site.folder, path)).hexdigest()
            last = self._findings.get(path)
            if last is None or last.digest != digest:
                self._findings[path] = _page_findings(read_page(site.folder, path), digest, site)
        except UnreadableFile as error:
            self._findings[path] = _PageFindings("", (error.problem,))

    def _all_problems(self, site: BuiltSite) -> Iterator[Problem]:
        if "index.html" not in site.files:
            yield Problem("index.html", f"is not in {site.folder}", "build the site first")
        for page in self._findings.values():
            yield from page.problems
        pages = {path: page.ends for path, page in self._findings.items() if page.ends is not None}
        targets = {path: page.target for path, page in self._findings.items() if page.target is not None}
        yield from links.link_problems(site, pages, [path for path, page in self._findings.items() if page.is_note], targets, self._lacking)
        yield from searched.search_problems(site, pages, self._lacking)
        yield from redirects.chain_problems(targets)
        yield from requests.style_sheet_problems(site)
        yield from drawings.drawing_problems(site)
        yield from feeds.feed_problems(site)


def _page_findings(page: Document, digest: str, site: BuiltSite) -> _PageFindings:
    problems = tuple(problem for check in CHECKS for problem in check(page, site))
    return _PageFindings(digest, problems, links.link_ends(page), metadata.is_note(page), redirects.redirect_target(page, site))


def _page_and_line(problem: Problem) -> tuple[str, int]:
    path, _, line = problem.where.rpartition(":")
    return (path, int(line)) if line.isdigit() else (problem.where, 0)
