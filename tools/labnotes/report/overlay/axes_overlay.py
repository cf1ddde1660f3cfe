"""Chooses and makes the drawings for one pair of axes, with their captions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labnotes.compare.distances import AXIS_OF, MEASURES, Array, AxisRanges
from labnotes.compare.figure_differences import FigureDifference
from labnotes.compare.figures import SHOWN
from labnotes.model.comparison import percent_text
from labnotes.model.mark_kinds import mark_kind
from labnotes.model.plots import AxesData
from labnotes.report.overlay import drawing, field_outlines, outlines_by_kind
from labnotes.report.overlay.axes_style import overlay_style
from labnotes.report.overlay.difference_places import DifferenceSpot, SketchedSides, merge_spots
from labnotes.report.overlay.overlay_result import TOLD, AxesOverlay, Drawing, ListedDifference
from labnotes.report.overlay.view import SCALES, Scene, make_scene

DETAILED = 2
"""How many marks of one pair of axes get drawings of their own; those that differ most come first."""

NEAR = 0.06
"""Share of the axes below which two places are hard to tell apart."""

TOUCHING = 1e-9
"""Share of the axes below which no magnification tells two places apart: numbers are not that exact."""


@dataclass(frozen=True)
class _ComparedAxes:
    """The recorded and the observed version of one pair of axes, seen in one view.

    `differences` are those differences beyond the tolerance, worst first; their numbers count from 1. `spots` has a place for each of them, or the
    reason why there is none.
    """

    then: AxesData
    now: AxesData
    differences: Sequence[FigureDifference]
    limit: float
    scene: Scene
    pair: SketchedSides
    spots: Sequence[DifferenceSpot | str]

    @property
    def placed_spots(self) -> list[DifferenceSpot]:
        return [spot for spot in self.spots if isinstance(spot, DifferenceSpot)]

    @property
    def is_numbered(self) -> bool:
        return len(self.differences) > 1

    def alternative_text(self, start: str) -> str:
        """The alternative text of a drawing: what it is, and what differs."""
        more = [f"and {len(self.differences) - SHOWN} more differences"] if len(self.differences) > SHOWN else []
        return f"{start}: {'; '.join([*(difference.what for difference in self.differences[:SHOWN]), *more])}"

    def number_prefix(self, numbers: Sequence[int]) -> str:
        """The start of a caption: the numbers of the differences that a drawing is about; "" where the axes have only one."""
        return f"{', '.join(map(str, numbers))}: " if self.is_numbered else ""


def axes_overlay(
    title: str, then: AxesData, now: AxesData, differences: Sequence[FigureDifference], within: Sequence[FigureDifference], limit: float
) -> AxesOverlay:
    """The overlay of one pair of axes: its drawings, its listed differences, and remarks."""
    said: list[str] = []
    drawings: list[Drawing] = []
    spots: Sequence[DifferenceSpot | str] = ()
    try:
        with overlay_style():
            work = _prepare_axes(then, now, differences, within, limit)
            spots = work.spots
            drawings = list(_make_drawings(work))
            said = [*_view_remarks(work), *_remarks_on_overview(work, drawings)]
    except (ValueError, ArithmeticError, RuntimeError) as error:  # what matplotlib makes of numbers it cannot draw
        drawings = []
        said = [f"This could not be drawn: {type(error).__name__}: {error}."]
    undrawn = [spot if isinstance(spot, str) else "" for spot in spots] or [""] * len(differences)
    told = [ListedDifference(i + 1, difference.what, why) for i, (difference, why) in enumerate(zip(differences, undrawn, strict=True))]
    if not drawings and not said:
        said.append("There is no overlay of these axes: what differs has no place in the drawing.")
    return AxesOverlay(title, tuple(told[:TOLD]), len(told[TOLD:]), tuple(drawings), tuple(said))


def _prepare_axes(
    then: AxesData, now: AxesData, differences: Sequence[FigureDifference], within: Sequence[FigureDifference], limit: float
) -> _ComparedAxes:
    """Sketch both versions of axes: once without a view, to learn how far the data reach, then in the view that fits them."""
    rough = SketchedSides(then, now, differences, within, None)
    layers = rough.drawn_layers()
    places = [places for layer in layers for places in (layer.sketch.strokes, layer.sketch.points)]
    named = [rough.spot_of(difference, 1) for difference in differences]
    must = [place for spot in named if isinstance(spot, DifferenceSpot) for place in (spot.recorded, spot.observed) if place is not None]
    seen = np.concatenate([np.empty((0, 2)), *places])
    view = make_scene(then, seen, np.array(must).reshape(-1, 2), curved=outlines_by_kind.is_polar(then))
    pair = SketchedSides(then, now, differences, within, view)
    return _ComparedAxes(
        then, now, differences, limit, view, pair, [pair.spot_of(difference, i + 1) for i, difference in enumerate(differences)]
    )


def _make_drawings(work: _ComparedAxes) -> Iterator[Drawing]:
    maps: dict[int, Drawing] = {}
    for i, difference in enumerate(work.differences):
        if len(maps) < DETAILED and (made := _map_drawing(work, difference, i)):
            maps[i] = made
    spots = [spot for i, spot in enumerate(work.spots) if isinstance(spot, DifferenceSpot) and i not in maps]
    if spots:
        yield _overview_drawing(work, merge_spots(spots))
    for spot in _distinct_spots(work, _worst_of_each_mark(work, lambda i: i not in maps and _is_near(work, work.spots[i]))):
        i = spot.numbers[0] - 1
        array = work.differences[i].place.array
        svg, times = drawing.magnified_svg(work.scene, work.pair.drawn_layers(), spot)
        what = f"Magnified {_times_text(times)}"
        values = "values" if AXIS_OF.get(array) in ("x", "y") or array == "limits" else "places"
        caption = f"{work.number_prefix(spot.numbers)}{what}; the ticks stand at the two {values}"
        yield Drawing(kind="magnified", svg=svg, alt=f"{what}: {work.differences[i].what}", caption=caption)
    for i in _worst_of_each_mark(work, lambda i: i not in maps and _signed_shares_in_row(work, work.differences[i]) is not None):
        yield _elements_drawing(work, i)
    yield from maps.values()


def _overview_drawing(work: _ComparedAxes, spots: Sequence[DifferenceSpot]) -> Drawing:
    equal = any(mark_kind(mark.kind).needs_equal_axes for mark in work.then.marks)
    svg = drawing.overview_svg(work.scene, work.pair.drawn_layers(), spots, equal=equal, numbered=work.is_numbered)
    limits = "; the lines across stand at limits" if any(d.place.array == "limits" for d in work.differences) else ""
    return Drawing(
        kind="overview",
        svg=svg,
        alt=work.alternative_text("Recorded and observed marks over each other"),
        caption=f"Recorded and observed, over each other{limits}",
    )


def _elements_drawing(work: _ComparedAxes, i: int) -> Drawing:
    """The drawing of a difference along an array, element by element."""
    difference, signed = work.differences[i], _signed_shares_in_row(work, work.differences[i])
    place = difference.place
    assert signed is not None and place.at is not None and place.recorded is not None
    mark = work.then.marks[place.recorded]
    axis = AXIS_OF[place.array]
    measure = MEASURES.get(axis, f"{axis} range")
    element = f"element of {place.array}, {mark.kind}{f' {mark.label}' if mark.label else ''}"
    svg = drawing.elements_svg(signed, work.limit, place.at[0], (i + 1,), element, measure)
    differing = int(np.sum(signed != 0))
    counted = f"{differing} of {len(signed)} elements of {place.array} differ; {percent_text(work.limit)} is allowed"
    caption = f"{work.number_prefix([i + 1])}{counted}{_crosses_remark(signed)}"
    return Drawing(kind="along", svg=svg, alt=f"Observed minus recorded, element by element: {difference.what}", caption=caption)


def _map_drawing(work: _ComparedAxes, difference: FigureDifference, i: int) -> Drawing | None:
    """The map of a difference in the values of a field, cell by cell; None if the difference is not one of values."""
    place, spot = difference.place, work.spots[i]
    if place.array != "value" or place.at is None or place.recorded is None or not isinstance(spot, DifferenceSpot):
        return None
    mark = work.then.marks[place.recorded]
    if not outlines_by_kind.shows_values(mark):
        return None
    cells = field_outlines.field_cells(outlines_by_kind.plain_kind(mark), outlines_by_kind.drawn_arrays(mark), mark.exact, work.scene)
    signed = _signed_shares(work, difference)
    if cells is None or signed is None:
        return None
    if signed.ndim == 3:  # red, green and blue of a picture: the one that differs most
        channel = np.abs(signed).argmax(axis=2)[..., None]
        signed = np.take_along_axis(signed, channel, axis=2)[..., 0]
    differing = int(np.sum(signed != 0))
    svg = drawing.field_map_svg(work.scene, cells, signed, spot, "range of values", numbered=work.is_numbered)
    counted = f"{differing} of {signed.size} cells differ; {percent_text(work.limit)} is allowed"
    caption = f"{work.number_prefix([i + 1])}{counted}{_crosses_remark(signed)}"
    return Drawing(kind="map", svg=svg, alt=f"Map of observed minus recorded values: {difference.what}", caption=caption)


def _signed_shares(work: _ComparedAxes, difference: FigureDifference) -> Array | None:
    """Observed minus recorded for each element of the array that differs, as shares of what the comparison measures by.

    None for arrays of different shapes, and for a difference that names no element.
    """
    place = difference.place
    if place.recorded is None or place.observed is None or place.at is None or place.axis:
        return None
    old, new = work.then.marks[place.recorded], work.now.marks[place.observed]
    ranges = AxisRanges(work.then).with_mark_ranges(old)
    before, after = ranges.comparable_arrays(old)[place.array], ranges.comparable_arrays(new)[place.array]
    distance = ranges.relative_distances(before, after, AXIS_OF[place.array])
    return np.where(distance > 0, distance * np.where(after < before, -1.0, 1.0), 0.0)


def _signed_shares_in_row(work: _ComparedAxes, difference: FigureDifference) -> Array | None:
    """What `_signed_shares` gives, for an array of one dimension and more than two elements; None for any other array."""
    signed = _signed_shares(work, difference)
    return signed if signed is not None and signed.ndim == 1 and len(signed) > 2 else None


def _is_near(work: _ComparedAxes, spot: DifferenceSpot | str) -> bool:
    """Whether two places are too near each other to be told apart without a closer look."""
    if isinstance(spot, str) or spot.kind == "tag" or spot.recorded is None or spot.observed is None:
        return False
    ends = work.scene.to_shares(np.array([spot.recorded, spot.observed]))
    away = float(np.abs(ends[1] - ends[0]).max())
    return TOUCHING < away < NEAR


def _worst_of_each_mark(work: _ComparedAxes, fits: Callable[[int], bool]) -> list[int]:
    """Indices of the worst difference of each mark that `fits`, for the first DETAILED marks."""
    worst_by_mark: dict[tuple[str, int | None, int | None], int] = {}
    for i, difference in enumerate(work.differences):
        key = (difference.place.axis, difference.place.recorded, difference.place.observed)
        if len(worst_by_mark) < DETAILED and key not in worst_by_mark and fits(i):
            worst_by_mark[key] = i
    return list(worst_by_mark.values())


def _distinct_spots(work: _ComparedAxes, chosen: Sequence[int]) -> list[DifferenceSpot]:
    """The spots of the chosen differences, with one spot for all differences that stand at the same two places."""
    distinct: list[DifferenceSpot] = []
    for i in chosen:
        spot = work.spots[i]
        assert isinstance(spot, DifferenceSpot)
        same = [j for j, other in enumerate(distinct) if other.both_places == spot.both_places]
        if same:
            distinct[same[0]] = replace(distinct[same[0]], numbers=(*distinct[same[0]].numbers, i + 1))
        else:
            distinct.append(spot)
    return distinct


def _crosses_remark(signed: Array) -> str:
    return "" if np.all(np.isfinite(signed)) else "; a cross is a number on one side alone"


def _times_text(times: float) -> str:
    return f"{times:,.0f} times".replace(",", "\N{NARROW NO-BREAK SPACE}") if times < 1e6 else f"{times:.1e} times"


def _view_remarks(work: _ComparedAxes) -> Iterator[str]:
    for name, axis in (("x", work.then.x), ("y", work.then.y)):
        if axis.scale not in SCALES:
            yield f"The {name} axis is drawn with equal steps: of its scale ({axis.scale}) the record has samples only."
    if work.scene.widened:
        yield f"The view is wider than recorded along {' and '.join(work.scene.widened)}, to show what differs."


def _remarks_on_overview(work: _ComparedAxes, drawings: Sequence[Drawing]) -> Iterator[str]:
    kinds = outlines_by_kind.kinds_in_pictures((*work.then.marks, *work.now.marks))
    if kinds and any(made.kind == "overview" for made in drawings):
        yield f"The overlay leaves out {' and '.join(kinds)}: the two pictures below show them."
