"""Arrays of a mark: lists of numbers, several paths as one, values shown by a colour map, and places along data or in shares of the axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labnotes.author.figures.matplotlib.artists import NOISE
from labnotes.model.plots import ArrayValues, PlainValue

NORM_SAMPLES = 9
"""Places at which a norm with parameters of its own is sampled."""

PLACES = {"data": ("x", "y"), "x": ("x", "share"), "y": ("share", "y"), "axes": ("xshare", "yshare"), "figure": ("xshare", "yshare")}
"""Names of the two arrays that hold places, by what `placed_on` says of them."""

_MOVETO, _CLOSEPOLY = 1, 79


def float_lists(arrays: Mapping[str, ArrayValues]) -> dict[str, ArrayValues]:
    """Arrays as nested lists of floats, masked values as NaN."""
    return {name: np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).tolist() for name, values in arrays.items()}


def joined_paths(paths: list[Any], names: Sequence[str] = ("x", "y")) -> dict[str, ArrayValues]:
    """Several paths as one array for each of `names`, with a gap (NaN) between two paths."""
    gap = np.full((1, len(names)), np.nan)
    parts = [part for path in paths for part in (path, gap)][:-1]
    points = np.concatenate(parts) if parts else np.empty((0, len(names)))
    return {name: points[:, i] for i, name in enumerate(names)}


def vary(values: Any) -> bool:
    """Whether numbers differ by more than the noise of computing them."""
    finite: Any = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
    return bool(finite.size and np.nanmax(finite) - np.nanmin(finite) > NOISE * np.nanmax(np.abs(finite)))


def add_values(artist: Any, arrays: dict[str, ArrayValues], exact: dict[str, PlainValue]) -> None:
    """Values shown by a colour map, with the limits and the kind of its norm; the colour map itself is style."""
    arrays["value"] = np.ma.filled(np.ma.asarray(artist.get_array()).astype(float), np.nan)
    arrays["norm"] = [np.nan if end is None else float(end) for end in (artist.norm.vmin, artist.norm.vmax)]
    exact["norm"] = type(artist.norm).__name__
    if exact["norm"] not in ("Normalize", "LogNorm", "NoNorm") and np.all(np.isfinite(arrays["norm"])):
        # a norm with parameters of its own: what it makes of values between its limits
        low, high = arrays["norm"]
        shown: Any = np.ma.filled(np.ma.asarray(artist.norm(np.linspace(low, high, NORM_SAMPLES)), dtype=float), np.nan)
        exact["norm samples"] = [round(float(value), 9) for value in shown]


def add_opacity(artist: Any, arrays: dict[str, ArrayValues]) -> None:
    """Opacity where it differs from point to point; one for all is style."""
    if np.ndim(artist.get_alpha()) > 0:
        arrays["opacity"] = artist.get_alpha()


def kind_by_placement(kind: str, place: str) -> str:
    """The kind of a mark; for one placed in shares of the axes or of the figure, which may be decoration, the kind says so."""
    return f"{kind} on the {place}" if place in ("axes", "figure") else kind


def path_parts(path: Any) -> list[Any]:
    """The parts of a path as arrays of corners (control points of curves among them); a closed part ends where it begins."""
    vertices: Any = np.ma.filled(np.ma.asarray(path.vertices, float), np.nan)
    if path.codes is None or not len(vertices):
        return [vertices] if len(vertices) else []
    starts = [int(i) for i in np.flatnonzero(path.codes == _MOVETO)]
    parts = []
    for start, end in zip(starts, [*starts[1:], len(vertices)], strict=True):
        part = vertices[start:end].copy()
        part[path.codes[start:end] == _CLOSEPOLY] = part[0]  # its own place is not drawn
        parts.append(part)
    return parts
