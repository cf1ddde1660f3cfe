"""The pages of a note's claims: a row for each claim, figure and table, with its sentence, its two values and its history."""

from __future__ import annotations

import html
from collections.abc import Sequence

from markupsafe import Markup

from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import VERDICTS, Verdict
from labnotes.site.stage import claim_checks, quantity_rows
from labnotes.site.stage.body import TEMPLATES
from labnotes.site.stage.csv_files import day_text
from labnotes.site.stage.front_matter import PageFrontMatter, front_matter_yaml
from labnotes.site.stage.note_page import NotePage
from labnotes.site.stage.quantity_rows import QuantityRow

PAGE_BYTES = 42_000
"""Bytes of rows that one page holds: with its head and foot it stays below 60 KB."""

ROW_BYTES = 40
"""Bytes that the site builder adds to a row."""


RowPage = list[tuple[QuantityRow, Markup]]
"""The rows of one page, each as HTML."""


def claims_files(joined: NotePage) -> dict[str, bytes]:
    """The pages of the note's claims, by their path in docs/notes/."""
    pages, slug = row_pages(joined), joined.note.slug
    return {f"{slug}/{page_name(number)}/index.md": _page_text(joined, number, pages).encode() for number in range(1, len(pages) + 1)}


def page_name(number: int) -> str:
    """The folder of a page of claims, counted from 1: "claims", "claims-2"."""
    return "claims" if number == 1 else f"claims-{number}"


def row_pages(joined: NotePage) -> list[RowPage]:
    """The rows of each page: what does not agree first, else in the order of the notebook. A note without any has no page."""
    return joined.made_once(_made_pages)


def _made_pages(joined: NotePage) -> list[RowPage]:
    rows = [*quantity_rows.claim_rows(joined), *quantity_rows.figure_and_table_rows(joined)]
    macros = TEMPLATES.get_template("claim_rows.html.j2").module
    made = [(row, Markup(macros.page_row(row, _plot_of(joined, row)))) for row in sorted(rows, key=_urgency)]  # type: ignore[attr-defined]
    return _filled_pages(made)


def claim_page_names(joined: NotePage) -> dict[str, str]:
    """The folder of the page on which each claim stands, by the claim's name."""
    numbered = enumerate(row_pages(joined), 1)
    return {row.name: page_name(number) for number, page in numbered for row, _ in page if row.kind is QuantityKind.CLAIM}


def find_form(claims: str, verdicts: Sequence[str], slug: str = "") -> Markup:
    """The form that finds claims: in the file `claims`, of one note if `slug` names it."""
    return Markup(TEMPLATES.get_template("find.html.j2").render(claims=claims, verdicts=verdicts, slug=slug))


def _urgency(row: QuantityRow) -> int:
    verdict = VERDICTS.get(row.verdict)
    if verdict and verdict.is_failure:
        return 0
    return 1 if verdict in (Verdict.OUTSIDE, Verdict.UNVERIFIED, Verdict.MOVED) else 2


def _plot_of(joined: NotePage, row: QuantityRow) -> Markup:
    return claim_checks.claim_plot(joined, joined.recorded.claims[row.name]) if row.kind is QuantityKind.CLAIM else Markup("")


def _filled_pages(made: Sequence[tuple[QuantityRow, Markup]]) -> list[RowPage]:
    pages: list[RowPage] = []
    size = PAGE_BYTES
    for row, text in made:
        length = len(text.encode()) + ROW_BYTES
        if size + length > PAGE_BYTES:
            pages.append([])
            size = 0
        pages[-1].append((row, text))
        size += length
    return pages


def _page_text(joined: NotePage, number: int, pages: Sequence[RowPage]) -> str:
    note, latest, recorded = joined.note, joined.latest_check, joined.recorded.provenance
    words = dict.fromkeys(row.verdict for page in pages for row, _ in page)
    score = joined.score if number == len(pages) else None
    shown = pages[number - 1]
    room = PAGE_BYTES - sum(len(text.encode()) + ROW_BYTES for _, text in shown)
    survivors = _fitting_lines(score.survivors, room) if score else []
    front = PageFrontMatter(
        title=html.escape(f"Claims of “{note.settings.title}”" + (f", page {number}" if number > 1 else "")),
        description=f"Every claim of “{note.settings.title}” with the sentence in which it stands, as recorded and as checked.",
        template="main.html",
    )
    return TEMPLATES.get_template("claims_page.md.j2").render(
        front_matter=Markup(front_matter_yaml(front)),
        title=note.settings.title,
        recorded=day_text(recorded.started),
        recorded_on=recorded.environment.cpu,
        latest=day_text(latest.started) if latest else "",
        latest_on=latest.environment.cpu if latest else "",
        since=joined.since,
        has_history=bool(joined.log.checks or joined.log.problems),
        find=find_form("../../claims.json", list(words), note.slug),
        rows=[text for _, text in shown],
        number=number,
        pages=len(pages),
        trials=score,
        survivors=survivors,
        unshown=len(score.survivors) - len(survivors) if score else 0,
    )


def _fitting_lines(lines: Sequence[str], room: int) -> list[str]:
    """The first lines that fit into so many bytes, at least twenty of them."""
    size, fitting = 0, []
    for i, line in enumerate(lines):
        size += len(line.encode()) + ROW_BYTES
        if size > room and i >= 20:
            break
        fitting.append(line)
    return fitting
