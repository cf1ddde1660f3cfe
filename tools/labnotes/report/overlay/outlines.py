"""Sketches: what a mark looks like as strokes and points, made from its arrays alone, and where each of its elements stands.

A sketch shows where things are, nothing else: no fills, widths or colours. Marks are sketched here, in series_outlines.py and
in shape_outlines.py. Fields (images, meshes, cells) are sketched by their outlines, and their values are shown by maps (field_outlines.py).
Contours, vectors, hexagonal bins and marks in space have no sketch: their outlines would hide each other, so a report shows the two pictures.

The functions that sketch a mark take its arrays, its exact fields (`words`), and the view it is drawn in (None while there is none).
They return None where the arrays do not fit the kind. Places are rows of x and y.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from labnotes.compare.distances import Array
from labnotes.model.plots import PlainValue

LARGEST = 1e150
"""Numbers larger than this are not drawn: their differences could not be computed."""

Arrays = Mapping[str, Array]
Words = Mapping[str, PlainValue]

PLANES = {"data": ("x", "y"), "x": ("x", "share"), "y": ("share", "y"), "axes": ("xshare", "yshare")}
"""The two arrays that hold places: in data along both axes, along x or y alone (shares of the axes along the other), or in shares."""


class View(Protocol):
    """The view of axes: turns data coordinates into shares of the axes, and back. `curved` where these are an angle and a radius."""

    @property
    def curved(self) -> bool: ...

    def to_shares(self, places: Array) -> Array: ...

    def to_data(self, shares: Array) -> Array: ...


NOWHERE: Array = np.empty((0, 2))


@dataclass(frozen=True)
class Sketch:
    """The strokes and points of a mark, as rows of x and y in data coordinates; a gap (NaN) stands between two strokes.

    `where` has the place of every element of an array, by the array's name.
    """

    strokes: Array
    points: Array
    where: Mapping[str, Array]

    @property
    def drawn_places(self) -> Array:
        """Every place that is drawn."""
        places = np.concatenate([self.strokes, self.points])
        return places[np.all(np.isfinite(places), axis=1)]

    def element_place(self, name: str, at: tuple[int, ...] | None) -> Array | None:
        """Where element `at` of the array `name` stands; None if its place is not known or cannot be drawn."""
        places = self.where.get(name)
        if places is None or at is None or len(at) != places.ndim - 1 or any(i >= n for i, n in zip(at, places.shape, strict=False)):
            return None
        place: Array = places[at]
        return place if not np.all(np.isnan(place)) else None


def places_in_data(places: Array, along: str, view: View | None) -> Array:
    """Places in data coordinates, shares of the axes among them; without a view those are not known yet (NaN)."""
    if along == "data" or not len(places):
        return places
    if view is None:
        return places * {"x": (1, np.nan), "y": (np.nan, 1), "axes": (np.nan, np.nan)}[along]
    ends = view.to_data(places)
    return np.column_stack([places[:, 0] if along == "x" else ends[:, 0], places[:, 1] if along == "y" else ends[:, 1]])


def placement_arrays(arrays: Arrays) -> tuple[str, tuple[str, str]] | None:
    """What the places of a mark mean, and the names of the two arrays that hold them."""
    return next(((along, names) for along, names in PLANES.items() if all(name in arrays for name in names)), None)


def paired_places(x: Array, y: Array) -> Array:
    """Places as rows of x and y, as many as both arrays have: a trial change may have shortened one."""
    n = min(x.size, y.size)
    return np.column_stack([x.ravel()[:n], y.ravel()[:n]])


def joined_strokes(parts: Iterable[Array]) -> Array:
    """Several strokes as one array of places, with a gap (NaN) between two."""
    gap = np.full((1, 2), np.nan)
    strokes = [piece for part in parts for piece in (part, gap)]
    return np.concatenate(strokes[:-1]) if strokes else NOWHERE


def split_strokes(strokes: Array) -> list[Array]:
    """The strokes between the gaps (NaN), each as rows of x and y."""
    gaps = np.flatnonzero(np.isnan(strokes).all(axis=1))
    return [part[~np.isnan(part).all(axis=1)] for part in np.split(strokes, gaps) if not np.isnan(part).all()]


def part_middles(parts: Iterable[Array]) -> Array:
    """The mean place of each part, as rows."""
    middle_places = [part.mean(axis=0) for part in parts]
    return np.array(middle_places) if middle_places else NOWHERE


# -- marks that are strokes and points ----------------------------------------------------------------------------------------------------


def path_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch a band, segments, a polygon or any outline: corners in order, with a value or an opacity for each part."""
    placement = placement_arrays(arrays)
    if placement is None:
        return None
    along, names = placement
    places = places_in_data(paired_places(arrays[names[0]], arrays[names[1]]), along, view)
    where = dict.fromkeys(names, places)
    parts = split_strokes(places)
    for name in ("value", "opacity"):
        if name in arrays and arrays[name].size == len(parts):
            where[name] = part_middles(parts)
    return Sketch(places, NOWHERE, where)


def line_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    made = path_sketch(arrays, {}, view)
    if made is None:
        return None
    return Sketch(_stepped_line(made.strokes, str(words.get("steps", ""))), made.strokes, made.where)


def _stepped_line(places: Array, where: str) -> Array:
    """The corners of a line drawn in steps. `where` says where it steps: before a point ("pre"), after it ("post") or midway ("mid")."""
    if where not in ("pre", "post", "mid") or len(places) < 2:
        return places
    x, y = places.T
    if where == "mid":
        turns = (x[1:] + x[:-1]) / 2
        across = np.concatenate([x[:1], np.repeat(turns, 2), x[-1:]])
        return np.column_stack([across, np.repeat(y, 2)])
    if where == "pre":
        return np.column_stack([np.repeat(x, 2)[:-1], np.repeat(y, 2)[1:]])
    return np.column_stack([np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]])


def scatter_sketch(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    made = path_sketch(arrays, {}, view)
    if made is None:
        return None
    own = {name: made.strokes for name in ("size", "value", "opacity") if name in arrays and arrays[name].size == len(made.strokes)}
    return Sketch(NOWHERE, made.strokes, {**made.where, **own})
