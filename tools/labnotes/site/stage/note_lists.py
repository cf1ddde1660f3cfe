"""What is said of all notes together: lists, feeds, authors, related notes, and every claim with its verdict."""

from __future__ import annotations

import datetime
import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from typing import Any, Self
from xml.etree import ElementTree as ET

import yaml

from labnotes.store import check_history
from labnotes.source import markdown_checks
from labnotes.store.check_log import LoggedCheck
from labnotes.errors import Problem
from labnotes.source.labs import STAGED
from labnotes.model.verdicts import Outcome, Verdict
from labnotes.site.stage import quantity_rows
from labnotes.site.stage.body import TEMPLATES
from labnotes.site.stage.citations import address
from labnotes.site.stage.csv_files import day
from labnotes.site.stage.note_page import NOT_RERUN, RUN_FAILED, Joined, active_outputs
from labnotes.site.stage.page import author_id, tag_slug
from labnotes.site.stage.site_settings import Site

MEANINGS = {
    **{verdict.value: verdict.meaning for verdict in Verdict},
    RUN_FAILED: "the last run raised an error or timed out, so that nothing was compared",
    NOT_RERUN: "recorded, not run again since",
}
"""Every word a quantity can have, the good ones first."""

STRIP = 30
"""Checks of a note that its strip shows, the newest last."""

MARKER = b"Written by labnotes. Edit the notes instead.\n"

RELATED = 3
"""Related notes named on a page."""

ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Entry:
    """One note in the catalogue. `size` is that of its source in characters, `links` are the notes it links to, `anchors` the addresses of its headings
    where they are known, `notices` what is not published."""

    slug: str
    title: str
    summary: str
    date: str
    modified: str
    draft: bool
    authors: list[dict[str, str]]
    tags: list[str]
    size: int
    links: list[str]
    anchors: list[str] | None
    state: str
    tone: str
    word: str
    run: str
    place: str
    counts: list[str]
    since: str
    checks: list[dict[str, str]]
    troubles: list[str]
    re_executed: bool
    mutations: dict[str, Any]
    quantities: list[dict[str, Any]]
    notices: list[str]

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        if {each.name for each in fields(cls)} != set(found):
            raise ValueError("an entry of another version")
        return cls(**found)

    @property
    def news(self) -> str:
        """The day of the last change that a subscriber should see: of what the note says, or of what does not hold any more."""
        return max(self.modified, self.run) if self.troubles else self.modified

    @property
    def published(self) -> str:
        return day(self.date)

    @property
    def run_text(self) -> str:
        return day(self.run)

    @property
    def claims(self) -> list[dict[str, Any]]:
        return [each for each in self.quantities if each["kind"] == "claim"]


def entry(joined: Joined) -> Entry:
    note, settings = joined.note, joined.note.settings
    notes = note.folder.parent.resolve()
    linked = {
        markdown_checks.file_of(link.target, note.folder)
        for cell in note.source.text
        for link in markdown_checks.links(cell.source)
        if markdown_checks.is_local(link.target)
    }
    return Entry(
        slug=note.slug,
        title=settings.title,
        summary=settings.summary,
        date=settings.date.isoformat(),
        modified=joined.modified,
        draft=settings.status == "draft",
        authors=[author.model_dump() for author in settings.authors],
        tags=settings.tags,
        size=sum(len(cell.source) for cell in note.source.cells),
        links=sorted({path.relative_to(notes).parts[0] for path in linked if path.is_relative_to(notes) and path != notes} - {note.slug}),
        anchors=sorted(anchors) if (anchors := markdown_checks.anchors(note.source.text)) is not None else None,
        state=joined.state,
        tone=joined.tone.value,
        word=joined.word,
        run=joined.when,
        place=check_history.place_words(joined.latest) if joined.latest else "",
        counts=joined.counts,
        since=joined.since,
        checks=[
            {"outcome": check.outcome.value, "tone": check.outcome.tone.value, "date": check.day, "text": _check_text(check)}
            for check in joined.checks[-STRIP:]
        ],
        troubles=list(_troubles(joined)),
        re_executed=bool(joined.latest and joined.latest.counts),
        mutations=asdict(joined.score) if joined.score else {},
        quantities=[*quantity_rows.claims(joined), *quantity_rows.drawn(joined)],
        notices=[
            *(f"code cell {number}: its output held {', '.join(what)}, not published" for number, what in active_outputs(joined)),
            *joined.remarks,
            *map(str, joined.log.problems),
        ],
    )


def _check_text(check: LoggedCheck) -> str:
    return f"{day(check.started)}: {check.outcome.value}, {check_history.place_words(check)}"


def _troubles(joined: Joined) -> Iterator[str]:
    """What does not hold, in words, with since when."""
    latest = joined.latest
    if latest is not None and not latest.outcome.agrees:
        first = latest
        for check in reversed(joined.checks):
            if check.outcome.agrees:
                break
            first = check
        since = f"since {day(first.started)}" if first is not latest else f"on {day(latest.started)}"
        if latest.failed:
            said = "timed out" if latest.outcome is Outcome.TIMED_OUT else "raised an error"
            yield f"The run {said} {since} at {latest.failed.where}: {latest.failed.what.splitlines()[0]}"
        for each in latest.unequal:
            if each.lost:
                yield f"The statement of {each.name} is lost {since}: {each.details[0] if each.details else ''}"
            elif each.verdict.fails:
                yield f"{each.kind.capitalize()} {each.name} {each.verdict.value} {since}: {'; '.join(each.details[:1])}"
        if latest.misses and latest.misses.are_too_many:
            yield f"More means moved than chance allows, {since}: {latest.misses.words}"
    for name in joined.unsettled:
        held, total = joined.draws[name]
        yield f"The statement of {name} held in {held} of {total} draws ({joined.facts.get((name, 'upheld'), '')})"
    if joined.stale:
        yield f"The record is stale: {'; '.join(joined.stale)}"


def problems(entries: Sequence[Entry]) -> list[Problem]:
    """Tags that one page of tags cannot tell apart."""
    first: dict[str, tuple[str, str]] = {}
    found = []
    for note in entries:
        for tag in note.tags:
            known, where = first.setdefault(tag_slug(tag), (tag, note.slug))
            if known != tag:
                what = f"tag {tag!r} has the same address as {known!r} in {where}"
                found.append(Problem(note.slug, what, "use one spelling for one tag, and other words for another"))
    return found


def related(entries: Sequence[Entry]) -> dict[str, list[dict[str, str]]]:
    """For each note the notes nearest to it: linked either way, then by shared tags, a rare tag counting more."""
    frequency = Counter(tag for each in entries for tag in each.tags)
    by_tag: dict[str, list[Entry]] = {}
    by_slug = {each.slug: each for each in entries}
    for each in entries:
        for tag in each.tags:
            by_tag.setdefault(tag, []).append(each)
    scores: dict[str, dict[str, float]] = {each.slug: defaultdict(float) for each in entries}
    for each in entries:
        for other in each.links:
            if other in by_slug:
                scores[each.slug][other] += 2
                scores[other][each.slug] += 2
        for tag in each.tags:
            for neighbour in by_tag[tag]:
                scores[each.slug][neighbour.slug] += 1 / frequency[tag]
    return {
        slug: [
            {"slug": other, "title": by_slug[other].title, "summary": by_slug[other].summary}
            for other, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))
            if other != slug
        ][:RELATED]
        for slug, found in scores.items()
    }


# -- files -------------------------------------------------------------------------------------------------------------------------------


def files(entries: Sequence[Entry], site: Site) -> dict[str, bytes]:
    """What lies in docs/notes/ beside the notes."""
    newest = sorted(entries, key=lambda each: (each.date, each.slug), reverse=True)
    years = [(year, list(group)) for year, group in groupby(newest, key=lambda each: each.date[:4])]
    counted = Counter((author_id(author["name"]), author["name"]) for note in entries for author in note.authors)
    authors = [(each, name, count) for (each, name), count in sorted(counted.items(), key=lambda item: item[0][1])]
    return {
        STAGED: MARKER,
        "index.md": TEMPLATES.get_template("archive.md.j2").render(years=years, authors=authors).encode(),
        ".authors.yml": _authors(newest).encode(),
        "claims.json": _claims(newest, site),
    }


def parts(entries: Sequence[Entry], site: Site) -> dict[str, bytes]:
    """What joins the theme: feeds at the site's root, and pieces of HTML that its pages include."""
    newest = sorted(entries, key=lambda each: (each.date, each.slug), reverse=True)
    totals = Counter(each["verdict"] for note in entries for each in note.quantities)
    of_claims = Counter(each["verdict"] for note in entries for each in note.claims)
    agree = sum(of_claims[verdict.value] for verdict in Verdict if verdict.agrees)
    rest = [
        (word, of_claims[word])
        for word in MEANINGS
        if of_claims[word] and word not in {v.value for v in Verdict if v.agrees and v is not Verdict.MOVED}
    ]
    values = {
        "notes": newest,
        "claims": of_claims.total(),
        "agree": agree,
        "waiting": of_claims[NOT_RERUN],
        "notable": [(word, count) for word, count in rest if word != NOT_RERUN],
        "troubled": [note for note in newest if note.troubles],
        "totals": [(word, totals[word], meaning) for word, meaning in MEANINGS.items()],
        "oldest": min((note.run for note in entries), default=""),
        "day": day,
    }
    made = {name: TEMPLATES.get_template(f"{name}.j2").render(values) for name in ("strip.html", "claims.html")}
    signs = {"{%": "{&#37;", "{{": "{&#123;", "{#": "{&#35;"}  # the site builder reads them as templates: what looks like one is text
    included = {}
    for name, text in made.items():
        for sign, plain in signs.items():
            text = text.replace(sign, plain)
        included[f"staged/{name}"] = text.encode()
    return {**included, "feed.xml": _atom(newest, site), "feed.json": _json_feed(newest, site)}


def _authors(entries: Sequence[Entry]) -> str:
    people: dict[str, dict[str, str]] = {}
    for note in entries:
        for author in note.authors:
            plain = re.sub(r"([\\`*_{}\[\]#+!|~^-])", r"\\\1", html.escape(author["name"]))  # the site builder reads it as Markdown
            known = {"name": plain, "description": author["affiliation"] or "Author", "avatar": "assets/labnotes/mark.svg"}
            people.setdefault(author_id(author["name"]), known)
    return str(yaml.safe_dump({"authors": people}, allow_unicode=True))


def _iso(date: str) -> str:
    return f"{date}T00:00:00Z"


def _id(note: Entry, site: Site) -> str:
    return address(note.slug, site) if site.url else f"urn:labnotes:{markdown_checks.slug(site.name)}:{note.slug}"


def _status(note: Entry) -> str:
    troubles = f" {' '.join(f'{each}.' for each in note.troubles[:3])}" if note.troubles else ""
    return f"{note.word} {note.run_text}: {', '.join(note.counts)}.{troubles}"


def _atom(entries: Sequence[Entry], site: Site) -> bytes:
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")

    def add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
        child = ET.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
        child.text = _legal(text)
        return child

    add(feed, "title", site.name)
    add(feed, "id", site.url or f"urn:labnotes:{markdown_checks.slug(site.name)}")
    add(feed, "updated", _iso(max((note.news for note in entries), default=_never())))
    add(feed, "link", rel="self", type="application/atom+xml", href=f"{site.url}feed.xml")
    add(feed, "link", rel="alternate", type="text/html", href=site.url or "./")
    for note in entries:
        item = add(feed, "entry")
        add(item, "title", note.title)
        add(item, "id", _id(note, site))
        add(item, "link", rel="alternate", type="text/html", href=address(note.slug, site))
        add(item, "published", _iso(note.date))
        add(item, "updated", _iso(note.news))
        for author in note.authors:
            add(add(item, "author"), "name", author["name"])
        for tag in note.tags:
            add(item, "category", term=_legal(tag))
        add(item, "summary", f"{note.summary} {_status(note)}")
    ET.indent(feed)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _legal(text: str) -> str:
    """Without characters that no XML may hold."""
    return "".join(c for c in text if c in "\t\n\r" or ord(c) >= 0x20)


def _never() -> str:
    return datetime.date(1970, 1, 1).isoformat()


def _json_feed(entries: Sequence[Entry], site: Site) -> bytes:
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": site.name}
    if site.url:
        feed |= {"home_page_url": site.url, "feed_url": f"{site.url}feed.json"}
    feed["items"] = [
        {
            "id": _id(note, site),
            "url": address(note.slug, site),
            "title": note.title,
            "content_text": f"{note.summary}\n\n{_status(note)}",
            "summary": note.summary,
            "date_published": _iso(note.date),
            "date_modified": _iso(note.news),
            "authors": [{"name": author["name"], **({"url": author["url"]} if author["url"] else {})} for author in note.authors],
            "tags": note.tags,
        }
        for note in entries
    ]
    return (json.dumps(feed, indent=1, ensure_ascii=False) + "\n").encode()


def _claims(entries: Sequence[Entry], site: Site) -> bytes:
    """Every quantity of every note, for programs."""
    found = [
        {
            "slug": note.slug,
            "title": note.title,
            "url": address(note.slug, site) if site.url else f"{note.slug}/",
            "state": note.state,
            "checks": note.since,
            "does_not_hold": note.troubles,
            "last_executed": note.run,
            "re_executed": note.re_executed,
            **({"trial_changes": note.mutations} if note.mutations else {}),
            "quantities": [
                {key: value for key, value in each.items() if value not in ("", (), []) and key not in ("anchor", "linked")}
                for each in note.quantities
            ],
        }
        for note in entries
    ]
    return (json.dumps({"schema": 1, "site": site.name, "notes": found}, indent=1, ensure_ascii=False) + "\n").encode()
