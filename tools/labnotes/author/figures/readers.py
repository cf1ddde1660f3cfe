"""Reads the data plotted in a figure and draws its picture, with the package of the plotting library that made the figure."""

from __future__ import annotations

from typing import Any

from labnotes.errors import AuthorError
from labnotes.model.plots import FigureData

__all__ = ["card_picture", "close_figure", "read_figure", "render_picture"]


def read_figure(fig: Any) -> FigureData:
    """The data plotted in `fig`, a figure of matplotlib.

    Raises AuthorError for any other object.
    """
    from labnotes.author.figures.matplotlib import figure_reader

    return figure_reader.read_figure(_checked_figure(fig))


def render_picture(fig: Any) -> tuple[str, str]:
    """The picture as a MIME type and its text: SVG, or PNG in base64 where the SVG is large."""
    from labnotes.author.figures.matplotlib import figure_reader

    return figure_reader.render_picture(_checked_figure(fig))


def card_picture(fig: Any) -> str:
    """A small PNG in base64, for places that do not draw SVG."""
    from labnotes.author.figures.matplotlib import pictures

    return pictures.card_picture(_checked_figure(fig))


def close_figure(fig: Any) -> None:
    """Close a figure, so that it is not shown a second time."""
    from labnotes.author.figures.matplotlib import pictures

    pictures.close_figure(fig)


def _checked_figure(fig: Any) -> Any:
    """`fig` itself, if it is a figure of matplotlib. Raises AuthorError for any other object."""
    if any(base.__module__ == "matplotlib.figure" and base.__name__ == "Figure" for base in type(fig).__mro__):
        return fig
    name = f"{type(fig).__module__}.{type(fig).__name__}"
    hint = "write fig, ax = plt.subplots(); ax.plot(...); figure(fig, ...)"
    if hasattr(fig, "figure"):
        hint = "give its figure: figure(ax.figure, ...)"
    raise AuthorError("figure", f"cannot read a {name}: only figures of matplotlib", hint)
