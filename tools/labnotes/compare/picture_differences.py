"""Pictures compared by their pixels: equal ones by their digest, others by the shades of their cells; SVG by the digest of its text.

How much two pictures differ is the larger of two numbers: the mean difference of all cells, and that of the place that differs most. Where
edges differ all over, as with another antialiasing or another FreeType, a place counts by a tenth, and only by what is no edge that moved by a
cell. Where nearly all else is equal, something else is drawn there, and the place counts by a fifth.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from labnotes.compare.distances import Array
from labnotes.compare.figure_differences import FigureDifference, FigurePlace
from labnotes.model.comparison import percent_text
from labnotes.model.picture_cells import FEW_CELLS, cells_from_text
from labnotes.model.plots import DRAWING, PIXELS, FigureData, Mark, picture_size_text

LEAST = 1 / 255
"""The share by which pictures with other pixels differ at least: what cells of 256 shades cannot tell apart."""

PLACE = 8
"""Cells along each side of a place, about as large as a letter."""

SOLE, AMONG_OTHERS = 5, 10
"""By what part of its difference a place counts, where nearly all else is equal and where edges differ all over."""

SPREAD = 0.06
"""The share of places with edges that differ from which on edges differ all over. Another FreeType: 7 % or more; one digit, point or bump: 5.5 %
or less (72 to 200 dots per inch, matplotlib 3.10 and 3.11)."""

EDGE, NOTICED = 25 / 255, 0.002
"""Shares of full scale: by how much neighbouring cells differ at an edge, and how much a place differs that counts as another."""

WORDS_SHOWN = 3

_PLACES = (
    ("in the upper left", "at the top", "in the upper right"),
    ("at the left", "in the middle", "at the right"),
    ("in the lower left", "at the bottom", "in the lower right"),
)

_WAYS = {PIXELS: "by its pixels", DRAWING: "by the text of its drawing (SVG)"}


def picture_differences(then: FigureData, now: FigureData) -> Iterator[FigureDifference]:
    """Differences of two figures of which one at least is a picture that is compared by its pixels."""
    old, new = then.picture, now.picture
    if old is None or new is None or old.kind != new.kind:
        yield FigureDifference(np.inf, f"is compared {_way_of(now)} now, recorded {_way_of(then)}")
    elif old.kind == DRAWING:
        yield from _drawing_differences(old, new)
    elif old.exact.get("size") != new.exact.get("size"):
        yield FigureDifference(np.inf, f"has {picture_size_text(new)}, recorded {picture_size_text(old)}")
    elif "frames" in old.exact or "frames" in new.exact:
        yield from _frame_differences(old, new)
    elif old.exact.get("pixels") != new.exact.get("pixels"):
        yield _pixel_difference(old, new)


def _way_of(data: FigureData) -> str:
    """What a figure is compared by, in words."""
    if data.picture is not None:
        return _WAYS[data.picture.kind]
    return "by its data" if data.axes or not data.unverified else "not at all (not verified)"


_WHERE = FigurePlace(axes=0, recorded=0, observed=0, array=PIXELS)


def _drawing_differences(old: Mark, new: Mark) -> Iterator[FigureDifference]:
    if old.exact.get("text") == new.exact.get("text"):
        return
    before, after = (_listed(mark.exact.get("words")) for mark in (old, new))
    if before != after:
        gone, added = [text for text in before if text not in after], [text for text in after if text not in before]
        parts = [
            f"{_quoted_texts(texts)} {'is' if len(texts) == 1 else 'are'} {how}" for texts, how in ((added, "new"), (gone, "gone")) if texts
        ]
        yield FigureDifference(np.inf, f"its texts are others: {', '.join(parts) or 'they stand in another order'}", _WHERE)
    counts = [_counts_of(mark) for mark in (old, new)]
    others = [name for name in sorted({*counts[0], *counts[1]}) if counts[0].get(name) != counts[1].get(name)]
    for name in others[:WORDS_SHOWN]:
        yield FigureDifference(np.inf, f"has {counts[1].get(name, 0)} elements {name!r}, recorded {counts[0].get(name, 0)}", _WHERE)
    if before == after and not others:
        yield FigureDifference(
            np.inf, "its drawing is another: elements, texts and their order are the same, places or styles are not", _WHERE
        )


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _counts_of(mark: Mark) -> dict[str, Any]:
    elements: Any = mark.exact.get("elements")
    return dict(elements) if isinstance(elements, dict) else {}


def _quoted_texts(texts: list[Any]) -> str:
    shown = ", ".join(repr(text) for text in texts[:WORDS_SHOWN])
    return shown + (f" and {len(texts) - WORDS_SHOWN} more" if len(texts) > WORDS_SHOWN else "")


def _frame_differences(old: Mark, new: Mark) -> Iterator[FigureDifference]:
    before, after = (_listed(mark.exact.get("frames", [mark.exact.get("pixels")])) for mark in (old, new))
    if len(before) != len(after):
        yield FigureDifference(np.inf, f"has {picture_size_text(new)}, recorded {picture_size_text(old)}")
        return
    differ = [i for i, (was, is_now) in enumerate(zip(before, after, strict=True), 1) if was != is_now]
    if differ:
        others = f" ({len(differ)} of {len(before)} frames differ)" if len(differ) > 1 else f" of {len(before)}"
        yield FigureDifference(np.inf, f"its pixels differ in frame {differ[0]}{others}", _WHERE)


def _pixel_difference(old: Mark, new: Mark) -> FigureDifference:
    then, now = (cells_from_text(mark.exact.get("cells")) for mark in (old, new))
    if then is None or now is None or then.shape != now.shape:
        return FigureDifference(np.inf, "its pixels are others", _WHERE)
    shades = [cells.astype(float) / 255 for cells in (then, now)]
    apart = np.abs(shades[1] - shades[0]).max(axis=-1)
    mean, places = float(apart.mean()), _place_means(apart)
    if not places.max():
        return FigureDifference(LEAST, f"its pixels differ, by less than {percent_text(LEAST)} of full scale at any place", _WHERE)
    share = max(mean, _share_of_place(shades, places), LEAST)
    at = np.unravel_index(int(places.argmax()), places.shape)
    row, column = ((number + 0.5) / count for number, count in zip(at, places.shape, strict=True))
    where = _PLACES[min(int(3 * row), 2)][min(int(3 * column), 2)]
    columns, rows = (int(side) for side in _listed(old.exact.get("size")) or (0, 0))
    what = f"its pixels differ by {percent_text(float(places.max()))} of full scale {where} (around column {int(column * columns)}, row {int(row * rows)})"
    if max(apart.shape) > FEW_CELLS:  # recorded for a tolerance: what that is held against
        what += f", by {percent_text(mean)} on average: in all by {percent_text(share)}"
    return FigureDifference(share, what, _WHERE)


def _share_of_place(shades: list[Array], places: Array) -> float:
    """How much the place that differs most counts; `places` are the mean differences of all."""
    ranges = [_surroundings(side) for side in shades]
    edges = _place_means(np.max([(high - low).max(axis=-1) > EDGE for low, high in ranges], axis=0).astype(float)) > 0
    differ = (places > NOTICED) & edges
    if differ.sum() < SPREAD * max(int(edges.sum()), 1):
        return float(places.max()) / SOLE
    beyond = [
        np.maximum(0.0, np.maximum(side - high, low - side)).max(axis=-1)
        for side, (low, high) in zip(shades, reversed(ranges), strict=True)
    ]
    return float(_place_means(np.maximum(*beyond)).max()) / AMONG_OTHERS


def _surroundings(shades: Array) -> tuple[Array, Array]:
    """The lowest and the highest shade of each cell and its eight neighbours."""
    low, high = shades, shades
    for axis in (0, 1):
        padded = np.pad(low, [(1, 1) if i == axis else (0, 0) for i in range(3)], mode="edge")
        raised = np.pad(high, [(1, 1) if i == axis else (0, 0) for i in range(3)], mode="edge")
        parts = [slice(0, -2), slice(1, -1), slice(2, None)]
        low = np.min([padded[part] if axis == 0 else padded[:, part] for part in parts], axis=0)
        high = np.max([raised[part] if axis == 0 else raised[:, part] for part in parts], axis=0)
    return low, high


def _place_means(cells: Array) -> Array:
    """The means over places of about PLACE × PLACE cells; of a picture with few cells each is a place."""
    side = PLACE if max(cells.shape) > FEW_CELLS else 1
    starts = [np.array([part[0] for part in np.array_split(np.arange(size), max(1, round(size / side)))]) for size in cells.shape]
    sizes = [np.diff([*start, size]) for start, size in zip(starts, cells.shape, strict=True)]
    means: Array = np.add.reduceat(np.add.reduceat(cells, starts[0], axis=0), starts[1], axis=1) / np.multiply.outer(*sizes)
    return means
