"""Marks in axes of three dimensions, seen from one side. Where their author's camera stood is style, so it is not recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from labnotes.compare.distances import Array
from labnotes.report.overlay.outlines import NOWHERE, Arrays, Sketch, Words, by_level, middles, pieces, strung

AZIMUTH, HEIGHT = np.radians(-60), np.radians(30)
"""Where matplotlib's own camera stands."""

RIGHT = np.array([-np.sin(AZIMUTH), np.cos(AZIMUTH), 0])
UP = np.array([-np.sin(HEIGHT) * np.cos(AZIMUTH), -np.sin(HEIGHT) * np.sin(AZIMUTH), np.cos(HEIGHT)])

LENGTHS = (("x", "width"), ("y", "height"), ("z", "depth"))

CORNERS = np.array([(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)], dtype=float)
EDGES = [(i, j) for i in range(8) for j in range(i + 1, 8) if np.abs(CORNERS[i] - CORNERS[j]).sum() == 1]


@dataclass(frozen=True)
class Camera:
    """Looks at the box from `low` to `high`, which becomes a cube."""

    low: Array
    high: Array

    @classmethod
    def on(cls, marks: Iterable[Arrays]) -> Camera:
        """One that sees all marks."""
        found = [_reach(arrays) for arrays in marks if _in_space(arrays)]
        places = np.concatenate([np.empty((0, 3)), *found])
        ends = [column[np.isfinite(column)] for column in places.T]
        low = np.array([column.min() if column.size else 0.0 for column in ends])
        high = np.array([column.max() if column.size else 1.0 for column in ends])
        return cls(low, np.where(high > low, high, low + 1))

    def sees(self, places: Array) -> Array:
        """Points of space in the plane of the drawing, the middle of the box at (0, 0)."""
        cube = (places - self.low) / (self.high - self.low) - 0.5
        return np.stack([cube @ RIGHT, cube @ UP], axis=-1)

    def frame(self) -> Array:
        """The edges of the box."""
        corners = self.sees(self.low + CORNERS * (self.high - self.low))
        return strung(corners[list(edge)] for edge in EDGES)

    def axis(self, which: int) -> tuple[Array, Array]:
        """The two ends of the edge along which an axis is named: x and y in front at the foot, z at the left."""
        start = np.array([(0, 0, 0), (1, 0, 0), (0, 0, 0)][which], dtype=float)
        ends = np.array([start, start + np.eye(3)[which]])
        first, last = self.sees(self.low + ends * (self.high - self.low))
        return first, last


def sketch(kind: str, arrays: Arrays, words: Words, camera: Camera) -> Sketch | None:
    """None for what has no place in space."""
    if kind not in KINDS or not _in_space(arrays):
        return None
    return KINDS[kind](arrays, words, camera)


def _in_space(arrays: Arrays) -> bool:
    return all(name in arrays for name in "xyz")


def _places(arrays: Arrays) -> Array:
    n = min(arrays[name].size for name in "xyz")
    return np.column_stack([arrays[name].ravel()[:n] for name in "xyz"])


def _reach(arrays: Arrays) -> Array:
    places = _places(arrays)
    if not all(arrays.get(length, NOWHERE).size == len(places) for _, length in LENGTHS):
        return places
    return np.concatenate([places, places + np.column_stack([arrays[length] for _, length in LENGTHS])])


def _paths(arrays: Arrays, words: Words, camera: Camera) -> Sketch:
    places = camera.sees(_places(arrays))
    parts = pieces(places)
    where = dict.fromkeys("xyz", places)
    if "value" in arrays and arrays["value"].size == len(parts):
        where["value"] = middles(parts)
    return Sketch(places, NOWHERE, where | by_level(places, arrays))


def _points(arrays: Arrays, words: Words, camera: Camera) -> Sketch:
    places = camera.sees(_places(arrays))
    names = [name for name in ("x", "y", "z", "size", "value", "opacity") if name in arrays and arrays[name].size == len(places)]
    return Sketch(NOWHERE, places, dict.fromkeys(names, places))


def _boxes(arrays: Arrays, words: Words, camera: Camera) -> Sketch:
    places = _places(arrays)
    lengths = [arrays.get(length, NOWHERE) for _, length in LENGTHS]
    if any(length.size != len(places) for length in lengths):
        return Sketch(NOWHERE, camera.sees(places), dict.fromkeys("xyz", camera.sees(places)))
    sizes = np.column_stack(lengths)

    def at(shares: Sequence[float]) -> Array:
        return camera.sees(places + np.asarray(shares) * sizes)

    where = {}
    for i, (start, length) in enumerate(LENGTHS):
        middle = np.full(3, 0.5)
        where[start], where[length] = (
            at(np.where(np.arange(3) == i, 0, middle).tolist()),
            at(np.where(np.arange(3) == i, 1, middle).tolist()),
        )
    corners = np.stack([at(corner.tolist()) for corner in CORNERS], axis=1)
    return Sketch(strung(one[list(edge)] for one in corners for edge in EDGES), NOWHERE, where)


def _surface(arrays: Arrays, words: Words, camera: Camera) -> Sketch:
    """The edges of all faces: "corner" has the numbers of the corners of each, with a gap after it."""
    places = camera.sees(_places(arrays))
    where = dict.fromkeys("xyz", places)
    numbers = arrays.get("corner", np.empty(0)).ravel()
    known = np.isfinite(numbers) & (numbers >= 0) & (numbers < len(places))
    corners = np.full((len(numbers), 2), np.nan)
    corners[known] = places[numbers[known].astype(int)]
    faces = pieces(corners)
    where["corner"] = corners
    if "value" in arrays and arrays["value"].size == len(faces):
        where["value"] = middles(faces)
    return Sketch(strung(np.concatenate([face, face[:1]]) for face in faces), NOWHERE, where)


KINDS: dict[str, Callable[[Arrays, Words, Camera], Sketch]] = {
    "line": _paths,
    "segments": _paths,
    "contours": _paths,
    "filled contours": _paths,
    "scatter": _points,
    "text": _points,
    "bars": _boxes,
    "surface": _surface,
}
