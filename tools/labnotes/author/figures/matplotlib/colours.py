"""Groups of marks that share a colour, numbered in order of appearance.

Which marks share a colour is data; which colour it is, is style. Colours that lie on a colour map are values: see colour_values.py.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba

from labnotes.author.figures.matplotlib.artists import NOTHING, is_drawn, setting
from labnotes.author.figures.matplotlib.artists import container_artists as parts_of
from labnotes.author.figures.matplotlib.places import is_data
from labnotes.model.plots import PlainValue


class ColourGroups:
    """The groups of marks of one figure that share a colour."""

    def __init__(self, everything: list[Any]) -> None:
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._looks = {id(ax): _told_apart_by_look(ax) for ax in everything}

    def group_number(self, artist: Any, ax: Any = None) -> int | None:
        """The number of an artist's main colour; opacity aside, so that a band shares its line's. `ax` is given for handles of a legend."""
        for colour in main_colours(artist)[:1]:
            return self._number_of_key(self._group_key(colour, artist, ax))
        return None

    def reference_number(self, artist: Any) -> int | None:
        """As `group_number`, for a mark that shows no series; None for one that has the default colour of its class.

        In some styles that is also the colour of a series, in others not.
        """
        for colour in main_colours(artist)[:1]:
            return None if _is_default(colour, artist) else self._number_of_key(_rounded_rgb(colour))
        return None

    def references_of_parts(self, colours: Iterable[Any], artist: Any) -> tuple[int | None, dict[str, PlainValue]]:
        """As `group_of_parts`, for marks that show no series."""
        return one_or_several([None if _is_default(colour, artist) else self._number_of_key(_rounded_rgb(colour)) for colour in colours])

    def group_of_parts(self, colours: Iterable[Any], artist: Any) -> tuple[int | None, dict[str, PlainValue]]:
        """The number of the one colour that all parts of an artist have; or None and, where they differ, each part's as an exact field."""
        return one_or_several([self._number_of_key(self._group_key(colour, artist, None)) for colour in colours])

    def _group_key(self, colour: Any, artist: Any, ax: Any) -> tuple[Any, ...]:
        rgb = _rounded_rgb(colour)
        return (*rgb, *_distinguishing_style(artist)) if rgb in self._looks.get(id(ax or artist.axes), ()) else rgb

    def _number_of_key(self, key: tuple[Any, ...]) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _is_default(colour: Any, artist: Any) -> bool:
    """Whether a colour is that which lines or shapes have whose author gave them none."""
    is_shape = hasattr(artist, "get_hatch") and not hasattr(artist, "get_segments")
    names = ("patch.facecolor", "patch.edgecolor") if is_shape else ("lines.color",)
    return any(_rounded_rgb(colour) == _rounded_rgb(setting(name)) for name in names)


def one_or_several(numbers: list[int | None]) -> tuple[int | None, dict[str, PlainValue]]:
    """The one number of all parts of an artist; or None and, where the numbers differ, each part's number as an exact field."""
    if len(set(numbers)) > 1:
        return None, {"colours": numbers}
    return (numbers[0] if numbers else None), {}


def _rounded_rgb(colour: Any) -> tuple[float, ...]:
    return tuple(round(part, 4) for part in to_rgba(colour)[:3])


def _told_apart_by_look(ax: Any) -> set[tuple[float, ...]]:
    """Colours (red, green, blue) that several lines, scatters or bars of these axes share and that dash, marker or hatch tell apart."""
    looks: dict[tuple[Any, ...], set[Hashable]] = {}
    parts = {id(part) for container in ax.containers if type(container).__name__ == "ErrorbarContainer" for part in parts_of(container)}
    for artist in (*ax.lines, *ax.collections, *ax.patches):
        if _distinguishing_style(artist) and id(artist) not in parts and is_drawn(artist) and is_data(_placing_transform(artist), ax):
            for colour in main_colours(artist)[:1]:
                looks.setdefault((type(artist).__name__, _rounded_rgb(colour)), set()).add(_distinguishing_style(artist))
    return {rgb for (_, rgb), variants in looks.items() if len(variants) > 1}


def _distinguishing_style(artist: Any) -> tuple[Hashable, ...]:
    """What tells two artists of one colour apart: dash and marker of a line, marker of a scatter, hatch of a bar; () for other artists."""
    name = type(artist).__name__
    if name == "Line2D":
        return str(artist.get_linestyle()), str(artist.get_marker())
    if name == "PathCollection":
        return (np.round(artist.get_paths()[0].vertices, 6).tobytes(),) if len(artist.get_paths()) else ()
    return (str(artist.get_hatch()),) if name == "Rectangle" else ()


def _placing_transform(artist: Any) -> Any:
    """The transform that places an artist's data."""
    if type(artist).__name__ == "PathCollection":
        return artist.get_offset_transform()
    return artist.get_data_transform() if hasattr(artist, "get_data_transform") else artist.get_transform()


def main_colours(artist: Any) -> list[Any]:
    """An artist's colours that can be seen, the most telling first."""
    if hasattr(artist, "get_markerfacecolor"):
        stroked = artist.get_linestyle() not in NOTHING and np.size(artist.get_xdata()) > 1
        candidates = [artist.get_color()] if stroked else []
        candidates += [artist.get_markerfacecolor(), artist.get_markeredgecolor(), artist.get_color()]
    else:
        getters = (getattr(artist, name) for name in ("get_facecolor", "get_edgecolor", "get_color") if hasattr(artist, name))
        candidates = [colour for getter in getters for colour in _first_colour(getter())]
    return [colour for colour in candidates if not (isinstance(colour, str) and colour in ("none", "auto")) and to_rgba(colour)[3] > 0]


def _first_colour(colours: Any) -> Iterable[Any]:
    """A list of the first of several colours, or of the only one; empty if there is none."""
    if isinstance(colours, str):
        return [colours]
    rows = np.atleast_2d(np.asarray(colours, dtype=object))
    return [tuple(float(part) for part in rows[0])] if rows.size else []
