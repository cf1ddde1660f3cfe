"""The Markdown page of one note: front matter for lists and for machines, then everything a reader sees."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup
from pymdownx.slugs import slugify

from labnotes.errors import Problem
from labnotes.model.observation import Output, RunEnvironment
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import ResultTone
from labnotes.site.stage import claims_page, not_verified, page_words, pictures, quantity_rows, troubles
from labnotes.site.stage.body import TEMPLATES, PageBody, PageContext
from labnotes.site.stage.citations import bibtex_entry, citation_sentence, note_address, note_licence
from labnotes.site.stage.csv_files import day_text
from labnotes.site.stage.front_matter import NoteFrontMatter, PageFrontMatter, PageTag, front_matter_yaml
from labnotes.site.stage.linked_data import linked_article
from labnotes.site.stage.note_page import NotePage
from labnotes.site.stage.page_authors import page_authors
from labnotes.site.stage.quantity_rows import QuantityRow
from labnotes.site.stage.talk_back import ReportedPlace, TalkBack, talk_back
from labnotes.site.stage.tick_marks import tick_marks
from labnotes.site.stage.version_rows import LATEST, present_version_name, version_rows
from labnotes.source import bindings, identifiers, languages
from labnotes.source.cell_options import Showing
from labnotes.source.notebooks import Cell
from labnotes.store import check_history
from labnotes.store.check_log import FRESH

__all__ = ["PageContext", "RenderedPage", "render_note_page"]

WORDS_A_MINUTE = 220


@dataclass
class RenderedPage:
    """The Markdown of a note's page, the pictures it shows as they are published, the pages of interactive figures, of what is loaded when it is
    opened and of figures alone, the files beside the note that it links to, and the
    pictures that were pasted into it.

    `prose_of` gives the HTML of a text cell and `output_of` that of an output of a code cell as the notebook page shows them.
    """

    text: str
    prose_of: Callable[[Cell], str]
    output_of: Callable[[Output, Cell], str]
    shown: dict[str, pictures.PublishedPicture]
    interactive: dict[str, str]
    parts: dict[str, str]
    embeds: dict[str, str]
    files: dict[str, Path]
    attached: dict[str, bytes]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _ShownUpdate:
    """An update or correction: its day as ISO 8601 (`date`) and as readers see it (`day`), and its text as HTML."""

    date: str
    day: str
    kind: str
    text: Markup


@dataclass(frozen=True)
class _ShownFinding:
    """A finding of the first screen: its text as HTML, and what the latest check says of the claims in it, the worst first."""

    text: Markup
    claims: tuple[QuantityRow, ...]


@dataclass(frozen=True)
class _NamedRow:
    """The row of a figure or table with its name on the page: "Figure 2", or its label where the cell that showed it is gone."""

    shown: str
    row: QuantityRow


@dataclass(frozen=True)
class _DownloadLink:
    """A link to a file of the note; `download` is the name under which a browser keeps it, "" for a page to open."""

    name: str
    url: str
    download: str = ""


def render_note_page(joined: NotePage, context: PageContext) -> RenderedPage:
    """Render the page of a note. If its `problems` name anything wrong with math or links, its text is not fit to publish."""
    body = PageBody(joined, context)
    text = _PageWriter(joined, context, body).page_text()
    return RenderedPage(
        text,
        body.prose.notebook_html,
        body.notebook_output,
        body.shown,
        {label: body.interactive_page(label) for label in body.figures if body.browser_library(label)},
        body.parts.pages(TEMPLATES, joined.note.settings.title, joined.note.settings.language),
        {label: body.embed_page(label) for label in body.embedded},
        body.prose.files,
        body.prose.attached,
        list(dict.fromkeys(body.problems)),
    )


class _PageWriter:
    def __init__(self, joined: NotePage, context: PageContext, body: PageBody) -> None:
        self._joined, self._context, self._body = joined, context, body
        self._note, self._record = joined.note, joined.recorded

    def page_text(self) -> str:
        settings, record = self._note.settings, self._record
        front = self._front_matter()
        updates = [
            _ShownUpdate(
                date=update.date.isoformat(),
                day=day_text(update.date.isoformat()),
                kind=update.kind,
                text=self._body.caption_html(update.text),
            )
            for update in sorted(settings.updates, key=lambda update: update.date, reverse=True)
        ]
        body = Markup(self._body.markdown_text())  # which numbers footnotes and finds headings
        claims = quantity_rows.claim_rows(self._joined)
        counts = [len(record.claims), len(record.figures), len(record.tables)]
        expected = [f"{count} {kind}" for count, kind in zip(counts, ("claims", "figures", "tables"), strict=True)]
        return TEMPLATES.get_template("note.md.j2").render(
            front=front,
            front_matter=Markup(front_matter_yaml(front)),
            note=front.note,
            title=settings.title,
            summary=self._joined.sentence,
            findings=list(self._shown_findings()),
            hero=self._body.hero,
            authors=page_authors(settings.authors),
            words=page_words.words_in(settings.language),
            draft=settings.status == "draft",
            updates=updates,
            version=present_version_name(self._joined),
            recorded=self._record.provenance.started[:10],
            recorded_text=day_text(self._record.provenance.started),
            versions=(rows := version_rows(self._joined))[:LATEST],
            earlier_versions=rows[LATEST:],
            paper=list(self._paper_lines()),
            stale=self._joined.stale,
            took=_duration_text(self._joined.latest_check.seconds) if self._joined.latest_check else "",
            place=check_history.place_words(self._joined.latest_check) if self._joined.latest_check else "",
            since=self._joined.since,
            needs=settings.needs_text,
            folded_cells=sum(cell.view.code is not Showing.REMOVED for cell in self._note.source.code_cells),
            failed=self._joined.latest_check.failed if self._joined.latest_check else None,
            lost=[quantity for quantity in self._joined.latest_check.unequal if quantity.lost] if self._joined.latest_check else [],
            misses=self._misses_text(),
            unsettled=troubles.unsettled_statements(self._joined),
            remarks=self._joined.remarks,
            has_history=bool(self._joined.log.checks),
            cost=self._cost_sentence(),
            expected=" and " * any(counts)
            + ", ".join(text.removesuffix("s") if text.startswith("1 ") else text for text in expected if not text.startswith("0")),
            claims=claims,
            titles={row.name: row.title for row in claims},
            claim_pages=claims_page.claim_page_names(self._joined),
            recorded_where=_where_text(record.provenance.started, record.provenance.environment.cpu),
            latest_where=_where_text(self._joined.latest_check.started, self._joined.latest_check.environment.cpu)
            if self._joined.latest_check
            else "",
            drawn=[_NamedRow(self._display_name(row), row) for row in quantity_rows.figure_and_table_rows(self._joined)],
            environment=list(self._environment_rows()),
            not_verified=" ".join([*not_verified.unverified_parts(self._joined), not_verified.IN_EVERY_NOTE]),
            outline=[*self._body.outline, ("reproduce", "Reproduce this note"), ("cite", "Cite this note")],
            body=body,
            command=self._context.site.reproduce.replace("{slug}", self._note.slug),
            downloads=list(self._download_links()),
            talk=self._talk_back(),
            citation=citation_sentence(self._note, self._context.site),
            bibtex=bibtex_entry(self._joined, self._context.site),
            licence=self._licence_html(),
            doi=settings.doi,
            references=[(key, Markup(entry.reference_html)) for key, entry in self._body.entries.items()],
            related=self._context.related,
        )

    def _front_matter(self) -> PageFrontMatter:
        """Front matter: what lists, feeds and the page's head say of the note."""
        settings, joined = self._note.settings, self._joined
        published = settings.date.isoformat()
        pictures_of = self._record.pictures
        first = next((label for label in self._body.figures if label in self._body.shown and not pictures_of[label].is_film), None)
        words = sum(len(cell.source.split()) for cell in self._note.source.text_cells)
        authors = page_authors(settings.authors)
        return PageFrontMatter(
            title=html.escape(settings.title),
            headline=settings.title,
            slug=self._note.slug,
            template="note.html",
            date=settings.date,
            description=joined.sentence,
            tags=tuple(settings.tags),
            authors=tuple(author.page_id for author in authors),
            readtime=max(1, round(words / WORDS_A_MINUTE)),
            language=settings.language or None,
            direction=languages.text_direction(settings.language) if settings.language else None,
            locale=(languages.open_graph_locale(settings.language) or None) if settings.language else None,
            note=NoteFrontMatter(
                published=published,
                published_text=day_text(published),
                modified=joined.last_change_day,
                authors=authors,
                references=tuple(entry.citation_metadata for entry in self._body.entries.values()),
                card=self._body.caption_or_alt(first, "alt", self._record.figures[first].alt) if first and self._record.card else "",
                picture=f"figures/{first}.{self._record.pictures[first].suffix}" if first else "",
                picture_width=self._body.shown[first].width if first else 0,
                picture_height=self._body.shown[first].height if first else 0,
                widget=_script_digest(self._note.folder / "widget.js"),
                linked=linked_article(joined, self._context.site, self._body.entries, self._version_text()),
                doi=settings.doi,
                licences=tuple(self._licences().values()),
                tags=tuple(PageTag(tag, f"tag:{tag_slug(tag)}" if self._context.site.tagged else "") for tag in settings.tags),
                state=joined.check_state,
                tone=joined.state_tone.value,
                word=joined.state_text,
                run=joined.last_execution_day,
                run_text=day_text(joined.last_execution_day),
                counts=tuple(joined.count_texts),
                claims=len(self._record.claims),
                ticks=tick_marks([row.verdict_class for row in quantity_rows.claim_rows(joined)]),
                ticks_text=", ".join(joined.count_texts),
            ),
        )

    def _shown_findings(self) -> Iterator[_ShownFinding]:
        rows = {row.name: row for row in quantity_rows.claim_rows(self._joined)}
        for text in self._note.settings.findings:
            claims = [rows[name] for name in bindings.bound_claims(text) if name in rows]
            yield _ShownFinding(self._body.caption_html(text), tuple(sorted(claims, key=lambda row: -_CONCERNS.index(row.tone))))

    def _talk_back(self) -> TalkBack:
        slug, commits = self._note.slug, self._joined.commits
        address = note_address(slug, self._context.site)
        place = ReportedPlace(note=slug, address=address, commit=commits.source[:12])
        return talk_back(self._context.site, place, self._body.outline, commits.path, commits.source)

    def _licences(self) -> dict[str, str]:
        """The address of each licence of the note, by its name."""
        return identifiers.licence_addresses(note_licence(self._note, self._context.site))

    def _licence_html(self) -> Markup:
        """What the note may be used under, with a link from each licence to its text."""
        text = Markup.escape(note_licence(self._note, self._context.site))
        for name, address in self._licences().items():
            link = Markup('<a href="{}" rel="license">{}</a>').format(address, name)
            text = Markup(re.sub(rf"(?<![\w.+-]){re.escape(name)}(?![\w.+-])", str(link), text))
        return text

    def _version_text(self) -> str:
        number = self._joined.versions.number_of(self._record.results_digest)
        return f"{number}, " * bool(number) + f"record {self._record.results_digest[:12]}"

    def _paper_lines(self) -> Iterator[str]:
        """What a printed page says of where it stands and which record its numbers are from."""
        if self._context.site.url:
            yield note_address(self._note.slug, self._context.site)
        if self._note.settings.doi:
            yield f"doi:{self._note.settings.doi}"
        if licence := note_licence(self._note, self._context.site):
            yield licence
        recorded = f"{day_text(self._record.provenance.started)}, record {self._record.results_digest[:12]}"
        yield f"{present_version_name(self._joined)} of {recorded}"

    def _download_links(self) -> Iterator[_DownloadLink]:
        slug, site = self._note.slug, self._context.site
        yield _DownloadLink("Executed notebook", f"../{slug}/{slug}.ipynb", download=f"{slug}.ipynb")
        yield _DownloadLink("Full notebook", f"../{slug}/notebook/")
        if site.colab:
            owner, repository, branch = site.colab.split("/", 2)
            path = f"{owner}/{repository}/blob/{branch}/notes/{slug}/colab.ipynb"
            yield _DownloadLink("Open in Colab", f"https://colab.research.google.com/github/{path}")
        yield _DownloadLink("Record", f"../{slug}/record.json", download=f"{slug}-record.json")

    def _misses_text(self) -> str:
        latest = self._joined.latest_check
        return latest.misses.misses_text if latest and latest.misses and latest.misses.judged else ""

    def _cost_sentence(self) -> str:
        """How long a run takes: from nothing, as in a clean checkout, or with the weights that an earlier run kept. Only as measured."""
        record, log = self._record.provenance, self._joined.log
        cores = f"on {record.cores} core{'s' if record.cores > 1 else ''}"
        first = log.seconds_from_nothing or (record.seconds if record.from_nothing else record.seconds_from_nothing)
        kept = next((check.seconds for check in reversed(log.checks) if check.how == FRESH and not check.failed), None)
        kept = kept if kept is not None else (None if record.from_nothing else record.seconds)
        if first is None:
            assert kept is not None
            return (
                f"Its last run took {_duration_text(kept)} {cores}; how long one from nothing takes was not measured: it may be much longer"
            )
        if kept is None or kept > 0.7 * first:
            return f"Expect {_duration_text(first)} {cores}"
        return f"Expect {_duration_text(first)} {cores} from nothing, {_duration_text(kept)} once the trained weights are kept"

    # -- the badge -------------------------------------------------------------------------------------------------------------------

    def _display_name(self, row: QuantityRow) -> str:
        numbers, word = (self._body.figures, "Figure") if row.kind is QuantityKind.FIGURE else (self._body.tables, "Table")
        return f"{word} {numbers[row.name]}" if row.name in numbers else row.name

    def _environment_rows(self) -> Iterator[tuple[str, str]]:
        run, latest = self._record.provenance, self._joined.latest_check
        environment = run.environment
        yield "Recorded", f"{day_text(run.started)}, in {_duration_text(run.seconds)}, {self._machine_text(environment)}"
        if latest:
            check_environment = latest.environment
            yield "Latest check", f"{day_text(latest.started)}, {check_history.how_words(latest)}, in {_duration_text(latest.seconds)}"
            yield (
                "Where",
                f"{check_environment.system} {check_environment.machine}, {check_history.place_words(latest)}"
                + (f"; by {latest.by}" if latest.by else ""),
            )
            if check_environment.differing:
                pairs = (
                    f"{name} {now or 'not installed'} (record: {then or 'none'})"
                    for name, (then, now) in check_environment.differing.items()
                )
                yield "Other versions", ", ".join(pairs)
        yield "Seed", str(run.seed)
        isolation, files = (
            (latest.environment.isolation, latest.environment.files) if latest else (environment.isolation, environment.files)
        )
        yield "Network", isolation if "only" in isolation else f"cut by {isolation}"
        if files:
            yield "Other files", f"held back by {files}"
        if self._joined.audit:
            audit = self._joined.audit
            yield "Audit", f"{day_text(audit.date)}: {', '.join(trial.condition for trial in audit.trials)}"
        if self._joined.score:
            yield "Trial changes", f"of {self._joined.score.total} changes to this record a check notices {self._joined.score.noticed}"
        yield "Packages", ", ".join(f"{name} {version}" for name, version in sorted(run.dependencies.distributions.items())) or "none"
        if run.dependencies.fetched:
            fetched = sorted(run.dependencies.fetched.items())
            yield "Fetched inputs", ", ".join(f"{address} (sha256 {digest[:12]}…)" for address, digest in fetched)

    @staticmethod
    def _machine_text(environment: RunEnvironment) -> str:
        return f"{environment.system} {environment.machine}, {environment.value_for_tie('kernels')}, Python {environment.python}"


def _where_text(started: str, cpu: str) -> str:
    """When and where something was computed: "28 Nov 2026, AMD EPYC"."""
    return ", ".join(filter(None, (day_text(started), cpu)))


_CONCERNS = (ResultTone.GREEN, ResultTone.BLUE, ResultTone.GREY, ResultTone.AMBER, ResultTone.RED)
"""The tones of verdicts, from what need not concern a reader to what should."""


def _duration_text(seconds: float) -> str:
    """A duration as readers see it: "under a second", "45 s", "25 min"."""
    if seconds < 1:
        return "under a second"
    return f"{seconds:.0f} s" if seconds < 300 else f"{seconds / 60:.0f} min"


def tag_slug(tag: str) -> str:
    """The anchor of a tag, as Material's page of tags names it."""
    return str(slugify(case="lower")(tag, "-"))


def _script_digest(path: Path) -> str:
    """The digest of a script, as the attribute `integrity` has it; "" if there is none."""
    if not path.is_file():
        return ""
    return f"sha384-{base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()}"
