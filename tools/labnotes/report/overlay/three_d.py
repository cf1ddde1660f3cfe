"""Marks in axes of three dimensions, seen from one side. Where their author's camera stood is style, so it is not recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from labnotes.compare.distances import Array
from labnotes.report.overlay.outlines import NOWHERE, Arrays, Sketch, Words, joined_strokes, part_middles, places_by_level, split_strokes

AZIMUTH, HEIGHT = np.radians(-60), np.radians(30)
"""Where matplotlib's own camera stands, in radians."""

RIGHT = np.array([-np.sin(AZIMUTH), np.cos(AZIMUTH), 0])
UP = np.array([-np.sin(HEIGHT) * np.cos(AZIMUTH), -np.sin(HEIGHT) * np.sin(AZIMUTH), np.cos(HEIGHT)])
"""The directions in space that point right and up in the drawing."""

LENGTHS = (("x", "width"), ("y", "height"), ("z", "depth"))
"""The array of places and the array of lengths along each axis."""

CORNERS = np.array([(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)], dtype=float)
EDGES = [(i, j) for i in range(8) for j in range(i + 1, 8) if np.abs(CORNERS[i] - CORNERS[j]).sum() == 1]
"""The corners of a cube of side 1, and the pairs of their numbers that its edges connect."""


@dataclass(frozen=True)
class Camera:
    """Looks at the box from `low` to `high`, which becomes a cube."""

    low: Array
    high: Array

    @classmethod
    def for_marks(cls, marks: Iterable[Arrays]) -> Camera:
        """The camera that sees the places of all marks."""
        extents = [_space_extent(arrays) for arrays in marks if _has_space_places(arrays)]
        places = np.concatenate([np.empty((0, 3)), *extents])
        ends = [column[np.isfinite(column)] for column in places.T]
        low = np.array([column.min() if column.size else 0.0 for column in ends])
        high = np.array([column.max() if column.size else 1.0 for column in ends])
        return cls(low, np.where(high > low, high, low + 1))

    def project_places(self, places: Array) -> Array:
        """Places in space (last dimension 3) as places in the plane of the drawing (last dimension 2), the middle of the box at (0, 0)."""
        cube = (places - self.low) / (self.high - self.low) - 0.5
        return np.stack([cube @ RIGHT, cube @ UP], axis=-1)

    def box_edges(self) -> Array:
        """The edges of the box in the drawing, as strokes with gaps between them."""
        corners = self.project_places(self.low + CORNERS * (self.high - self.low))
        return joined_strokes(corners[list(edge)] for edge in EDGES)

    def axis_ends(self, which: int) -> tuple[Array, Array]:
        """The two ends, in the drawing, of the edge of the box at which an axis is named: x and y in front at the foot, z at the left."""
        start = np.array([(0, 0, 0), (1, 0, 0), (0, 0, 0)][which], dtype=float)
        ends = np.array([start, start + np.eye(3)[which]])
        first, last = self.project_places(self.low + ends * (self.high - self.low))
        return first, last


def sketch_in_space(kind: str, arrays: Arrays, words: Words, camera: Camera) -> Sketch | None:
    """The sketch of a mark in space; None for a mark that has no place in space."""
    if kind not in KINDS or not _has_space_places(arrays):
        return None
    return KINDS[kind](arrays, words, camera)


def _has_space_places(arrays: Arrays) -> bool:
    return all(name in arrays for name in "xyz")


def _space_places(arrays: Arrays) -> Array:
    """Places in space as rows of x, y and z, as many as all three arrays have."""
    n = min(arrays[name].size for name in "xyz")
    return np.column_stack([arrays[name].ravel()[:n] for name in "xyz"])


def _space_extent(arrays: Arrays) -> Array:
    """The places of a mark in space, and the far corners of its boxes if it has any."""
    places = _space_places(arrays)
    if not all(arrays.get(length, NOWHERE).size == len(places) for _, length in LENGTHS):
        return places
    return np.concatenate([places, places + np.column_stack([arrays[length] for _, length in LENGTHS])])


def _paths_sketch(arrays: Arrays, words: Words, camera: Camera) -> Sketch:
    places = camera.project_places(_space_places(arrays))
    parts = split_strokes(places)
    where = dict.fromkeys("xyz", places)
    if "value" in arrays and arrays["value"].size == len(parts):
        where["value"] = part_middles(parts)
    return Sketch(places, NOWHERE, where | places_by_level(places, arrays))


def _points_sketch(arrays: Arrays, words: Words, camera: Camera) -> Sketch:
    places = camera.project_places(_space_places(arrays))
    names = [name for name in ("x", "y", "z", "size", "value", "opacity") if name in arrays and arrays[name].size == len(places)]
    return Sketch(NOWHERE, places, dict.fromkeys(names, places))


def _boxes_sketch(arrays: Arrays, words: Words, camera: Camera) -> Sketch:
    places = _space_places(arrays)
    lengths = [arrays.get(length, NOWHERE) for _, length in LENGTHS]
    if any(length.size != len(places) for length in lengths):
        return Sketch(NOWHERE, camera.project_places(places), dict.fromkeys("xyz", camera.project_places(places)))
    sizes = np.column_stack(lengths)

    def places_at(shares: Sequence[float]) -> Array:
        return camera.project_places(places + np.asarray(shares) * sizes)

    where = {}
    for i, (start, length) in enumerate(LENGTHS):
        middle = np.full(3, 0.5)
        where[start], where[length] = (
            places_at(np.where(np.arange(3) == i, 0, middle).tolist()),
            places_at(np.where(np.arange(3) == i, 1, middle).tolist()),
        )
    corners = np.stack([places_at(corner.tolist()) for corner in CORNERS], axis=1)
    return Sketch(joined_strokes(box_corners[list(edge)] for box_corners in corners for edge in EDGES), NOWHERE, where)


def _surface_sketch(arrays: Arrays, words: Words, camera: Camera) -> Sketch:
    """Sketch the edges of all faces; "corner" has the numbers of the corners of each face, with a gap between two faces."""
    places = camera.project_places(_space_places(arrays))
    where = dict.fromkeys("xyz", places)
    numbers = arrays.get("corner", np.empty(0)).ravel()
    known = np.isfinite(numbers) & (numbers >= 0) & (numbers < len(places))
    corners = np.full((len(numbers), 2), np.nan)
    corners[known] = places[numbers[known].astype(int)]
    faces = split_strokes(corners)
    where["corner"] = corners
    if "value" in arrays and arrays["value"].size == len(faces):
        where["value"] = part_middles(faces)
    return Sketch(joined_strokes(np.concatenate([face, face[:1]]) for face in faces), NOWHERE, where)


KINDS: dict[str, Callable[[Arrays, Words, Camera], Sketch]] = {
    "line": _paths_sketch,
    "segments": _paths_sketch,
    "contours": _paths_sketch,
    "filled contours": _paths_sketch,
    "scatter": _points_sketch,
    "text": _points_sketch,
    "bars": _boxes_sketch,
    "surface": _surface_sketch,
}
