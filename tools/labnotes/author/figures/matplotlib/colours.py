"""Colours as a correspondence: numbered in order of appearance, so that which marks share one is known and which one it is, is not."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba

from labnotes.author.figures.matplotlib.artists import NOTHING, is_data, is_drawn
from labnotes.author.figures.matplotlib.artists import parts as parts_of


class Colours:
    """The colours of one figure."""

    def __init__(self, everything: list[Any]) -> None:
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._looks = {id(ax): _told_apart_by_look(ax) for ax in everything}

    def of(self, artist: Any, ax: Any = None) -> int | None:
        """The number of an artist's main colour; opacity aside, so that a band shares its line's. `ax` is given for handles of a legend."""
        for colour in _colours(artist)[:1]:
            return self._numbered(self._key(colour, artist, ax))
        return None

    def shared(self, colours: Iterable[Any], artist: Any) -> tuple[int | None, dict[str, Any]]:
        """The number of the one colour that all parts of an artist have; or, where they are several, each part's as an exact field."""
        return one_or_several([self._numbered(self._key(colour, artist, None)) for colour in colours])

    def _key(self, colour: Any, artist: Any, ax: Any) -> tuple[Any, ...]:
        rgb = _rgb(colour)
        return (*rgb, *_look(artist)) if rgb in self._looks.get(id(ax or artist.axes), ()) else rgb

    def _numbered(self, key: tuple[Any, ...]) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def one_or_several(numbers: list[int | None]) -> tuple[int | None, dict[str, Any]]:
    """As `Colours.shared`, for colours that are numbered already."""
    if len(set(numbers)) > 1:
        return None, {"colours": numbers}
    return (numbers[0] if numbers else None), {}


def _rgb(colour: Any) -> tuple[float, ...]:
    return tuple(round(part, 4) for part in to_rgba(colour)[:3])


def _told_apart_by_look(ax: Any) -> set[tuple[float, ...]]:
    """Colours that several lines, scatters or bars of these axes share which differ in dash, marker or hatch: there a legend speaks by these."""
    looks: dict[tuple[Any, ...], set[Hashable]] = {}
    parts = {id(part) for container in ax.containers if type(container).__name__ == "ErrorbarContainer" for part in parts_of(container)}
    for artist in (*ax.lines, *ax.collections, *ax.patches):
        if _look(artist) and id(artist) not in parts and is_drawn(artist) and is_data(_transform(artist), ax):
            for colour in _colours(artist)[:1]:
                looks.setdefault((type(artist).__name__, _rgb(colour)), set()).add(_look(artist))
    return {rgb for (_, rgb), found in looks.items() if len(found) > 1}


def _look(artist: Any) -> tuple[Hashable, ...]:
    """What tells two artists of one colour apart: dash and marker of a line, marker of a scatter, hatch of a bar; () for other artists."""
    name = type(artist).__name__
    if name == "Line2D":
        return str(artist.get_linestyle()), str(artist.get_marker())
    if name == "PathCollection":
        return (np.round(artist.get_paths()[0].vertices, 6).tobytes(),) if len(artist.get_paths()) else ()
    return (str(artist.get_hatch()),) if name == "Rectangle" else ()


def _transform(artist: Any) -> Any:
    if type(artist).__name__ == "PathCollection":
        return artist.get_offset_transform()
    return artist.get_data_transform() if hasattr(artist, "get_data_transform") else artist.get_transform()


def _colours(artist: Any) -> list[Any]:
    """An artist's colours that can be seen, the most telling first."""
    if hasattr(artist, "get_markerfacecolor"):
        found = [artist.get_color()] if artist.get_linestyle() not in NOTHING else []
        found += [artist.get_markerfacecolor(), artist.get_markeredgecolor(), artist.get_color()]
    else:
        getters = (getattr(artist, name) for name in ("get_facecolor", "get_edgecolor", "get_color") if hasattr(artist, name))
        found = [colour for getter in getters for colour in _first(getter())]
    return [colour for colour in found if not (isinstance(colour, str) and colour in ("none", "auto")) and to_rgba(colour)[3] > 0]


def _first(colours: Any) -> Iterable[Any]:
    """The first of several colours, or the one."""
    if isinstance(colours, str):
        return [colours]
    found = np.atleast_2d(np.asarray(colours, dtype=object))
    return [tuple(float(part) for part in found[0])] if found.size else []
