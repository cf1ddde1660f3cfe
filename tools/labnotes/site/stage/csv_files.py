"""Recorded data as CSV files and as the texts of table cells."""

from __future__ import annotations

import csv
import datetime
import io
import math
from typing import Any

import numpy as np

from labnotes.model.claims import format_value
from labnotes.model.plots import FigureData
from labnotes.model.tables import Column, TableData


def figure_csv(data: FigureData) -> str:
    """The CSV of a figure: a row for each plotted number, with its axes, its mark, its array, its index in that array, and its value."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["axes", "kind", "label", "array", "index", "value"])
    for i, axes in enumerate(data.axes):
        for mark in axes.marks:
            for name, values in mark.arrays.items():
                array = np.asarray(values, dtype=float)
                for at, value in np.ndenumerate(array):
                    rows.writerow([i + 1, mark.kind, mark.label, name, " ".join(map(str, at)), repr(float(value))])
    return text.getvalue()


def table_csv(data: TableData) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([column.name for column in data.columns])
    rows.writerows(zip(*(column.values for column in data.columns), strict=True))
    return text.getvalue()


def cell_text(value: Any, column: Column) -> str:
    """One cell as readers see it: by the column's format, else at four significant digits."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "\N{EM DASH}"
    if value == 0 and column.kind == "float":
        value = 0.0  # not -0.0
    if column.kind in ("float", "integer") and column.format:
        return format_value(value, column.format)
    return format_value(value, ".4g") if column.kind == "float" else (format_value(value, "") if isinstance(value, bool) else str(value))


def day_text(iso: str) -> str:
    """A date as readers see it: "21 Nov 2026"."""
    date = datetime.date.fromisoformat(iso[:10])
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


# English, whatever the locale of the machine that builds the site
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
