"""The picture that an object shows: a file, an object of IPython or PIL, or whatever offers Jupyter a picture of itself."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labnotes.errors import AuthorError
from labnotes.source import file_limits

LARGEST = 20_000_000
"""Bytes of a picture as a file, which a record and its page keep whole."""

RASTER_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
"""The MIME types of pictures made of pixels, the best first."""

SVG = "image/svg+xml"

_METHODS = {SVG: "_repr_svg_", "image/png": "_repr_png_", "image/jpeg": "_repr_jpeg_"}
"""By what methods an object gives Jupyter a picture of itself, beside `_repr_mimebundle_`."""

_BEGINNINGS = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    (SVG, re.compile(rb"(?:\xef\xbb\xbf)?\s*(?>(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE.*?>)\s*)*+<(?:\w+:)?svg[\s/>]", re.DOTALL)),
)
"""How the content of a picture of each type begins."""

_AS_PICTURE = "save it as PNG, JPEG, WebP, GIF or SVG"


@dataclass(frozen=True)
class ShownPicture:
    """A picture as it is shown: its MIME type and its content. `where` names the figure in messages.

    `is_compared` tells that its author wants it compared by its pixels, `has_tolerance` that they may differ. `close` closes what it was made of.
    """

    mime: str
    content: bytes
    where: str
    is_compared: bool
    has_tolerance: bool = False
    close: Callable[[], None] = lambda: None


def shown_content(shown: Any, where: str, *, is_compared: bool) -> tuple[str, bytes] | None:
    """The MIME type and the content of the picture that an object shows, of one made of pixels if it is to be compared; None if it shows none.

    Raises AuthorError for a file that is no picture, and for a picture that cannot be made or is larger than LARGEST.
    """
    if isinstance(shown, str | os.PathLike):
        return _checked_content(_file_content(shown, where), f"{os.fspath(shown)!r}", where)
    if isinstance(shown, type):
        return None
    order = (*RASTER_TYPES, SVG) if is_compared else (SVG, *RASTER_TYPES)
    offered = dict(_offered_pictures(shown, where))
    mime = next((mime for mime in order if mime in offered), "")
    return _checked_content(_plain_bytes(offered[mime], where), "its picture", where) if mime else None


def _file_content(path: str | os.PathLike[str], where: str) -> bytes:
    name = os.fspath(path)
    if re.match(r"https?://", name):
        hint = "pin it under inputs: in note.yml, and give the file that fetched(...) returns"
        raise AuthorError(where, f"{name!r:.200} is an address, and a run has no network", hint)
    kind = file_limits.kind_problem(Path(name))
    if kind:
        raise AuthorError(where, f"{name!r} is {kind}", "give the path of a picture from the note's folder")
    try:
        size = os.stat(path).st_size
        content = Path(path).read_bytes() if size <= LARGEST else b""
    except IsADirectoryError:
        raise AuthorError(where, f"{name!r} is a folder", "give the path of one picture in it") from None
    except (FileNotFoundError, NotADirectoryError):
        hint = "write the picture first, and give its path from the note's folder"
        raise AuthorError(where, f"there is no file {name!r:.200}", hint) from None
    except (OSError, ValueError) as error:
        hint = "give the path of a picture from the note's folder"
        raise AuthorError(where, f"{name!r:.200} cannot be read: {getattr(error, 'strerror', None) or error}", hint) from None
    if size > LARGEST:
        raise _too_large(size, where)
    return content


def _offered_pictures(shown: Any, where: str) -> Iterator[tuple[str, Any]]:
    """The pictures that an object offers Jupyter, each with its MIME type."""
    bundle = _called_method(shown, "_repr_mimebundle_", where, include=None, exclude=None)
    if isinstance(bundle, Mapping):
        yield from ((mime, content) for mime, content in bundle.items() if mime in (SVG, *RASTER_TYPES))
        if any(mime in bundle for mime in (SVG, *RASTER_TYPES)):
            return
    for mime, method in _METHODS.items():
        content = _called_method(shown, method, where)
        if content is not None:
            yield mime, content


def _called_method(shown: Any, name: str, where: str, **arguments: None) -> Any:
    """What a method gives, without the metadata beside it; None if the object has none of this name, or nothing to show."""
    method = getattr(shown, name, None)
    if not callable(method):
        return None
    try:
        made = method(**arguments)
    except NotImplementedError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever a library raises: its author is told what it said
        said = " ".join(str(error).split())
        what = f"its picture cannot be made: {type(error).__name__}{f': {said:.300}' if said else ''}"
        raise AuthorError(where, what, "what draws it must be installed, and must work, where the note runs") from None
    return made[0] if isinstance(made, tuple) and made else made


def _plain_bytes(content: Any, where: str) -> bytes:
    """The bytes of a picture that came as bytes, as the text of an SVG, or in base64."""
    if isinstance(content, bytes | bytearray | memoryview):
        return bytes(content)
    text = content if isinstance(content, str) else "".join(content) if isinstance(content, list) else ""
    if text.lstrip("\ufeff \n\t").startswith("<"):
        return text.encode()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        raise AuthorError(where, "its picture is neither bytes nor base64", _AS_PICTURE) from None


def _checked_content(content: bytes, name: str, where: str) -> tuple[str, bytes]:
    if not content:
        raise AuthorError(where, f"{name} is empty", "write the picture before it is shown")
    if len(content) > LARGEST:
        raise _too_large(len(content), where)
    mime = next((mime for mime, beginning in _BEGINNINGS if beginning.match(content)), "")
    if not mime:
        raise AuthorError(where, f"{name} is no picture that a page shows and that can be compared", _AS_PICTURE)
    return mime, content


def _too_large(size: int, where: str) -> AuthorError:
    what = f"its picture has {size / 1e6:.0f} MB; a record keeps {LARGEST / 1e6:.0f} MB at most"
    return AuthorError(where, what, "save fewer pixels, or the same as JPEG or WebP")
