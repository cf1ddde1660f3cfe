"""Questions that any artist of matplotlib answers: whether it can be seen, what it is made of, what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgba

NOISE = 1e-9
"""Share of a number by which another computer may compute it otherwise: no decision hangs on less."""

FRAME = "_frame"
"""The label of an artist that is the background or the border of axes or of a figure: style."""

NOTHING = ("None", "none", "", " ", None)
"""Ways to say that a line has no dash or no marker."""


def setting(name: str) -> Any:
    """What matplotlib's settings (rcParams) have under a name; None where this version has no such."""
    settings: Any = mpl.rcParams
    return settings.get(name)


def is_drawn(artist: Any) -> bool:
    """Whether there is anything to see of an artist."""
    alpha = artist.get_alpha()
    hatched = any(getattr(artist, "hatches", ()))  # contours: their hatches are drawn whatever their opacity
    if artist.get_label() == FRAME or not artist.get_visible() or (alpha is not None and np.all(np.asarray(alpha) == 0) and not hatched):
        return False
    name = type(artist).__name__
    if name in ("Line2D", "Line3D"):
        stroked = artist.get_linestyle() not in NOTHING and artist.get_linewidth() > 0 and to_rgba(artist.get_color())[3] > 0
        return bool(stroked or artist.get_marker() not in NOTHING) and len(artist.get_xdata()) > 0
    if name in ("Text", "Text3D"):
        return bool(artist.get_text())
    if name == "Annotation":
        return bool(artist.get_text()) or artist.arrow_patch is not None
    if name == "Rectangle" and _is_without_size(artist):  # seaborn's stand-ins for a legend
        return False
    if name in ("PathCollection", "Path3DCollection") and not np.any(artist.get_sizes()):
        return False
    if hasattr(artist, "get_array") and artist.get_array() is not None:
        return True
    if hasattr(artist, "get_facecolor") and hasattr(artist, "get_edgecolor"):
        colours = [*_first_rows(artist.get_facecolor()), *(_first_rows(artist.get_edgecolor()) if np.any(artist.get_linewidth()) else [])]
        return not colours or any(colour[3] > 0 for colour in colours)
    return True


def _is_without_size(box: Any) -> bool:
    """Whether a rectangle has neither width nor height but for the noise of computing them."""
    if not all(isinstance(number, int | float | np.number) for number in (*box.get_xy(), box.get_width(), box.get_height())):
        return False  # dates
    far = max(map(abs, (*box.get_xy(), *box.axes.viewLim.extents))) if box.axes is not None else 1.0
    return bool(max(abs(box.get_width()), abs(box.get_height())) <= NOISE * far)


def _first_rows(colours: Any) -> list[Any]:
    """RGBA rows of one colour or of many."""
    if isinstance(colours, str):
        return [to_rgba(colours)]
    return list(np.asarray(colours, dtype=float).reshape(-1, 4)) if np.size(colours) else []


def container_artists(container: Any) -> Iterator[Any]:
    """The artists that make up a container, in one flat sequence."""
    for part in container.lines if type(container).__name__ == "ErrorbarContainer" else container:
        if part is None:
            continue
        yield from part if isinstance(part, tuple | list) else (part,)


def method_of_base(artist: Any, base: str, method: str) -> Any:
    """The method of a named base class, for artists whose own method answers for the moment of drawing only."""
    return getattr(next(parent_class for parent_class in type(artist).__mro__ if parent_class.__name__ == base), method)


DECORATION = "_decoration"
"""The label of an artist that its author declares to show no data begins with this."""


def decoration_of(artist: Any) -> str | None:
    """What an author says of an artist that is decoration ("" for nothing); None for other artists."""
    label = str(artist.get_label() or "")
    return label.removeprefix(DECORATION).strip(" :") if label.split(":")[0].split(" ")[0] == DECORATION else None


def label_of(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else label
