"""The Markdown page of one note: front matter for lists and for machines, then everything a reader sees."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup
from pymdownx.slugs import slugify

from labnotes.model import digests
from labnotes.store import check_history
from labnotes.source import markdown_checks, bindings
from labnotes.store.check_log import FRESH
from labnotes.errors import Problem
from labnotes.source.notebooks import Cell
from labnotes.model.observation import Environment
from labnotes.site.stage import pictures, quantity_rows
from labnotes.site.stage.body import TEMPLATES, Body, Context
from labnotes.site.stage.citations import bibtex, citation
from labnotes.site.stage.csv_files import day
from labnotes.site.stage.note_page import Joined

__all__ = ["Context", "Page", "note_page", "page_with_problems"]

WORDS_A_MINUTE = 220

LONGEST_ID = 80
"""Characters of a name in the address of an author's page, which is a file."""

_BANNER = re.compile(r'\n?<div class="ln-problems".*?</div>\n', re.DOTALL)


@dataclass
class Page:
    """A page, the pictures it shows as they are published, and the files beside the note that it links to.

    `prose_of` gives a text cell and `picture_of` a figure as the notebook page shows them.
    """

    text: str
    prose_of: Callable[[Cell], str]
    picture_of: Callable[[str], str]
    shown: dict[str, pictures.Shown]
    files: dict[str, Path]
    problems: list[Problem] = field(default_factory=list)


def note_page(joined: Joined, context: Context) -> Page:
    """Everything that is wrong with math and links is in the page's `problems`; then its text is not fit to publish."""
    body = Body(joined, context)
    text = _Writer(joined, context, body).text()
    return Page(text, body.notebook_prose, body.notebook_picture, body.shown, body.files, list(dict.fromkeys(body.problems)))


def page_with_problems(slug: str, last: str, problems: Sequence[str]) -> str:
    """A page for someone who is writing: the last one, or an empty one, with everything that is wrong at its head."""
    banner = TEMPLATES.get_template("problems.html.j2").render(problems=problems, staged=bool(last))
    if not last:
        front = {"title": slug, "slug": slug, "template": "main.html", "date": datetime.date(1970, 1, 1), "draft": False}
        return f"---\n{yaml.safe_dump(front)}---\n\n<h1>{html.escape(slug)}</h1>\n\n{banner}"
    head, mark, rest = _BANNER.sub("", last).partition("</header>\n")
    return f"{head}{mark}\n{banner}{rest}" if mark else _BANNER.sub("", last).rstrip() + f"\n\n{banner}"


class _Writer:
    def __init__(self, joined: Joined, context: Context, body: Body) -> None:
        self._joined, self._context, self._body = joined, context, body
        self._note, self._record = joined.note, joined.recorded

    def text(self) -> str:
        settings, record = self._note.settings, self._record
        front = self._front()
        updates = [
            {"date": each.date.isoformat(), "day": day(each.date.isoformat()), "kind": each.kind, "text": self._body.caption(each.text)}
            for each in sorted(settings.updates, key=lambda each: each.date, reverse=True)
        ]
        body = Markup(self._body.text())  # which numbers footnotes and finds headings
        counts = [len(record.claims), len(record.figures), len(record.tables)]
        expected = [f"{count} {kind}" for count, kind in zip(counts, ("claims", "figures", "tables"), strict=True)]
        return TEMPLATES.get_template("note.md.j2").render(
            front=front,
            front_matter=Markup(yaml.dump(front, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)),
            title=settings.title,
            summary=settings.summary,
            authors=[{**author.model_dump(), "page": author_id(author.name)} for author in settings.authors],
            draft=settings.status == "draft",
            updates=updates,
            stale=self._joined.stale,
            took=_duration(self._joined.latest.seconds) if self._joined.latest else "",
            place=check_history.place_words(self._joined.latest) if self._joined.latest else "",
            since=self._joined.since,
            failed=self._joined.latest.failed if self._joined.latest else None,
            lost=[each for each in self._joined.latest.unequal if each.lost] if self._joined.latest else [],
            misses=self._misses(),
            unsettled=[(name, *self._joined.draws[name], self._joined.facts.get((name, "upheld"), "")) for name in self._joined.unsettled],
            remarks=self._joined.remarks,
            has_history=bool(self._joined.log.checks),
            cost=self._cost(),
            expected=" and " * any(counts)
            + ", ".join(text.removesuffix("s") if text.startswith("1 ") else text for text in expected if not text.startswith("0")),
            claims=quantity_rows.claims(self._joined),
            drawn=[{**row, "shown": self._named(row)} for row in quantity_rows.drawn(self._joined)],
            environment=list(self._environment()),
            not_verified=" ".join(self._not_verified()),
            outline=[*self._body.outline, ("reproduce", "Reproduce this note"), ("cite", "Cite this note")],
            body=body,
            command=self._context.site.reproduce.replace("{slug}", self._note.slug),
            downloads=list(self._downloads()),
            citation=citation(self._note, self._context.site),
            bibtex=bibtex(self._joined, self._context.site),
            references=[(key, Markup(entry.long)) for key, entry in self._body.entries.items()],
            related=self._context.related,
        )

    def _front(self) -> dict[str, Any]:
        """Front matter: what lists, feeds and the page's head say of the note."""
        settings, joined = self._note.settings, self._joined
        published = settings.date.isoformat()
        ticks = [row["verdict"].replace(" ", "-") for row in quantity_rows.claims(joined)]
        first = next((label for label in self._body.figures if label in self._body.shown), None)
        words = sum(len(cell.source.split()) for cell in self._note.source.text)
        return {
            "title": html.escape(settings.title),  # Material's page of tags and search print it as it is
            "headline": settings.title,
            "slug": self._note.slug,
            "template": "note.html",
            "date": settings.date,
            "description": settings.summary,
            "tags": settings.tags,
            "authors": [author_id(author.name) for author in settings.authors],
            "readtime": max(1, round(words / WORDS_A_MINUTE)),
            "note": {
                "published": published,
                "published_text": day(published),
                "modified": joined.modified,
                "authors": [author.model_dump() for author in settings.authors],
                "people": [{"@type": "Person", "name": author.name} for author in settings.authors],
                "references": [entry.machine for entry in self._body.entries.values()],
                "card": self._body.words(first, "alt", self._record.figures[first].alt) if first and self._record.card else "",
                "picture": f"figures/{first}.{self._record.pictures[first].suffix}" if first else "",
                "widget": (self._note.folder / "widget.js").is_file(),
                "tags": [{"name": tag, "anchor": f"tag:{tag_slug(tag)}" if self._context.site.tagged else ""} for tag in settings.tags],
                "state": joined.state,
                "tone": joined.tone.value,
                "word": joined.word,
                "run": joined.when,
                "run_text": day(joined.when),
                "counts": joined.counts,
                "ticks": ticks,
                "ticks_text": ", ".join(joined.counts),
            },
        }

    def _downloads(self) -> Iterator[dict[str, str]]:
        slug, site = self._note.slug, self._context.site
        yield {"name": "Executed notebook", "url": f"../{slug}/{slug}.ipynb", "download": f"{slug}.ipynb"}
        yield {"name": "Full notebook", "url": f"../{slug}/notebook/", "download": ""}
        if site.colab:
            owner, repository, branch = site.colab.split("/", 2)
            path = f"{owner}/{repository}/blob/{branch}/notes/{slug}/colab.ipynb"
            yield {"name": "Open in Colab", "url": f"https://colab.research.google.com/github/{path}", "download": ""}
        yield {"name": "Record", "url": f"../{slug}/record.json", "download": f"{slug}-record.json"}

    def _misses(self) -> str:
        latest = self._joined.latest
        return latest.misses.words if latest and latest.misses and latest.misses.judged else ""

    def _cost(self) -> str:
        """What a run takes: from nothing, as on a clean checkout, and with what an earlier run kept; only as far as either was seen."""
        record, log = self._record.provenance, self._joined.log
        cores = f"on {record.cores} core{'s' if record.cores > 1 else ''}"
        first = log.seconds_from_nothing or (record.seconds if record.from_nothing else record.seconds_from_nothing)
        kept = next((each.seconds for each in reversed(log.checks) if each.how == FRESH and not each.failed), None)
        kept = kept if kept is not None else (None if record.from_nothing else record.seconds)
        if first is None:
            assert kept is not None
            return f"Its last run took {_duration(kept)} {cores}; how long one from nothing takes was not measured: it may be much longer"
        if kept is None or kept > 0.7 * first:
            return f"Expect {_duration(first)} {cores}"
        return f"Expect {_duration(first)} {cores} from nothing, {_duration(kept)} once the trained weights are kept"

    # -- the badge -------------------------------------------------------------------------------------------------------------------

    def _named(self, row: dict[str, Any]) -> str:
        """ "Figure 2", or its label where the cell that showed it is gone."""
        numbers, word = (self._body.figures, "Figure") if row["kind"] == "figure" else (self._body.tables, "Table")
        return f"{word} {numbers[row['name']]}" if row["name"] in numbers else row["name"]

    def _environment(self) -> Iterator[tuple[str, str]]:
        run, latest = self._record.provenance, self._joined.latest
        environment = run.environment
        yield "Recorded", f"{day(run.started)}, in {_duration(run.seconds)}, {self._machine(environment)}"
        if latest:
            here = latest.environment
            yield "Latest check", f"{day(latest.started)}, {check_history.how_words(latest)}, in {_duration(latest.seconds)}"
            yield "Where", f"{here.system} {here.machine}, {check_history.place_words(latest)}" + (f"; by {latest.by}" if latest.by else "")
            if here.differing:
                pairs = (f"{name} {now or 'not installed'} (record: {then or 'none'})" for name, (then, now) in here.differing.items())
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
            yield "Audit", f"{day(audit.date)}: {', '.join(trial.condition for trial in audit.trials)}"
        if self._joined.score:
            yield "Trial changes", f"of {self._joined.score.total} changes to this record a check notices {self._joined.score.noticed}"
        yield "Packages", ", ".join(f"{name} {version}" for name, version in sorted(run.dependencies.distributions.items())) or "none"
        if run.dependencies.fetched:
            fetched = sorted(run.dependencies.fetched.items())
            yield "Fetched inputs", ", ".join(f"{address} (sha256 {digest[:12]}…)" for address, digest in fetched)

    @staticmethod
    def _machine(environment: Environment) -> str:
        return f"{environment.system} {environment.machine}, {environment.of('kernels')}, Python {environment.python}"

    def _not_verified(self) -> Iterator[str]:
        for label, number in self._body.figures.items():
            unread = self._record.figures[label].data.unverified
            if unread:
                yield f"Figure {number}: {'; '.join(unread)}."
        loose = sum(len(bindings.loose_numbers(cell.source)) for cell in self._note.source.text)
        if loose:
            yield f"{loose} number{'s' if loose > 1 else ''} in the text that {'are' if loose > 1 else 'is'} bound to no claim."
        if self._record.provenance.dependencies.outside:
            yield f"Files read outside the lab: {', '.join(self._record.provenance.dependencies.outside)}."
        if self._joined.audit is None:
            yield "How far other processors, threads and hash seeds move the numbers."
        for trial in self._joined.audit.trials if self._joined.audit else ():
            if trial.is_defect:
                yield f"Under the condition “{trial.condition}” the results were others."
        yield "The reasoning, the references, and whether another method would agree."


def _duration(seconds: float) -> str:
    """ "under a second", "45 s", "25 min"."""
    if seconds < 1:
        return "under a second"
    return f"{seconds:.0f} s" if seconds < 300 else f"{seconds / 60:.0f} min"


class _Dumper(yaml.SafeDumper):
    """Front matter without references from one value to another, which not every site builder reads."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def tag_slug(tag: str) -> str:
    """The anchor of a tag, as Material's page of tags names it."""
    return str(slugify(case="lower")(tag, "-"))


def author_id(name: str) -> str:
    """The name of an author's page. Names that differ only in accents or script stay apart."""
    plain = markdown_checks.slug(name)
    short = plain[:LONGEST_ID]
    return plain if plain and name.isascii() and plain == short else f"{short or 'author'}-{digests.of_text(name)[:6]}"
