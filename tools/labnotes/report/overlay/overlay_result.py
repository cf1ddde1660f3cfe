"""What a report shows of an overlay: drawings with their words, and what could not be drawn."""

from __future__ import annotations

import base64
from dataclasses import dataclass

TOLD = 12
"""How many differences of one pair of axes are listed and have their number beside their ring."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One drawing of an overlay, as SVG with its words. `kind` is "overview", "magnified", "along" or "map"."""

    kind: str
    svg: str
    alt: str
    caption: str

    @property
    def data_address(self) -> str:
        """The drawing as a data address for an image, so that nothing in it can run."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}"


@dataclass(frozen=True)
class ListedDifference:
    """A difference in the words of the comparison, with the number that stands beside its ring; `undrawn` says why it has no ring."""

    number: int
    what: str
    undrawn: str = ""


@dataclass(frozen=True)
class AxesOverlay:
    """The overlay of one pair of axes.

    `title` names the axes where a figure has several. `told` are the differences that are listed, `more` is the number of the others.
    `said` are remarks on the drawings.
    """

    title: str
    told: tuple[ListedDifference, ...]
    more: int
    drawings: tuple[Drawing, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class FigureOverlay:
    """The overlay of one figure: that of each pair of axes that differs, and in `said` the remarks on the figure as a whole."""

    axes: tuple[AxesOverlay, ...]
    said: tuple[str, ...] = ()
