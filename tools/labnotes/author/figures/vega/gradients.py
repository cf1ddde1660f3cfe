"""Colours that stand for values: the bar of colours in a legend says which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labnotes.author.figures.readers import ForeignJson
from labnotes.author.figures.vega.labels import number_in

Array = NDArray[np.float64]

_RGB = re.compile(r"rgba?\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)")
_NEAR = 6.0
"""How far a colour may lie from the bar, of 255."""

PARTS = 200
"""Parts of the bar to which a value is told: colours have 256 steps of each component, in another scheme other ones."""


@dataclass(frozen=True)
class ColourBar:
    """A bar of colours: shares of its length with their colours, and the values at its ends; NaN where its labels are no numbers."""

    shares: Array
    colours: Array
    first: float
    last: float

    def values(self, colours: Sequence[str]) -> list[float] | None:
        """The values of colours; None if one of them is not of the bar."""
        fine = np.linspace(0, 1, 4 * PARTS + 1)
        table = np.stack([np.interp(fine, self.shares, self.colours[:, part]) for part in range(3)], axis=1)
        made = []
        for colour in colours:
            rgb = rgb_of(colour)
            apart = np.abs(table - rgb).max(axis=1) if rgb is not None else np.array([np.inf])
            if apart.min() > _NEAR:
                return None
            share = round(float(fine[int(apart.argmin())]) * PARTS) / PARTS
            made.append(self.first + share * (self.last - self.first) if np.isfinite(self.first) else share)
        return made


def rgb_of(colour: str) -> Array | None:
    """Red, green and blue from 0 to 255; None for a colour by another name."""
    match = _RGB.match(colour)
    if match is not None:
        return np.array([float(part) for part in match.groups()])
    if re.fullmatch(r"#[0-9a-f]{6}", colour):
        return np.array([float(int(colour[i : i + 2], 16)) for i in (1, 3, 5)])
    return None


def bars_of_legend(item: ForeignJson) -> Iterator[ColourBar]:
    """The bars of colours in a legend."""
    for entry in item.get("items") or ():
        for group in entry.get("items") or ():
            parts = {str(part.get("role")): part for part in group.get("items") or ()}
            gradient = next(iter((parts.get("legend-gradient") or {}).get("items") or ()), None)
            if gradient is None or not isinstance(gradient.get("fill"), Mapping):
                continue
            stops = [(float(stop["offset"]), rgb_of(str(stop["color"]).lower())) for stop in gradient["fill"].get("stops") or ()]
            known = [(offset, colour) for offset, colour in stops if colour is not None]
            if len(known) > 1:
                labels = (parts.get("legend-label") or {}).get("items") or ()
                first, last = _ends(labels, gradient)
                yield ColourBar(np.array([offset for offset, _ in known]), np.array([colour for _, colour in known]), first, last)


def _ends(labels: Sequence[ForeignJson], gradient: ForeignJson) -> tuple[float, float]:
    """The values at the ends of a bar, by two of its labels."""
    upright = gradient["fill"].get("x1") == gradient["fill"].get("x2")
    length = float(gradient.get("height" if upright else "width") or 1)
    placed = []
    for label in labels:
        number = number_in(str(label.get("text") or ""))
        if number is None:
            return float("nan"), float("nan")
        at = float(label.get("y" if upright else "x") or 0) / length
        placed.append((1 - at if upright else at, number))
    if len(placed) < 2:
        return float("nan"), float("nan")
    (start, low), (end, high) = min(placed), max(placed)
    slope = (high - low) / (end - start) if end > start else float("nan")
    return low - slope * start, low + slope * (1 - start)
