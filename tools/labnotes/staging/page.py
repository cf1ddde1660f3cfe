"""The Markdown page of one note: front matter for lists and for machines, then everything a reader sees."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup
from pymdownx.slugs import slugify

from labnotes import fingerprints, markup, prose
from labnotes.errors import Problem
from labnotes.notebooks import Cell
from labnotes.quantities import DEFAULT_SHARE, Claim
from labnotes.staging import pictures
from labnotes.staging.body import TEMPLATES, Body, Context
from labnotes.staging.citing import bibtex, citation
from labnotes.staging.data import day
from labnotes.staging.join import Joined

__all__ = ["Context", "Page", "note_page", "page_with_problems"]

WORDS_A_MINUTE = 220

_TAG_SLUG = slugify(case="lower")  # as Material names the anchors of its page of tags

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
        self._cells = {cell.number for cell in joined.note.source.code}

    def text(self) -> str:
        settings, record = self._note.settings, self._record
        front = self._front()
        updates = [
            {"date": each.date.isoformat(), "day": day(each.date.isoformat()), "kind": each.kind, "text": self._body.caption(each.text)}
            for each in sorted(settings.updates, key=lambda each: each.date, reverse=True)
        ]
        seconds, cores = record.provenance.seconds, record.provenance.cores
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
            cost=f"{seconds:.0f} s on {cores} core{'s' if cores > 1 else ''}" if seconds >= 1 else "under a second",
            expected=" and " * any(counts)
            + ", ".join(text.removesuffix("s") if text.startswith("1 ") else text for text in expected if not text.startswith("0")),
            claims=[self._claim(name, claim) for name, claim in sorted(record.claims.items(), key=lambda item: item[1].cell)],
            drawn=list(self._drawn()),
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
        ticks = [
            joined.verdict("claim", name).replace(" ", "-") for name, _ in sorted(self._record.claims.items(), key=lambda i: i[1].cell)
        ]
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
                "modified": max([published, self._record.provenance.started[:10], *(each.date.isoformat() for each in settings.updates)]),
                "authors": [author.model_dump() for author in settings.authors],
                "people": [{"@type": "Person", "name": author.name} for author in settings.authors],
                "references": [entry.machine for entry in self._body.entries.values()],
                "card": self._body.words(first, "alt", self._record.figures[first].alt) if first and self._record.card else "",
                "picture": f"figures/{first}.{self._record.pictures[first].suffix}" if first else "",
                "widget": (self._note.folder / "widget.js").is_file(),
                "tags": [
                    {"name": tag, "anchor": f"tag:{_TAG_SLUG(tag, '-')}" if self._context.site.tagged else ""} for tag in settings.tags
                ],
                "state": joined.state,
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

    # -- the badge -------------------------------------------------------------------------------------------------------------------

    def _claim(self, name: str, claim: Claim) -> dict[str, Any]:
        latest = next((c for c in self._comparisons if c.kind == "claim" and c.name == name), None)
        return {
            "name": name,
            "recorded": claim.printed,
            "interval": interval(claim),
            "latest": latest.observed if latest else "\N{EM DASH}",
            "tolerance": tolerance(claim),
            "because": claim.tolerance.because if claim.tolerance else "",
            "verdict": self._joined.verdict("claim", name),
            "cell": claim.cell,
            "linked": claim.cell in self._cells,
        }

    @cached_property
    def _comparisons(self) -> Sequence[Any]:
        return self._joined.result.comparisons if self._joined.result else ()

    def _drawn(self) -> Iterator[dict[str, Any]]:
        for kind, word, numbers in (("figure", "Figure", self._body.figures), ("table", "Table", self._body.tables)):
            for label, number in numbers.items():
                made: Any = (self._record.figures if kind == "figure" else self._record.tables)[label]
                latest = next((c for c in self._comparisons if c.kind == kind and c.name == label), None)
                marks = sum(len(axes.marks) for axes in made.data.axes) if kind == "figure" else len(made.data.columns)
                share = made.tolerance.value if made.tolerance else None
                yield {
                    "anchor": f"{kind[:3]}-{label}",
                    "name": f"{word} {number}",
                    "compared": f"{marks} {'marks' if kind == 'figure' else 'columns'}",
                    "details": latest.details[:3] if latest else (),
                    "tolerance": f"{(DEFAULT_SHARE if share is None else share) * 100:g} % of the {'range' if kind == 'figure' else 'scale'}",
                    "because": made.tolerance.because if made.tolerance else "",
                    "verdict": self._joined.verdict(kind, label),
                    "cell": made.cell,
                    "linked": made.cell in self._cells,
                }

    def _environment(self) -> Iterator[tuple[str, str]]:
        run = self._record.provenance
        environment = run.environment
        yield "Recorded", day(run.started)
        if self._joined.result:
            yield "Latest run", f"{day(self._joined.result.started)}, {self._joined.result.seconds:.1f} s"
        yield "Python", environment.python
        yield "Machine", f"{environment.system} {environment.machine}, {environment.cpu}"
        yield "Seed", str(run.seed)
        yield "Network", environment.isolation if "only" in environment.isolation else f"cut by {environment.isolation}"
        yield "Packages", ", ".join(f"{name} {version}" for name, version in sorted(run.dependencies.distributions.items())) or "none"

    def _not_verified(self) -> Iterator[str]:
        for label, number in self._body.figures.items():
            unread = self._record.figures[label].data.unverified
            if unread:
                yield f"Figure {number}: {'; '.join(unread)}."
        loose = sum(len(prose.loose_numbers(cell.source)) for cell in self._note.source.text)
        if loose:
            yield f"{loose} number{'s' if loose > 1 else ''} in the text that {'are' if loose > 1 else 'is'} bound to no claim."
        if self._record.provenance.dependencies.outside:
            yield f"Files read outside the lab: {', '.join(self._record.provenance.dependencies.outside)}."
        yield "The reasoning, the references, and whether another method would agree."


class _Dumper(yaml.SafeDumper):
    """Front matter without references from one value to another, which not every site builder reads."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def author_id(name: str) -> str:
    """The name of an author's page. Names that differ only in accents or script stay apart."""
    plain = markup.slug(name)
    return plain if plain and name.isascii() else f"{plain or 'author'}-{fingerprints.of_text(name)[:6]}"


def interval(claim: Claim) -> str:
    if claim.low is None or claim.high is None:
        return ""
    low, high = (prose.value_of(prose.Binding("claim", claim.name, side), claim) for side in ("low", "high"))
    return f"{low} to {high}" + (f", n = {claim.n}" if claim.n else "")


def tolerance(claim: Claim) -> str:
    if isinstance(claim.value, bool):
        return claim.holds or "equal"
    parts = [claim.holds] if claim.holds else []
    if claim.tolerance or not claim.holds:
        same = isinstance(claim.value, int) and not claim.tolerance
        parts.append("equal" if same else f"± {claim.allowed:.3g}")
    return "; ".join(parts)
