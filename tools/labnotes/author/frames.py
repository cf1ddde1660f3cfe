"""Tables from pandas data frames, in a form that is the same for every version of pandas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from labnotes.errors import AuthorError, did_you_mean
from labnotes.model.tables import Column, TableData


def read_frame(frame: Any, where: str, formats: Mapping[str, str]) -> TableData:
    """The frame's index (unless it is a plain 0, 1, 2, ...) and columns as typed columns.

    Raises AuthorError if `frame` is no pandas data frame, or names a column in `formats` that it lacks.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise AuthorError(where, f"is {type(frame).__name__}, no pandas data frame", "write table(pd.DataFrame({...}), ...)")
    plain = isinstance(frame.index, pd.RangeIndex) and frame.index.start == 0 and frame.index.step == 1 and frame.index.name is None
    levels = 0 if plain else frame.index.nlevels
    index = [frame.index.get_level_values(i).to_series() for i in range(levels)]
    series = [*index, *(frame.iloc[:, i] for i in range(frame.shape[1]))]
    names = [*("" if name is None else str(name) for name in frame.index.names[:levels]), *(_column_name(name) for name in frame.columns)]
    for name in formats:
        if name not in names:
            raise AuthorError(where, f"formats names an unknown column {name!r}", did_you_mean(name, names))
        try:
            format(1.0, formats[name])
        except ValueError as error:
            raise AuthorError(where, f"format {formats[name]!r} of column {name!r} fits no number: {error}", 'for example ".2f"') from None
    columns = []
    for name, values in zip(names, series, strict=True):
        kind = _column_kind(values, pd)
        columns.append(Column(name, kind, tuple(_cell_value(v, kind, pd) for v in values), formats.get(name, "")))
    return TableData(tuple(columns), levels)


def _column_name(name: Any) -> str:
    """The name of a column; the levels of a nested name are joined by a slash."""
    return " / ".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def _column_kind(series: Any, pd: Any) -> str:
    """The kind of a column's values: "bool", "integer", "float", "time" or "text"."""
    types = pd.api.types
    if types.is_bool_dtype(series):
        return "bool"
    if types.is_integer_dtype(series):
        return "integer"
    if types.is_float_dtype(series):
        return "float"
    if types.is_datetime64_any_dtype(series) or types.is_timedelta64_dtype(series):
        return "time"
    return "text"


def _cell_value(value: Any, kind: str, pd: Any) -> Any:
    """The value of one cell as a plain Python object of its column's kind; None for a missing value, but NaN in a column of floats."""
    if kind == "float" and value is not pd.NA:
        return float(value)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "bool":
        return bool(value)
    if kind == "integer":
        return int(value)
    return value.isoformat() if kind == "time" else str(value)
