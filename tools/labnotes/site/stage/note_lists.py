"""What is said of all notes together: lists, feeds, authors, related notes, and every claim with its verdict."""

from __future__ import annotations

import datetime
import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

import yaml
from markupsafe import Markup

from labnotes.errors import Problem
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import ResultTone, Verdict
from labnotes.site.stage import claims_page, interactive, not_verified, quantity_rows, searched_notes, troubles
from labnotes.site.stage.body import TEMPLATES, RelatedNote
from labnotes.site.stage.citations import note_address
from labnotes.site.stage.csv_files import day_text
from labnotes.site.stage.front_matter import PageFrontMatter, front_matter_yaml
from labnotes.site.stage.note_page import NOT_RERUN, RUN_FAILED, NotePage, active_outputs, text_with_values
from labnotes.site.stage.page import tag_slug
from labnotes.site.stage.page_authors import PageAuthor, page_authors
from labnotes.site.stage.quantity_rows import QuantityRow
from labnotes.site.stage.searched_words import SearchedSection
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.site.stage.tick_marks import TickMark, checks_drawing, verdict_shares
from labnotes.site.stage.troubles import PastFailure, Trouble, UnsettledStatement
from labnotes.source import heading_addresses, languages, markdown_checks, note_remarks, prose_facts
from labnotes.source.labs import STAGED
from labnotes.store import check_history
from labnotes.store.check_log import LoggedCheck
from labnotes.store.mutation_score import MutationScore

MEANINGS = {
    **{verdict.value: verdict.meaning for verdict in Verdict},
    RUN_FAILED: "the last run raised an error or timed out, so that nothing was compared",
    NOT_RERUN: "recorded, not run again since",
}
"""Every word that can stand as the verdict of a quantity, with its meaning, the good ones first."""

UNREMARKABLE = {
    *(verdict.value for verdict in Verdict if verdict.is_agreement and verdict is not Verdict.MOVED),
    Verdict.DRAWN_ANEW.value,
    RUN_FAILED,
    NOT_RERUN,
}
"""The verdicts on single quantities of which a list of notes says no more than how many there are."""

LISTED, TOLD = 12, 10
"""How many notes Reproducibility lists and how many things that do not hold it tells one by one, so that it stays below 60 KB."""

STRIP = 30
"""How many checks of a note its strip shows, the newest last."""

MARKER = b"Written by labnotes. Edit the notes instead.\n"

RELATED = 3
"""How many related notes a page names."""

ATOM = "http://www.w3.org/2005/Atom"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class ListedCheck:
    """One check in the strip of a note: its tone and what it says."""

    tone: ResultTone
    text: str


@dataclass(frozen=True, kw_only=True)
class ListedNote:
    """One note in the catalogue.

    `links` are the notes it links to, `anchors` the addresses in its
    prose, `notices` what is not published, `card` what its picture for other sites shows ("" if it has none), `libraries` those that draw its figures in a browser,
    `former_slugs` those of addresses that lead here.
    `troubles` is what does not hold, `unsettled` what did in only some draws, `past` what did not hold before, `waiting` what no check compared,
    `not_verified` what none can, `stale` what changed since it was recorded. `claim_pages` says on how many pages its claims stand,
    `aliases` and `sections` what the search finds it by.
    """

    slug: str
    title: str
    summary: str
    date: str
    modified: str
    draft: bool
    authors: tuple[PageAuthor, ...]
    tags: tuple[str, ...]
    links: tuple[str, ...]
    anchors: tuple[str, ...]
    state: str
    tone: ResultTone
    word: str
    run: str
    place: str
    counts: tuple[str, ...]
    since: str
    checks: tuple[ListedCheck, ...]
    troubles: tuple[Trouble, ...]
    re_executed: bool
    mutations: MutationScore | None
    quantities: tuple[QuantityRow, ...]
    notices: tuple[str, ...]
    card: str = ""
    libraries: tuple[str, ...] = ()
    former_slugs: tuple[str, ...] = ()
    language: str = ""
    unsettled: tuple[UnsettledStatement, ...] = ()
    past: tuple[PastFailure, ...] = ()
    waiting: tuple[str, ...] = ()
    not_verified: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    claim_pages: int = 0
    aliases: tuple[str, ...] = ()
    sections: tuple[SearchedSection, ...] = ()

    @property
    def direction(self) -> str:
        """The direction of the note's script: "rtl", "ltr", or "" where it states no language."""
        return languages.text_direction(self.language) if self.language else ""

    @property
    def news_date(self) -> str:
        """The day of the last change that a subscriber should see: of what the note says, or of what does not hold any more."""
        return max(self.modified, self.run) if self.news else self.modified

    @property
    def news(self) -> list[str]:
        """A sentence for everything that a subscriber should know of how the note stands."""
        stale = [f"The record is stale: {'; '.join(self.stale)}"] if self.stale else []
        return [*(trouble.plain_text for trouble in self.troubles), *(statement.plain_text for statement in self.unsettled), *stale]

    @property
    def published_text(self) -> str:
        return day_text(self.date)

    @property
    def run_text(self) -> str:
        return day_text(self.run)

    @property
    def claim_quantities(self) -> list[QuantityRow]:
        return [row for row in self.quantities if row.kind is QuantityKind.CLAIM]

    @property
    def verdict_shares(self) -> tuple[TickMark, ...]:
        """A mark for each verdict on its claims."""
        return verdict_shares(row.verdict_class for row in self.claim_quantities)

    @property
    def checks_drawing(self) -> Markup:
        """Its checks as a row of marks."""
        return checks_drawing([check.tone for check in self.checks])

    @property
    def untold(self) -> int:
        """How many of its troubles are not told one by one."""
        return max(len(self.troubles) - troubles.MOST_TOLD, 0)

    @property
    def other_quantities(self) -> list[QuantityRow]:
        """The quantities whose verdict a reader should know of: neither agreeing nor drawn anew nor waiting."""
        return [row for row in self.quantities if row.verdict not in UNREMARKABLE]


@dataclass(frozen=True)
class VerdictTotal:
    """How many quantities have a verdict, and what it means."""

    word: str
    count: int
    meaning: str

    @property
    def css_class(self) -> str:
        """The name of the verdict in the classes of the style sheets."""
        return self.word.replace(" ", "-")


@dataclass(frozen=True, kw_only=True)
class ClaimsOverview:
    """What the home page and Reproducibility say of all notes together.

    `claims` counts the claims, `agree` those re-executed that agree, `waiting` those not re-executed yet; `notable` are the totals of claims whose
    verdict a reader should know of. `totals` count quantities of every kind, `claim_totals` claims, `figures_and_tables` those two kinds. `past` is what did not hold before, the newest first.
    """

    notes: tuple[ListedNote, ...]
    claims: int
    agree: int
    waiting: int
    notable: tuple[VerdictTotal, ...]
    totals: tuple[VerdictTotal, ...]

    past: tuple[tuple[ListedNote, PastFailure], ...] = ()
    claim_totals: tuple[VerdictTotal, ...] = ()
    figures_and_tables: tuple[VerdictTotal, ...] = ()

    @property
    def shown(self) -> list[ListedNote]:
        """The notes that Reproducibility lists."""
        return self.worst_first[:LISTED]

    @property
    def unshown(self) -> int:
        return max(len(self.notes) - LISTED, 0)

    @property
    def told_troubles(self) -> list[tuple[ListedNote, Trouble]]:
        """What does not hold, as far as it is told one by one."""
        told = [(note, trouble) for note in self.troubled for trouble in note.troubles[: troubles.MOST_TOLD]]
        return told[:TOLD]

    @property
    def unsettled(self) -> bool:
        """Whether a statement of any note held in only some draws."""
        return any(note.unsettled for note in self.notes)

    @property
    def told(self) -> int:
        """How many such statements are told of one note, so that those of all fit on the page."""
        return max(TOLD // max(sum(bool(note.unsettled) for note in self.notes), 1), 1)

    @property
    def find(self) -> Markup:
        """The form that finds claims."""
        return claims_page.find_form("../notes/claims.json", [total.word for total in self.totals if total.count])

    @property
    def troubled(self) -> list[ListedNote]:
        """The notes of which something does not hold."""
        return [note for note in self.worst_first if note.troubles]

    @property
    def worst_first(self) -> list[ListedNote]:
        """The notes with what does not hold first; those that stand alike in their order."""
        order = (ResultTone.RED, ResultTone.AMBER, ResultTone.GREY, ResultTone.BLUE, ResultTone.GREEN)
        return sorted(self.notes, key=lambda note: order.index(note.tone))

    @property
    def not_agreeing(self) -> list[ListedNote]:
        """The notes whose state is no agreement, for the home page: red or amber."""
        return [note for note in self.notes if note.tone in (ResultTone.RED, ResultTone.AMBER)]


@dataclass(frozen=True)
class _AuthorCount:
    """An author and how many notes name them so."""

    page_id: str
    name: str
    count: int


def listed_note(joined: NotePage) -> ListedNote:
    note, settings = joined.note, joined.note.settings
    folder = note.folder.parent.resolve()
    linked = {
        markdown_checks.link_path(link.target, note.folder)
        for cell in note.source.text_cells
        for link in prose_facts.cell_facts(cell).links
        if markdown_checks.is_local(link.target)
    }
    return ListedNote(
        slug=note.slug,
        title=settings.title,
        summary=joined.summary,
        date=settings.date.isoformat(),
        modified=joined.last_change_day,
        draft=settings.status == "draft",
        authors=page_authors(settings.authors),
        tags=tuple(settings.tags),
        links=tuple(
            sorted({path.relative_to(folder).parts[0] for path in linked if path.is_relative_to(folder) and path != folder} - {note.slug})
        ),
        anchors=tuple(sorted(markdown_checks.note_addresses(note.source.text_cells).all_addresses)),
        state=joined.check_state,
        tone=joined.state_tone,
        word=joined.state_text,
        run=joined.last_execution_day,
        place=check_history.place_words(joined.latest_check) if joined.latest_check else "",
        counts=tuple(joined.count_texts),
        since=joined.since,
        checks=tuple(ListedCheck(check.outcome.tone, _check_text(check)) for check in joined.checks[-STRIP:]),
        troubles=tuple(troubles.note_troubles(joined)),
        re_executed=bool(joined.latest_check and joined.latest_check.counts),
        mutations=joined.score,
        quantities=(*quantity_rows.claim_rows(joined), *quantity_rows.figure_and_table_rows(joined)),
        notices=(
            *(f"code cell {number}: its output held {', '.join(what)}, not published" for number, what in active_outputs(joined)),
            *note_remarks.shown_otherwise(note),
            *_undrawn_figures(joined),
            *joined.remarks,
            *map(str, joined.log.problems),
            *map(str, joined.versions.problems),
        ),
        card=_card_text(joined),
        libraries=tuple(sorted({joined.recorded.figures[label].data.library for label in joined.recorded.interactive})),
        former_slugs=tuple(former for former in settings.former_slugs if former != note.slug),
        language=settings.language,
        unsettled=tuple(troubles.unsettled_statements(joined)),
        past=tuple(troubles.past_failures(joined)),
        waiting=tuple(not_verified.waiting_parts(joined)),
        not_verified=tuple(not_verified.unverified_parts(joined)),
        stale=tuple(joined.stale),
        claim_pages=len(claims_page.row_pages(joined)),
        aliases=tuple(settings.aliases),
        sections=searched_notes.searched_sections(joined),
    )


def _card_text(joined: NotePage) -> str:
    """What the picture of a note for other sites shows, in words; "" if it has none."""
    label = next(iter(joined.display_numbers(QuantityKind.FIGURE)), "")
    if not joined.recorded.card or label not in joined.recorded.figures:
        return ""
    alt = joined.note.definitions.words.get(label, {}).get("alt", joined.recorded.figures[label].alt)
    return text_with_values(alt, joined) or joined.note.settings.title


def _check_text(check: LoggedCheck) -> str:
    return f"{day_text(check.started)}: {check.outcome.value}, {check_history.place_words(check)}"


def tag_problems(entries: Sequence[ListedNote]) -> list[Problem]:
    """The problems of tags that have the same address on the page of tags."""
    first: dict[str, tuple[str, str]] = {}
    collisions = []
    for note in entries:
        for tag in note.tags:
            known, where = first.setdefault(tag_slug(tag), (tag, note.slug))
            if known != tag:
                what = f"tag {tag!r} has the same address as {known!r} in {where}"
                collisions.append(Problem(note.slug, what, "use one spelling for one tag, and other words for another"))
    return collisions


def author_problems(entries: Sequence[ListedNote]) -> list[Problem]:
    """The problems of authors who would have one page together: names that differ only in how they are written, and people of one name."""
    first: dict[str, tuple[PageAuthor, str]] = {}
    collisions = []
    for note in entries:
        for author in note.authors:
            known, where = first.setdefault(author.page_id, (author, note.slug))
            if known.name != author.name:
                what = f"author {author.name!r} has the same page as {known.name!r} in {where}"
                collisions.append(Problem(note.slug, what, "write one name for one author, and more of the name for another"))
            elif known.orcid and author.orcid and known.orcid != author.orcid:
                what = f"author {author.name!r} has the ORCID {author.orcid}, and {known.orcid} in {where}: two people would have one page"
                collisions.append(Problem(note.slug, what, "write more of one of the names, or mend the ORCID"))
            elif known.group != author.group:
                what = f"author {author.name!r} is {'a group' if author.group else 'a person'}, and {'a group' if known.group else 'a person'} in {where}"
                collisions.append(Problem(note.slug, what, "group: true in each note, or in none"))
            elif author.orcid and not known.orcid:
                first[author.page_id] = (author, note.slug)
    return collisions


def related_notes(entries: Sequence[ListedNote]) -> dict[str, list[RelatedNote]]:
    """For each note the notes nearest to it: linked either way, then by shared tags, a rare tag counting more."""
    frequency = Counter(tag for note in entries for tag in note.tags)
    by_tag: dict[str, list[ListedNote]] = {}
    by_slug = {note.slug: note for note in entries}
    for note in entries:
        for tag in note.tags:
            by_tag.setdefault(tag, []).append(note)
    scores: dict[str, dict[str, float]] = {note.slug: defaultdict(float) for note in entries}
    for note in entries:
        for other in note.links:
            if other in by_slug:
                scores[note.slug][other] += 2
                scores[other][note.slug] += 2
        for tag in note.tags:
            for neighbour in by_tag[tag]:
                scores[note.slug][neighbour.slug] += 1 / frequency[tag]
    return {
        slug: [
            RelatedNote(other, by_slug[other].title, by_slug[other].summary)
            for other, _ in sorted(note_scores.items(), key=lambda item: (-item[1], item[0]))
            if other != slug
        ][:RELATED]
        for slug, note_scores in scores.items()
    }


# -- files -------------------------------------------------------------------------------------------------------------------------------


def shared_files(entries: Sequence[ListedNote], site: SiteSettings) -> dict[str, bytes]:
    """The files in docs/notes/ that belong to all notes together, by name."""
    newest = newest_first(entries)
    years = [(year, list(group)) for year, group in groupby(newest, key=lambda listed: listed.date[:4])]
    counted = Counter((author.page_id, author.name) for note in entries for author in note.authors)
    authors = [_AuthorCount(page_id, name, count) for (page_id, name), count in sorted(counted.items(), key=lambda item: item[0][1])]
    front = PageFrontMatter(title="All notes", description="Every note, by year, with the state of its record.", template="main.html")
    return {
        STAGED: MARKER,
        "index.md": TEMPLATES.get_template("archive.md.j2")
        .render(front_matter=Markup(front_matter_yaml(front)), years=years, authors=authors)
        .encode(),
        ".authors.yml": _authors_yaml(newest).encode(),
        "claims.json": _claims_json(newest, site),
    }


def newest_first(entries: Iterable[ListedNote]) -> list[ListedNote]:
    """The notes as every list has them: the newest first, those of one day by their names."""
    by_name = sorted(entries, key=lambda listed: listed.slug)
    return sorted(by_name, key=lambda listed: listed.date, reverse=True)


def theme_files(entries: Sequence[ListedNote], site: SiteSettings) -> dict[str, bytes]:
    """The files that staging adds to the theme, by name: feeds at the root of the site, and pieces of HTML for its pages."""
    newest = newest_first(entries)
    overview = claims_overview(newest)
    made = {name: TEMPLATES.get_template(f"{name}.j2").render(overview=overview) for name in ("strip.html", "claims.html")}
    scripts = interactive.script_files(name for entry in entries for name in entry.libraries)
    signs = {"{%": "{&#37;", "{{": "{&#123;", "{#": "{&#35;"}  # the site builder reads them as templates: what looks like one is text
    included = {}
    for name, text in made.items():
        for sign, plain in signs.items():
            text = text.replace(sign, plain)
        included[f"staged/{name}"] = text.encode()
    pages = f"\nSitemap: {site.url}sitemap.xml\n" if site.url else ""
    included["robots.txt"] = f"User-agent: *\nAllow: /\n{pages}".encode()
    return {**included, "feed.xml": _atom_feed(newest, site), "feed.json": _json_feed(newest, site), **scripts}


def _undrawn_figures(joined: NotePage) -> Iterator[str]:
    """Words about figures that are no interactive ones on this site, since their library is not installed."""
    for label in joined.recorded.interactive:
        library = interactive.library_named(joined.recorded.figures[label].data.library)
        if library and library.name not in interactive.installed_libraries():
            yield f"figure {label} is shown as a picture only: {library.requirement} is not installed, which brings the script that draws it"


def claims_overview(entries: Sequence[ListedNote]) -> ClaimsOverview:
    """The overview of all notes, in the order in which they are given."""
    totals = Counter(row.verdict for note in entries for row in note.quantities)
    of_claims = Counter(row.verdict for note in entries for row in note.claim_quantities)
    agreeing = {verdict.value for verdict in Verdict if verdict.is_agreement and verdict is not Verdict.MOVED}
    others = Counter(row.verdict for note in entries for row in note.quantities if row.kind is not QuantityKind.CLAIM)
    past = [(note, failure) for note in entries for failure in note.past]
    return ClaimsOverview(
        notes=tuple(entries),
        claims=of_claims.total(),
        agree=sum(of_claims[verdict.value] for verdict in Verdict if verdict.is_agreement),
        waiting=of_claims[NOT_RERUN],
        notable=tuple(
            VerdictTotal(word, of_claims[word], meaning)
            for word, meaning in MEANINGS.items()
            if of_claims[word] and word not in agreeing | {NOT_RERUN}
        ),
        totals=tuple(VerdictTotal(word, totals[word], meaning) for word, meaning in MEANINGS.items()),
        claim_totals=tuple(VerdictTotal(word, of_claims[word], meaning) for word, meaning in MEANINGS.items() if of_claims[word]),
        past=tuple(sorted(past, key=lambda pair: pair[1].started, reverse=True)[: troubles.PAST]),
        figures_and_tables=tuple(VerdictTotal(word, others[word], meaning) for word, meaning in MEANINGS.items() if others[word]),
    )


def _authors_yaml(entries: Sequence[ListedNote]) -> str:
    people: dict[str, dict[str, str]] = {}
    for note in entries:
        for author in note.authors:
            plain = re.sub(r"([\\`*_{}\[\]#+!|~^-])", r"\\\1", html.escape(author.name))  # the site builder reads it as Markdown
            known = {"name": plain, "description": author.affiliation or "Author", "avatar": "assets/labnotes/mark.svg"}
            people.setdefault(author.page_id, known)
    return str(yaml.safe_dump({"authors": people}, allow_unicode=True))


def _feed_time(date: str) -> str:
    return f"{date}T00:00:00Z"


def _feed_id(note: ListedNote, site: SiteSettings) -> str:
    """The id of a note in feeds, which stays when the note is renamed: subscribers have read it already."""
    first = [*note.former_slugs, note.slug][0]
    return f"{_site_id(site)}:{first}"


def _site_id(site: SiteSettings) -> str:
    """The id of the lab in feeds: by its name, since its address may come later, and may change."""
    return f"urn:labnotes:{heading_addresses.ascii_slug(site.name)}"


def _feed_content(note: ListedNote, site: SiteSettings) -> str:
    """What readers of feeds see of a note, as HTML: its picture, what was found, and how it stands."""
    picture = Markup('<p><img src="{}" alt="{}"></p>').format(_card_address(note, site), note.card) if note.card else Markup()
    parts = Markup("<p>{}</p><p>{}</p>").format(note.summary, _status_sentence(note))
    link = Markup('<p><a href="{}">{}</a></p>').format(note_address(note.slug, site), "Read the note and re-execute it")
    return str(picture + parts + link)


def _card_address(note: ListedNote, site: SiteSettings) -> str:
    return f"{note_address(note.slug, site)}card.png"


def _status_sentence(note: ListedNote) -> str:
    news = f" {' '.join(f'{sentence}.' for sentence in note.news[:3])}" if note.news else ""
    return f"{note.word} {note.run_text}: {', '.join(note.counts)}.{news}"


def _atom_feed(entries: Sequence[ListedNote], site: SiteSettings) -> bytes:
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {XML_LANGUAGE: site.language})

    def add_element(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
        child = ET.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
        child.text = _legal_xml_text(text)
        return child

    add_element(feed, "title", site.name)
    add_element(feed, "id", _site_id(site))
    add_element(feed, "updated", _feed_time(max((note.news_date for note in entries), default=_earliest_date())))
    add_element(feed, "link", rel="self", type="application/atom+xml", href=f"{site.url}feed.xml")
    add_element(feed, "link", rel="alternate", type="text/html", href=site.url or "./")
    for note in entries:
        item = add_element(feed, "entry", **({XML_LANGUAGE: note.language} if note.language else {}))
        add_element(item, "title", note.title)
        add_element(item, "id", _feed_id(note, site))
        add_element(item, "link", rel="alternate", type="text/html", href=note_address(note.slug, site))
        add_element(item, "published", _feed_time(note.date))
        add_element(item, "updated", _feed_time(note.news_date))
        for author in note.authors:
            add_element(add_element(item, "author"), "name", author.name)
        for tag in note.tags:
            add_element(item, "category", term=_legal_xml_text(tag))
        add_element(item, "summary", f"{note.summary} {_status_sentence(note)}")
        add_element(item, "content", _feed_content(note, site), type="html")
    ET.indent(feed)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _legal_xml_text(text: str) -> str:
    """`text` without characters that no XML may hold."""
    return "".join(c for c in text if c in "\t\n\r" or ord(c) >= 0x20)


def _earliest_date() -> str:
    return datetime.date(1970, 1, 1).isoformat()


def _json_feed(entries: Sequence[ListedNote], site: SiteSettings) -> bytes:
    items = [
        {
            "id": _feed_id(note, site),
            "url": note_address(note.slug, site),
            "title": note.title,
            "content_text": f"{note.summary}\n\n{_status_sentence(note)}",
            "content_html": _feed_content(note, site),
            **({"image": _card_address(note, site)} if note.card else {}),
            "summary": note.summary,
            "date_published": _feed_time(note.date),
            "date_modified": _feed_time(note.news_date),
            "authors": [{"name": author.name, **({"url": author.url} if author.url else {})} for author in note.authors],
            "tags": note.tags,
            **({"language": note.language} if note.language else {}),
        }
        for note in entries
    ]
    addresses = {"home_page_url": site.url, "feed_url": f"{site.url}feed.json"} if site.url else {}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": site.name, "language": site.language, **addresses, "items": items}
    return (json.dumps(feed, indent=1, ensure_ascii=False) + "\n").encode()


def _claims_json(entries: Sequence[ListedNote], site: SiteSettings) -> bytes:
    """The JSON, for programs, of every quantity of every note."""
    notes = [
        {
            "slug": note.slug,
            "title": note.title,
            "url": note_address(note.slug, site) if site.url else f"{note.slug}/",
            "state": note.state,
            "checks": note.since,
            "does_not_hold": [trouble.plain_text for trouble in note.troubles],
            **({"held_in_some_draws": [statement.plain_text for statement in note.unsettled]} if note.unsettled else {}),
            **({"stale": note.stale} if note.stale else {}),
            "last_executed": note.run,
            "re_executed": note.re_executed,
            **({"trial_changes": asdict(note.mutations)} if note.mutations else {}),
            "quantities": [_quantity_json(row) for row in note.quantities],
        }
        for note in entries
    ]
    return (json.dumps({"schema": 1, "site": site.name, "notes": notes}, indent=1, ensure_ascii=False) + "\n").encode()


def _quantity_json(row: QuantityRow) -> dict[str, Any]:
    """A quantity for programs: what is said of it, and where in its sentence its number stands (`number_at`, from and to)."""
    said = {key: value for key, value in asdict(row).items() if value not in ("", ()) and key not in ("linked", "sentence")}
    if row.sentence:
        start = len(row.sentence.before)
        said |= {"sentence": row.sentence.text, "number_at": [start, start + len(row.sentence.number)]}
    return said
