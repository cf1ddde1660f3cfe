"""Pictures of matplotlib figures, byte for byte the same for the same figure.

A picture carries its *view* in its metadata: where in the picture each pair of axes stands and between which numbers it runs. With it a page
can point at recorded values. The view depends on style, so it is never compared.
"""

from __future__ import annotations

import base64
import io
import sys
from typing import Any

import matplotlib as mpl
import numpy as np

from labnotes.author.figures.readers import ForeignJson
from labnotes.model.axes_view import AxesView, views_json

MAX_SVG = 300_000
"""Bytes above which a picture is kept as PNG (a scatter of 5 000 points is 545 KB of SVG)."""

PNG_DPI = 200
"""Dots per inch of a picture that is kept as PNG."""

CARD_WIDTH = 1000
"""Pixels of the raster picture that other sites show beside a link; they do not draw SVG."""

_BYTES_OF_ONE, _TRIANGLES = 50, 4
"""Bytes that a shape takes in an SVG at least, and the triangles of one cell of a shaded mesh."""

MARGIN = 0.1
"""Inches left free around everything drawn."""


def render_picture(fig: Any, views: list[Any]) -> tuple[str, str]:
    """The MIME type and the text of the picture: SVG, or PNG in base64 above MAX_SVG bytes. `views` are the axes whose view it carries."""
    frame = _drawn_area(fig)
    described = {"Description": views_json([_axes_view(fig, ax, frame) for ax in views])}
    with mpl.rc_context({"svg.hashsalt": "labnotes", "svg.fonttype": "none"}):
        if _least_bytes(fig) <= MAX_SVG:
            text = _saved(fig, frame, io.StringIO(), format="svg", metadata={**described, "Date": None, "Creator": None})
            if len(text.encode()) <= MAX_SVG:
                return "image/svg+xml", text
    raster = _saved(fig, frame, io.BytesIO(), format="png", dpi=PNG_DPI, metadata={**described, "Software": None})
    return "image/png", base64.b64encode(raster).decode()


def raster_picture(fig: Any) -> str:
    """A PNG in base64 at PNG_DPI, for a figure that its author wants compared by its pixels: as large as the figure, so that its size does not
    hang on fonts; what stands outside is cut off."""
    target = io.BytesIO()
    with mpl.rc_context({"savefig.bbox": None}):
        fig.savefig(target, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return base64.b64encode(target.getvalue()).decode()


def _saved(fig: Any, frame: Any, target: Any, **how: Any) -> Any:
    """What a figure is saved as, within a frame; some axes cannot be drawn in one that is given, and are drawn with the margin around them."""
    try:
        fig.savefig(target, bbox_inches=frame, **how)
    except AttributeError:  # areas that adjust themselves ask for a renderer that there is not yet
        target.seek(0)
        target.truncate()
        fig.savefig(target, bbox_inches="tight", pad_inches=MARGIN, **{**how, "metadata": {**how["metadata"], "Description": None}})
    return target.getvalue()


def _least_bytes(fig: Any) -> int:
    """Bytes that an SVG has at least: of the triangles and shapes of meshes and of the points of scatters, each of which is drawn by itself."""
    count = 0
    for artist in fig.findobj(lambda artist: hasattr(artist, "get_array") and hasattr(artist, "get_offsets")):
        if hasattr(artist, "get_coordinates"):
            cells = int(np.size(artist.get_array()))
            count += cells * (_TRIANGLES if artist._shading == "gouraud" else 1)  # no public name
        else:
            count += max(len(artist.get_offsets()), len(artist.get_paths()))
    return count * _BYTES_OF_ONE


def card_picture(fig: Any) -> str:
    """A PNG in base64, CARD_WIDTH pixels wide on a light ground."""
    frame = _drawn_area(fig)
    raster = _saved(fig, frame, io.BytesIO(), format="png", dpi=CARD_WIDTH / frame.width, facecolor="#fdfdfb", metadata={"Software": None})
    return base64.b64encode(raster).decode()


def interactive_json(fig: Any) -> ForeignJson | None:
    """None: matplotlib draws in no browser."""
    return None


def close_figure(fig: Any) -> None:
    """Close a figure, so that pyplot does not show it a second time."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)


def _drawn_area(fig: Any) -> Any:
    """The box of the figure's plane that the picture shows, in inches: everything drawn and MARGIN around it."""
    fig.draw_without_rendering()  # lets the layout settle
    return fig.get_tightbbox().padded(MARGIN)


def _axes_view(fig: Any, ax: Any, frame: Any) -> AxesView | None:
    """The view of one pair of axes; None for hidden axes and for those that are not straight."""
    if ax.name != "rectilinear" or not ax.get_visible():
        return None
    box = ax.get_window_extent().transformed(fig.dpi_scale_trans.inverted())
    left, top = (box.x0 - frame.x0) / frame.width, (frame.y1 - box.y1) / frame.height
    width, height = box.width / frame.width, box.height / frame.height
    (x_start, x_end), (y_start, y_end) = ([float(f"{end:.9g}") for end in ends] for ends in (ax.get_xlim(), ax.get_ylim()))
    return AxesView(
        box=(round(float(left), 5), round(float(top), 5), round(float(width), 5), round(float(height), 5)),
        x=(x_start, x_end),
        y=(y_start, y_end),
        scales=(ax.get_xscale(), ax.get_yscale()),
    )
