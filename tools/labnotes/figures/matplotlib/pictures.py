"""Pictures of matplotlib figures, byte for byte the same for the same figure."""

from __future__ import annotations

import base64
import io
import sys
from typing import Any

import matplotlib as mpl

MAX_SVG = 300_000
"""Bytes above which a picture is kept as PNG (a scatter of 5 000 points is 545 KB of SVG)."""

PNG_DPI = 200


def render(fig: Any) -> tuple[str, str]:
    """The picture, byte for byte the same at each call: SVG text, or PNG in base64 above MAX_SVG bytes."""
    with mpl.rc_context({"svg.hashsalt": "labnotes", "svg.fonttype": "none"}):
        vector = io.StringIO()
        fig.savefig(vector, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = vector.getvalue()
    if len(text.encode()) <= MAX_SVG:
        return "image/svg+xml", text
    raster = io.BytesIO()
    fig.savefig(raster, format="png", bbox_inches="tight", dpi=PNG_DPI, metadata={"Software": None})
    return "image/png", base64.b64encode(raster.getvalue()).decode()


def close(fig: Any) -> None:
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)
