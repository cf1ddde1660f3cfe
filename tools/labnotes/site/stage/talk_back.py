"""Ways from a page back to the lab: an issue or a mail with the place filled in, and each cell's source at its commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from labnotes.site.stage.site_settings import MAIL, SiteSettings

ISSUES = {
    "github.com": "{repository}/issues/new?title={title}&body={body}",
    "gitlab.com": "{repository}/-/issues/new?issue[title]={title}&issue[description]={body}",
    "codeberg.org": "{repository}/issues/new?title={title}&body={body}",
}
"""How the hosts of repositories are asked for a new issue with words in it."""

SOURCES = {
    "github.com": "{repository}/blob/{commit}/{path}#L{line}-L{last}",
    "gitlab.com": "{repository}/-/blob/{commit}/{path}#L{line}-{last}",
    "codeberg.org": "{repository}/src/commit/{commit}/{path}#L{line}-L{last}",
}
"""How they show lines of a file."""


@dataclass(frozen=True, kw_only=True)
class ReportedPlace:
    """What a problem is about: a note, the section or the claim of it, and its address on the site."""

    note: str
    address: str
    section: str = ""
    claim: str = ""
    commit: str = ""


@dataclass(frozen=True, kw_only=True)
class TalkBack:
    """What a page offers to who has something to say: `report` opens an issue or a mail about the note, `sections` about each part of it, by its
    heading, `claim` about a claim, whose name stands in the place of CLAIM; `how` says which of both; `source` shows the note's source at `commit`,
    `contact` leads to the lab. "" where the lab names none."""

    report: str
    sections: tuple[tuple[str, str], ...]
    claim: str
    how: str
    source: str
    path: str
    commit: str
    contact: str

    @property
    def is_empty(self) -> bool:
        return not (self.report or self.source or self.contact)


CLAIM = "LN-CLAIM"
"""Stands for the name of a claim in an address that a script completes."""


def talk_back(site: SiteSettings, note: ReportedPlace, outline: Sequence[tuple[str, str]], path: str, commit: str) -> TalkBack:
    """What the page of a note offers; `outline` has the anchor and the words of each of its sections, `path` and `commit` are those of its
    source in the repository."""
    sections = [(words, replace(note, section=words, address=f"{note.address}#{anchor}")) for anchor, words in outline]
    report = report_address(site, note)
    return TalkBack(
        report=report,
        sections=tuple((words, report_address(site, place)) for words, place in sections) if report else (),
        claim=report_address(site, replace(note, claim=CLAIM, address=f"{note.address}#claim-{CLAIM}")),
        how="a mail" if report.startswith("mailto:") else "an issue",
        source=source_address(site, commit, path),
        path=path,
        commit=commit[:9],
        contact=contact_address(site),
    )


def report_address(site: SiteSettings, place: ReportedPlace) -> str:
    """The address that opens an issue or a mail about a place; "" where the lab names none."""
    template = f"mailto:{site.report}?subject={{title}}&body={{body}}" if MAIL.fullmatch(site.report) else site.report
    template = template or _template_of_host(ISSUES, site)
    about = place.claim or place.section
    body = [f"{place.address}", *([f"Claim: {place.claim}"] if place.claim else []), *([f"Commit: {place.commit}"] if place.commit else [])]
    words = {
        "title": f"{place.note}: {about}" if about else place.note,
        "body": "\n".join([*body, "", ""]),
        **{name: getattr(place, name) for name in ("note", "section", "claim", "address", "commit")},
    }
    return _filled(template, words)


def source_address(site: SiteSettings, commit: str, path: str, line: int | None = None, last: int | None = None) -> str:
    """The address of a file at a commit, of some lines of it where these are known; "" where the lab names none."""
    template = (site.source or _template_of_host(SOURCES, site)) if commit else ""
    if line is None:
        template = template.partition("#")[0]
    return _filled(template, {"commit": commit, "path": path, "line": str(line or ""), "last": str(last or line or "")})


def contact_address(site: SiteSettings) -> str:
    """What a link to the lab's contact leads to; "" if it names none."""
    return f"mailto:{site.contact}" if MAIL.fullmatch(site.contact) else site.contact


def _template_of_host(templates: dict[str, str], site: SiteSettings) -> str:
    host = urlsplit(site.repository).hostname or ""
    return templates.get(host.removeprefix("www."), "").replace("{repository}", site.repository)


def _filled(template: str, words: dict[str, str]) -> str:
    """A template with each word in its place, encoded for an address; the slashes of paths stay."""
    return re.sub(r"\{(\w+)\}", lambda match: quote(words[match[1]], safe="/" if match[1] == "path" else ""), template)
