"""Which kind of mark is sketched how, and which is not, with the reason. tests/publishing/test_overlay.py holds it to the kinds that are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from labnotes.comparing.ranges import Array, array
from labnotes.quantities import AxesData, Mark
from labnotes.reporting.overlay import fields, series, shapes, sketches, space
from labnotes.reporting.overlay.sketches import LARGEST, Arrays, Sketch, View, Words

KINDS: dict[str, Callable[[Arrays, Words, View | None], Sketch | None]] = {
    "line": sketches.line,
    "horizontal line": sketches.line,
    "vertical line": sketches.line,
    "endless line": series.endless,
    "lines of contours": series.levels,
    "scatter": sketches.scatter,
    "error bars": series.errorbars,
    "stems": series.stems,
    "stairs": series.stairs,
    "events": series.events,
    "band": sketches.path,
    "segments": sketches.path,
    "polygon": sketches.path,
    "shape": sketches.path,
    "contours": series.contours,
    "filled contours": series.contours,
    "vectors": series.vectors,
    "barbs": series.vectors,
    "text": series.text,
    "annotation": series.text,
    "bars": shapes.boxes,
    "rectangle": shapes.boxes,
    "vertical span": shapes.span,
    "horizontal span": shapes.span,
    "ellipse": shapes.ellipse,
    "arc": shapes.ellipse,
    "circle": shapes.ellipse,
    "wedge": shapes.wedge,
    "arrow": shapes.arrow,
    "connection": shapes.arrow,
    **{kind: partial(fields.field, kind) for kind in fields.KINDS},
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


def sketch(mark: Mark, axes: AxesData, view: View | None, camera: space.Camera | None) -> Sketch | None:
    """None for a kind that is not drawn, and where its arrays do not fit the kind."""
    arrays, kind, words = drawn_arrays(mark), plain_kind(mark), words_of(mark, axes)
    if camera is not None:
        return space.sketch(kind, arrays, words, camera)
    if kind not in KINDS or (view is not None and view.curved and "x" not in arrays and "y" not in arrays):
        return None
    if view is not None and view.curved and ("x" in arrays) != ("y" in arrays):
        return None
    return KINDS[kind](arrays, words, view)


def plain_kind(mark: Mark) -> str:
    return mark.kind.removesuffix(" on the axes")


def words_of(mark: Mark, axes: AxesData) -> Words:
    """What a mark says beside its arrays; and for bins, whose places are decades there, which axes are logarithmic."""
    return {**mark.exact, fields.DECADES: [axis.scale == "log" for axis in (axes.x, axes.y)]}


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
    return mark.kind in fields.KINDS and "value" in mark.arrays
