"""One self-contained HTML file: what changed, figures before and after, what was not verified."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import jinja2

from labnotes.model.observation import Observation
from labnotes.model.verdicts import Outcome, ResultTone, Verdict
from labnotes.report.overlay.figure_overlay import overlay
from labnotes.report.overlay.overlay_result import Overlay
from labnotes.report.wording import NOT_OK, counted, draw_words, isolation, not_verified, source_of, summary

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
"""The class of a verdict's colour in the report."""


def to_html(check: CheckResult, title: str = "labnotes check", lead: str = "") -> str:
    """The report; `lead` is its first sentence, by default the check's summary. Pictures are images with their own data, so that nothing in them can run."""
    return _ENVIRONMENT.get_template("report.html.j2").render(
        check=check,
        title=title,
        lead=lead or summary(check),
        not_verified=not_verified(check),
        isolation=isolation(check),
        counted=counted,
        source_of=source_of,
        draw_words=draw_words,
        tones=_TONES,
        not_ok=NOT_OK,
        Outcome=Outcome,
        Verdict=Verdict,
        before=lambda note, label: _picture(note.recorded, label),
        after=lambda note, label: _picture(note.observed, label),
        shown_figures=_shown_figures,
        overlay=_overlay,
    )


def _shown_figures(note: NoteCheck) -> list[str]:
    """Labels of figures worth looking at: those that differ or are not verified."""
    return [each.name for each in note.comparisons if each.kind == "figure" and not each.verdict.is_agreement]


def _overlay(note: NoteCheck, label: str) -> Overlay | None:
    """Recorded and observed marks over each other, for a figure whose data differ."""
    (verdict,) = (each.verdict for each in note.comparisons if each.kind == "figure" and each.name == label)
    if verdict not in (Verdict.CHANGED, Verdict.DRAWN_ANEW) or note.recorded is None or note.observed is None:
        return None
    return overlay(note.recorded.figures[label], note.observed.figures[label])


def _picture(observation: Observation | None, label: str) -> str:
    """A data address for a figure's picture; "" if there is none."""
    picture = observation.pictures.get(label) if observation else None
    if picture is None:
        return ""
    kind = "svg+xml" if picture.suffix == "svg" else picture.suffix
    return f"data:image/{kind};base64,{base64.b64encode(picture.content).decode()}"
