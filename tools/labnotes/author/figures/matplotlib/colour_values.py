"""Colours as values: chosen colours that lie on a colour map, and the colours of classes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap, NoNorm, to_rgba, to_rgba_array

FEWEST = 3
"""Different colours that lie on one colour map only if they come from it."""

MOST_CLASSES = 20
"""Colours of a colour map up to which it tells classes apart, and of values that are told as classes."""

STEPS = 256

_NEAR = 1.5 / STEPS
"""How far a colour may lie from one of the map, in red, green and blue."""


def places_on_map(colours: Sequence[Any], bars: Sequence[Any] = ()) -> list[float] | None:
    """Where colours lie along the first colour map that has them all, from 0 to 1; None where none has, and for those of the cycle of colours.

    `bars` are the colours along bars of colours that the figure shows: they come first.
    """
    rgb = to_rgba_array(list(colours))[:, :3]
    for bar in bars if len(rgb) else ():
        apart = np.abs(rgb[:, None] - bar).max(axis=2)
        if (apart.min(axis=1) <= _NEAR).all():
            return [round(float(place), 6) for place in apart.argmin(axis=1) / (len(bar) - 1)]
    distinct = np.unique(rgb.round(3), axis=0)
    cycle = [colour for colour in mpl.rcParams["axes.prop_cycle"].by_key().get("color", [])]
    if len(distinct) < FEWEST or np.ptp(distinct, axis=1).max() < _NEAR or _all_among(distinct, to_rgba_array(cycle)[:, :3]):
        return None
    for table in _map_tables():
        apart = np.abs(rgb[:, None] - table).max(axis=2)
        if (apart.min(axis=1) <= _NEAR).all():
            return [round(float(place), 6) for place in apart.argmin(axis=1) / (STEPS - 1)]
    return None


def _all_among(colours: Any, others: Any) -> bool:
    return bool(len(others) and (np.abs(colours[:, None] - others).max(axis=2).min(axis=1) <= _NEAR).all())


@cache
def _map_tables() -> list[Any]:
    """The colours of each registered map that runs without steps, each map once and not in reverse."""
    names = [name for name in mpl.colormaps if not name.endswith("_r") and mpl.colormaps[name].N >= STEPS]
    first = [name for name in ("viridis", "plasma", "inferno", "magma", "cividis") if name in names]
    places = np.linspace(0, 1, STEPS)
    return [mpl.colormaps[name](places)[:, :3] for name in (*first, *(name for name in names if name not in first))]


def class_colours(artist: Any) -> list[tuple[float, ...]] | None:
    """The colours of the classes that an artist shows, by their values from the smallest; None where colours stand for numbers."""
    values = artist.get_array() if hasattr(artist, "get_array") else None
    if values is None or np.ndim(values) > 2 or getattr(artist, "cmap", None) is None:
        return None
    listed = isinstance(artist.cmap, ListedColormap) and artist.cmap.N <= MOST_CLASSES
    if not (listed or isinstance(artist.norm, BoundaryNorm | NoNorm)):
        return None
    artist.autoscale_None()
    shown: Any = np.unique(np.ma.compressed(np.ma.masked_invalid(np.ma.asarray(values, float))))
    if not 0 < len(shown) <= MOST_CLASSES:
        return None
    return [tuple(round(float(part), 4) for part in to_rgba(colour)[:3]) for colour in artist.cmap(artist.norm(shown))]
