"""Marks in axes of three dimensions. See marks.py for what the functions take and give.

The places in space have no public names in matplotlib; those of the plane follow from the camera.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labnotes.author.figures.matplotlib.artists import label_of, plain
from labnotes.author.figures.matplotlib.colours import Colours
from labnotes.author.figures.matplotlib.values import add_opacity, add_values, joined, numbers
from labnotes.model.plots import Mark

SPACE = ("x", "y", "z")


def line(line: Any, ax: Any, colours: Colours) -> Mark | None:
    return Mark("line", label_of(line), colours.of(line), numbers(dict(zip(SPACE, line.get_data_3d(), strict=True))))


def scatter(points: Any, ax: Any, colours: Colours) -> Mark | None:
    arrays: dict[str, Any] = dict(zip(SPACE, (np.ma.ravel(places) for places in points._offsets3d), strict=True))
    sizes = np.asarray(points._sizes3d, float)
    if len(np.unique(sizes)) > 1:  # one size for all is style
        arrays["size"] = sizes
    exact: dict[str, Any] = {}
    colour = None
    if points.get_array() is not None:
        points.autoscale_None()
        add_values(points, arrays, exact)
    else:
        # the camera sorts and fades those of its own methods
        faces, edges = (plain(points, "Collection", name)(points) for name in ("get_facecolor", "get_edgecolor"))
        colour, exact = colours.shared(faces if len(faces) else edges, points)
    add_opacity(points, arrays)
    return Mark("scatter", label_of(points), colour, numbers(arrays), exact)


def segments(lines: Any, ax: Any, colours: Colours) -> Mark | None:
    """Lines of a wire frame, vectors in space, error bars."""
    arrays: dict[str, Any] = joined([np.asarray(segment, float) for segment in lines._segments3d], SPACE)
    exact: dict[str, Any] = {}
    colour = None
    if lines.get_array() is not None:
        lines.autoscale_None()
        add_values(lines, arrays, exact)
    else:
        colour, exact = colours.shared(lines.get_colors(), lines)
    return Mark("segments", label_of(lines), colour, numbers(arrays), exact)


def faces(faces: Any, ax: Any, colours: Colours) -> Mark | None:
    """Bars where all faces are those of boxes along the axes, else a surface: its corners once each, and which corners each face has.

    The colours of a surface are its shading, unless they show values.
    """
    found = _polygons(faces)
    arrays = _boxes(found)
    kind = "bars" if arrays else "surface"
    arrays = arrays or _net(found)
    exact: dict[str, Any] = {}
    if faces.get_array() is not None:
        faces.autoscale_None()
        add_values(faces, arrays, exact)
    return Mark(kind, label_of(faces), None, numbers(arrays), exact)


def _polygons(faces: Any) -> list[Any]:
    """The corners of each face."""
    if hasattr(faces, "_faces"):
        corners: Any = np.ma.filled(np.ma.asarray(faces._faces, float), np.nan)
        hidden = np.broadcast_to(getattr(faces, "_invalid_vertices", False), corners.shape[:2])
        return [face[~gone] for face, gone in zip(corners, hidden, strict=True)]
    return [faces._vec[:3, part].T for part in faces._segslices]  # before matplotlib 3.10


def _boxes(polygons: list[Any]) -> dict[str, Any]:
    """Places and sizes of boxes of six faces each; nothing if there is any other face."""
    if not polygons or len(polygons) % 6 or any(face.shape != (4, 3) for face in polygons):
        return {}
    corners = np.asarray(polygons).reshape(-1, 24, 3)
    low, high = corners.min(axis=1), corners.max(axis=1)
    if not np.all((corners == low[:, None]) | (corners == high[:, None])) or np.any(
        np.ptp(corners.reshape(-1, 6, 4, 3), axis=2).min(axis=2)
    ):
        return {}
    ends = dict(zip(SPACE, low.T, strict=True))
    return {**ends, **dict(zip(("width", "height", "depth"), (high - low).T, strict=True))}


def _net(polygons: list[Any]) -> dict[str, Any]:
    """Corners in order of appearance, and for each face the numbers of its corners with a gap (NaN) after it."""
    numbered: dict[tuple[float, ...], int] = {}
    corners: list[float] = []
    for face in polygons:
        corners += [*(float(numbered.setdefault(tuple(corner), len(numbered))) for corner in face.tolist()), np.nan]
    places = np.asarray(list(numbered), float).reshape(-1, 3)
    return {**dict(zip(SPACE, places.T, strict=True)), "corner": corners[:-1]}


def text(text: Any, ax: Any, colours: Colours) -> Mark | None:
    places = dict(zip(SPACE, ([place] for place in text.get_position_3d()), strict=True))
    return Mark("text", "", None, numbers(places), {"text": text.get_text()})
