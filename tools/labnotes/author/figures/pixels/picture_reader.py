"""The reader of pictures without plotted data: shown as they are; compared by their pixels, or by the text of an SVG, if their author asks."""

from __future__ import annotations

import base64

from labnotes.author.figures.pixels import decoding, drawing_text
from labnotes.author.figures.pixels.shown_pictures import SVG, ShownPicture
from labnotes.errors import AuthorError
from labnotes.model.plots import DRAWING, READER, AxesData, AxisData, FigureData

__all__ = ["card_picture", "close_figure", "interactive_json", "read_figure", "render_picture"]
"""What `labnotes.author.figures.readers` asks of a reader."""

NO_AXIS = AxisData("", "linear", None, False, None)

ROLE = "picture"
"""The role of the axes that hold the one mark of a picture."""


def read_figure(fig: ShownPicture) -> FigureData:
    """What is compared of a picture; nothing, and words that say how it would be, if its author did not ask for it.

    Raises AuthorError for a picture that cannot be decoded, and for a tolerance of what has no pixels or several frames.
    """
    if not fig.is_compared:
        part = "the text of its drawing" if fig.mime == SVG else "its pixels"
        return FigureData((), (), (f'{fig.mime} without plotted data; figure(..., by="pixels") compares {part}',), reader=READER)
    if fig.mime == SVG:
        mark = drawing_text.drawing_mark(fig.content, fig.where)
    else:
        mark = decoding.pixel_mark(fig.content, fig.where, has_tolerance=fig.has_tolerance)
    if fig.has_tolerance and mark.kind == DRAWING:
        what = "is an SVG, which has no pixels: its text is compared as it is, and a tolerance says nothing of it"
        raise AuthorError(fig.where, what, "leave tolerance and because out, or give the picture as PNG")
    if fig.has_tolerance and "frames" in mark.exact:
        what = "is an animation, whose frames are compared as they are: a tolerance is for a picture that stands still"
        raise AuthorError(fig.where, what, "leave tolerance and because out, or give one frame")
    return FigureData((AxesData("", ROLE, NO_AXIS, NO_AXIS, (mark,), ()),), (), (), reader=READER)


def render_picture(fig: ShownPicture) -> tuple[str, str]:
    """The picture itself: its MIME type, and its text, or its bytes in base64."""
    return fig.mime, fig.content.decode("utf-8-sig", errors="replace") if fig.mime == SVG else base64.b64encode(fig.content).decode()


def card_picture(fig: ShownPicture) -> str:
    """A small PNG in base64; "" for an SVG, which nothing draws, and where Pillow is missing."""
    return "" if fig.mime == SVG else decoding.card_picture(fig.content)


def interactive_json(fig: ShownPicture) -> None:
    """Nothing: a picture is what it is."""


def close_figure(fig: ShownPicture) -> None:
    """Close what the picture was made of, so that it is not shown a second time."""
    fig.close()
