"""Where artists stand: what their coordinates mean, along each axis, and how far drawing moves them on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

POINTS = 72
"""Points of an inch."""

DODGE = 12.0
"""Points by which what is drawn may stand beside its place for the sake of the picture."""


def placed_on(artist: Any, ax: Any) -> str:
    """What an artist's coordinates mean: "data" along both axes, "x" or "y" along that one (a share of the axes along the other),
    "axes" or "figure": shares of these, or "" for anything else.

    By structure as well as by value: a transform to shares of the axes equals that to data wherever the limits are 0 and 1.
    """
    return place_of(artist.get_data_transform() if hasattr(artist, "get_data_transform") else artist.get_transform(), ax)


def place_of(transform: Any, ax: Any) -> str:
    """What the coordinates of a transform mean, in the words of `placed_on`."""
    transform = _without_paper_offset(transform)[0]
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


def moved_on_paper(artist: Any) -> list[float] | None:
    """By how many points, to the right and up, an artist is drawn beside its place (`offset_copy`), where that is more than a dodge; None if it
    cannot be told."""
    transform = artist.get_data_transform() if hasattr(artist, "get_data_transform") else artist.get_transform()
    if hasattr(artist, "get_offset_transform") and type(artist).__name__ == "PathCollection":
        transform = artist.get_offset_transform()
    shift = _without_paper_offset(transform)[1]
    if shift is None:
        return [0.0, 0.0]
    inches = shift._t  # no public name
    if shift._scale_trans is not getattr(artist.figure, "dpi_scale_trans", None) and np.any(inches):
        return None
    points = [round(float(part) * POINTS, 6) for part in inches]
    return points if max(map(abs, points)) > DODGE else [0.0, 0.0]


def clip_outline(artist: Any) -> dict[str, list[float]] | None:
    """Corners of what an artist is cut off by, where that is not the edge of its axes: {} if it is; None for one that has no place on data."""
    ax = getattr(artist, "axes", None)
    if ax is None or not artist.get_clip_on():
        return {}
    path, box = artist.get_clip_path(), artist.get_clip_box()
    if path is not None and getattr(path, "_patch", None) is not ax.patch:  # no public names, here and below
        patch: Any = getattr(path, "_patch", None)
        if patch is None and _is_own_outline(path, artist):
            return {}
        return _clip_arrays(patch.get_path().vertices, patch.get_transform(), ax) if patch is not None else None
    if box is None or _holds(box, ax.bbox):
        return {}
    return _clip_arrays(box._bbox.corners(), box._transform, ax) if hasattr(box, "_transform") else None


def _is_own_outline(path: Any, artist: Any) -> bool:
    """Whether an artist is cut off by its own outline, which hides the outer half of its edge (seaborn.objects)."""
    outline, own = getattr(path, "_path", None), artist.get_path() if hasattr(artist, "get_path") else None
    return outline is not None and own is not None and bool(np.array_equal(outline.vertices, own.vertices))


def _clip_arrays(corners: Any, transform: Any, ax: Any) -> dict[str, list[float]] | None:
    """Corners as arrays: in data coordinates, or in shares of the axes; None for a transform that leads through neither."""
    to_data, names = transform_to_data(transform, ax), ("x of clip", "y of clip")
    if to_data is None:
        if not transform.contains_branch(ax.transAxes):
            return None
        to_data, names = transform - ax.transAxes, ("xshare of clip", "yshare of clip")
    placed = to_data.transform(corners)
    return {name: [float(value) for value in placed[:, i]] for i, name in enumerate(names)}


def _holds(outer: Any, inner: Any) -> bool:
    """Whether a box in pixels holds another, up to half a pixel."""
    (left, low), (right, high) = outer.get_points() - inner.get_points()
    return bool(left <= 0.5 and low <= 0.5 and right >= -0.5 and high >= -0.5)


def projection_before_data(transform: Any, ax: Any) -> str:
    """The projection in which coordinates are given that a map of cartopy then projects; "" for coordinates of another kind."""
    first, rest = getattr(transform, "_a", None), getattr(transform, "_b", None)  # no public names
    is_projected = type(first).__name__ == "InterProjectionTransform" and rest is not None and is_data(rest, ax)
    return type(getattr(first, "source_projection", None)).__name__ if is_projected else ""


def transform_to_data(transform: Any, ax: Any) -> Any:
    """The part of a transform before that of the data; None for one that does not lead through the data."""
    if transform is None or not all(transform.contains_branch_seperately(ax.transData)):
        return None
    return transform - ax.transData


def _without_paper_offset(transform: Any) -> tuple[Any, Any]:
    """A transform without the distance on paper by which it moves what it has placed, in inches or points, and that; None without one."""
    shift = getattr(transform, "_b", None)  # no public names
    return (transform._a, shift) if type(shift).__name__ == "ScaledTranslation" else (transform, None)


def is_data(transform: Any, ax: Any) -> bool:
    """Whether a transform takes data coordinates along both axes, by its value and by its structure."""
    return bool(transform == ax.transData) and all(transform.contains_branch_seperately(ax.transData))


# -- one coordinate at a time --------------------------------------------------------------------------------------------------------------


def place_arrays(point: Sequence[Any], coords: Any, ax: Any, end: str = "") -> dict[str, list[float]] | None:
    """A point as arrays, each named by what its number means: x and y for data, xshare and yshare for shares of the axes or of the figure.

    `coords` are as for annotations: a word, a transform, an artist with a place among the data, or one for each coordinate. `end` is added
    to the names. A point of which only the style of the picture says where it stands is no place; None for coordinates that are unknown.
    """
    if isinstance(coords, str) and coords == "polar":
        angle, radius = (float(part) for part in point)
        point, coords = (radius * np.cos(angle), radius * np.sin(angle)), "data"
    arrays: dict[str, list[float]] = {}
    for which, of_point in zip((0, 1), coords if isinstance(coords, tuple) else (coords, coords), strict=True):
        place = _one_place(point[which], of_point, ax, which)
        if place is None:
            return None
        name, value = place
        if name:
            arrays[f"{name}{end}"] = [value]
    return arrays


def is_offset(coords: Any) -> bool:
    """Whether coordinates of an annotation's text are a distance from its place."""
    return any(isinstance(part, str) and part.startswith("offset ") for part in (coords if isinstance(coords, tuple) else (coords,)))


def _one_place(value: Any, coords: Any, ax: Any, which: int) -> tuple[str, float] | None:
    """The name and the number of one coordinate (0: x, 1: y): ("", 0.0) where it is style, None where it is unknown."""
    letter = "xy"[which]
    if isinstance(coords, str):
        if coords == "data":
            return letter, float((ax.convert_xunits, ax.convert_yunits)[which](value))
        if coords.endswith(" fraction"):
            return f"{letter}share", float(value)
        return "", 0.0  # points and pixels
    if hasattr(coords, "contains_branch_seperately"):
        return _place_by_transform(value, _without_paper_offset(coords)[0], ax, which)
    if coords is ax.bbox or coords is ax.figure.bbox:
        return f"{letter}share", float(value)
    artist = anchor_of(coords)
    if artist is not None and hasattr(artist, "get_text"):
        return "", 0.0  # beside a text, whose size is style
    box = _data_box(artist, ax)
    return (letter, float(box[0][which] + float(value) * (box[1][which] - box[0][which]))) if box is not None else None


def anchor_of(coords: Any) -> Any:
    """The artist whose box coordinates are shares of: an artist, an offset from one, or what `bar_label` makes for the middle of a bar."""
    if hasattr(coords, "get_window_extent"):
        return coords
    if hasattr(coords, "_artist"):  # OffsetFrom; no public name
        return coords._artist
    given = getattr(coords, "__defaults__", None) or ()
    return next((part for part in given if hasattr(part, "get_window_extent")), None)


def _place_by_transform(value: Any, transform: Any, ax: Any, which: int) -> tuple[str, float] | None:
    place = "data" if projection_before_data(transform, ax) else place_of(transform, ax)
    if place in ("data", "xy"[which]):
        return "xy"[which], float((ax.convert_xunits, ax.convert_yunits)[which](value))
    if place:
        return f"{'xy'[which]}share", float(value)
    return None if any(transform.contains_branch_seperately(ax.transData)) else ("", 0.0)


def _data_box(artist: Any, ax: Any) -> Any:
    """The corners of an artist's box among the data of its axes; None for what has no place there."""
    if not hasattr(artist, "get_window_extent") or not hasattr(artist, "get_path") or placed_on(artist, ax) != "data":
        return None
    outline = (
        artist.get_patch_transform().transform_path(artist.get_path()) if hasattr(artist, "get_patch_transform") else artist.get_path()
    )
    return outline.get_extents().get_points()
