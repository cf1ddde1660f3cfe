"""Recorded data as CSV files and as the texts of table cells."""

from __future__ import annotations

import csv
import datetime
import io
import math
from typing import Any

from labnotes.model.claims import format_value
from labnotes.model.tables import Column, TableData


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
