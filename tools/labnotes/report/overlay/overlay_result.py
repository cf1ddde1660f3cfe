"""What a report shows of an overlay: drawings with their words, and what could not be drawn."""

from __future__ import annotations

import base64
from dataclasses import dataclass

TOLD = 12
"""Differences of one pair of axes that are listed, and have their number beside their ring."""


@dataclass(frozen=True)
class Drawing:
    """`kind` is "overview", "magnified", "along" or "map"."""

    kind: str
    svg: str
    alt: str
    caption: str

    @property
    def address(self) -> str:
        """As an image with its own data, so that nothing in it can run."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}"


@dataclass(frozen=True)
class Told:
    """A difference in the comparison's words, by the number that stands beside its ring; `undrawn` says why it has none."""

    number: int
    what: str
    undrawn: str = ""


@dataclass(frozen=True)
class AxesOverlay:
    """`title` names the axes where there are several; `more` differences are not listed; `said` is what else there is to know."""

    title: str
    told: tuple[Told, ...]
    more: int
    drawings: tuple[Drawing, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overlay:
    """Of one figure."""

    axes: tuple[AxesOverlay, ...]
    said: tuple[str, ...] = ()
