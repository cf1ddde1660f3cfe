"""Each claim over the checks of its record: how often it agreed, and a small drawing of its values."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from labnotes.model.claims import Claim, format_value
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Verdict
from labnotes.site.stage.csv_files import day_text
from labnotes.site.stage.note_page import NotePage
from labnotes.store.check_log import LoggedCheck, LoggedQuantity

WIDTH, HEIGHT, EDGE = 160, 34, 6
"""Size of a claim's plot in CSS pixels, and the room around its points."""

NEWEST = 60
"""Checks that a plot shows; the log holds them all."""


@dataclass(frozen=True, kw_only=True)
class ClaimPoint:
    """A claim in one check: its value as a number (None for a yes or no) and as text, with the versions that were other than the record's."""

    check: LoggedCheck
    verdict: Verdict
    value: float | None
    text: str
    versions: tuple[str, ...]


def claim_points(joined: NotePage, claim: Claim) -> list[ClaimPoint]:
    """A claim in every check of this record that compared claims, oldest first. What the log does not name was exactly as recorded."""
    recorded = None if isinstance(claim.value, bool) else float(claim.value)
    points = []
    for check, unequal in joined.made_once(_compared_checks):
        kept = unequal.get(claim.name)
        versions = tuple(f"{name} {version}" for name, (_, version) in check.environment.differing.items())
        if kept is None:
            points.append(ClaimPoint(check=check, verdict=Verdict.EXACT, value=recorded, text=claim.printed_value, versions=versions))
        else:
            text = kept.observed or (_printed_number(claim, kept.now) if kept.now is not None else "")
            points.append(ClaimPoint(check=check, verdict=kept.verdict, value=kept.now, text=text, versions=versions))
    return points


def _printed_number(claim: Claim, value: float) -> str:
    """A number of a log as the claim prints its own: logs keep whole numbers as others."""
    whole = isinstance(claim.value, int) and value.is_integer()
    return (
        format_value(int(value), claim.format) if whole else format_value(value, claim.format if isinstance(claim.value, float) else ".6g")
    )


def agreement_text(joined: NotePage, name: str) -> str:
    """In how many of the note's checks a claim agreed: "in 3 of 4 checks"; "" where fewer than two judged it, since its verdict says the same."""
    own = [(check, unequal.get(name)) for check, unequal in joined.made_once(_compared_checks) if check.is_golden]
    judged = [(check.times, kept.verdict if kept else Verdict.EXACT) for check, kept in own]
    judged = [(times, verdict) for times, verdict in judged if verdict not in (Verdict.DRAWN_ANEW, Verdict.UNVERIFIED)]
    total = sum(times for times, _ in judged)
    agreed = sum(times for times, verdict in judged if verdict.is_agreement)
    return f"in {agreed} of {total} checks" if total > 1 else ""


ComparedChecks = Sequence[tuple[LoggedCheck, Mapping[str, LoggedQuantity]]]
"""Checks, each with the claims that are not exact in it, by name."""


def _compared_checks(joined: NotePage) -> ComparedChecks:
    """Every check of this record that compared claims, oldest first."""
    return [
        (row.check, {quantity.name: quantity for quantity in row.check.unequal if quantity.kind is QuantityKind.CLAIM})
        for row in joined.history
        if row.of_record and row.check.failed is None and row.check.counts.get(QuantityKind.CLAIM)
    ]


def claim_plot(joined: NotePage, claim: Claim) -> Markup:
    """The values of a claim over the checks as a small drawing; in words where there is one check, or nothing to draw."""
    points = claim_points(joined, claim)
    if not points:
        return Markup("")
    if all(point.verdict is Verdict.EXACT for point in points):
        return Markup("exact in {} of {}").format(len(points), len(points)) if len(points) > 1 else Markup("exact once")
    drawn = [point for point in points if point.value is not None][-NEWEST:]
    if len(drawn) < 2:
        return Markup(", ").join(Markup("{} ({})").format(point.text, point.verdict.value) for point in points[-3:])
    return Markup(_plot_svg(claim, drawn))


def _plot_svg(claim: Claim, points: Sequence[ClaimPoint]) -> str:
    """The SVG of a claim's values over the checks, with the band in which a check may find them. Points that agree are one path, so that a
    page of many claims stays small; each of the others is told by itself."""
    recorded = float(claim.value)
    fresh = claim.prediction and any(point.verdict in (Verdict.OUTSIDE, Verdict.MOVED, Verdict.WITHIN) for point in points)
    low, high = claim.prediction if claim.prediction and fresh else (recorded - claim.allowed_movement, recorded + claim.allowed_movement)
    values = [point.value for point in points if point.value is not None]
    least, most = min(low, *values), max(high, *values)
    span = (most - least) or 1.0

    def place_text(i: int, value: float) -> tuple[str, str]:
        x = EDGE + (WIDTH - 2 * EDGE) * i / (len(points) - 1)
        return f"{x:.0f}", f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - least) / span:.0f}"

    top, bottom, level = (place_text(0, value)[1] for value in (high, low, recorded))
    band = max(int(bottom) - int(top), 1)
    agreeing, others, lines = [], [], []
    before = points[0].versions
    for i, point in enumerate(points):
        assert point.value is not None
        x, y = place_text(i, point.value)
        if point.versions != before:
            lines.append(f"M{x} 0V{HEIGHT}")
        before = point.versions
        if point.verdict.is_agreement:
            agreeing.append(f"M{x} {y}h0")
        else:
            told = html.escape(f"{day_text(point.check.started)}: {point.text}, {point.verdict.value}")
            others.append(f'<circle class="ln-tone-{point.verdict.tone.value}" cx="{x}" cy="{y}" r="3.5"><title>{told}</title></circle>')
    parts = [
        f'<path class="ln-band" d="M0 {top}h{WIDTH}v{band}H0z"/><path class="ln-level" d="M0 {level}h{WIDTH}"/>',
        f'<path class="ln-versions" d="{"".join(lines)}"/>' if lines else "",
        f'<path class="ln-agreeing" d="{"".join(agreeing)}"/>' if agreeing else "",
        *others,
    ]
    ends = dict.fromkeys(_printed_number(claim, value) for value in (min(values), max(values)))
    label = html.escape(f"{len(points)} checks, {' to '.join(ends)}")
    return f'<svg class="ln-time" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
