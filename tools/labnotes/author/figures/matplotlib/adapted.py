"""What other libraries draw with matplotlib and hand on in objects of their own: read as the matplotlib figure in them."""

from __future__ import annotations

from typing import Any

from labnotes.author.figures.matplotlib import figure_reader
from labnotes.author.figures.readers import ForeignJson
from labnotes.model.plots import FigureData

__all__ = ["card_picture", "close_figure", "interactive_json", "raster_picture", "read_figure", "render_picture"]
"""What `labnotes.author.figures.readers` asks of a reader."""

_DRAWN = "_labnotes_drawn"
"""Where the figure is kept that a plot was drawn as, so that it is drawn once."""


def read_figure(fig: Any) -> FigureData:
    return figure_reader.read_figure(_matplotlib_figure(fig))


def render_picture(fig: Any) -> tuple[str, str]:
    return figure_reader.render_picture(_matplotlib_figure(fig))


def raster_picture(fig: Any) -> str:
    return figure_reader.raster_picture(_matplotlib_figure(fig))


def card_picture(fig: Any) -> str:
    return figure_reader.card_picture(_matplotlib_figure(fig))


def interactive_json(fig: Any) -> ForeignJson | None:
    return figure_reader.interactive_json(fig)


def close_figure(fig: Any) -> None:
    figure_reader.close_figure(_matplotlib_figure(fig))


def _matplotlib_figure(made: Any) -> Any:
    """The figure of a grid of seaborn, or that which a plot of seaborn.objects or of plotnine is drawn as."""
    if hasattr(made, "figure") and not callable(made.figure):
        return made.figure
    drawn = vars(made).get(_DRAWN)
    if drawn is None:
        drawn = made.plot()._figure if hasattr(made, "plot") else made.draw()  # no public name in seaborn
        vars(made)[_DRAWN] = drawn
    return drawn
