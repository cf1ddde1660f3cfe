"""Recorded marks as points that a reader can ask for: what a figure's table shows, and what its picture says under the pointer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from labnotes.model.axes_view import AxesView
from labnotes.model.plots import AxesData, AxisData, FigureData, Mark
from labnotes.site.stage.scales import AxisScale, SeriesPlaces, UnitFormat, middle_of_stroke, scale_of, units_of

MAX_POINTS = 20_000
"""Points of a figure that the page reads out; what has more is in the CSV alone."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PointSeries:
    """The points of one mark, in data coordinates; all arrays have shape (points,).

    The measured coordinate is `y`, or `x` if `across`; `low` and `high` bound it. `value` is the height of a bar, the value of a cell, or what
    a point's colour stands for. `joined` by a line.
    """

    kind: str  # "point", "bar" or "cell"
    name: str
    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None
    value: Array | None = None
    across: bool = False
    joined: bool = False


@dataclass(frozen=True)
class PlotPanel:
    """One pair of axes that holds points, by its `place` among all axes of the figure. `colour` is how values shown by colour are written."""

    place: int
    title: str
    x: AxisScale
    y: AxisScale
    colour: AxisScale
    series: tuple[PointSeries, ...]


@dataclass(frozen=True)
class ValueGrid:
    """A table of plotted values, one for each pair of axes. `total` counts the rows there are, of which `rows` may be the first."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int


def points_of_mark(mark: Mark) -> PointSeries | None:
    """The points of a mark; None for marks that are no set of points (bands, texts, spans)."""
    arrays = {name: np.asarray(values, dtype=float) for name, values in mark.arrays.items()}
    if not {"x", "y"} <= arrays.keys():
        return None
    if mark.kind == "image of values":
        x, y = np.meshgrid(arrays["x"], arrays["y"])
        return (
            PointSeries("cell", mark.label, x.ravel(), y.ravel(), value=arrays["value"].ravel()) if x.size == arrays["value"].size else None
        )
    if mark.kind in ("line", "scatter", "stems"):
        return PointSeries("point", mark.label, arrays["x"], arrays["y"], value=arrays.get("value"), joined=mark.kind == "line")
    if mark.kind == "error bars":
        across = "yhigh" not in arrays
        side = "x" if across else "y"
        return PointSeries(
            "point", mark.label, arrays["x"], arrays["y"], arrays.get(f"{side}low"), arrays.get(f"{side}high"), across=across
        )
    if mark.kind == "bars":
        x, y, width, height = (arrays[name] for name in ("x", "y", "width", "height"))
        if len(x) and _are_horizontal(x, y, width, height):
            return PointSeries("bar", mark.label, x + width, y + height / 2, value=width, across=True)
        return PointSeries("bar", mark.label, x + width / 2, y + height, value=height)
    if mark.kind == "stairs" and len(arrays["x"]) == len(arrays["y"]) + 1:
        return PointSeries("point", mark.label, (arrays["x"][1:] + arrays["x"][:-1]) / 2, arrays["y"])
    if mark.kind == "heat map" and arrays["value"].shape != arrays["x"].shape:
        x, y = (_cell_centres(arrays[name]) for name in ("x", "y"))
        return PointSeries("cell", mark.label, x.ravel(), y.ravel(), value=arrays["value"].ravel())
    if mark.kind == "image" and arrays["value"].ndim == 2:
        return _image_points(mark, arrays)
    return None


def _are_horizontal(x: Array, y: Array, width: Array, height: Array) -> bool:
    """Whether bars are horizontal: more of them begin at x = 0 than at y = 0; if as many, their heights vary less than their widths."""
    left, bottom = int((x == 0).sum()), int((y == 0).sum())
    return left > bottom or (left == bottom and bool(np.ptp(height) < np.ptp(width)))


def _cell_centres(corners: Array) -> Array:
    """The centres of cells, shape (rows, columns), from their corners, shape (rows + 1, columns + 1)."""
    return (corners[1:, 1:] + corners[:-1, 1:] + corners[1:, :-1] + corners[:-1, :-1]) / 4


def _image_points(mark: Mark, arrays: Mapping[str, Array]) -> PointSeries:
    """The cells of an image, row by row. `value` has shape (rows, columns), `x` and `y` are the ends of the picture."""
    rows, columns = arrays["value"].shape
    (left, right), (bottom, top) = arrays["x"], arrays["y"]
    across = left + (np.arange(columns) + 0.5) * (right - left) / columns
    down = top + (np.arange(rows) + 0.5) * (bottom - top) / rows
    if mark.exact.get("origin") == "lower":
        down = down[::-1]
    x, y = np.meshgrid(across, down)
    return PointSeries("cell", mark.label, x.ravel(), y.ravel(), value=arrays["value"].ravel())


Views = Sequence[AxesView | None]
"""Where a picture shows each pair of axes; empty where that is not known."""


def plot_panels(data: FigureData, views: Views) -> Iterator[PlotPanel]:
    """Every pair of axes that holds points. An axis without a label has that of the axis that it is shared with."""
    for place, axes in enumerate(data.axes):
        series = [points for mark in axes.marks if (points := points_of_mark(mark)) and len(points.x)]
        if not series:
            continue
        x, y = (
            scale_of(
                getattr(axes, side),
                _axis_label(data, views, place, side),
                [SeriesPlaces(getattr(points, side), points.joined) for points in series],
            )
            for side in "xy"
        )
        across = _measures_across(x, y, series)
        yield PlotPanel(
            place,
            axes.title,
            x,
            y,
            _colour_scale(data, place, series),
            tuple(_oriented_points(points, x, y, across=across) for points in series),
        )


def _axis_label(data: FigureData, views: Views, place: int, side: str) -> str:
    """The label of an axis, or of the one in its column (row) that shows the same range: labels of shared axes stand once, at the edge."""
    own: AxisData = getattr(data.axes[place], side)
    if own.label or place >= len(views) or not (view := views[place]):
        return own.label
    start, length = (0, 2) if side == "x" else (1, 3)  # of a box: left, top, width, height
    for other, seen in zip(data.axes, views, strict=False):
        label: str = getattr(other, side).label
        if (
            label
            and seen
            and seen.ends_along(side) == view.ends_along(side)
            and (seen.box[start], seen.box[length]) == (view.box[start], view.box[length])
        ):
            return label
    return ""


def _measures_across(x: AxisScale, y: AxisScale, series: Sequence[PointSeries]) -> bool:
    """Whether the values of points are told by x: the rows of y are named, or are whole numbers without a label."""
    if x.names_places:
        return False
    if y.names_places:
        return True
    (in_x, _), (in_y, rows) = (_check_whole_numbers(getattr(points, side) for points in series) for side in "xy")
    return in_y and rows > 1 and not in_x and not y.ticks and not y.label and bool(x.label)


def _check_whole_numbers(arrays: Iterable[Array]) -> tuple[bool, int]:
    """Whether all numbers are whole, and how many different ones there are."""
    numbers = np.concatenate(list(arrays))
    numbers = np.unique(numbers[np.isfinite(numbers)])
    return np.array_equal(numbers, np.round(numbers)), len(numbers)


def _oriented_points(points: PointSeries, x: AxisScale, y: AxisScale, *, across: bool) -> PointSeries:
    """The series with `across` set, where its kind does not tell which axis measures its values.

    A stroke drawn across a named place becomes one point at that place; points between two axes of names become cells.
    """
    if points.kind != "point" or points.low is not None:
        return points
    if points.value is not None and x.names_places and y.names_places:
        return replace(points, kind="cell")
    points = replace(points, across=across)
    named, along = (y, points.y) if across else (x, points.x)
    row = middle_of_stroke(along, np.array([at for at, _ in named.ticks])) if named.names_places else None
    ends = points.x if across else points.y
    if row is None or not points.joined or ends[0] != ends[1]:
        return points
    end, middle = ends[:1], np.array([row])
    return replace(points, x=end, y=middle) if across else replace(points, x=middle, y=end)


def _colour_scale(data: FigureData, place: int, series: Sequence[PointSeries]) -> AxisScale:
    """How values shown by colour are written: as at the colour bar, else as in the cells' own texts."""
    for bar in data.axes:
        if bar.role == f"colour bar of axes {place}":
            lying = bool(bar.x.label or bar.x.numbers or bar.x.ticks) or (bar.y.limits == (0, 1) and bar.x.limits != (0, 1))
            axis = bar.x if lying else bar.y
            return scale_of(axis, axis.label, [])
    return AxisScale("", _written_in_cells(data.axes[place], series) or UnitFormat(), (), False)


def _written_in_cells(axes: AxesData, series: Sequence[PointSeries]) -> UnitFormat | None:
    texts = {
        (float(np.ravel(mark.arrays["x"])[0]), float(np.ravel(mark.arrays["y"])[0])): str(mark.exact["text"])
        for mark in axes.marks
        if "text" in mark.exact and all(np.size(mark.arrays.get(side, ())) == 1 for side in "xy")
    }
    cells = chain.from_iterable(
        zip(points.x, points.y, points.value, strict=True) for points in series if points.kind == "cell" and points.value is not None
    )
    return units_of([(float(value), texts[float(x), float(y)]) for x, y, value in cells if (float(x), float(y)) in texts])


# -- tables ------------------------------------------------------------------------------------------------------------------------------


def value_grids(data: FigureData, limit: int, views: Views = ()) -> list[ValueGrid]:
    """The plotted points as tables: a column for each series where all stand at the same places, else a row for each point."""
    tables = []
    for panel in plot_panels(data, views):
        series = panel.series
        same = len(series) > 1 and all(_same_places(series[0], other) for other in series[1:])
        head, rows = (_wide_table if same else _long_table)(panel)
        tables.append(ValueGrid(panel.title, head, tuple(rows[:limit]), len(rows)))
    return tables


def _same_places(first: PointSeries, other: PointSeries) -> bool:
    plain = all(points.value is None and points.low is None and not points.across for points in (first, other))
    return plain and np.array_equal(first.x, other.x)


def _wide_table(panel: PlotPanel) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    x, y, series = panel.x, panel.y, panel.series
    head = (x.label or "x", *(points.name or f"{y.label or 'y'} {i + 1}" for i, points in enumerate(series)))
    rows = [(x.value_text(at), *(y.value_text(points.y[i]) for points in series)) for i, at in enumerate(series[0].x)]
    return head, rows


def _long_table(panel: PlotPanel) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    x, y, series = panel.x, panel.y, panel.series
    named = any(points.name for points in series) and len(series) > 1
    bounded = any(points.low is not None for points in series)
    valued = any(points.value is not None and points.kind != "bar" for points in series)
    head = [*(["series"] if named else []), x.label or "x", y.label or "y"]
    head += [*(["low", "high"] if bounded else []), *([panel.colour.label or "value"] if valued else [])]
    rows = []
    for points in series:
        for i in range(len(points.x)):
            places = [x.value_text(points.x[i]), y.value_text(points.y[i])]
            measured = x if points.across else y
            if points.kind == "bar":  # the bar's length, wherever it begins
                places[0 if points.across else 1] = _text_at_index(measured, points.value, i)
            row = [*([points.name] if named else []), *places]
            row += [_text_at_index(measured, points.low, i), _text_at_index(measured, points.high, i)] if bounded else []
            row += [_text_at_index(panel.colour, points.value, i) if points.kind != "bar" else ""] if valued else []
            rows.append(tuple(row))
    return tuple(head), rows


def _text_at_index(scale: AxisScale, values: Array | None, i: int) -> str:
    return scale.value_text(values[i]) if values is not None and i < len(values) else ""


# -- read-outs ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SeriesReadout:
    """What the page's script shows of one series, an entry for each point.

    `x` and `y` are shares of the picture's width and height from its upper left corner, `floor` is the share at which its axes end below.
    `values` are those of the measured axis. What else is known of a point is `lead`, common to all points, and then
    its entry of `words`. Both are written as the picture's axes write numbers.
    """

    name: str
    lead: str
    floor: float
    x: tuple[float, ...]
    y: tuple[float, ...]
    values: tuple[str, ...]
    words: tuple[str, ...]


def figure_readout(data: FigureData, views: Views) -> list[SeriesReadout] | None:
    """What the page's script shows under the pointer: for each series its points as shares of the picture's width and height, and in words
    what each says. None where the picture has no view of its axes, or too many points."""
    series, count = [], 0
    for panel in plot_panels(data, views):
        view = views[panel.place] if panel.place < len(views) else None
        if view is None or not set(view.scales) <= {"linear", "log"}:
            continue
        for points in panel.series:
            count += len(points.x)
            if count > MAX_POINTS:
                return None
            if (said := _series_readout(panel, points, view)).x:
                series.append(said)
    return series or None


def readout_json(readout: Sequence[SeriesReadout]) -> str:
    """The read-out as the page's script fetches it."""
    return json.dumps([asdict(series) for series in readout], separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _series_readout(panel: PlotPanel, points: PointSeries, view: AxesView) -> SeriesReadout:
    left, top, width, height = view.box
    right, up = (_axis_shares(getattr(points, side), view.ends_along(side), view.scales[i]) for i, side in enumerate("xy"))
    inside = (right >= -0.01) & (right <= 1.01) & (up >= -0.01) & (up <= 1.01)  # NaN is nowhere
    if points.kind == "cell" and points.value is not None:
        inside &= np.isfinite(points.value)
    shown = np.flatnonzero(inside).tolist()
    words = [", ".join(filter(None, _point_details(panel, points, i))) for i in shown]
    lead = _common_lead(words)
    return SeriesReadout(
        name=points.name,
        lead=lead,
        floor=round(top + height, 4),
        x=tuple(round(float(left + right[i] * width), 4) for i in shown),
        y=tuple(round(float(top + (1 - up[i]) * height), 4) for i in shown),
        values=tuple(_measured_text(panel, points, i) for i in shown),
        words=tuple(said.removeprefix(lead) for said in words),
    )


def _axis_shares(values: Array, ends: Sequence[float], scale: str) -> Array:
    """How far values lie along an axis from its lower end (0) to its upper end (1), shape (points,)."""
    low, high = np.asarray(ends, dtype=float)
    with np.errstate(all="ignore"):
        shares: Array = np.log(values / low) / np.log(high / low) if scale == "log" else (values - low) / (high - low)
    return shares


def _common_lead(texts: Sequence[str]) -> str:
    """The whole words with which all texts begin."""
    first, last = min(texts, default=""), max(texts, default="")
    length = next((i for i, (letter, other) in enumerate(zip(first, last, strict=False)) if letter != other), min(len(first), len(last)))
    return first[: first.rfind(" ", 0, length) + 1]


def _measured_text(panel: PlotPanel, points: PointSeries, i: int) -> str:
    if points.kind == "cell" and points.value is not None:
        return panel.colour.value_text(points.value[i])
    scale, along = (panel.x, points.x) if points.across else (panel.y, points.y)
    return scale.value_text(points.value[i] if points.kind == "bar" and points.value is not None else along[i])


def _point_details(panel: PlotPanel, points: PointSeries, i: int) -> Iterator[str]:
    """The interval of a point, its place on the axis that does not measure it, and what its colour stands for."""
    if points.kind == "cell":
        yield panel.colour.label
        yield _place_text(panel.x, points.x[i])
        yield _place_text(panel.y, points.y[i])
        return
    measured = panel.x if points.across else panel.y
    if points.low is not None and points.high is not None and np.isfinite([points.low[i], points.high[i]]).all():
        yield f"{measured.value_text(points.low[i])} to {measured.value_text(points.high[i])}"
    place = _place_text(panel.y, points.y[i]) if points.across else _place_text(panel.x, points.x[i])
    if place != points.name and not points.name.endswith(f", {place}"):  # "seeds, organism" need not say its row again
        yield place
    if points.kind == "point" and points.value is not None and i < len(points.value):
        yield f"{panel.colour.label or 'colour'} {panel.colour.value_text(points.value[i])}"


def _place_text(scale: AxisScale, value: float) -> str:
    return f"{scale.label} {scale.value_text(value)}" if scale.label else scale.value_text(value)
