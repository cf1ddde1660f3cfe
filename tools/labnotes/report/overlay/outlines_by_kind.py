"""Which kind of mark is sketched how, and which is not, with the reason. tests/publishing/test_overlay.py holds it to the kinds that are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from labnotes.compare.distances import Array, array
from labnotes.model.plots import AxesData, Mark
from labnotes.report.overlay import field_outlines, outlines, series_outlines, shape_outlines, three_d
from labnotes.report.overlay.outlines import LARGEST, Arrays, Sketch, View, Words

KINDS: dict[str, Callable[[Arrays, Words, View | None], Sketch | None]] = {
    "line": outlines.line,
    "horizontal line": outlines.line,
    "vertical line": outlines.line,
    "endless line": series_outlines.endless,
    "lines of contours": series_outlines.levels,
    "scatter": outlines.scatter,
    "error bars": series_outlines.errorbars,
    "stems": series_outlines.stems,
    "stairs": series_outlines.stairs,
    "events": series_outlines.events,
    "band": outlines.path,
    "segments": outlines.path,
    "polygon": outlines.path,
    "shape": outlines.path,
    "contours": series_outlines.contours,
    "filled contours": series_outlines.contours,
    "vectors": series_outlines.vectors,
    "barbs": series_outlines.vectors,
    "text": series_outlines.text,
    "annotation": series_outlines.text,
    "bars": shape_outlines.boxes,
    "rectangle": shape_outlines.boxes,
    "vertical span": shape_outlines.span,
    "horizontal span": shape_outlines.span,
    "ellipse": shape_outlines.ellipse,
    "arc": shape_outlines.ellipse,
    "circle": shape_outlines.ellipse,
    "wedge": shape_outlines.wedge,
    "arrow": shape_outlines.arrow,
    "connection": shape_outlines.arrow,
    **{kind: partial(field_outlines.field, kind) for kind in field_outlines.KINDS},
}

NOT_DRAWN = {
    "table": "the cells of a table have no places",
    "decoration": "decoration shows no data",
    "vector key": "a key has a length and no place",
    "scale bar": "a scale bar has a length and no place",
    "secondary x axis": "a second scale is not drawn",
    "secondary y axis": "a second scale is not drawn",
    "z axis": "what an axis says is not drawn",
    "polar axes": "what an axis says is not drawn",
}
"""Why there is no overlay of a kind."""

OUTSIDE = " on the figure"
"""Kinds placed in shares of the figure end with it: where its axes stand in it is layout, which is not recorded."""

VECTORS = ("vectors", "barbs")
"""Kinds that are drawn to a scale of the overlay's own."""

EQUAL = ("wedge",)
"""Kinds that are drawn with one scale along both axes."""

SPACE = "z axis"
"""The kind of the mark that every pair of axes in three dimensions has."""

POLAR = "polar axes"


def drawn_arrays(mark: Mark) -> dict[str, Array]:
    """The arrays of a mark; what is not finite, or too large to compute with, as NaN."""
    found = {name: array(values) for name, values in mark.arrays.items()}
    return {name: np.where(np.abs(values) < LARGEST, values, np.nan) for name, values in found.items()}


def sketch(mark: Mark, axes: AxesData, view: View | None, camera: three_d.Camera | None) -> Sketch | None:
    """None for a kind that is not drawn, and where its arrays do not fit the kind."""
    arrays, kind, words = drawn_arrays(mark), plain_kind(mark), words_of(mark, axes)
    if camera is not None:
        return three_d.sketch(kind, arrays, words, camera)
    if kind not in KINDS or (view is not None and view.curved and "x" not in arrays and "y" not in arrays):
        return None
    if view is not None and view.curved and ("x" in arrays) != ("y" in arrays):
        return None
    return KINDS[kind](arrays, words, view)


def plain_kind(mark: Mark) -> str:
    return mark.kind.removesuffix(" on the axes")


def words_of(mark: Mark, axes: AxesData) -> Words:
    """What a mark says beside its arrays; and for bins, whose places are decades there, which axes are logarithmic."""
    return {**mark.exact, field_outlines.DECADES: [axis.scale == "log" for axis in (axes.x, axes.y)]}


def why_not(mark: Mark) -> str:
    """Why a mark has no sketch."""
    if mark.kind.endswith(OUTSIDE):
        return "it stands on the figure, not on the axes"
    if mark.kind in NOT_DRAWN:
        return NOT_DRAWN[mark.kind]
    if mark.kind == "connection":
        return "it leads from one pair of axes to another"
    if mark.kind in ("text", "annotation"):
        return "it has no place in the data"
    return f"there is no overlay for a mark of this kind ({mark.kind}) with these data"


def in_space(axes: AxesData) -> bool:
    return any(mark.kind == SPACE for mark in axes.marks)


def is_polar(axes: AxesData) -> bool:
    return any(mark.kind == POLAR for mark in axes.marks)


def shows_values(mark: Mark) -> bool:
    """Whether values of a mark are told by a map rather than by places."""
    return mark.kind in field_outlines.KINDS and "value" in mark.arrays
