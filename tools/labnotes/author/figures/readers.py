"""Pictures and the data plotted in them: one module a plotting library."""

from __future__ import annotations

from typing import Any

from labnotes.errors import AuthorError
from labnotes.model.plots import FigureData

__all__ = ["card", "close", "extract", "render"]


def extract(fig: Any) -> FigureData:
    """The data plotted in `fig`, a figure of matplotlib.

    Raises AuthorError for any other object.
    """
    from labnotes.author.figures.matplotlib import figure_reader

    return figure_reader.extract(_checked(fig))


def render(fig: Any) -> tuple[str, str]:
    """The picture as a MIME type and its text: SVG, or PNG in base64 where the SVG is large."""
    from labnotes.author.figures.matplotlib import figure_reader

    return figure_reader.render(_checked(fig))


def card(fig: Any) -> str:
    """A small PNG in base64, for places that do not draw SVG."""
    from labnotes.author.figures.matplotlib import pictures

    return pictures.card(_checked(fig))


def close(fig: Any) -> None:
    from labnotes.author.figures.matplotlib import pictures

    pictures.close(fig)


def _checked(fig: Any) -> Any:
    if any(base.__module__ == "matplotlib.figure" and base.__name__ == "Figure" for base in type(fig).__mro__):
        return fig
    name = f"{type(fig).__module__}.{type(fig).__name__}"
    hint = "write fig, ax = plt.subplots(); ax.plot(...); figure(fig, ...)"
    if hasattr(fig, "figure"):
        hint = "give its figure: figure(ax.figure, ...)"
    raise AuthorError("figure", f"cannot read a {name}: only figures of matplotlib", hint)
