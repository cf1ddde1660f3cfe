"""Figures that a cell merely shows (plt.show(), a figure as its last value) are recorded as well, under an automatic label."""

from __future__ import annotations

from typing import Any

from labnotes.author.figures.readers import LIBRARIES, reader_of
from labnotes.model.encoding import encode_whole
from labnotes.model.mime_types import FIGURE_MIME
from labnotes.model.plots import Figure, FigureData


def record_shown_figures(shell: Any) -> None:
    """Add the plotted data to whatever IPython makes of a figure of a library that is read.

    matplotlib's inline backend removes `Figure` from the ordinary formatters when it is activated, not from this one.
    """
    for library in LIBRARIES:
        shell.display_formatter.mimebundle_formatter.for_type_by_name(library.figure_module, library.figure_class, _mime_bundle)


def _mime_bundle(fig: Any, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    try:
        reader = reader_of(fig)
        data = reader.read_figure(fig)  # before it is drawn, as in `figure`: drawing may adjust limits to the layout
        mime, picture = reader.render_picture(fig)
    except Exception as error:  # noqa: BLE001 - any failure of a plotting library: shown and unverified is right, silently unrecorded is not
        return {FIGURE_MIME: _figure_payload(FigureData((), (), (f"figure: could not be read, {type(error).__name__}: {error}",)))}
    return {mime: picture, "text/plain": repr(fig), FIGURE_MIME: _figure_payload(data)}


def _figure_payload(data: FigureData) -> dict[str, Any]:
    return encode_whole(Figure("", 0, "", "", data, automatic=True))
