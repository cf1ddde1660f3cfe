"""The shades of the cells of a picture as text, small enough for a record: what a comparison with a tolerance needs of its pixels."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shades = NDArray[np.uint8]
"""Shades from 0 to 255 (rows × columns × red, green, blue and opacity); colours count by their opacity."""

MOST_CELLS = 512
"""Cells along the longer side of a picture that has a tolerance: with a cell of a pixel or two, a line that moved is told from another edge."""

FEW_CELLS = 64
"""Cells along the longer side of a picture without one: enough to say where it differs."""

COLOURS = 4


def cells_text(shades: Shades) -> str:
    """Shades as text. It has no x, so that nothing in it looks like an address in memory (0x…), which a run takes out of texts."""
    rows, columns = shades.shape[:2]
    packed = base64.b64encode(zlib.compress(shades.tobytes(), 9)).decode().replace("x", ".")
    return f"{rows} {columns} {packed}"


def cells_from_text(text: Any) -> Shades | None:
    """The shades that `cells_text` wrote; None for anything else."""
    try:
        rows, columns, packed = str(text).split(" ")
        size = int(rows) * int(columns) * COLOURS
        if not 0 < size <= MOST_CELLS * MOST_CELLS * COLOURS:
            return None
        content = zlib.decompressobj().decompress(base64.b64decode(packed.replace(".", "x"), validate=True), size + 1)
        return np.frombuffer(content, np.uint8).reshape(int(rows), int(columns), COLOURS)
    except (ValueError, zlib.error, binascii.Error):
        return None
