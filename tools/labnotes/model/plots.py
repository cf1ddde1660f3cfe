"""Figures, and the data plotted in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from labnotes.model.encoding import ALWAYS, APART, SparseJson
from labnotes.model.quantities import SCHEMA, Tolerance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    PlainValue: TypeAlias = str | float | Sequence["PlainValue"] | Mapping[str, "PlainValue"] | None
    """What JSON can hold."""

    ArrayValues: TypeAlias = NDArray[Any] | Sequence[Any]
    """An array, or the nested lists that a record has of it, where numbers that are not finite are text."""
else:  # what reads JSON has nothing to check: all that JSON can hold may stand there
    PlainValue = ArrayValues = Any


READER = 2
"""The version of the readers of figures. A record of an older one lacks what they read since, which is then not compared."""

COMPARED_BY = ("pixels",)
"""What an author may have a figure compared by, in place of its data: `figure(..., by="pixels")`."""

PIXELS, DRAWING = "pixels", "drawing"
"""The kinds of the one mark that a picture without data is recorded as: a picture made of pixels, and an SVG, which has none."""


@dataclass(frozen=True)
class Mark(SparseJson):
    """One thing drawn from data: a line, a bar group, an image.

    `colour` is the number of its colour among the figure's colours, in order of appearance (with dash and marker where only these tell two
    lines apart): which marks share one is data, which colour it is, is style. `arrays` hold data coordinates and values; `exact` holds what
    is compared as it is (texts, step position), and under "colours" the colour of each part where they are several. `looks` hold what else
    tells marks of this kind apart in the figure, part by part: see labnotes.model.looks.
    """

    kind: str
    label: str
    colour: int | None
    arrays: Mapping[str, ArrayValues]
    exact: Mapping[str, PlainValue] = field(default_factory=dict, metadata=ALWAYS)
    looks: Mapping[str, PlainValue] = field(default_factory=dict)


@dataclass(frozen=True)
class AxisData(SparseJson):
    """One axis: its label, scale, the limits the author set (else None), direction, and category or tick texts that the author fixed.

    `parameters` belong to the scale ("linthresh" of a symlog axis, "samples" of a scale given by functions). `numbers` shows how the axis
    writes the numbers 0, 1 and 2.5 where the author chose that ("0 ms", "100%"), else it is None; `written` how it writes places within what
    it shows. `shared_with` is the number of the first axes of the figure that have this axis in common, None if no others before these do.
    """

    label: str
    scale: str
    limits: tuple[float, float] | None
    inverted: bool
    ticks: tuple[tuple[float, str], ...] | None
    parameters: Mapping[str, PlainValue] = field(default_factory=dict, metadata=ALWAYS)
    numbers: tuple[str, ...] | None = field(default=None, metadata=ALWAYS)
    written: tuple[tuple[float, str], ...] = ()
    shared_with: int | None = None


@dataclass(frozen=True)
class LegendEntry(SparseJson):
    """One line of a legend, or its title (which has no colour). `looks` hold those that tell marks of the figure apart."""

    text: str
    colour: int | None
    looks: Mapping[str, PlainValue] = field(default_factory=dict)


@dataclass(frozen=True)
class AxesData(SparseJson):
    """One pair of axes of a figure. `role` tells a twin, an inset or a colour bar from plain axes and names the axes it belongs to.

    `panel` is where plain axes stand among several: how many stand above one another down to these, and side by side from the left (from 0).
    """

    title: str
    role: str
    x: AxisData
    y: AxisData
    marks: tuple[Mark, ...]
    legend: tuple[LegendEntry, ...]
    panel: tuple[int, int] | None = None


@dataclass(frozen=True)
class FigureData(SparseJson):
    """The data plotted in a figure. `unverified` names each artist whose data could not be read.

    `text_panels` say for each of `texts` between which panels it stands: the row and the column whose panels reach as far, -1 for none or
    several. `reader` is the version of the reader that made it. `library` is the one whose figure it was, "" for matplotlib.
    """

    axes: tuple[AxesData, ...]
    texts: tuple[str, ...]
    unverified: tuple[str, ...]
    schema: int = field(default=SCHEMA, metadata=ALWAYS)
    text_panels: tuple[tuple[int, int], ...] = ()
    reader: int = 1
    library: str = ""

    @property
    def picture(self) -> Mark | None:
        """The mark that a picture compared by its pixels is recorded as; None for a figure that is compared by its data."""
        marks = self.axes[0].marks if len(self.axes) == 1 else ()
        return marks[0] if len(marks) == 1 and marks[0].kind in (PIXELS, DRAWING) else None

    @property
    def size_text(self) -> str:
        """How much is plotted, in words: "1 mark in 2 axes"; of a picture "800 × 600 pixels"."""
        if self.picture is not None:
            return picture_size_text(self.picture)
        marks = sum(len(axes.marks) for axes in self.axes)
        return f"{marks} mark{'' if marks == 1 else 's'} in {len(self.axes)} axes"


@dataclass(frozen=True)
class Figure(SparseJson):
    """A figure of a note: its words and the data plotted in it. The picture is kept beside it, as a file.

    `by` is what it is compared by: "" for its data, else one of COMPARED_BY; `data` then holds one mark, of the picture itself.
    """

    label: str = field(metadata=APART)
    cell: int
    caption: str
    alt: str
    data: FigureData = field(metadata=APART)
    tolerance: Tolerance | None = field(default=None, metadata=ALWAYS)
    automatic: bool = field(default=False, metadata=ALWAYS)
    tied: str | None = None
    _: KW_ONLY
    by: str = ""


def picture_size_text(picture: Mark) -> str:
    """How large a picture is, in words: "800 × 600 pixels", "3 frames of 800 × 600 pixels", "a drawing of 12 elements"."""
    if picture.kind == DRAWING:
        elements = picture.exact.get("elements")
        counts: Any = list(elements.values()) if isinstance(elements, Mapping) else []
        count = sum(counts)
        return f"a drawing of {count} element{'' if count == 1 else 's'}"
    size, frames = picture.exact.get("size"), picture.exact.get("frames")
    text = f"{' × '.join(map(str, size)) if isinstance(size, list | tuple) else '?'} pixels"
    return f"{len(frames)} frames of {text}" if isinstance(frames, list | tuple) else text
