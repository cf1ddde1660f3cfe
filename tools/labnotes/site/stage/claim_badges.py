"""A drawing of one claim for pages elsewhere: what people call it, its recorded value, and what the last check says of it."""

from __future__ import annotations

import html

from labnotes.model.verdicts import ResultTone
from labnotes.site.stage.quantity_rows import QuantityRow

HEIGHT, EDGE, LETTER = 20, 6, 6.6
"""Pixels: of the badge, beside its texts, and of a letter at 11 px, on average."""

GROUNDS = {
    ResultTone.GREEN: "#1b6e4b",
    ResultTone.AMBER: "#8a5300",
    ResultTone.RED: "#a92d23",
    ResultTone.BLUE: "#466484",
    ResultTone.GREY: "#555a61",
}
"""Grounds for white words, by the tone of the verdict: the colours of the style sheets on a light page."""


def badge_svg(row: QuantityRow, day: str) -> str:
    """The SVG of a claim; `day` is that of the last execution, as readers see it."""
    left, right = f"{row.title}: {row.recorded}", f"{row.verdict}, {day}"
    first, second = (round(len(text) * LETTER + 2 * EDGE) for text in (left, right))
    words = html.escape(f"{left}; {right}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="{HEIGHT}" role="img" aria-label="{words}">'
        f"<title>{words}</title>"
        f'<rect width="{first}" height="{HEIGHT}" fill="#1d1f22"/><rect x="{first}" width="{second}" height="{HEIGHT}" fill="{GROUNDS[row.tone]}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{first / 2:g}" y="14" textLength="{first - 2 * EDGE}">{html.escape(left)}</text>'
        f'<text x="{first + second / 2:g}" y="14" textLength="{second - 2 * EDGE}">{html.escape(right)}</text></g></svg>\n'
    )
