"""Tables: data frames as they are recorded and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from labnotes.model.encoding import ALWAYS, APART, ExactJson, OwnJson, SparseJson, decode_number, decode_value, encode_value
from labnotes.model.quantities import Tolerance


@dataclass(frozen=True)
class Column(ExactJson):
    """A column of a table, with one value a row. `kind` is integer, float, bool, text or time; missing values are None."""

    name: str
    kind: str
    values: tuple[Any, ...] = field(metadata=APART)
    format: str = ""


@dataclass(frozen=True)
class TableData(OwnJson):
    """A data frame: its index as the first columns (unless it is a plain 0, 1, 2, ...), then its columns."""

    columns: tuple[Column, ...]
    index: int

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": [encode_value(column) for column in self.columns],
            "index": self.index,
            "rows": [encode_value(row) for row in zip(*(c.values for c in self.columns), strict=True)],
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        rows = fields["rows"]
        columns = tuple(
            decode_value(Column, head, apart={"values": tuple(_decode_cell(row[i], head["kind"]) for row in rows)})
            for i, head in enumerate(fields["columns"])
        )
        return cls(columns, fields["index"])


def _decode_cell(value: Any, kind: str) -> Any:
    return decode_number(value) if kind == "float" and value is not None else value


@dataclass(frozen=True)
class Table(SparseJson):
    """A table of a note: its words and its data."""

    label: str = field(metadata=APART)
    cell: int
    caption: str
    data: TableData
    tolerance: Tolerance | None = field(default=None, metadata=ALWAYS)
    tied: str | None = None
