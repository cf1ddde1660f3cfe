"""Which package reads the figures of which plotting library. A reader of another library is a module beside `matplotlib/` and a line of LIBRARIES.

What is no figure of these may show a picture, which is read by `pixels/`.
"""

from __future__ import annotations

import base64
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, cast

from labnotes.errors import AuthorError, did_you_mean
from labnotes.model.plots import COMPARED_BY, FigureData

ForeignJson: TypeAlias = Mapping[str, Any]
"""JSON of another library's figure, or a part of it: whatever that wrote."""

MOST_INTERACTIVE = 2_000_000
"""Characters of JSON up to which a figure is kept to be drawn in a browser as well."""


class FigureReader(Protocol):
    """What a reader's module defines."""

    def read_figure(self, fig: Any) -> FigureData:
        """The data plotted in a figure. What cannot be read is named in `unverified`."""

    def render_picture(self, fig: Any) -> tuple[str, str]:
        """The picture as a MIME type and its text: SVG, or PNG in base64 where the SVG is large."""

    def card_picture(self, fig: Any) -> str:
        """A small PNG in base64, for places that do not draw SVG."""

    def interactive_json(self, fig: Any) -> ForeignJson | None:
        """The JSON from which the library draws a figure in a browser, on its own: None if it cannot, needs more than this JSON, or if that is
        larger than MOST_INTERACTIVE."""

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
    has_pixels: bool = False
    """Whether matplotlib draws its figures, so that they can be compared by their pixels too."""

    def made_figure(self, fig: Any) -> bool:
        """Whether an object is a figure of this library, without loading the library."""
        return any(base.__module__ in self.figure_modules and base.__name__ == self.figure_class for base in type(fig).__mro__)


_ADAPTED = "labnotes.author.figures.matplotlib.adapted"


def _drawn_by_matplotlib(name: str, module: str, figure_class: str, *, shows_itself: bool = False) -> PlottingLibrary:
    """A library that draws with matplotlib and hands on objects of its own."""
    return PlottingLibrary(
        name=name, figure_modules=(module,), figure_class=figure_class, reader_module=_ADAPTED, shows_itself=shows_itself, has_pixels=True
    )


LIBRARIES = (
    PlottingLibrary(
        name="matplotlib",
        figure_modules=("matplotlib.figure",),
        figure_class="Figure",
        reader_module="labnotes.author.figures.matplotlib.figure_reader",
        has_pixels=True,
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
    _drawn_by_matplotlib("seaborn", "seaborn.axisgrid", "_BaseGrid", shows_itself=True),
    _drawn_by_matplotlib("seaborn.objects", "seaborn._core.plot", "Plot"),
    _drawn_by_matplotlib("plotnine", "plotnine.ggplot", "ggplot"),
    _drawn_by_matplotlib("plotnine", "plotnine.composition._compose", "Compose"),
    _drawn_by_matplotlib("HoloViews", "holoviews.core.dimension", "Dimensioned"),
    _drawn_by_matplotlib("xarray", "xarray.plot.facetgrid", "FacetGrid", shows_itself=True),
    _drawn_by_matplotlib("SymPy", "sympy.plotting.backends.base_backend", "Plot", shows_itself=True),
)


def reader_of(fig: Any) -> FigureReader:
    """The reader of a figure.

    Raises AuthorError for what is no figure of a library that is read.
    """
    library = _library_of(fig)
    if library is None:
        raise _unreadable(fig, "figure")
    return _loaded_reader(library)


def opened_figure(fig: Any, where: str, *, by: str | None = None, has_tolerance: bool = False) -> tuple[FigureReader, Any]:
    """The reader of a figure or picture, and what it reads: the figure itself, or the picture that an object shows. `by` is what its author
    wants it compared by, None for its data. `where` names the figure in messages.

    Raises AuthorError for an unknown `by`, for one that the figure has not, for what shows no picture, and for a picture that cannot be read.
    """
    from labnotes.author.figures.pixels import picture_reader
    from labnotes.author.figures.pixels.shown_pictures import ShownPicture, shown_content

    if by is not None and by not in COMPARED_BY:
        hint = f"{did_you_mean(str(by), COMPARED_BY)}; without by= a figure is compared by its data"
        raise AuthorError(where, f"is compared by {by!r}", hint)
    library = _library_of(fig)
    if library is not None and by is None:
        return _loaded_reader(library), fig
    if library is not None and not library.has_pixels:
        what = f"is a figure of {library.name}: it is compared by its data, which tell more than its pixels"
        raise AuthorError(where, what, f"leave by={by!r} out")
    if library is not None:
        reader = _loaded_reader(library)
        content = base64.b64decode(cast(Any, reader).raster_picture(fig))
        return cast(FigureReader, picture_reader), ShownPicture(
            "image/png", content, where, is_compared=True, has_tolerance=has_tolerance, close=lambda: reader.close_figure(fig)
        )
    shown = shown_content(fig, where, is_compared=by is not None)
    if shown is None:
        raise _unreadable(fig, where)
    return cast(FigureReader, picture_reader), ShownPicture(*shown, where, is_compared=by is not None, has_tolerance=has_tolerance)


def _library_of(fig: Any) -> PlottingLibrary | None:
    return next((library for library in LIBRARIES if library.made_figure(fig)), None)


def _loaded_reader(library: PlottingLibrary) -> FigureReader:
    return cast(FigureReader, importlib.import_module(library.reader_module))


def _unreadable(fig: Any, where: str) -> AuthorError:
    """What is said of an object that is no figure and shows no picture."""
    name = f"{type(fig).__module__}.{type(fig).__name__}"
    names = ", ".join(dict.fromkeys(library.name for library in LIBRARIES))
    what = f"cannot read a {name}: it is no figure of {names}, and shows no picture (PNG, JPEG, WebP, GIF or SVG)"
    hint = "write fig, ax = plt.subplots(); ax.plot(...); figure(fig, ...)"
    if hasattr(fig, "figure"):
        hint = "give its figure: figure(ax.figure, ...)"
    elif type(fig).__name__ in ("DataFrame", "Series", "Styler"):
        hint = "show it as a table: table(frame, label, caption=...)"
    elif type(fig).__name__ in ("ndarray", "Tensor"):
        hint = "show it with matplotlib: ax.imshow(...); or as a picture: PIL.Image.fromarray(...)"
    return AuthorError(where, what, hint)
