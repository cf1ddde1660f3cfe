"""Tables: data frames as they are recorded and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from labnotes.model.encoding import decode_number, encode_value
from labnotes.model.quantities import Tolerance


@dataclass(frozen=True)
class Column:
    """A column of a table, with one value a row. `kind` is integer, float, bool, text or time; missing values are None."""

    name: str
    kind: str
    values: tuple[Any, ...]
    format: str = ""


@dataclass(frozen=True)
class TableData:
    """A data frame: its index as the first columns (unless it is a plain 0, 1, 2, ...), then its columns."""

    columns: tuple[Column, ...]
    index: int

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": [{"name": c.name, "kind": c.kind, "format": c.format} for c in self.columns],
            "index": self.index,
            "rows": [encode_value(row) for row in zip(*(c.values for c in self.columns), strict=True)],
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        rows = fields["rows"]
        columns = tuple(
            Column(c["name"], c["kind"], tuple(_decode_cell(row[i], c["kind"]) for row in rows), c["format"])
            for i, c in enumerate(fields["columns"])
        )
        return cls(columns, fields["index"])


def _decode_cell(value: Any, kind: str) -> Any:
    return decode_number(value) if kind == "float" and value is not None else value


@dataclass(frozen=True)
class Table:
    """A table of a note: its words and its data."""

    label: str
    cell: int
    caption: str
    data: TableData
    tolerance: Tolerance | None = None
    tied: str | None = None
