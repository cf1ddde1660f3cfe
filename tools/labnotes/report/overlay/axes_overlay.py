"""The drawings for one pair of axes: which there are, of what, and what their captions say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labnotes.compare.distances import AXIS_OF, MEASURES, Array, Ranges
from labnotes.compare.figures import SHOWN, Difference
from labnotes.model.comparison import percent_text
from labnotes.model.plots import AxesData
from labnotes.report.overlay import drawing, field_outlines, outlines_by_kind
from labnotes.report.overlay.axes_style import looks
from labnotes.report.overlay.difference_places import Pair, Spot, merged
from labnotes.report.overlay.overlay_result import TOLD, AxesOverlay, Drawing, Told
from labnotes.report.overlay.view import MARGIN, SCALES, Scene, scene

DETAILED = 2
"""Marks of one pair of axes that are looked at closely, the worst first."""

VECTORS = 0.14
"""Share of the axes left free around the feet of vectors."""

NEAR = 0.06
"""Share of the axes below which two places are hard to tell apart."""

TOUCHING = 1e-9
"""Share of the axes below which no magnification would part two places: numbers are not that exact."""


@dataclass(frozen=True)
class _Work:
    """One pair of axes, seen in one view. `found` are its differences beyond the tolerance, worst first; their numbers count from 1."""

    then: AxesData
    now: AxesData
    found: Sequence[Difference]
    limit: float
    scene: Scene
    pair: Pair
    spots: Sequence[Spot | str]

    @property
    def placed(self) -> list[Spot]:
        return [spot for spot in self.spots if isinstance(spot, Spot)]

    @property
    def numbered(self) -> bool:
        return len(self.found) > 1

    def alt(self, start: str) -> str:
        """A drawing in words: what it is, and what differs."""
        more = [f"and {len(self.found) - SHOWN} more differences"] if len(self.found) > SHOWN else []
        return f"{start}: {'; '.join([*(difference.what for difference in self.found[:SHOWN]), *more])}"

    def which(self, numbers: Sequence[int]) -> str:
        """The difference that a drawing is about, where there are several."""
        return f"{', '.join(map(str, numbers))}: " if self.numbered else ""


def axes_overlay(
    title: str, then: AxesData, now: AxesData, found: Sequence[Difference], within: Sequence[Difference], limit: float
) -> AxesOverlay:
    """Everything there is to show and to say of one pair of axes."""
    said: list[str] = []
    drawings: list[Drawing] = []
    spots: Sequence[Spot | str] = ()
    try:
        with looks():
            work = _prepared(then, now, found, within, limit)
            spots = work.spots
            drawings = list(_drawings(work))
            said = list(_remarks(work))
    except (ValueError, ArithmeticError, RuntimeError) as error:  # what matplotlib makes of numbers it cannot draw
        drawings = []
        said = [f"This could not be drawn: {type(error).__name__}: {error}."]
    undrawn = [spot if isinstance(spot, str) else "" for spot in spots] or [""] * len(found)
    told = [Told(i + 1, difference.what, why) for i, (difference, why) in enumerate(zip(found, undrawn, strict=True))]
    if not drawings and not said:
        said.append("There is no overlay of these axes: what differs has no place in the drawing.")
    return AxesOverlay(title, tuple(told[:TOLD]), len(told[TOLD:]), tuple(drawings), tuple(said))


def _prepared(then: AxesData, now: AxesData, found: Sequence[Difference], within: Sequence[Difference], limit: float) -> _Work:
    """Sketched twice: without a view, to know how far the data reach, then in the view that this makes."""
    rough = Pair(then, now, found, within, None)
    flat = _flat(then) if rough.camera is not None else then
    layers = rough.layers()
    places = [places for layer in layers for places in (layer.sketch.strokes, layer.sketch.points)]
    named = [rough.spot(difference, 1) for difference in found]
    must = [place for spot in named if isinstance(spot, Spot) for place in (spot.recorded, spot.observed) if place is not None]
    if rough.camera is not None:
        places.append(1.15 * rough.camera.frame())  # and room for the names of the axes
    seen = np.concatenate([np.empty((0, 2)), *places])
    margin = VECTORS if any(mark.kind in outlines_by_kind.VECTORS for mark in then.marks) else MARGIN
    view = scene(flat, seen, np.array(must).reshape(-1, 2), margin, curved=outlines_by_kind.is_polar(then))
    pair = Pair(then, now, found, within, view)
    return _Work(then, now, found, limit, view, pair, [pair.spot(difference, i + 1) for i, difference in enumerate(found)])


def _drawings(work: _Work) -> Iterator[Drawing]:
    maps: dict[int, Drawing] = {}
    for i, difference in enumerate(work.found):
        if len(maps) < DETAILED and (made := _map(work, difference, i)):
            maps[i] = made
    spots = [spot for i, spot in enumerate(work.spots) if isinstance(spot, Spot) and i not in maps]
    if spots:
        yield _overview(work, merged(spots))
    for spot in _distinct(work, _one_a_mark(work, lambda i: i not in maps and _is_near(work, work.spots[i]))):
        i = spot.numbers[0] - 1
        array = work.found[i].place.array
        measured = AXIS_OF.get(array, "")
        ticks = work.pair.camera is None and measured != "vector"
        svg, times = drawing.magnified(work.scene, work.pair.layers(), spot, work.pair.camera, ticks=ticks)
        what = f"Magnified {_times(times)}"
        values = "values" if measured in ("x", "y") or array == "limits" else "places"
        caption = f"{work.which(spot.numbers)}{what}{f'; the ticks stand at the two {values}' if ticks else ''}"
        yield Drawing("magnified", svg, f"{what}: {work.found[i].what}", caption)
    for i in _one_a_mark(work, lambda i: i not in maps and _signed(work, work.found[i]) is not None):
        yield _along(work, i)
    yield from maps.values()


def _overview(work: _Work, spots: Sequence[Spot]) -> Drawing:
    equal = work.pair.camera is not None or any(mark.kind in outlines_by_kind.EQUAL for mark in work.then.marks)
    svg = drawing.overview(work.scene, work.pair.layers(), spots, work.pair.camera, equal=equal, numbered=work.numbered)
    limits = "; the lines across stand at limits" if any(d.place.array == "limits" for d in work.found) else ""
    return Drawing(
        "overview", svg, work.alt("Recorded and observed marks over each other"), f"Recorded and observed, over each other{limits}"
    )


def _along(work: _Work, i: int) -> Drawing:
    difference, signed = work.found[i], _signed(work, work.found[i])
    place = difference.place
    assert signed is not None and place.at is not None and place.recorded is not None
    mark = work.then.marks[place.recorded]
    axis = AXIS_OF[place.array]
    measure = MEASURES.get(axis, f"{axis} range")
    element = f"element of {place.array}, {mark.kind}{f' {mark.label}' if mark.label else ''}"
    svg = drawing.along(signed, work.limit, place.at[0], (i + 1,), element, measure)
    differing = int(np.sum(signed != 0))
    counted = f"{differing} of {len(signed)} elements of {place.array} differ; {percent_text(work.limit)} is allowed"
    caption = f"{work.which([i + 1])}{counted}{_crosses(signed)}"
    return Drawing("along", svg, f"Observed minus recorded, element by element: {difference.what}", caption)


def _map(work: _Work, difference: Difference, i: int) -> Drawing | None:
    """The difference of a field's values, cell by cell."""
    place, spot = difference.place, work.spots[i]
    if place.array != "value" or place.at is None or place.recorded is None or not isinstance(spot, Spot) or work.pair.camera is not None:
        return None
    mark = work.then.marks[place.recorded]
    if not outlines_by_kind.shows_values(mark):
        return None
    cells = field_outlines.cells(
        outlines_by_kind.plain_kind(mark), outlines_by_kind.drawn_arrays(mark), outlines_by_kind.words_of(mark, work.then), work.scene
    )
    signed = _difference(work, difference)
    if cells is None or signed is None:
        return None
    if signed.ndim == 3:  # of the colours of a picture the one that differs most
        channel = np.abs(signed).argmax(axis=2)[..., None]
        signed = np.take_along_axis(signed, channel, axis=2)[..., 0]
    differing = int(np.sum(signed != 0))
    svg = drawing.field_map(work.scene, cells, signed, spot, "range of values", numbered=work.numbered)
    counted = f"{differing} of {signed.size} cells differ; {percent_text(work.limit)} is allowed"
    caption = f"{work.which([i + 1])}{counted}{_crosses(signed)}"
    return Drawing("map", svg, f"Map of observed minus recorded values: {difference.what}", caption)


def _difference(work: _Work, difference: Difference) -> Array | None:
    """Observed minus recorded as shares of what the comparison measures by; None for arrays of two shapes."""
    place = difference.place
    if place.recorded is None or place.observed is None or place.at is None or place.axis:
        return None
    old, new = work.then.marks[place.recorded], work.now.marks[place.observed]
    ranges = Ranges(work.then).of(old)
    before, after = ranges.comparable(old)[place.array], ranges.comparable(new)[place.array]
    distance = ranges.distances(before, after, AXIS_OF[place.array])
    return np.where(distance > 0, distance * np.where(after < before, -1.0, 1.0), 0.0)


def _signed(work: _Work, difference: Difference) -> Array | None:
    """As `_difference`, for an array in one row whose elements are worth comparing with each other."""
    signed = _difference(work, difference)
    return signed if signed is not None and signed.ndim == 1 and len(signed) > 2 else None


def _is_near(work: _Work, spot: Spot | str) -> bool:
    """Whether two places are too near each other to be told apart without a closer look."""
    if isinstance(spot, str) or spot.kind == "tag" or spot.recorded is None or spot.observed is None:
        return False
    ends = work.scene.shares(np.array([spot.recorded, spot.observed]))
    away = float(np.abs(ends[1] - ends[0]).max())
    return TOUCHING < away < NEAR


def _one_a_mark(work: _Work, fits: Callable[[int], bool]) -> list[int]:
    """The worst difference of each mark that fits, of as many marks as are looked at closely."""
    found: dict[tuple[str, int | None, int | None], int] = {}
    for i, difference in enumerate(work.found):
        key = (difference.place.axis, difference.place.recorded, difference.place.observed)
        if len(found) < DETAILED and key not in found and fits(i):
            found[key] = i
    return list(found.values())


def _distinct(work: _Work, chosen: Sequence[int]) -> list[Spot]:
    """Spots to magnify, one for differences that stand at the same two places."""
    found: list[Spot] = []
    for i in chosen:
        spot = work.spots[i]
        assert isinstance(spot, Spot)
        same = [j for j, other in enumerate(found) if other.ends == spot.ends]
        if same:
            found[same[0]] = replace(found[same[0]], numbers=(*found[same[0]].numbers, i + 1))
        else:
            found.append(spot)
    return found


def _crosses(signed: Array) -> str:
    return "" if np.all(np.isfinite(signed)) else "; a cross is a number on one side alone"


def _times(times: float) -> str:
    return f"{times:,.0f} times".replace(",", "\N{NARROW NO-BREAK SPACE}") if times < 1e6 else f"{times:.1e} times"


def _remarks(work: _Work) -> Iterator[str]:
    for name, axis in (("x", work.then.x), ("y", work.then.y)):
        if axis.scale not in SCALES:
            yield f"The {name} axis is drawn with equal steps: of its scale ({axis.scale}) the record has samples only."
    if work.scene.widened:
        yield f"The view is wider than recorded along {' and '.join(work.scene.widened)}, to show what differs."


def _flat(axes: AxesData) -> AxesData:
    """Axes in space, seen in the plane: without the limits and scales of their own, which the camera has."""
    x, y = (replace(axis, scale="linear", limits=None, inverted=False, ticks=None) for axis in (axes.x, axes.y))
    return replace(axes, x=x, y=y)
