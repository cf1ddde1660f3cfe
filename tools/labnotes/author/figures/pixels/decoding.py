"""The pixels of a picture, decoded by Pillow: what is recorded of them."""

from __future__ import annotations

import base64
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from labnotes.author.figures.pixel_values import block_bounds, picture_digest
from labnotes.errors import AuthorError
from labnotes.model.picture_cells import FEW_CELLS, MOST_CELLS, Shades, cells_text
from labnotes.model.plots import Mark, PlainValue

MOST_PIXELS = 50_000_000
"""Pixels of all frames of a picture that are decoded: 200 MB of memory. A small file can hold any number of them."""

CARD_WIDTH = 1000
"""Pixels of the picture that other sites show beside a link."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_STILL = ("JPEG", "MPO")
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, struct.error, zlib.error, OverflowError)
"""The exceptions that Pillow raises for a picture that is damaged or cut short."""


def pixel_mark(content: bytes, where: str, *, has_tolerance: bool) -> Mark:
    """The pixels of a picture as a mark: its size (columns, rows), a digest, and the shades of its cells; of an animation a digest of each
    frame, and the cells of the first.

    Raises AuthorError where Pillow is missing, and for a picture that is damaged or has more than MOST_PIXELS.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow, about sizes and palettes: both are taken care of
        image = _opened_image(content, where)
        try:
            digests, cells = [], ""
            for values, shades in _frames(image, where):
                digests.append(picture_digest(values))
                cells = cells or cells_text(_cell_shades(shades, MOST_CELLS if has_tolerance else FEW_CELLS))
                size = [int(shades.shape[1]), int(shades.shape[0])]
        except _DAMAGED as error:
            raise _damaged(error, where) from None
    exact: dict[str, PlainValue] = {"size": size, "pixels": digests[0], "cells": cells}
    if len(digests) > 1:
        exact["frames"] = digests
    return Mark("pixels", "", None, {}, exact)


def card_picture(content: bytes) -> str:
    """A picture as a PNG in base64, CARD_WIDTH pixels wide at most, on a light ground; "" where Pillow is missing or cannot read it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = _opened_image(content, "")
            from PIL import Image

            shown = image.convert("RGBA")
            shown.thumbnail((CARD_WIDTH, 10 * CARD_WIDTH))
            ground = Image.new("RGBA", shown.size, "#fdfdfb")
            ground.alpha_composite(shown)
            target = io.BytesIO()
            ground.convert("RGB").save(target, "PNG")
        except (AuthorError, *_DAMAGED):
            return ""
    return base64.b64encode(target.getvalue()).decode()


def _opened_image(content: bytes, where: str) -> Any:
    """The image of Pillow, of which no pixel is decoded yet."""
    try:
        from PIL import Image
    except ImportError:
        hint = "pip install pillow, and write pillow into requirements.txt; without by= the picture is shown, and not compared"
        raise AuthorError(where, "its pixels cannot be read: Pillow is not installed where the note runs", hint) from None
    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
        frames = 1 if image.format in _STILL else getattr(image, "n_frames", 1)
    except Image.DecompressionBombError:
        raise _too_many_pixels("more", where) from None
    except _DAMAGED as error:
        raise _damaged(error, where) from None
    count = image.width * image.height * frames
    if count > MOST_PIXELS:
        raise _too_many_pixels(f"{count:,} ({f'{frames} frames of ' if frames > 1 else ''}{image.width} × {image.height})", where)
    return image


def _too_many_pixels(count: str, where: str) -> AuthorError:
    return AuthorError(where, f"its picture has {count} pixels; {MOST_PIXELS:,} are compared at most", "save it smaller")


def _damaged(error: Exception, where: str) -> AuthorError:
    return AuthorError(where, f"its picture is damaged or cut short: {' '.join(str(error).split()):.200}", "write the picture anew")


def _frames(image: Any, where: str) -> Iterator[tuple[Any, Any]]:
    """The values of each frame by which equal ones are told, and its shades from 0 to 255 (rows × columns × red, green, blue, opacity)."""
    from PIL import ImageOps

    for i in range(1 if image.format in _STILL else getattr(image, "n_frames", 1)):
        image.seek(i)
        image.load()
        yield _pixel_values(ImageOps.exif_transpose(image))  # turned as a browser turns it


def _pixel_values(image: Any) -> tuple[Any, Any]:
    if image.mode.startswith("I"):  # 16 bits of grey
        grey: Any = np.clip(np.asarray(image).astype(np.int64), 0, 65535)
        shades = np.full((*grey.shape, 4), 255, np.uint8)
        shades[..., :3] = (grey // 257)[..., None]
        return (grey.astype(np.uint16), shades) if (grey % 257).any() else (shades, shades)
    shades = np.array(image.convert("RGBA"))
    shades[shades[..., 3] == 0] = 0  # what cannot be seen has no colour
    return shades, shades


def _cell_shades(shades: Any, most: int) -> Shades:
    """The mean shades of the cells of a picture, `most` along its longer side; colours count by their opacity."""
    height, width = shades.shape[:2]
    step = max(1.0, max(height, width) / most)
    rows, columns = (block_bounds(size, max(1, round(size / step))) for size in (height, width))
    means = []
    for start, end in zip(rows, [*rows[1:], height], strict=True):
        band = shades[start:end].astype(np.float32)
        band[..., :3] *= band[..., 3:] / 255
        means.append(np.add.reduceat(band.sum(axis=0, dtype=np.float64), columns, axis=0) / (end - start))
    widths = np.diff([*columns, width])
    return np.round(np.array(means) / widths[None, :, None]).astype(np.uint8)
