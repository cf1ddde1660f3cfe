"""Sketches: what a mark looks like as strokes and points, made from its arrays alone, and where each of its elements stands.

A sketch shows where things are, nothing else: no fills, widths or colours. Marks of the plane are sketched here and in shapes.py, those in axes of
three dimensions in space.py; fields (images, meshes, cells) are sketched by their outlines, and their values by maps (fields.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from labnotes.compare.distances import Array

LARGEST = 1e150
"""Numbers beyond are not drawn: their differences could not be computed."""

Arrays = Mapping[str, Array]
Words = Mapping[str, Any]

PLANES = {"data": ("x", "y"), "x": ("x", "share"), "y": ("share", "y"), "axes": ("xshare", "yshare")}
"""The two arrays that hold places: in data along both axes, along x or y alone (shares of the axes along the other), or in shares."""


class View(Protocol):
    """The view of axes: turns data coordinates into shares of the axes, and back. `curved` where these are an angle and a radius."""

    @property
    def curved(self) -> bool: ...

    def shares(self, places: Array) -> Array: ...

    def data(self, shares: Array) -> Array: ...


NOWHERE: Array = np.empty((0, 2))


@dataclass(frozen=True)
class Sketch:
    """Strokes (a gap, NaN, ends one) and points in data coordinates; `where` has the place of every element of an array, by the array's name."""

    strokes: Array
    points: Array
    where: Mapping[str, Array]

    @property
    def all(self) -> Array:
        """Every place that is drawn."""
        found = np.concatenate([self.strokes, self.points])
        return found[np.all(np.isfinite(found), axis=1)]

    def place(self, name: str, at: tuple[int, ...] | None) -> Array | None:
        """Where an element stands; None if that cannot be said, or not be drawn."""
        places = self.where.get(name)
        if places is None or at is None or len(at) != places.ndim - 1 or any(i >= n for i, n in zip(at, places.shape, strict=False)):
            return None
        found: Array = places[at]
        return found if not np.all(np.isnan(found)) else None


def settled(places: Array, along: str, view: View | None) -> Array:
    """Places in data coordinates, shares of the axes among them; without a view those are not known yet (NaN)."""
    if along == "data" or not len(places):
        return places
    if view is None:
        return places * {"x": (1, np.nan), "y": (np.nan, 1), "axes": (np.nan, np.nan)}[along]
    ends = view.data(places)
    return np.column_stack([places[:, 0] if along == "x" else ends[:, 0], places[:, 1] if along == "y" else ends[:, 1]])


def plane(arrays: Arrays) -> tuple[str, tuple[str, str]] | None:
    """What the places of a mark mean, and the names of the two arrays that hold them."""
    return next(((along, names) for along, names in PLANES.items() if all(name in arrays for name in names)), None)


def stacked(x: Array, y: Array) -> Array:
    """Pairs, as many as there are of both: a trial change may have shortened one."""
    n = min(x.size, y.size)
    return np.column_stack([x.ravel()[:n], y.ravel()[:n]])


def strung(parts: Iterable[Array]) -> Array:
    """Several strokes as one array, a gap between two."""
    gap = np.full((1, 2), np.nan)
    found = [piece for part in parts for piece in (part, gap)]
    return np.concatenate(found[:-1]) if found else NOWHERE


def pieces(strokes: Array) -> list[Array]:
    """The strokes between the gaps."""
    gaps = np.flatnonzero(np.isnan(strokes).all(axis=1))
    return [part[~np.isnan(part).all(axis=1)] for part in np.split(strokes, gaps) if not np.isnan(part).all()]


def middles(parts: Iterable[Array]) -> Array:
    found = [part.mean(axis=0) for part in parts]
    return np.array(found) if found else NOWHERE


# -- marks that are strokes and points ----------------------------------------------------------------------------------------------------


def path(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Bands, segments, polygons, contours and any outline: corners in order, a value or an opacity for each part."""
    found = plane(arrays)
    if found is None:
        return None
    along, names = found
    places = settled(stacked(arrays[names[0]], arrays[names[1]]), along, view)
    where = dict.fromkeys(names, places)
    parts = pieces(places)
    for name in ("value", "opacity", "part"):
        if name in arrays and arrays[name].size == len(parts):
            where[name] = middles(parts)
    return Sketch(places, NOWHERE, where)


def line(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    made = path(arrays, {}, view)
    if made is None:
        return None
    return Sketch(_steps(made.strokes, words.get("steps", "")), made.strokes, made.where)


def _steps(places: Array, where: str) -> Array:
    """A line by steps: up before its point, after it, or midway."""
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


def scatter(arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    made = path(arrays, {}, view)
    if made is None:
        return None
    own = {name: made.strokes for name in ("size", "value", "opacity") if name in arrays and arrays[name].size == len(made.strokes)}
    return Sketch(NOWHERE, made.strokes, {**made.where, **own})


def by_level(strokes: Array, arrays: Arrays) -> dict[str, Array]:
    """Where the levels of contours stand, their values, and which level each line is of."""
    parts, of = pieces(strokes), arrays.get("part", np.empty(0))
    if of.size != len(parts):
        return {}
    corners = [part[len(part) // 2] for part in parts]
    where = {"part": np.array(corners).reshape(-1, 2)}
    for name in ("level", "value"):
        numbered = range(arrays[name].size if name in arrays else 0)
        nowhere = np.full(2, np.nan)
        found = [next((c for c, level in zip(corners, of, strict=True) if level == k), nowhere) for k in numbered]
        where[name] = np.array(found).reshape(-1, 2)
    return where
