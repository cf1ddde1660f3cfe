"""Colours as a correspondence: numbered in order of appearance, so that which marks share one is known and which one it is, is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba

from labnotes.figures.matplotlib.artists import NOTHING, is_data, is_drawn


class Colours:
    """The colours of one figure."""

    def __init__(self, everything: list[Any]) -> None:
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._dashed = {id(ax): _told_apart_by_dash(ax) for ax in everything}

    def of(self, artist: Any, ax: Any = None) -> int | None:
        """The number of an artist's main colour; opacity aside, so that a band shares its line's. `ax` is given for handles of a legend."""
        if hasattr(artist, "get_markerfacecolor"):
            candidates = [artist.get_color()] if artist.get_linestyle() not in NOTHING else []
            candidates += [artist.get_markerfacecolor(), artist.get_markeredgecolor(), artist.get_color()]
        else:
            candidates = [
                colour
                for getter in ("get_facecolor", "get_edgecolor", "get_color")
                if hasattr(artist, getter)
                for colour in _first(getattr(artist, getter)())
            ]
        for colour in candidates:
            if isinstance(colour, str) and colour in ("none", "auto"):
                continue
            if to_rgba(colour)[3] > 0:
                rgb = _rgb(colour)
                dashed = rgb in self._dashed.get(id(ax or artist.axes), ()) and hasattr(artist, "get_marker")
                return self._numbered((*rgb, *_dash(artist)) if dashed else rgb)
        return None

    def shared(self, colours: Iterable[Any]) -> tuple[int | None, dict[str, Any]]:
        """The number of the one colour that all parts of a mark have; or, where they are several, each part's as an exact field."""
        return one_or_several([self._numbered(_rgb(colour)) for colour in colours])

    def _numbered(self, key: tuple[Any, ...]) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def one_or_several(numbers: list[int | None]) -> tuple[int | None, dict[str, Any]]:
    """As `Colours.shared`, for colours that are numbered already."""
    if len(set(numbers)) > 1:
        return None, {"colours": numbers}
    return (numbers[0] if numbers else None), {}


def _rgb(colour: Any) -> tuple[float, ...]:
    return tuple(round(part, 4) for part in to_rgba(colour)[:3])


def _told_apart_by_dash(ax: Any) -> set[tuple[float, ...]]:
    """Colours that several lines of these axes share which differ in dash or marker: there the legend speaks by these."""
    looks: dict[tuple[float, ...], set[tuple[str, str]]] = {}
    for line in ax.lines:
        if is_drawn(line) and is_data(line.get_transform(), ax):
            looks.setdefault(_rgb(line.get_color()), set()).add(_dash(line))
    return {rgb for rgb, found in looks.items() if len(found) > 1}


def _dash(line: Any) -> tuple[str, str]:
    return str(line.get_linestyle()), str(line.get_marker())


def _first(colours: Any) -> Iterable[Any]:
    """The first of several colours, or the one."""
    if isinstance(colours, str):
        return [colours]
    found = np.atleast_2d(np.asarray(colours, dtype=object))
    return [tuple(float(part) for part in found[0])] if found.size else []
