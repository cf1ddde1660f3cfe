"""Where to look: the places that the differences of one pair of axes stand at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from labnotes.compare.distances import Array
from labnotes.compare.figures import Difference
from labnotes.model.plots import AxesData, AxisData
from labnotes.report.overlay import field_outlines, outlines_by_kind
from labnotes.report.overlay.outlines import NOWHERE, Sketch, View, settled, strung
from labnotes.report.overlay.three_d import Camera

CORNERS = 20_000
"""Corners of a mark that are looked at to find where two marks are farthest apart; of more, every so many."""

STROKES, NEIGHBOURS = 1000, 16
"""Strokes that are all looked at for the one nearest to a corner; of more, those whose middles are nearest."""

CHUNK = 500_000
"""Pairs of a corner and a stroke that are computed with at once."""

STEPS = 61
"""Places of a line across the axes."""

EDGE = 1e-6
"""Share of the axes by which a place may seem to stand outside because numbers are not exact."""

WRITTEN = "words, scales and legends are not drawn"


@dataclass(frozen=True)
class Layer:
    """A mark as it is drawn: its `role` is "recorded", "observed", or "same" for one that agrees."""

    role: str
    name: str
    sketch: Sketch


@dataclass(frozen=True)
class Spot:
    """A place to look at, by the numbers of the differences that stand there. `kind` is "worst" for an element that the comparison names,
    "apart" for where two marks of different lengths are farthest apart, "tag" for a mark that differs as a whole.
    """

    kind: str
    numbers: tuple[int, ...]
    recorded: Array | None
    observed: Array | None

    @property
    def at(self) -> Array:
        """Where it is pointed at: what was observed, if that can be drawn."""
        found = [place for place in (self.observed, self.recorded) if place is not None and np.all(np.isfinite(place))]
        return found[0] if found else np.full(2, np.nan)

    @property
    def ends(self) -> tuple[list[float] | None, ...]:
        """Both places, to compare with those of another spot."""
        return tuple(place.tolist() if place is not None else None for place in (self.recorded, self.observed))


class Pair:
    """The recorded and the observed side of one pair of axes, sketched for a view; the limits of axes that differ are sketched as marks are."""

    def __init__(self, then: AxesData, now: AxesData, found: Sequence[Difference], within: Sequence[Difference], view: View | None) -> None:
        spatial = outlines_by_kind.in_space(then) or outlines_by_kind.in_space(now)
        self.camera = Camera.on(outlines_by_kind.drawn_arrays(mark) for mark in (*then.marks, *now.marks)) if spatial else None
        self._marks = {"recorded": then.marks, "observed": now.marks}
        self._view = view
        self._changed = _numbers(found)
        if any(difference.place.array == "marks" for difference in found):
            self._changed["recorded"] |= set(range(len(then.marks)))
        self._moved = _numbers(within)
        self._sketches = {
            (side, i): outlines_by_kind.sketch(mark, then, view, self.camera)
            for side, marks in self._marks.items()
            for i, mark in enumerate(marks)
            if side == "recorded" or i in self._changed[side] | self._moved[side]
        }
        self._limits: dict[tuple[str, str], Sketch] = {}
        for name in {d.place.axis for d in found if d.place.array == "limits" and not spatial}:
            for side, axes in (("recorded", then), ("observed", now)):
                axis: AxisData = getattr(axes, name)
                if axis.limits:
                    self._limits[side, name] = _limits(name, axis.limits, view)

    def layers(self) -> list[Layer]:
        """What agrees once and faintly, of fields the outline; what moved on both sides."""
        found = []
        for (side, i), sketch in self._sketches.items():
            if sketch is None or not len(sketch.all):
                continue
            agrees = i not in self._changed[side] | self._moved[side]
            if agrees and self._marks[side][i].kind in field_outlines.KINDS:
                sketch = _outline(sketch)
            role = "same" if agrees else side
            found.append(Layer(role, f"{role}-{i}", sketch))
        return found + [Layer(side, f"{side}-limits-{name}", sketch) for (side, name), sketch in sorted(self._limits.items())]

    def spot(self, difference: Difference, number: int) -> Spot | str:
        """Where a difference stands, or why there is no such place."""
        place = difference.place
        if place.axis:
            sides = [self._limits.get((side, place.axis)) if place.array == "limits" else None for side in ("recorded", "observed")]
        else:
            sides = [self._sketches.get((side, i)) if i is not None else None for side, i in _sides(difference)]
        if place.array == "marks":
            sides = [next((self._sketches["recorded", i] for i in range(len(self._marks["recorded"]))), None), None]
        if sides == [None, None]:
            marks = [self._marks[side][i] for side, i in _sides(difference) if i is not None]
            return outlines_by_kind.why_not(marks[-1]) if marks else WRITTEN
        then, now = sides
        if place.array == "norm":
            return "the limits of colours have no place"
        if place.at is not None:
            spot = Spot("worst", (number,), *(side.place(place.array, place.at) if side else None for side in sides))
        elif place.array and then and now:
            spot = Spot("apart", (number,), *self._farthest(then, now))
        else:
            spot = Spot("tag", (number,), None, None)
        if place.at is None and not np.all(np.isfinite(spot.at)):
            spot = Spot("tag", (number,), *(self._middle(side) if side else None for side in sides))
        if self._view is None or len(_seen(spot.at[None], self._view)):
            return spot
        return "it stands outside the axes" if np.all(np.isfinite(spot.at)) else "it has no place"

    def _middle(self, sketch: Sketch) -> Array | None:
        """A place on a mark, one that can be seen if there is any."""
        seen = _seen(sketch.all, self._view) if self._view else sketch.all
        places = seen if len(seen) else sketch.all
        found: Array = places[len(places) // 2] if len(places) else np.full(2, np.nan)
        return found if len(places) else None

    def _farthest(self, then: Sketch, now: Sketch) -> tuple[Array | None, Array | None]:
        """The corner of either mark that is farthest from the other, and the place of the other that is nearest to it."""
        if self._view is None:
            return None, None
        forth, back = (_farthest(*sides, self._view) for sides in ((then, now), (now, then)))
        if forth is None or back is None:
            return None, None
        return (forth[1], forth[2]) if forth[0] >= back[0] else (back[2], back[1])


def merged(spots: Iterable[Spot]) -> list[Spot]:
    """Spots at one place as one, with the numbers of all."""
    found: list[Spot] = []
    for spot in spots:
        for i, other in enumerate(found):
            if other.kind == spot.kind and np.array_equal(other.at, spot.at, equal_nan=True):
                found[i] = Spot(spot.kind, (*other.numbers, *spot.numbers), other.recorded, other.observed)
                break
        else:
            found.append(spot)
    return found


def _sides(difference: Difference) -> list[tuple[str, int | None]]:
    return [("recorded", difference.place.recorded), ("observed", difference.place.observed)]


def _numbers(found: Iterable[Difference]) -> dict[str, set[int]]:
    """The marks of either side that differences name."""
    named: dict[str, set[int]] = {"recorded": set(), "observed": set()}
    for difference in found:
        for side, i in _sides(difference):
            if i is not None:
                named[side].add(i)
    return named


def _limits(name: str, limits: tuple[float, float], view: View | None) -> Sketch:
    """A line across the axes at each limit; of many strokes, since on polar axes it is a circle."""

    def across(end: float, shares: Array) -> Array:
        ends = np.full(len(shares), end)
        return settled(np.column_stack([ends, shares] if name == "x" else [shares, ends]), name, view)

    middle = np.concatenate([across(end, np.array([0.5])) for end in limits])
    return Sketch(strung(across(end, np.linspace(0, 1, STEPS)) for end in limits), NOWHERE, {"limits": middle})


def _outline(sketch: Sketch) -> Sketch:
    """The box around all that a field shows: its cells would be a wash of grey."""
    (left, low), (right, high) = sketch.all.min(axis=0), sketch.all.max(axis=0)
    return Sketch(np.array([(left, low), (right, low), (right, high), (left, high), (left, low)]), NOWHERE, {})


def _seen(places: Array, view: View) -> Array:
    """The places inside the view."""
    shares = view.shares(places)
    return places[np.all(np.isfinite(shares) & (shares > -EDGE) & (shares < 1 + EDGE), axis=1)] if len(places) else places


def _farthest(one: Sketch, other: Sketch, view: View) -> tuple[float, Array, Array] | None:
    """How far the corner of one mark that is farthest from another stands from it, that corner, and the nearest place of the other."""
    seen = _seen(one.all, view)
    corners = view.shares(seen[:: 1 + len(seen) // CORNERS])
    strokes = view.shares(other.strokes) if len(other.strokes) else NOWHERE
    points = view.shares(other.points) if len(other.points) else NOWHERE
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
    one_end, other_end = view.data(np.array(far[1:]))
    return far[0], one_end, other_end
