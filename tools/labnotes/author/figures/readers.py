"""Which package reads the figures of which plotting library. A reader of another library is a module beside `matplotlib/` and a line of LIBRARIES."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Protocol, cast

from labnotes.errors import AuthorError
from labnotes.model.plots import FigureData


class FigureReader(Protocol):
    """What a reader's module defines."""

    def read_figure(self, fig: Any) -> FigureData:
        """The data plotted in a figure. What cannot be read is named in `unverified`."""

    def render_picture(self, fig: Any) -> tuple[str, str]:
        """The picture as a MIME type and its text: SVG, or PNG in base64 where the SVG is large."""

    def card_picture(self, fig: Any) -> str:
        """A small PNG in base64, for places that do not draw SVG."""

    def close_figure(self, fig: Any) -> None:
        """Close a figure, so that it is not shown a second time."""


@dataclass(frozen=True, kw_only=True)
class PlottingLibrary:
    """A library whose figures are read: the module and name of its class of figures, and the module that reads them, loaded at the first figure."""

    name: str
    figure_module: str
    figure_class: str
    reader_module: str

    def made_figure(self, fig: Any) -> bool:
        """Whether an object is a figure of this library, without loading the library."""
        return any((base.__module__, base.__name__) == (self.figure_module, self.figure_class) for base in type(fig).__mro__)


LIBRARIES = (
    PlottingLibrary(
        name="matplotlib",
        figure_module="matplotlib.figure",
        figure_class="Figure",
        reader_module="labnotes.author.figures.matplotlib.figure_reader",
    ),
    PlottingLibrary(
        name="Plotly",
        figure_module="plotly.basedatatypes",
        figure_class="BaseFigure",
        reader_module="labnotes.author.figures.plotly.figure_reader",
    ),
)


def reader_of(fig: Any) -> FigureReader:
    """The reader of a figure.

    Raises AuthorError for what is no figure of a library that is read.
    """
    for library in LIBRARIES:
        if library.made_figure(fig):
            return cast(FigureReader, importlib.import_module(library.reader_module))
    name = f"{type(fig).__module__}.{type(fig).__name__}"
    hint = "write fig, ax = plt.subplots(); ax.plot(...); figure(fig, ...)"
    if hasattr(fig, "figure"):
        hint = "give its figure: figure(ax.figure, ...)"
    raise AuthorError("figure", f"cannot read a {name}: only figures of {' and '.join(library.name for library in LIBRARIES)}", hint)
