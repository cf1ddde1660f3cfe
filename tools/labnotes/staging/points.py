"""Recorded marks as points that a reader can ask for: what a figure's table shows, and what its picture says under the pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labnotes.quantities import AxesData, AxisData, FigureData, Mark

MAX_POINTS = 20_000
"""Points of a figure that the page reads out; what has more is in the CSV alone."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """The points of one mark, in data coordinates.

    `low` and `high` bound `y` (or `x`, if `across`). `value` is the height of a bar, the value of a cell, or what a point's colour stands for.
    """

    kind: str  # "point", "bar" or "cell"
    name: str
    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None
    value: Array | None = None
    across: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of plotted values, one for each pair of axes. `total` counts the rows there are, of which `rows` may be the first."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int


def of_mark(mark: Mark) -> Points | None:
    """The points of a mark; None for marks that are no set of points (bands, texts, spans)."""
    arrays = {name: np.asarray(values, dtype=float) for name, values in mark.arrays.items()}
    if mark.kind in ("line", "scatter", "stems"):
        return Points("point", mark.label, arrays["x"], arrays["y"], value=arrays.get("value"))
    if mark.kind == "error bars" and {"x", "y"} <= arrays.keys():
        across = "yhigh" not in arrays
        side = "x" if across else "y"
        return Points("point", mark.label, arrays["x"], arrays["y"], arrays.get(f"{side}low"), arrays.get(f"{side}high"), across=across)
    if mark.kind == "bars":
        x, y, width, height = (arrays[name] for name in ("x", "y", "width", "height"))
        if len(x) and _lie(x, y, width, height):
            return Points("bar", mark.label, x + width, y + height / 2, value=width, across=True)
        return Points("bar", mark.label, x + width / 2, y + height, value=height)
    if mark.kind == "stairs" and len(arrays["x"]) == len(arrays["y"]) + 1:
        return Points("point", mark.label, (arrays["x"][1:] + arrays["x"][:-1]) / 2, arrays["y"])
    if mark.kind == "heat map" and arrays["value"].shape != arrays["x"].shape:
        x, y = (_centres(arrays[name]) for name in ("x", "y"))
        return Points("cell", mark.label, x.ravel(), y.ravel(), value=arrays["value"].ravel())
    if mark.kind == "image" and arrays["value"].ndim == 2:
        return _image(mark, arrays)
    return None


def _lie(x: Array, y: Array, width: Array, height: Array) -> bool:
    """Whether bars are horizontal: most begin at the left edge's zero; where that does not tell, their thickness varies least."""
    left, bottom = int((x == 0).sum()), int((y == 0).sum())
    return left > bottom or (left == bottom and bool(np.ptp(height) < np.ptp(width)))


def _centres(corners: Array) -> Array:
    return (corners[1:, 1:] + corners[:-1, 1:] + corners[1:, :-1] + corners[:-1, :-1]) / 4


def _image(mark: Mark, arrays: Mapping[str, Array]) -> Points:
    rows, columns = arrays["value"].shape
    (left, right), (bottom, top) = arrays["x"], arrays["y"]
    across = left + (np.arange(columns) + 0.5) * (right - left) / columns
    down = top + (np.arange(rows) + 0.5) * (bottom - top) / rows
    if mark.exact.get("origin") == "lower":
        down = down[::-1]
    x, y = np.meshgrid(across, down)
    return Points("cell", mark.label, x.ravel(), y.ravel(), value=arrays["value"].ravel())


def panels(data: FigureData) -> Iterator[tuple[int, AxesData, list[Points]]]:
    """Every pair of axes that holds points, by its place among all."""
    for i, axes in enumerate(data.axes):
        found = [points for mark in axes.marks if (points := of_mark(mark)) and len(points.x)]
        if found:
            yield i, axes, found


# -- tables ------------------------------------------------------------------------------------------------------------------------------


def grids(data: FigureData, limit: int) -> list[Grid]:
    """The plotted points as tables: a column for each series where all stand at the same places, else a row for each point."""
    found = []
    for _, axes, series in panels(data):
        same = len(series) > 1 and all(_same_places(series[0], other) for other in series[1:])
        head, rows = (_wide if same else _long)(axes, series)
        found.append(Grid(axes.title, head, tuple(rows[:limit]), len(rows)))
    return found


def _same_places(first: Points, other: Points) -> bool:
    plain = all(points.value is None and points.low is None and not points.across for points in (first, other))
    return plain and np.array_equal(first.x, other.x)


def _wide(axes: AxesData, series: Sequence[Points]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    head = (axes.x.label or "x", *(points.name or f"{axes.y.label or 'y'} {i + 1}" for i, points in enumerate(series)))
    rows = [(_name(axes.x, x), *(text(points.y[i]) for points in series)) for i, x in enumerate(series[0].x)]
    return head, rows


def _long(axes: AxesData, series: Sequence[Points]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    named = any(points.name for points in series) and len(series) > 1
    bounded = any(points.low is not None for points in series)
    valued = any(points.value is not None and points.kind != "bar" for points in series)
    head = [*(["series"] if named else []), axes.x.label or "x", axes.y.label or "y"]
    head += [*(["low", "high"] if bounded else []), *(["value"] if valued else [])]
    rows = []
    for points in series:
        for i in range(len(points.x)):
            places = [_name(axes.x, points.x[i]), _name(axes.y, points.y[i])]
            if points.kind == "bar":  # the bar's length, wherever it begins
                places[0 if points.across else 1] = _at(points.value, i)
            row = [*([points.name] if named else []), *places]
            row += [_at(points.low, i), _at(points.high, i)] if bounded else []
            row += [_at(points.value, i)] if valued else []
            rows.append(tuple(row))
    return tuple(head), rows


def _at(values: Array | None, i: int) -> str:
    return text(values[i]) if values is not None and i < len(values) else ""


def _name(axis: AxisData, value: float) -> str:
    """A place on an axis: its category or named tick, else the number."""
    for at, name in axis.ticks or ():
        if name and abs(at - value) <= 1e-9 * max(1.0, abs(at)):
            return name
    return text(value)


def text(value: float) -> str:
    """A plotted value at four significant digits, with a true minus sign."""
    if not np.isfinite(value):
        return "\N{EM DASH}"
    shown = f"{value:.4g}"
    return shown if "e" in shown else shown.replace("-", "\N{MINUS SIGN}")


# -- read-outs ---------------------------------------------------------------------------------------------------------------------------


def readout(data: FigureData, views: Sequence[Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """What the page's script reads to say values under the pointer; None where the picture has no view of its axes, or too many points."""
    axes, series, count = [], [], 0
    for i, panel, found in panels(data):
        view = views[i] if i < len(views) else None
        if view is None or not set(view["scales"]) <= {"linear", "log"}:
            continue
        ticks = {side: [list(tick) for tick in axis.ticks or () if tick[1]] for side, axis in (("x", panel.x), ("y", panel.y))}
        axes.append({**view, "labels": [panel.x.label, panel.y.label], "ticks": ticks})
        for points in found:
            count += len(points.x)
            fields = {"x": points.x, "y": points.y, "low": points.low, "high": points.high, "value": points.value}
            numbers = {key: _rounded(values) for key, values in fields.items() if values is not None and len(values) == len(points.x)}
            series.append({"axes": len(axes) - 1, "kind": points.kind, "name": points.name, "across": points.across, **numbers})
    return {"axes": axes, "series": series} if 0 < count <= MAX_POINTS else None


def _rounded(values: Array) -> list[float | None]:
    return [float(f"{value:.7g}") if np.isfinite(value) else None for value in values]
