"""Points of a scatter: where they belong, how large they are and which marker each has, however a style changes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.markers import MarkerStyle

from labnotes.author.figures.matplotlib.artists import NOTHING

_USUAL = 6.0
"""matplotlib's own size of a marker, in points."""


def places_without_style(points: Any) -> Any:
    """The places of points, as rows of x and y. The points of a swarm stand in one line: how far beside it each is drawn is style.

    It depends on the size of the points and of the picture. None if drawing moves the points in any other way.
    """
    places: Any = np.ma.filled(np.ma.asarray(points.get_offsets(), float), np.nan).reshape(-1, 2).copy()
    if "draw" in vars(points):  # a drawing function of their own
        swarm = _swarm_line(vars(points)["draw"])
        if swarm is None:
            return None
        along, middle = swarm
        places[:, along] = middle
    return places


def _swarm_line(draw: Any) -> tuple[int, float] | None:
    """Along which axis seaborn spreads the points of a swarm (0 or 1) and around which place. No public names."""
    function = getattr(draw, "__func__", draw)
    kept = [cell.cell_contents for cell in function.__closure__ or ()]
    spreads = [value for value in kept if type(value).__name__ == "Beeswarm"]
    middle = (function.__kwdefaults__ or {}).get("center")
    return (1 if spreads[0].orient == "y" else 0, float(middle)) if len(spreads) == 1 and middle is not None else None


def sizes_of(points: Any) -> Any:
    """The areas of points, in square points.

    Where they run from half to twice the area of a marker, as seaborn's do by default, a style that changes the size of markers changes all
    areas: these are given for matplotlib's own size.
    """
    sizes = np.asarray(points.get_sizes(), float)
    marker = mpl.rcParams["lines.markersize"] ** 2
    by_style = sizes.size and marker and np.allclose([sizes.min(), sizes.max()], [0.5 * marker, 2 * marker], rtol=1e-9)
    return sizes * (_USUAL**2 / marker) if by_style else sizes


def marker_names(points: Any, ax: Any) -> list[str | int]:
    """What the marker of each point says: the text that a legend gives it alone, or its number in order of appearance."""
    said: dict[bytes, set[str]] = {}
    for shape, text in _legend_entries(ax):
        said.setdefault(shape, set()).add(text)
    numbered: dict[bytes, int] = {}
    shapes = [_shape_bytes(path) for path in points.get_paths()]
    return [
        next(iter(said[marker_shape])) if len(said.get(marker_shape, ())) == 1 else numbered.setdefault(marker_shape, len(numbered))
        for marker_shape in shapes
    ]


def _legend_entries(ax: Any) -> Iterator[tuple[bytes, str]]:
    """Shape of the marker and text of each entry in the legends of axes and of their figure."""
    for legend in (ax.get_legend(), *ax.figure.legends):
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False) if legend else ():
            if hasattr(handle, "get_marker") and handle.get_marker() not in NOTHING:
                marker = MarkerStyle(handle.get_marker())
                yield _shape_bytes(marker.get_path().transformed(marker.get_transform())), text.get_text()
            elif hasattr(handle, "get_paths") and hasattr(handle, "get_sizes"):
                yield from ((_shape_bytes(path), text.get_text()) for path in handle.get_paths()[:1])


def _shape_bytes(path: Any) -> bytes:
    """The corners of a marker as bytes, the same for the same shape."""
    return bytes((np.round(path.vertices, 6) + 0.0).tobytes())  # + 0.0: there are two zeros
