"""The page of a note's history: every check in its log, and each claim over the checks of the record."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from labnotes.model.claims import Claim
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import ResultTone, Verdict
from labnotes.site.stage.body import TEMPLATES
from labnotes.site.stage.csv_files import day_text
from labnotes.site.stage.front_matter import PageFrontMatter, front_matter_yaml
from labnotes.site.stage.note_page import NotePage
from labnotes.source.labs import Lab
from labnotes.store import check_history
from labnotes.store.check_history import ClaimHistory, ClaimPoint

WIDTH, HEIGHT, EDGE = 220, 34, 6
"""Size of a claim's plot in CSS pixels, and the room around its points."""

NEWEST = 200
"""Checks that the page lists; the log holds them all."""


@dataclass(frozen=True, kw_only=True)
class ClaimRow:
    """A claim's line on the page."""

    name: str
    recorded: str
    plot: Markup
    latest: str
    statement: str


def history_page(joined: NotePage, lab: Lab) -> str:
    """The Markdown of the page."""
    slug = joined.note.slug
    title = joined.note.settings.title
    rows = list(reversed(joined.history))[:NEWEST]
    front = PageFrontMatter(
        title=html.escape(f"Checks of “{title}”"),
        description=f"Every check of “{title}”: when, where, with what outcome, and each claim over time.",
        template="main.html",
        searched=False,
    )
    return TEMPLATES.get_template("history.md.j2").render(
        front_matter=Markup(front_matter_yaml(front)),
        title=title,
        slug=slug,
        since=joined.since,
        recorded=day_text(joined.recorded.provenance.started),
        digest=joined.recorded.results_digest[:12],
        problems=[str(problem) for problem in joined.log.problems],
        rows=rows,
        more=len(joined.history) - len(rows),
        claims=list(_claim_history_rows(joined, lab)),
    )


def _claim_history_rows(joined: NotePage, lab: Lab) -> Iterator[ClaimRow]:
    """A row for each claim, if any check of this record compared claims."""
    if not any(row.of_record and row.check.counts.get(QuantityKind.CLAIM) for row in joined.history):
        return
    for claim in sorted(joined.recorded.claims.values(), key=lambda recorded_claim: recorded_claim.cell):
        told = check_history.claim_history(claim.name, joined.log, joined.recorded, joined.note, lab)
        latest = told.points[-1] if told.points else None
        words = [joined.facts.get((claim.name, "upheld"), ""), check_history.draws_text(claim, joined.log, joined.recorded)]
        statement = f"{claim.holds}: {', '.join(word for word in words if word)}" if claim.holds else ""
        yield ClaimRow(
            name=claim.name,
            recorded=claim.printed_value,
            plot=_claim_plot(claim, told),
            latest=latest.value if latest else "",
            statement=statement,
        )


def _claim_plot(claim: Claim, told: ClaimHistory) -> Markup:
    """The values of a claim over the checks as a small drawing; in words where they are no numbers or were always the same."""
    points = [point for point in told.points if point.now is not None]
    if not told.points:
        return Markup("not compared yet")
    if all(point.verdict is Verdict.EXACT for point in told.points):
        count = len(told.points)
        return Markup("exact in {} of {} checks").format(count, count) if count > 1 else Markup("exact")
    if not points or isinstance(claim.value, bool):
        return Markup(", ").join(Markup("{} ({})").format(point.value, point.verdict.value) for point in told.points)
    return Markup(_plot_svg(claim, points))


def _plot_svg(claim: Claim, points: Sequence[ClaimPoint]) -> str:
    """The SVG of a claim's values over the checks, with the band in which a check may find them."""
    recorded = float(claim.value)
    drawn = any(point.verdict in (Verdict.OUTSIDE, Verdict.MOVED, Verdict.WITHIN) for point in points)
    low, high = claim.prediction if claim.prediction and drawn else (recorded - claim.allowed_movement, recorded + claim.allowed_movement)
    values = [point.now for point in points if point.now is not None]
    least, most = min(low, *values), max(high, *values)
    span = (most - least) or 1.0

    def x_position(i: int) -> float:
        return EDGE + (WIDTH - 2 * EDGE) * (i / (len(points) - 1) if len(points) > 1 else 0.5)

    def y_position(value: float) -> float:
        return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - least) / span

    parts = [
        f'<rect class="ln-band" x="0" y="{y_position(high):.1f}" width="{WIDTH}" height="{max(y_position(low) - y_position(high), 1):.1f}"/>',
        f'<line class="ln-level" x1="0" x2="{WIDTH}" y1="{y_position(recorded):.1f}" y2="{y_position(recorded):.1f}"/>',
    ]
    before: tuple[str, ...] | None = None
    for i, point in enumerate(points):
        assert point.now is not None
        if before is not None and point.changed != before:
            parts.append(f'<line class="ln-versions" x1="{x_position(i):.1f}" x2="{x_position(i):.1f}" y1="0" y2="{HEIGHT}"/>')
        before = point.changed
        label = html.escape(f"{point.when}: {point.value}, {point.verdict.value}, {point.place}")
        kind = "ln-filled" if point.verdict.is_agreement else "ln-open"
        tone = ResultTone.GREEN if point.verdict.is_agreement else point.verdict.tone
        parts.append(
            f'<circle class="{kind} ln-tone-{tone.value}" cx="{x_position(i):.1f}" cy="{y_position(point.now):.1f}" r="3.5"><title>{label}</title></circle>'
        )
    text = html.escape("; ".join(f"{point.when}: {point.value}, {point.verdict.value}" for point in points))
    return f'<svg class="ln-time" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{text}">{"".join(parts)}</svg>'
