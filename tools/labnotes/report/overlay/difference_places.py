"""The places at which the differences of one pair of axes stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from labnotes.compare.distances import Array
from labnotes.compare.figure_differences import FigureDifference
from labnotes.model.mark_kinds import IN_PICTURES
from labnotes.model.plots import AxesData, AxisData
from labnotes.report.overlay import field_outlines, outlines_by_kind
from labnotes.report.overlay.outlines import NOWHERE, Sketch, View, joined_strokes, places_in_data

CORNERS = 20_000
"""About how many corners of a mark are looked at to find where two marks are farthest apart; of more, every second, third, ..."""

STROKES, NEIGHBOURS = 1000, 16
"""Number of strokes that are all searched for the one nearest to a corner; and of more strokes, how many with the nearest middles."""

CHUNK = 500_000
"""About how many pairs of a corner and a stroke are computed with at once."""

STEPS = 61
"""Number of places that a line across the axes is made of."""

EDGE = 1e-6
"""Share of the axes by which a place may seem to stand outside because numbers are not exact."""

WRITTEN = "words, scales and legends are not drawn"
"""Why a difference in what is written has no place."""


@dataclass(frozen=True)
class Layer:
    """A mark as it is drawn: its `role` is "recorded", "observed", or "same" for one that agrees."""

    role: str
    name: str
    sketch: Sketch


@dataclass(frozen=True)
class DifferenceSpot:
    """A place to look at, with the numbers of the differences that stand there.

    `kind` is "worst" for an element that the comparison names, "apart" for the place where two marks of different lengths are farthest
    apart, "tag" for a mark that differs as a whole. `recorded` and `observed` are the two places (x, y) in data coordinates.
    """

    kind: str
    numbers: tuple[int, ...]
    recorded: Array | None
    observed: Array | None

    @property
    def pointed_place(self) -> Array:
        """The place (x, y) that the drawing points at: the observed one, else the recorded one; NaN if neither can be drawn."""
        places = [place for place in (self.observed, self.recorded) if place is not None and np.all(np.isfinite(place))]
        return places[0] if places else np.full(2, np.nan)

    @property
    def both_places(self) -> tuple[list[float] | None, ...]:
        """The recorded and the observed place as lists, to compare with those of another spot."""
        return tuple(place.tolist() if place is not None else None for place in (self.recorded, self.observed))


class SketchedSides:
    """The recorded and the observed side of one pair of axes, sketched for a view. Limits of axes that differ are sketched as marks are."""

    def __init__(
        self, then: AxesData, now: AxesData, differences: Sequence[FigureDifference], within: Sequence[FigureDifference], view: View | None
    ) -> None:
        self._in_space = outlines_by_kind.is_in_space(then) or outlines_by_kind.is_in_space(now)
        self._marks = {"recorded": then.marks, "observed": now.marks}
        self._view = view
        self._changed = _named_marks(differences)
        if any(difference.place.array == "marks" for difference in differences):
            self._changed["recorded"] |= set(range(len(then.marks)))
        self._moved = _named_marks(within)
        self._sketches = {
            (side, i): outlines_by_kind.sketch_mark(mark, view) if not self._in_space else None
            for side, marks in self._marks.items()
            for i, mark in enumerate(marks)
            if side == "recorded" or i in self._changed[side] | self._moved[side]
        }
        self._limits: dict[tuple[str, str], Sketch] = {}
        for name in {d.place.axis for d in differences if d.place.array == "limits" and not self._in_space}:
            for side, axes in (("recorded", then), ("observed", now)):
                axis: AxisData = getattr(axes, name)
                if axis.limits:
                    self._limits[side, name] = _limits_sketch(name, axis.limits, view)

    def drawn_layers(self) -> list[Layer]:
        """The layers to draw: one for a mark that agrees (for a field, its outline), one on each side for a mark that moved, and limits."""
        layers = []
        for (side, i), sketch in self._sketches.items():
            if sketch is None or not len(sketch.drawn_places):
                continue
            agrees = i not in self._changed[side] | self._moved[side]
            if agrees and self._marks[side][i].kind in field_outlines.KINDS:
                sketch = _box_around(sketch)
            role = "same" if agrees else side
            layers.append(Layer(role, f"{role}-{i}", sketch))
        return layers + [Layer(side, f"{side}-limits-{name}", sketch) for (side, name), sketch in sorted(self._limits.items())]

    def spot_of(self, difference: FigureDifference, number: int) -> DifferenceSpot | str:
        """The spot of a difference, or the reason why it has no place."""
        place = difference.place
        if place.axis:
            sides = [self._limits.get((side, place.axis)) if place.array == "limits" else None for side in ("recorded", "observed")]
        else:
            sides = [self._sketches.get((side, i)) if i is not None else None for side, i in _indices_by_side(difference)]
        if place.array == "marks":
            sides = [next((self._sketches["recorded", i] for i in range(len(self._marks["recorded"]))), None), None]
        if sides == [None, None]:
            marks = [self._marks[side][i] for side, i in _indices_by_side(difference) if i is not None]
            if place.array == "marks":
                marks = [*self._marks["observed"], *self._marks["recorded"]]
            if not marks:
                return WRITTEN
            return IN_PICTURES if self._in_space else outlines_by_kind.reason_not_drawn(marks[-1])
        then, now = sides
        if place.array == "norm":
            return "the limits of colours have no place"
        if place.at is not None:
            spot = DifferenceSpot("worst", (number,), *(side.element_place(place.array, place.at) if side else None for side in sides))
        elif place.array and then and now:
            spot = DifferenceSpot("apart", (number,), *self._farthest_places(then, now))
        else:
            spot = DifferenceSpot("tag", (number,), None, None)
        if place.at is None and not np.all(np.isfinite(spot.pointed_place)):
            spot = DifferenceSpot("tag", (number,), *(self._middle_place(side) if side else None for side in sides))
        if self._view is None or len(_places_in_view(spot.pointed_place[None], self._view)):
            return spot
        return "it stands outside the axes" if np.all(np.isfinite(spot.pointed_place)) else "it has no place"

    def _middle_place(self, sketch: Sketch) -> Array | None:
        """A place on a mark, one that can be seen if there is any."""
        seen = _places_in_view(sketch.drawn_places, self._view) if self._view else sketch.drawn_places
        places = seen if len(seen) else sketch.drawn_places
        middle: Array = places[len(places) // 2] if len(places) else np.full(2, np.nan)
        return middle if len(places) else None

    def _farthest_places(self, then: Sketch, now: Sketch) -> tuple[Array | None, Array | None]:
        """The corner of either mark that is farthest from the other, and the place of the other that is nearest to it."""
        if self._view is None:
            return None, None
        forth, back = (_farthest_corner(*sides, self._view) for sides in ((then, now), (now, then)))
        if forth is None or back is None:
            return None, None
        return (forth[1], forth[2]) if forth[0] >= back[0] else (back[2], back[1])


def merge_spots(spots: Iterable[DifferenceSpot]) -> list[DifferenceSpot]:
    """The spots with those at one place made into one, which has the numbers of all."""
    joint_spots: list[DifferenceSpot] = []
    for spot in spots:
        for i, other in enumerate(joint_spots):
            if other.kind == spot.kind and np.array_equal(other.pointed_place, spot.pointed_place, equal_nan=True):
                joint_spots[i] = DifferenceSpot(spot.kind, (*other.numbers, *spot.numbers), other.recorded, other.observed)
                break
        else:
            joint_spots.append(spot)
    return joint_spots


def _indices_by_side(difference: FigureDifference) -> list[tuple[str, int | None]]:
    """The name of each side, with the index of the mark that a difference names there (None for no mark)."""
    return [("recorded", difference.place.recorded), ("observed", difference.place.observed)]


def _named_marks(differences: Iterable[FigureDifference]) -> dict[str, set[int]]:
    """The indices of the marks that differences name, for each side."""
    named: dict[str, set[int]] = {"recorded": set(), "observed": set()}
    for difference in differences:
        for side, i in _indices_by_side(difference):
            if i is not None:
                named[side].add(i)
    return named


def _limits_sketch(name: str, limits: tuple[float, float], view: View | None) -> Sketch:
    """The sketch of a line across the axes at each limit, made of many strokes, since on polar axes the line is a circle."""

    def line_across(end: float, shares: Array) -> Array:
        ends = np.full(len(shares), end)
        return places_in_data(np.column_stack([ends, shares] if name == "x" else [shares, ends]), name, view)

    middle = np.concatenate([line_across(end, np.array([0.5])) for end in limits])
    return Sketch(joined_strokes(line_across(end, np.linspace(0, 1, STEPS)) for end in limits), NOWHERE, {"limits": middle})


def _box_around(sketch: Sketch) -> Sketch:
    """The box around everything that a sketch draws; all cells of a field would make a grey area."""
    (left, low), (right, high) = sketch.drawn_places.min(axis=0), sketch.drawn_places.max(axis=0)
    return Sketch(np.array([(left, low), (right, low), (right, high), (left, high), (left, low)]), NOWHERE, {})


def _places_in_view(places: Array, view: View) -> Array:
    """The places inside the view."""
    shares = view.to_shares(places)
    return places[np.all(np.isfinite(shares) & (shares > -EDGE) & (shares < 1 + EDGE), axis=1)] if len(places) else places


def _farthest_corner(sketch: Sketch, other: Sketch, view: View) -> tuple[float, Array, Array] | None:
    """How far the corner of one mark that is farthest from another stands from it, that corner, and the nearest place of the other."""
    seen = _places_in_view(sketch.drawn_places, view)
    corners = view.to_shares(seen[:: 1 + len(seen) // CORNERS])
    strokes = view.to_shares(other.strokes) if len(other.strokes) else NOWHERE
    points = view.to_shares(other.points) if len(other.points) else NOWHERE
    starts, ends = np.concatenate([strokes[:-1], points]), np.concatenate([strokes[1:], points])
    known = np.isfinite(starts).all(axis=1) & np.isfinite(ends).all(axis=1)
    starts, ends = starts[known], ends[known]
    corners = corners[np.isfinite(corners).all(axis=1)]
    if not len(corners) or not len(starts):
        return None
    every = np.arange(len(starts))
    tree = cKDTree((starts + ends) / 2) if len(starts) > STROKES else None
    far = -1.0, corners[0], corners[0]
    for some in np.array_split(corners, 1 + len(corners) * (NEIGHBOURS if tree else len(starts)) // CHUNK):
        near = tree.query(some, NEIGHBOURS)[1] if tree else np.broadcast_to(every, (len(some), len(every)))
        start, step = starts[near], ends[near] - starts[near]
        along = ((some[:, None] - start) * step).sum(axis=2) / np.maximum((step**2).sum(axis=2), 1e-300)
        places = start + np.clip(along, 0, 1)[..., None] * step
        away = np.hypot(*(some[:, None] - places).transpose(2, 0, 1))
        nearest = away.argmin(axis=1)
        i = int(away.min(axis=1).argmax())
        if away[i, nearest[i]] > far[0]:
            far = float(away[i, nearest[i]]), some[i], places[i, nearest[i]]
    one_end, other_end = view.to_data(np.array(far[1:]))
    return far[0], one_end, other_end
