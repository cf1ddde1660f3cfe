"""Questions that any artist of matplotlib answers: whether it can be seen, where it is placed, what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba

NOTHING = ("None", "none", "", " ", None)
"""Ways to say that a line has no dash or no marker."""


def is_drawn(artist: Any) -> bool:
    """Whether there is anything to see of an artist."""
    alpha = artist.get_alpha()
    hatched = any(getattr(artist, "hatches", ()))  # contours: their hatches are drawn whatever their opacity
    if not artist.get_visible() or (alpha is not None and np.all(np.asarray(alpha) == 0) and not hatched):
        return False
    name = type(artist).__name__
    if name in ("Line2D", "Line3D"):
        stroked = artist.get_linestyle() not in NOTHING and artist.get_linewidth() > 0 and to_rgba(artist.get_color())[3] > 0
        return bool(stroked or artist.get_marker() not in NOTHING) and len(artist.get_xdata()) > 0
    if name in ("Text", "Text3D"):
        return bool(artist.get_text())
    if name == "Annotation":
        return bool(artist.get_text()) or artist.arrow_patch is not None
    if name == "Rectangle" and artist.get_width() == 0 and artist.get_height() == 0:  # seaborn's stand-ins for a legend
        return False
    if name in ("PathCollection", "Path3DCollection") and not np.any(artist.get_sizes()):
        return False
    if hasattr(artist, "get_array") and artist.get_array() is not None:
        return True
    if hasattr(artist, "get_facecolor") and hasattr(artist, "get_edgecolor"):
        colours = [*_first_rows(artist.get_facecolor()), *(_first_rows(artist.get_edgecolor()) if np.any(artist.get_linewidth()) else [])]
        return not colours or any(colour[3] > 0 for colour in colours)
    return True


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


def placed_on(artist: Any, ax: Any) -> str:
    """What an artist's coordinates mean: "data" along both axes, "x" or "y" along that one (a share of the axes along the other),
    "axes" or "figure": shares of these, or "" for anything else.

    By structure as well as by value: a transform to shares of the axes equals that to data wherever the limits are 0 and 1.
    """
    return place_of(artist.get_data_transform() if hasattr(artist, "get_data_transform") else artist.get_transform(), ax)


def place_of(transform: Any, ax: Any) -> str:
    """What the coordinates of a transform mean, in the words of `placed_on`."""
    transform = _without_paper_offset(transform)
    if is_data(transform, ax):
        return "data"
    along = tuple(transform.contains_branch_seperately(ax.transData))  # a list before matplotlib 3.9
    if along == (True, False) and transform == ax.get_xaxis_transform(which="grid"):
        return "x"
    if along == (False, True) and transform == ax.get_yaxis_transform(which="grid"):
        return "y"
    if transform is ax.transAxes:
        return "axes"
    return "figure" if transform is ax.figure.transFigure or transform is ax.figure.transSubfigure else ""


def _without_paper_offset(transform: Any) -> Any:
    """A transform without the distance on paper by which it moves what it has placed (`offset_copy`, in inches or points): that is style."""
    return transform._a if type(getattr(transform, "_b", None)).__name__ == "ScaledTranslation" else transform  # no public names


def method_of_base(artist: Any, base: str, method: str) -> Any:
    """The method of a named base class, for artists whose own method answers for the moment of drawing only."""
    return getattr(next(parent_class for parent_class in type(artist).__mro__ if parent_class.__name__ == base), method)


def is_data(transform: Any, ax: Any) -> bool:
    """Whether a transform takes data coordinates along both axes, by its value and by its structure."""
    return bool(transform == ax.transData) and all(transform.contains_branch_seperately(ax.transData))


DECORATION = "_decoration"
"""The label of an artist that its author declares to show no data begins with this."""


def decoration_of(artist: Any) -> str | None:
    """What an author says of an artist that is decoration ("" for nothing); None for other artists."""
    label = str(artist.get_label() or "")
    return label.removeprefix(DECORATION).strip(" :") if label.split(":")[0].split(" ")[0] == DECORATION else None


def label_of(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else label
