"""Which package reads the figures of which plotting library. A reader of another library is a module beside `matplotlib/` and a line of LIBRARIES."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, cast

from labnotes.errors import AuthorError
from labnotes.model.plots import FigureData

ForeignJson: TypeAlias = Mapping[str, Any]
"""JSON of another library's figure, or a part of it: whatever that wrote."""


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
    """A library whose figures are read: the modules and the name of its class of figures, and the module that reads them, loaded at the first
    figure."""

    name: str
    figure_modules: tuple[str, ...]
    figure_class: str
    reader_module: str
    shows_itself: bool = False
    """Whether its figures are shown as those of another library, without being a cell's value."""

    def made_figure(self, fig: Any) -> bool:
        """Whether an object is a figure of this library, without loading the library."""
        return any(base.__module__ in self.figure_modules and base.__name__ == self.figure_class for base in type(fig).__mro__)


_ADAPTED = "labnotes.author.figures.matplotlib.adapted"

LIBRARIES = (
    PlottingLibrary(
        name="matplotlib",
        figure_modules=("matplotlib.figure",),
        figure_class="Figure",
        reader_module="labnotes.author.figures.matplotlib.figure_reader",
    ),
    PlottingLibrary(
        name="Plotly",
        figure_modules=("plotly.basedatatypes",),
        figure_class="BaseFigure",
        reader_module="labnotes.author.figures.plotly.figure_reader",
    ),
    PlottingLibrary(
        name="Altair",
        figure_modules=tuple(f"altair.vegalite.v{version}.api" for version in (4, 5, 6, 7)),
        figure_class="TopLevelMixin",
        reader_module="labnotes.author.figures.vega.figure_reader",
    ),
    PlottingLibrary(
        name="seaborn", figure_modules=("seaborn.axisgrid",), figure_class="_BaseGrid", reader_module=_ADAPTED, shows_itself=True
    ),
    PlottingLibrary(name="seaborn.objects", figure_modules=("seaborn._core.plot",), figure_class="Plot", reader_module=_ADAPTED),
    PlottingLibrary(name="plotnine", figure_modules=("plotnine.ggplot",), figure_class="ggplot", reader_module=_ADAPTED),
    PlottingLibrary(name="plotnine", figure_modules=("plotnine.composition._compose",), figure_class="Compose", reader_module=_ADAPTED),
    PlottingLibrary(name="HoloViews", figure_modules=("holoviews.core.dimension",), figure_class="Dimensioned", reader_module=_ADAPTED),
    PlottingLibrary(
        name="xarray", figure_modules=("xarray.plot.facetgrid",), figure_class="FacetGrid", reader_module=_ADAPTED, shows_itself=True
    ),
    PlottingLibrary(
        name="SymPy",
        figure_modules=("sympy.plotting.backends.base_backend",),
        figure_class="Plot",
        reader_module=_ADAPTED,
        shows_itself=True,
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
    raise AuthorError(
        "figure", f"cannot read a {name}: only figures of {', '.join(dict.fromkeys(library.name for library in LIBRARIES))}", hint
    )
