"""The function that sketches each kind of mark that an overlay shows.

tests/publishing/report/test_overlay.py makes sure that every kind that is read is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from labnotes.compare.distances import Array, float_array
from labnotes.model.mark_kinds import IN_PICTURES, mark_kind
from labnotes.model.plots import AxesData, Mark
from labnotes.report.overlay import field_outlines, outlines, series_outlines, shape_outlines
from labnotes.report.overlay.outlines import LARGEST, Arrays, Sketch, View, Words

KINDS: dict[str, Callable[[Arrays, Words, View | None], Sketch | None]] = {
    "line": outlines.line_sketch,
    "horizontal line": outlines.line_sketch,
    "vertical line": outlines.line_sketch,
    "endless line": series_outlines.endless_line_sketch,
    "scatter": outlines.scatter_sketch,
    "error bars": series_outlines.error_bars_sketch,
    "stems": series_outlines.stems_sketch,
    "stairs": series_outlines.stairs_sketch,
    "events": series_outlines.events_sketch,
    "band": outlines.path_sketch,
    "segments": outlines.path_sketch,
    "polygon": outlines.path_sketch,
    "shape": outlines.path_sketch,
    "text": series_outlines.text_sketch,
    "annotation": series_outlines.text_sketch,
    "bars": shape_outlines.boxes_sketch,
    "rectangle": shape_outlines.boxes_sketch,
    "vertical span": shape_outlines.span_sketch,
    "horizontal span": shape_outlines.span_sketch,
    "ellipse": shape_outlines.ellipse_sketch,
    "arc": shape_outlines.ellipse_sketch,
    "circle": shape_outlines.ellipse_sketch,
    "wedge": shape_outlines.wedge_sketch,
    "arrow": shape_outlines.arrow_sketch,
    "connection": shape_outlines.arrow_sketch,
    **{kind: partial(field_outlines.field_sketch, kind) for kind in field_outlines.KINDS},
}

OUTSIDE = " on the figure"
"""The end of each kind that is placed in shares of the figure. Where axes stand in a figure is layout, which is not recorded."""

SPACE = "z axis"
"""The kind of the mark that every pair of axes in three dimensions has."""

POLAR = "polar axes"
"""The kind of the mark that all polar axes have."""


def drawn_arrays(mark: Mark) -> dict[str, Array]:
    """The arrays of a mark; what is not finite, or too large to compute with, as NaN."""
    arrays = {name: float_array(values) for name, values in mark.arrays.items()}
    return {name: np.where(np.abs(values) < LARGEST, values, np.nan) for name, values in arrays.items()}


def sketch_mark(mark: Mark, view: View | None) -> Sketch | None:
    """The sketch of a mark; None for a kind that is not drawn, and where its arrays do not fit the kind."""
    arrays, kind = drawn_arrays(mark), plain_kind(mark)
    if kind not in KINDS or (view is not None and view.curved and "x" not in arrays and "y" not in arrays):
        return None
    if view is not None and view.curved and ("x" in arrays) != ("y" in arrays):
        return None
    return KINDS[kind](arrays, mark.exact, view)


def plain_kind(mark: Mark) -> str:
    """The kind of a mark, without the words that say that it is placed in shares of the axes."""
    return mark.kind.removesuffix(" on the axes")


def reason_not_drawn(mark: Mark) -> str:
    """Why a mark has no sketch."""
    if mark.kind.endswith(OUTSIDE):
        return "it stands on the figure, not on the axes"
    if mark_kind(mark.kind).undrawn:
        return mark_kind(mark.kind).undrawn
    if mark.kind == "connection":
        return "it leads from one pair of axes to another"
    if mark.kind in ("text", "annotation"):
        return "it has no place in the data"
    return f"there is no overlay for a mark of this kind ({mark.kind}) with these data"


def kinds_in_pictures(marks: Iterable[Mark]) -> list[str]:
    """The kinds among marks that only the pictures show."""
    return sorted({mark.kind for mark in marks if mark_kind(mark.kind).undrawn == IN_PICTURES})


def is_in_space(axes: AxesData) -> bool:
    return any(mark.kind == SPACE for mark in axes.marks)


def is_polar(axes: AxesData) -> bool:
    return any(mark.kind == POLAR for mark in axes.marks)


def shows_values(mark: Mark) -> bool:
    """Whether values of a mark are told by a map rather than by places."""
    return mark.kind in field_outlines.KINDS and "value" in mark.arrays
