"""Figures that a cell merely shows (plt.show(), a figure as its last value) are recorded as well, under an automatic label."""

from __future__ import annotations

from typing import Any

from labnotes.model.mime_types import FIGURE_MIME
from labnotes.model.plots import FigureData


def record_shown_figures(shell: Any) -> None:
    """Add the plotted data to whatever IPython makes of a matplotlib figure.

    matplotlib's inline backend removes `Figure` from the ordinary formatters when it is activated, not from this one.
    """
    shell.display_formatter.mimebundle_formatter.for_type_by_name("matplotlib.figure", "Figure", _mime_bundle)


def _mime_bundle(fig: Any, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    from labnotes.author.figures import readers

    try:
        data = readers.read_figure(fig)  # before it is drawn, as in `figure`: drawing may adjust limits to the layout
        mime, picture = readers.render_picture(fig)
    except Exception as error:  # noqa: BLE001 - any failure of a plotting library: shown and unverified is right, silently unrecorded is not
        return {FIGURE_MIME: _figure_payload(FigureData((), (), (f"figure: could not be read, {type(error).__name__}: {error}",)))}
    return {mime: picture, "text/plain": repr(fig), FIGURE_MIME: _figure_payload(data)}


def _figure_payload(data: FigureData) -> dict[str, Any]:
    return {"label": "", "caption": "", "alt": "", "tolerance": None, "automatic": True, "data": data.as_json()}
