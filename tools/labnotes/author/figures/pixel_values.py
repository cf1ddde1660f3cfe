"""What is recorded of the pixels of a picture: a digest, and the means of its blocks. Photographs inside plots and pictures without data share it."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


def picture_digest(pixels: Any) -> str:
    """A digest of the values of a picture and of their shape: equal for equal pictures."""
    whole: Any = np.ascontiguousarray(pixels)
    return hashlib.sha256(repr((whole.shape, str(whole.dtype))).encode() + whole.tobytes()).hexdigest()[:16]


def block_bounds(size: int, most: int) -> Any:
    """The first row (or column) of each of at most `most` blocks, as equal as they can be."""
    return np.array([block[0] for block in np.array_split(np.arange(size), min(most, size))])


def block_means(pixels: Any, most: int) -> Any:
    """The means of at most `most` blocks along each side of a picture (rows × columns × colours)."""
    rows, columns = (np.array_split(np.arange(size), min(most, size)) for size in pixels.shape[:2])
    return np.array([[pixels[row[0] : row[-1] + 1, column[0] : column[-1] + 1].mean(axis=(0, 1)) for column in columns] for row in rows])
