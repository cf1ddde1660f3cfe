"""Points of a scatter: where they belong, how large they are and which marker each has, however a style changes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.markers import MarkerStyle

from labnotes.author.figures.matplotlib.artists import NOTHING

_USUAL = 6.0
"""matplotlib's own size of a marker."""


def settled(points: Any) -> Any:
    """The places of points as rows; those of a swarm in a line, since how far they stand beside it is decided when they are drawn, by their
    size and that of the picture. None if points have another way to move when they are drawn.
    """
    places: Any = np.ma.filled(np.ma.asarray(points.get_offsets(), float), np.nan).reshape(-1, 2).copy()
    if "draw" in vars(points):  # a drawing function of their own
        swarm = _swarm(vars(points)["draw"])
        if swarm is None:
            return None
        along, middle = swarm
        places[:, along] = middle
    return places


def _swarm(draw: Any) -> tuple[int, float] | None:
    """Along which axis seaborn spreads the points of a swarm (0 or 1) and around which place. No public names."""
    function = getattr(draw, "__func__", draw)
    kept = [cell.cell_contents for cell in function.__closure__ or ()]
    spreads = [each for each in kept if type(each).__name__ == "Beeswarm"]
    middle = (function.__kwdefaults__ or {}).get("center")
    return (1 if spreads[0].orient == "y" else 0, float(middle)) if len(spreads) == 1 and middle is not None else None


def sizes_of(points: Any) -> Any:
    """Areas of points. Where they run from half to twice the area of a marker, as seaborn's do by default, a style that changes the size of
    markers changes all: these are given for matplotlib's own size.
    """
    sizes = np.asarray(points.get_sizes(), float)
    marker = mpl.rcParams["lines.markersize"] ** 2
    by_style = sizes.size and marker and np.allclose([sizes.min(), sizes.max()], [0.5 * marker, 2 * marker], rtol=1e-9)
    return sizes * (_USUAL**2 / marker) if by_style else sizes


def marker_names(points: Any, ax: Any) -> list[str | int]:
    """What the marker of each point says: the text that a legend gives it alone, or its number in order of appearance."""
    said: dict[bytes, set[str]] = {}
    for shape, text in _entries(ax):
        said.setdefault(shape, set()).add(text)
    numbered: dict[bytes, int] = {}
    shapes = [_shape(path) for path in points.get_paths()]
    return [next(iter(said[each])) if len(said.get(each, ())) == 1 else numbered.setdefault(each, len(numbered)) for each in shapes]


def _entries(ax: Any) -> Iterator[tuple[bytes, str]]:
    """Shape of the marker and text of each entry in the legends of axes and of their figure."""
    for legend in (ax.get_legend(), *ax.figure.legends):
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False) if legend else ():
            if hasattr(handle, "get_marker") and handle.get_marker() not in NOTHING:
                marker = MarkerStyle(handle.get_marker())
                yield _shape(marker.get_path().transformed(marker.get_transform())), text.get_text()
            elif hasattr(handle, "get_paths") and hasattr(handle, "get_sizes"):
                yield from ((_shape(path), text.get_text()) for path in handle.get_paths()[:1])


def _shape(path: Any) -> bytes:
    return bytes((np.round(path.vertices, 6) + 0.0).tobytes())  # + 0.0: there are two zeros
