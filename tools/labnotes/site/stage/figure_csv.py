"""The data of a figure as a CSV file: a row for each observation, its columns named as the axes are and in their units."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from labnotes.model.plots import FigureData, Mark
from labnotes.site.stage.readouts import PlotPanel, PointSeries, Views, plot_panels
from labnotes.site.stage.scales import AxisScale

DIGITS = 12
"""Significant digits of a number that an axis shows in another unit than it was recorded in."""

EDGES = 2
"""How many corners of a band stand at each of its places: one on its lower edge, one on its upper."""


@dataclass(frozen=True)
class CsvColumn:
    """A column: what it is named after, and what it says of an observation ("panel", "series", "x", "y", "low", "high" or "colour")."""

    name: str
    role: str


@dataclass
class _TidyTable:
    """Observations, each with what is known of it, and the columns in the order in which they came up."""

    columns: dict[CsvColumn, None] = field(default_factory=dict)
    rows: list[dict[CsvColumn, str]] = field(default_factory=list)

    def add_row(self, row: dict[CsvColumn, str]) -> None:
        self.columns.update(dict.fromkeys(row))
        self.rows.append(row)

    def csv_text(self) -> str:
        columns = sorted(self.columns, key=lambda column: _ORDER.index(column.role))
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self._heads(columns))
        writer.writerows([row.get(column, "") for column in columns] for row in self.rows)
        return text.getvalue()

    @staticmethod
    def _heads(columns: list[CsvColumn]) -> list[str]:
        """The names of the columns; where several have one name, each says what it is of an observation."""
        names = [column.name for column in columns]
        return [f"{column.name} ({column.role})" if names.count(column.name) > 1 else column.name for column in columns]


_ORDER = ("panel", "series", "x", "y", "low", "high", "colour")


def figure_csv(data: FigureData, views: Views) -> str:
    """The CSV of a figure; "" if it shows no points that can be told one by one."""
    panels = list(plot_panels(data, views))
    titles = [panel.title for panel in panels]
    table = _TidyTable()
    for number, panel in enumerate(panels, start=1):
        title = panel.title if panel.title and titles.count(panel.title) == 1 else f"{number}"
        where = {CsvColumn("panel", "panel"): title} if len(panels) > 1 else {}
        for row in (*_point_rows(panel), *_band_rows(panel, data)):
            table.add_row(where | row)
    return table.csv_text() if table.rows else ""


def _point_rows(panel: PlotPanel) -> Iterator[dict[CsvColumn, str]]:
    """The points of a pair of axes: places and values as the axes have them, the ends of intervals, and what a colour stands for."""
    for points in panel.series:
        for at in range(len(points.x)):
            yield _series_cell(points.name) | _point_cells(panel, points, at)


def _series_cell(name: str) -> dict[CsvColumn, str]:
    return {CsvColumn("series", "series"): name} if name else {}


def _point_cells(panel: PlotPanel, points: PointSeries, at: int) -> dict[CsvColumn, str]:
    places = {"x": float(points.x[at]), "y": float(points.y[at])}
    measured = "x" if points.across else "y"
    scales = {"x": panel.x, "y": panel.y}
    if points.kind == "bar" and points.value is not None:  # its length, wherever it begins
        places[measured] = float(points.value[at])
    cells = {_axis_column(scales[side], side): _axis_value(scales[side], places[side]) for side in places}
    for role, ends in (("low", points.low), ("high", points.high)):
        if ends is not None and at < len(ends):
            cells[_axis_column(scales[measured], measured, role)] = _axis_value(scales[measured], float(ends[at]))
    if points.kind != "bar" and points.value is not None and at < len(points.value):
        cells[_axis_column(panel.colour, "value", "colour")] = _axis_value(panel.colour, float(points.value[at]))
    return cells


def _band_rows(panel: PlotPanel, data: FigureData) -> Iterator[dict[CsvColumn, str]]:
    """The bands that lie along a horizontal axis, such as intervals around a line: at each place their lower and their upper edge."""
    low, high = (_axis_column(panel.y, "y", role) for role in ("low", "high"))
    for mark in data.axes[panel.place].marks:
        for place, lower, upper in _band_edges(mark) if mark.kind == "band" else ():
            yield {
                **_series_cell(mark.label),
                _axis_column(panel.x, "x"): _axis_value(panel.x, place),
                low: _axis_value(panel.y, lower),
                high: _axis_value(panel.y, upper),
            }


def _band_edges(mark: Mark) -> Iterator[tuple[float, float, float]]:
    """Each place of a band with its lower and upper edge there; nothing for a band that does not have both at every place."""
    x, y = (np.asarray(mark.arrays.get(side, ()), dtype=float) for side in "xy")
    if x.shape != y.shape or x.ndim != 1:
        return
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    places, counts = np.unique(x, return_counts=True)
    if len(places) and counts.min() >= EDGES:
        for place in places:
            edges = y[x == place]
            yield float(place), float(edges.min()), float(edges.max())


def _axis_column(scale: AxisScale, otherwise: str, role: str = "") -> CsvColumn:
    """The column of an axis, or of the lower or upper ends along it: named after the axis, with its unit if the axis writes one."""
    unit = f"{scale.units.before}{scale.units.after}".strip()
    name = scale.label or otherwise
    if unit and unit not in name:
        name = f"{name} ({unit})"
    return CsvColumn(f"{name}, {role}" if role in ("low", "high") else name, role or otherwise)


def _axis_value(scale: AxisScale, value: float) -> str:
    """A value as its axis has it: the name of its place, else the number in the unit of the axis, with all its digits; "" where there is none."""
    row = scale.named_place(value)
    if row is not None:
        return dict(scale.ticks)[row]
    if not isfinite(value):
        return ""
    factor = scale.units.factor
    number = value if factor == 1 else float(f"{value * factor:.{DIGITS}g}")
    return repr(number).removesuffix(".0")
