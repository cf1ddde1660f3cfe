"""Figures, and the data plotted in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from labnotes.model.encoding import decode_number, encode_value
from labnotes.model.quantities import SCHEMA, Tolerance

if TYPE_CHECKING:
    from numpy.typing import NDArray

PlainValue: TypeAlias = "str | float | Sequence[PlainValue] | Mapping[str, PlainValue] | None"
"""What JSON can hold."""

ArrayValues: TypeAlias = "NDArray[Any] | Sequence[Any]"
"""An array, or the nested lists that a record has of it, where numbers that are not finite are text."""


@dataclass(frozen=True)
class Mark:
    """One thing drawn from data: a line, a bar group, an image.

    `colour` is the number of its colour among the figure's colours, in order of appearance (with dash and marker where only these tell two
    lines apart): which marks share one is data, which colour it is, is style. `arrays` hold data coordinates and values; `exact` holds what
    is compared as it is (texts, step position), and under "colours" the colour of each part where they are several.
    """

    kind: str
    label: str
    colour: int | None
    arrays: Mapping[str, ArrayValues]
    exact: Mapping[str, PlainValue] = field(default_factory=dict)


@dataclass(frozen=True)
class AxisData:
    """One axis: its label, scale, the limits the author set (else None), direction, and category or tick texts that the author fixed.

    `parameters` belong to the scale ("linthresh" of a symlog axis, "samples" of a scale given by functions). `numbers` shows how the axis
    writes the numbers 0, 1 and 2.5 where the author chose that ("0 ms", "100%"), else it is None.
    """

    label: str
    scale: str
    limits: tuple[float, float] | None
    inverted: bool
    ticks: tuple[tuple[float, str], ...] | None
    parameters: Mapping[str, PlainValue] = field(default_factory=dict)
    numbers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend, or its title (which has no colour)."""

    text: str
    colour: int | None


@dataclass(frozen=True)
class AxesData:
    """One pair of axes of a figure. `role` tells a twin, an inset or a colour bar from plain axes and names the axes it belongs to."""

    title: str
    role: str
    x: AxisData
    y: AxisData
    marks: tuple[Mark, ...]
    legend: tuple[LegendEntry, ...]


@dataclass(frozen=True)
class FigureData:
    """The data plotted in a figure. `unverified` names each artist whose data could not be read."""

    axes: tuple[AxesData, ...]
    texts: tuple[str, ...]
    unverified: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **encode_value(asdict(self))}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        return cls(
            axes=tuple(_parse_axes(axes_fields) for axes_fields in fields["axes"]),
            texts=tuple(fields["texts"]),
            unverified=tuple(fields["unverified"]),
        )


def _parse_axes(fields: Mapping[str, Any]) -> AxesData:
    return AxesData(
        title=fields["title"],
        role=fields["role"],
        x=_parse_axis(fields["x"]),
        y=_parse_axis(fields["y"]),
        marks=tuple(Mark(**mark) for mark in fields["marks"]),
        legend=tuple(LegendEntry(**entry) for entry in fields["legend"]),
    )


def _parse_axis(fields: Mapping[str, Any]) -> AxisData:
    limits, ticks = fields["limits"], fields["ticks"]
    return AxisData(
        label=fields["label"],
        scale=fields["scale"],
        limits=(float(decode_number(limits[0])), float(decode_number(limits[1]))) if limits else None,
        inverted=fields["inverted"],
        ticks=tuple((float(decode_number(at)), str(text)) for at, text in ticks) if ticks is not None else None,
        parameters=fields["parameters"],
        numbers=tuple(fields["numbers"]) if fields["numbers"] is not None else None,
    )


@dataclass(frozen=True)
class Figure:
    """A figure of a note: its words and the data plotted in it. The picture is kept beside it, as a file."""

    label: str
    cell: int
    caption: str
    alt: str
    data: FigureData
    tolerance: Tolerance | None = None
    automatic: bool = False
    tied: str | None = None
