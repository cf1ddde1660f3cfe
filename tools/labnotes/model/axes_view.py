"""Where a picture shows a pair of axes. A picture carries its views in its metadata; they depend on style, so they are never compared."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class AxesView:
    """The view of one pair of straight axes.

    `box` is its left, top, width and height as shares of the picture, `x` and `y` are the two ends of each axis, `scales` the names of their
    scales.
    """

    box: tuple[float, float, float, float]
    x: tuple[float, float]
    y: tuple[float, float]
    scales: tuple[str, str]

    def ends_along(self, side: str) -> tuple[float, float]:
        """The two ends of the axis "x" or "y"."""
        return self.x if side == "x" else self.y


def views_json(views: Sequence[AxesView | None]) -> str:
    """The views of a picture as its metadata hold them."""
    return json.dumps([asdict(view) if view else None for view in views], separators=(",", ":"))


def parse_views(text: str) -> tuple[AxesView | None, ...]:
    """The views that the metadata of a picture hold: None for axes that are hidden or not straight, nothing for metadata of another kind."""
    try:
        views = json.loads(text)
    except ValueError:
        return ()
    return tuple(map(_parse_view, views)) if isinstance(views, list) else ()


def _parse_view(fields: Any) -> AxesView | None:
    try:
        left, top, width, height = map(float, fields["box"])
        (x_start, x_end), (y_start, y_end) = map(float, fields["x"]), map(float, fields["y"])
        x_scale, y_scale = map(str, fields["scales"])
    except (TypeError, ValueError, KeyError):
        return None
    if not all(map(math.isfinite, (left, top, width, height, x_start, x_end, y_start, y_end))):
        return None
    return AxesView(box=(left, top, width, height), x=(x_start, x_end), y=(y_start, y_end), scales=(x_scale, y_scale))
