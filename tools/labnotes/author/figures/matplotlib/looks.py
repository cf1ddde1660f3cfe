"""Looks of artists, beside their colour, that can tell marks apart: which of them do so in a figure is found once all marks are read.

One function for each family of artists says what each part of an artist looks like. A look of an author's own settings (rcParams) is the default.
Looks of texts, images, contours without dashes of their own, and of faces in space are style.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba, to_rgba_array
from matplotlib.lines import Line2D

from labnotes.author.figures.matplotlib.artists import NOISE, NOTHING, setting
from labnotes.author.figures.matplotlib.colour_values import class_colours, places_on_map
from labnotes.author.figures.matplotlib.colours import main_colours
from labnotes.author.figures.matplotlib.values import vary
from labnotes.model.looks import IN_NUMBERS, IN_WORDS, ON_MAP
from labnotes.model.plots import Mark, PlainValue

Look = Hashable | None
"""A look of one part in words: equal for equal looks, None for the default. In numbers it is Measured."""


@dataclass(frozen=True)
class Measured:
    """A look in numbers, and whether it is another one than settings give."""

    number: float
    is_chosen: bool


@dataclass(frozen=True)
class DrawnMark:
    """A mark and the artist or container that it was read from."""

    mark: Mark
    artist: Any


class LookGroups:
    """The numbers of the looks of one figure, in order of appearance."""

    def __init__(self, bars: Sequence[Any] = ()) -> None:
        """`bars` are the colours along bars of colours that the figure shows."""
        self._bars = bars
        self._numbers: dict[str, dict[Hashable, int]] = {look: {} for look in IN_WORDS}
        self._telling: set[str] = set()

    def add_looks(self, drawn: Sequence[DrawnMark]) -> list[Mark]:
        """The marks of a figure, in their order, with those of their looks that tell marks of their kind apart."""
        looks = [looks_of(item.artist) if item.mark.kind != "decoration" else {} for item in drawn]
        marks = [item.mark for item in drawn]
        for kind in dict.fromkeys(mark.kind for mark in marks):
            alike = [i for i, mark in enumerate(marks) if mark.kind == kind]
            for look in (*IN_WORDS, *IN_NUMBERS):
                having = [i for i in alike if look in looks[i] and not (look == "marker size" and "size" in marks[i].arrays)]
                told = self._told(look, [looks[i][look] for i in having])
                for i, value in zip(having, told, strict=False):
                    marks[i] = replace(marks[i], looks={**marks[i].looks, look: value})
        return marks

    def legend_looks(self, handle: Any) -> dict[str, PlainValue]:
        """Those looks of a handle of a legend that tell marks of the figure apart, as numbers."""
        looks = looks_of(handle)
        looks["class colour"] = [_rgb(colour) for colour in main_colours(handle)[:1]]
        firsts = {look: values[0] for look in IN_WORDS if look in self._telling and (values := looks.get(look))}
        return {look: self._number(look, value) for look, value in firsts.items() if value is not None}

    def _told(self, look: str, of_marks: list[list[Look]]) -> list[PlainValue]:
        """What marks of one kind tell of a look, mark by mark; nothing if it is the same for all."""
        every = [value for values in of_marks for value in values]
        if look == ON_MAP:
            return _told_shades(of_marks, self._bars)
        if look in IN_NUMBERS:
            return _told_numbers(of_marks)
        if len(set(every)) < 2:
            return []
        self._telling.add(look)
        numbers = [[self._number(look, value) for value in values] for values in of_marks]
        return [values[0] if len(set(values)) == 1 else values for values in numbers]

    def _number(self, look: str, value: Look) -> int | None:
        numbers = self._numbers[look]
        return None if value is None else numbers.setdefault(value, len(numbers))


def _told_numbers(of_marks: list[list[Look]]) -> list[PlainValue]:
    every = [value for values in of_marks for value in values if isinstance(value, Measured)]
    sizes, chosen = np.array([value.number for value in every]), np.array([value.is_chosen for value in every])
    if not chosen.any() or not vary(sizes) or np.max(sizes) <= 0:
        return []
    largest = np.max(sizes[chosen])
    among_all, where_chosen = sizes / np.max(sizes), np.where(chosen, sizes / largest if largest > 0 else sizes, np.nan)
    ends = np.cumsum([len(values) for values in of_marks])[:-1]
    return [
        {"among all": _one_for_all(among), "where chosen": _one_for_all(given)}
        for among, given in zip(np.split(among_all, ends), np.split(where_chosen, ends), strict=True)
    ]


def _told_shades(of_marks: list[list[Look]], bars: Sequence[Any]) -> list[PlainValue]:
    """Where the colours of all parts lie along one colour map, the figure's own first; nothing if they do not."""
    places = places_on_map([colour for values in of_marks for colour in values], bars) if of_marks else None
    ends = np.cumsum([len(values) for values in of_marks])[:-1]
    return [] if places is None else [_one_for_all(part) for part in np.split(np.array(places), ends)]


def _one_for_all(numbers: Any) -> list[float]:
    """The numbers of all parts, or one where it is the same."""
    rounded = np.round(numbers, 6)
    same = np.isnan(rounded).all() or (rounded == rounded[0]).all() if len(rounded) else False
    return [float(number) for number in (rounded[:1] if same else rounded)]


# -- families of artists -----------------------------------------------------------------------------------------------------------------


def looks_of(artist: Any) -> dict[str, list[Look]]:
    """The looks of an artist or of a container, each with one value a part; without those that it does not have."""
    kind = type(artist).__name__
    classes = class_colours(artist)
    if classes is not None:
        return {"class colour": list(classes)}
    if kind == "BarContainer":
        return _joined([_patch_looks(bar) for bar in artist.patches])
    if kind == "ErrorbarContainer":
        line, _, bars = artist.lines
        return _line_looks(line) if line is not None else _joined([_collection_looks(part) for part in bars])
    if kind == "StemContainer":
        return _line_looks(artist.markerline)
    if kind in ("Table", "Legend") or hasattr(artist, "get_text") or kind.endswith(("Mesh", "Image")):
        return {}
    if isinstance(artist, Line2D):
        return _line_looks(artist)
    if hasattr(artist, "get_paths") and hasattr(artist, "get_linewidths"):
        return _collection_looks(artist)
    return _patch_looks(artist) if hasattr(artist, "get_hatch") and hasattr(artist, "get_edgecolor") else {}


def _joined(of_parts: list[dict[str, list[Look]]]) -> dict[str, list[Look]]:
    if not of_parts:
        return {}
    return {look: [value for part in of_parts for value in part[look]] for look in of_parts[0] if all(look in part for part in of_parts)}


def _line_looks(line: Any) -> dict[str, list[Look]]:
    stroked = line.get_linestyle() not in NOTHING
    marked = line.get_marker() not in NOTHING
    looks: dict[str, list[Look]] = {"opacity": [_opacity(line.get_color(), line.get_alpha())]}
    looks[ON_MAP] = [to_rgba(colour) for colour in main_colours(line)[:1]]
    looks["marker"] = [str(line.get_marker()) if marked else None]
    if stroked:
        looks["width"] = [_chosen_number(line.get_linewidth(), _LINE_WIDTHS)]
        looks["dash"] = [
            _dash_pattern(getattr(line, "_unscaled_dash_pattern", None) or line.get_linestyle())
        ]  # no public name for the pattern
    if marked:
        looks["marker size"] = [_chosen_number(line.get_markersize(), ("lines.markersize",))]
        own, face, edge = line.get_color(), line.get_markerfacecolor(), line.get_markeredgecolor()
        looks["fill"] = [_marker_fill(line.get_fillstyle(), face, own)]
        looks["edge"] = [None if _is_same_colour(edge, own) or _is_same_colour(edge, face) else _rgb(edge)]
    return looks


def _patch_looks(patch: Any) -> dict[str, list[Look]]:
    face, edge = patch.get_facecolor(), patch.get_edgecolor()
    is_filled = bool(patch.get_fill()) and to_rgba(face)[3] > 0
    is_edged = to_rgba(edge)[3] > 0 and patch.get_linewidth() > 0
    looks: dict[str, list[Look]] = {"hatch": [patch.get_hatch() or None], "fill": [None if is_filled else "hollow"]}
    looks["opacity"] = [_opacity(face if is_filled else edge, patch.get_alpha())]
    looks[ON_MAP] = [to_rgba(face if is_filled else edge)]
    if is_edged:
        looks["width"] = [_chosen_number(patch.get_linewidth(), ("patch.linewidth", *_LINE_WIDTHS))]
        looks["dash"] = [_dash_pattern(getattr(patch, "_unscaled_dash_pattern", None) or patch.get_linestyle())]  # no public name
    looks["edge"] = [_edge(edge, face) if is_edged and is_filled else None]
    return looks


def _collection_looks(collection: Any) -> dict[str, list[Look]]:
    """The looks of the parts of a collection: of as many as it has looks of, one where all share it."""
    looks: dict[str, list[Look]] = {"hatch": [getattr(collection, "get_hatch", lambda: None)() or None]}
    kind = type(collection).__name__
    is_contour, in_space = "Contour" in kind, kind.endswith("3DCollection")
    widths = np.atleast_1d(np.asarray(collection.get_linewidths(), float))
    dashes = getattr(collection, "_us_linestyles", None) or collection.get_linestyles()  # no public name for the patterns
    if not is_contour or getattr(collection, "linestyles", None) is not None:
        looks["dash"] = [_dash_pattern(dash) for dash in (dashes if isinstance(dashes, list) else [dashes])]
    if widths.size and not (is_contour and getattr(collection, "filled", False)):
        looks["width"] = [_chosen_number(width, ("patch.linewidth", *_LINE_WIDTHS)) for width in widths]
    if hasattr(collection, "get_sizes") and not in_space and np.size(collection.get_sizes()) == 1:
        looks["marker size"] = [_chosen_number(float(np.sqrt(collection.get_sizes()[0])), ("lines.markersize",))]
    if is_contour or in_space or collection.get_array() is not None:
        return looks
    faces, edges = to_rgba_array(collection.get_facecolors()), to_rgba_array(collection.get_edgecolors())
    shown = faces if len(faces) and faces[:, 3].any() else edges
    if np.ndim(collection.get_alpha()) == 0:
        looks["opacity"] = [_opacity(colour, None) for colour in shown] or [Measured(1.0, is_chosen=False)]
        looks[ON_MAP] = [tuple(map(float, colour)) for colour in shown]
    if kind != "LineCollection":
        looks["fill"] = [None if colour[3] > 0 else "hollow" for colour in faces] or ["hollow"]
        looks["edge"] = _edges(faces, edges if widths.any() else edges[:0])
    return looks


# -- single looks ------------------------------------------------------------------------------------------------------------------------

_LINE_WIDTHS = ("lines.linewidth", *(f"boxplot.{part}props.linewidth" for part in ("box", "whisker", "cap", "median", "mean", "flier")))


def _chosen_number(value: Any, settings: Sequence[str]) -> Measured:
    number = float(value)
    defaults = [default for name in settings if isinstance(default := setting(name), int | float)]
    return Measured(number, not any(abs(number - default) <= NOISE * default for default in defaults))


def _opacity(colour: Any, alpha: Any) -> Measured:
    share = float(alpha) if alpha is not None and np.ndim(alpha) == 0 else float(to_rgba(colour)[3])
    return Measured(share, share < 1 - NOISE)


def _dash_pattern(dash: Any) -> Look:
    """A dash as pattern of strokes; None for a line that is not dashed."""
    if isinstance(dash, str):
        line: Any = Line2D([], [])
        line.set_linestyle(dash)
        dash = getattr(line, "_unscaled_dash_pattern", (0, None)) if dash not in NOTHING else (0, None)  # no public name
    offset, strokes = dash
    return None if strokes is None or not len(strokes) else (round(float(offset), 6), *(round(float(stroke), 6) for stroke in strokes))


def _marker_fill(style: str, face: Any, own: Any) -> Look:
    if style == "none" or ((not isinstance(face, str) or face != "auto") and to_rgba(face)[3] == 0):
        return "hollow"
    if style != "full":
        return style
    return None if _is_same_colour(face, own) else _rgb(face)


def _edges(faces: Any, edges: Any) -> list[Look]:
    """The colour of each part's edge, None where it is that of its face, by default so, or where it has none."""
    count = max(len(faces), len(edges))
    if not len(edges) or not len(faces):
        return [None] if not len(faces) or not len(edges) else []
    return [_edge(edges[i % len(edges)], faces[i % len(faces)]) for i in range(count)]


def _edge(edge: Any, face: Any) -> Look:
    if to_rgba(edge)[3] == 0 or _is_same_colour(edge, face):
        return None
    defaults = map(setting, ("patch.edgecolor", "scatter.edgecolors", "axes.facecolor"))
    return None if any(_is_same_colour(edge, default) for default in defaults if default not in ("face", "none", "auto")) else _rgb(edge)


def _is_same_colour(first: Any, second: Any) -> bool:
    if any(isinstance(colour, str) and colour == "auto" for colour in (first, second)):
        return True
    return _rgb(first) == _rgb(second)


def _rgb(colour: Any) -> tuple[float, ...]:
    return tuple(round(float(part), 2) for part in to_rgba(colour)[:3])
