"""The view of an overlay: scales and limits as recorded, wider where something that differs lies outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from labnotes.compare.distances import Array
from labnotes.model.plots import AxesData, AxisData

MARGIN = 0.06
"""Share of the axes left free around the data where their author set no limits."""

SCALES = ("linear", "log", "symlog", "logit")
"""Scales that can be drawn from what is recorded; of others the record has samples only."""


@dataclass(frozen=True)
class Scene:
    """The view of one pair of axes: limits along x and y, and the transform between data and shares of the axes.

    `curved` is true for polar axes. `widened` names the axes ("x", "y") that show more than recorded.
    """

    axes: AxesData
    x: tuple[float, float]
    y: tuple[float, float]
    curved: bool
    widened: tuple[str, ...]
    transform: Any

    def to_shares(self, places: Array) -> Array:
        return np.asarray(self.transform.transform(places)) if len(places) else places

    def to_data(self, shares: Array) -> Array:
        return np.asarray(self.transform.inverted().transform(shares)) if len(shares) else shares


def make_scene(axes: AxesData, places: Array, named: Array, *, curved: bool) -> Scene:
    """A view of all `places`, or of those inside the author's limits; in either case of all places that are `named`.

    `places` and `named` have one row (x, y) for each place. Where the limits are not the author's, MARGIN is left
    free.
    """
    ax = Figure().add_subplot()
    ends: dict[str, tuple[float, float]] = {}
    widened = []
    for i, (name, axis) in enumerate((("x", axes.x), ("y", axes.y))):
        set_scale(ax, name, axis)
        own = np.array(axis.limits) if axis.limits else places[:, i]
        low, high = _least_and_largest(own, axis)
        must = _drawable_numbers(named[:, i], axis)
        reach = min([low, *must]), max([high, *must])
        if axis.limits and reach != (low, high):
            widened.append(name)
        ends[name] = _padded_limits(ax, name, reach, MARGIN) if not axis.limits or name in widened else reach
    if curved and (not axes.y.limits or widened) and _least_and_largest(places[:, 1], axes.y)[0] >= 0:
        ends["y"] = (0.0, ends["y"][1])  # as matplotlib has it for radii
    ax.set(xlim=ends["x"], ylim=ends["y"])
    return Scene(axes, ends["x"], ends["y"], curved, tuple(widened), ax.transScale + ax.transLimits)


def set_scale(ax: Any, name: str, axis: AxisData) -> None:
    """Give the axis `name` ("x" or "y") of `ax` the recorded scale, if it is one of SCALES."""
    wanted = {key: axis.parameters[key] for key in ("linthresh", "linscale", "base") if key in axis.parameters}
    if axis.scale in SCALES:
        ax.set(**{f"{name}scale": axis.scale}) if axis.scale != "symlog" else getattr(ax, f"set_{name}scale")("symlog", **wanted)


def _drawable_numbers(values: Array, axis: AxisData) -> list[float]:
    """Numbers that have a place on an axis of this scale."""
    fits = np.isfinite(values)
    if axis.scale in ("log", "logit"):
        fits &= values > 0
    if axis.scale == "logit":
        fits &= values < 1
    return [float(value) for value in values[fits]]


def _least_and_largest(values: Array, axis: AxisData) -> tuple[float, float]:
    """The least and the largest number that can be drawn on an axis; a little apart if the two are equal."""
    numbers = _drawable_numbers(values, axis) or _drawable_numbers(np.array([0.1, 0.9]), axis)
    low, high = min(numbers), max(numbers)
    if high > low:
        return low, high
    if axis.scale == "log":
        return low / 2, high * 2
    if axis.scale == "logit":
        return low / 2, (1 + high) / 2
    return low - (abs(low) * 0.05 or 0.5), high + (abs(high) * 0.05 or 0.5)


def _padded_limits(ax: Any, name: str, ends: tuple[float, float], share: float) -> tuple[float, float]:
    """Two ends of an axis with a margin outside, a `share` of the axis; on a logarithmic axis the margin is a factor."""
    scale = getattr(ax, f"{name}axis").get_transform()
    low, high = scale.transform(np.array(ends))
    margin = share * (high - low)
    outer = scale.inverted().transform(np.array([low - margin, high + margin]))
    return float(outer[0]), float(outer[1])
