"""One self-contained HTML file: what changed, figures before and after, what was not verified."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import jinja2

from labnotes.model.observation import Observation
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Outcome, ResultTone, Verdict
from labnotes.report.overlay.figure_overlay import draw_overlay
from labnotes.report.overlay.overlay_result import FigureOverlay
from labnotes.report.wording import NOT_OK, counts_text, draw_words, headline, isolation_text, not_verified, source_of

if TYPE_CHECKING:
    from labnotes.outcomes.checks import CheckResult, NoteCheck

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("labnotes.report", ""),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


_TONES = {ResultTone.GREEN: "ok", ResultTone.AMBER: "warn", ResultTone.RED: "bad", ResultTone.BLUE: "open", ResultTone.GREY: "open"}
"""The CSS class of each tone of a verdict."""


def to_html(check: CheckResult, title: str = "labnotes check", lead: str = "") -> str:
    """The report as one HTML page. `lead` is its first sentence, by default the check's headline.

    Pictures are images with their own data, so that nothing in them can run.
    """
    return _ENVIRONMENT.get_template("report.html.j2").render(
        check=check,
        title=title,
        lead=lead or headline(check),
        not_verified=not_verified(check),
        isolation=isolation_text(check),
        counts_text=counts_text,
        source_of=source_of,
        draw_words=draw_words,
        tones=_TONES,
        not_ok=NOT_OK,
        Outcome=Outcome,
        Verdict=Verdict,
        before=lambda note, label: _picture_address(note.recorded, label),
        after=lambda note, label: _picture_address(note.observed, label),
        shown_figures=_shown_figures,
        overlay=_figure_overlay,
    )


def _shown_figures(note: NoteCheck) -> list[str]:
    """Labels of figures worth looking at: those that differ or are not verified."""
    return [
        comparison.name for comparison in note.comparisons if comparison.kind is QuantityKind.FIGURE and not comparison.verdict.is_agreement
    ]


def _figure_overlay(note: NoteCheck, label: str) -> FigureOverlay | None:
    """Recorded and observed marks over each other, for a figure whose data differ."""
    (verdict,) = (
        comparison.verdict for comparison in note.comparisons if comparison.kind is QuantityKind.FIGURE and comparison.name == label
    )
    if verdict not in (Verdict.CHANGED, Verdict.DRAWN_ANEW) or note.recorded is None or note.observed is None:
        return None
    return draw_overlay(note.recorded.figures[label], note.observed.figures[label])


def _picture_address(observation: Observation | None, label: str) -> str:
    """A data address for a figure's picture; "" if there is none, or it is a film."""
    picture = observation.pictures.get(label) if observation else None
    if picture is None or picture.is_film:
        return ""
    return f"data:{picture.mime_type};base64,{base64.b64encode(picture.content).decode()}"
