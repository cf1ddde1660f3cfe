"""Figures that a cell merely shows (plt.show(), a figure as its last value) are recorded as well, under an automatic label."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from labnotes.author.figures.readers import LIBRARIES, reader_of
from labnotes.model.encoding import encode_whole
from labnotes.model.mime_types import FIGURE_MIME, INTERACTIVE_MIME
from labnotes.model.plots import Figure, FigureData

_READERS = {
    "application/vnd.plotly.": "labnotes.author.figures.plotly.figure_reader",
    "application/vnd.vegalite.": "labnotes.author.figures.vega.figure_reader",
    "application/vnd.vega.": "labnotes.author.figures.vega.figure_reader",
}
"""The readers of figures that are shown as JSON, by how its MIME type begins."""


def record_shown_figures(shell: Any) -> None:
    """Add the plotted data to whatever IPython makes of a figure of a library that is read.

    matplotlib's inline backend removes `Figure` from the ordinary formatters when it is activated, not from this one.
    """
    for library in (library for library in LIBRARIES if not library.shows_itself):
        for module in library.figure_modules:
            shell.display_formatter.mimebundle_formatter.for_type_by_name(module, library.figure_class, _mime_bundle)
    os.environ.setdefault("PLOTLY_RENDERER", "plotly_mimetype")  # its figures show themselves, as JSON and past all formatters
    if hasattr(shell.display_pub, "register_hook"):
        shell.display_pub.register_hook(_with_plotted_data)


def _with_plotted_data(message: dict[str, Any]) -> dict[str, Any]:
    """Add the plotted data and a picture to a message that shows a figure as JSON of Plotly, of Vega-Lite or of Vega."""
    data = message.get("content", {}).get("data", {})
    for mime in data if FIGURE_MIME not in data else ():
        module = next((module for beginning, module in _READERS.items() if mime.startswith(beginning)), "")
        if module:
            shown = {other: value for other, value in data.items() if other != mime}
            message["content"]["data"] = {**shown, **_read_bundle(module, data[mime])}
            break
    return message


def _mime_bundle(fig: Any, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    return _read_bundle("", fig)


def _read_bundle(module: str, fig: Any) -> dict[str, Any]:
    """The bundle of a figure, read by a reader of this module, or by the one that its class asks for."""
    try:
        reader: Any = importlib.import_module(module) if module else reader_of(fig)
        data = reader.read_figure(fig)  # before it is drawn, as in `figure`: drawing may adjust limits to the layout
    except Exception as error:  # noqa: BLE001 - any failure of a plotting library: shown and unverified is right, silently unrecorded is not
        unread = FigureData((), (), (f"figure: could not be read, {type(error).__name__}: {error}",))
        own = _own_bundle(fig)
        return own if own.keys() == {"text/plain"} else {**own, FIGURE_MIME: _figure_payload(unread)}
    try:
        mime, picture = reader.render_picture(fig)
        interactive = reader.interactive_json(fig)
    except Exception as error:  # noqa: BLE001 - as above: its data are known, and the figure has no picture
        unread = replace(data, unverified=(*data.unverified, f"figure: has no picture, {type(error).__name__}: {error}"))
        return {**_own_bundle(fig), FIGURE_MIME: _figure_payload(unread)}
    said = repr(fig) if not module else "a figure"
    made = {mime: picture, "text/plain": said, FIGURE_MIME: _figure_payload(data)}
    return {**made, INTERACTIVE_MIME: interactive} if interactive else made


def _own_bundle(fig: Any) -> dict[str, Any]:
    """What an object shows by itself, for one that cannot be read; nothing if it has no such method, or that fails too."""
    try:
        made = fig._repr_mimebundle_()
    except Exception:  # noqa: BLE001 - a plotting library's own
        return {}
    shown = made[0] if isinstance(made, tuple) else made
    return dict(shown) if isinstance(shown, Mapping) else {}


def _figure_payload(data: FigureData) -> dict[str, Any]:
    return encode_whole(Figure("", 0, "", "", data, automatic=True))
