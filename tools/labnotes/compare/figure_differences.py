"""One difference between two figures, and the place where it is."""

from __future__ import annotations

from dataclasses import dataclass

SLIGHT = 1e-12
"""The share of a difference that is no more than another way to write or to arrange the same."""


@dataclass(frozen=True)
class FigurePlace:
    """The place of a difference, counted from 0: its axes, the mark on either side, the array of that mark, and the worst element of it.

    What does not apply is None or "": a new mark has no recorded one, a title no mark, arrays of two lengths no worst element. `axis` is
    "x" or "y" where an axis itself differs; the array "limits" is then the pair of them, and "marks" stands for all that were recorded.
    """

    axes: int | None = None
    axis: str = ""
    recorded: int | None = None
    observed: int | None = None
    array: str = ""
    at: tuple[int, ...] | None = None


@dataclass(frozen=True)
class FigureDifference:
    """One difference: its `share` of the axis' range, infinite for what is not a number; `what` says it in words, `place` where it is.

    `is_value` tells a difference of values, as an array or as numbers written in a text, from one of words, scales or parts.
    """

    share: float
    what: str
    place: FigurePlace = FigurePlace()
    in_text: bool = False

    @property
    def is_value(self) -> bool:
        return bool(self.place.array) or self.in_text
