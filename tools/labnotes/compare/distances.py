"""How far two numbers are apart, as a share of the axis that they stand along or of the values that a mark shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labnotes.model.plots import AxesData, Mark, PlainValue

Array = NDArray[np.float64]

AXIS_OF = {
    **dict.fromkeys(("x", "x0", "xlow", "xhigh", "width", "radius", "x of clip"), "x"),
    **dict.fromkeys(("y", "y0", "ylow", "yhigh", "height", "y of clip"), "y"),
    **dict.fromkeys(("z", "depth"), "z"),
    **dict.fromkeys(("value", "norm", "level"), "value"),
    **dict.fromkeys(("u", "v"), "vector"),
    **dict.fromkeys(("angle", "theta1", "theta2"), "angle"),
    **dict.fromkeys(
        (
            "share",
            "xshare",
            "yshare",
            "xshare0",
            "yshare0",
            "xsharelow",
            "xsharehigh",
            "ysharelow",
            "ysharehigh",
            "opacity",
            "part",
            "corner",
            "rgb",
            "xshare of clip",
            "yshare of clip",
        ),
        "share",
    ),
    "size": "size",
    "slope": "slope",
}
"""The axis whose range scales an array's tolerance. "share" counts from 0 to 1, "angle" in degrees."""

MEASURES = {
    "value": "range of values",
    "size": "range of sizes",
    "share": "axes",
    "vector": "range of vectors",
    "angle": "full turn",
    "slope": "slope",
}
"""Words of messages for a range that belongs to no axis."""

_OWN = ("value", "size", "vector", "slope")
"""The ranges that each mark has of its own; the other ranges belong to its axes."""

_STARTS = {"width": "x", "radius": "x", "height": "y", "depth": "z"}
"""Lengths and the array of their starting points: on an axis that is not linear the ends are compared instead."""


LARGEST = float(np.finfo(np.float64).max)
"""The widest range: beside an infinite one every change would be none."""


@dataclass(frozen=True)
class _AxisScale:
    """The scale of an axis: `name` as matplotlib calls it, and `linthresh`, the end of the linear part of a symmetric logarithmic scale."""

    name: str
    linthresh: float = 1.0

    def scaled_values(self, values: Array) -> Array:
        """Return the places of values along the axis, in decades on a logarithmic one; what cannot be drawn there is minus infinity."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.name == "log":
                return np.where(values > 0, np.log10(values), np.where(np.isnan(values), np.nan, -np.inf))
            if self.name == "logit":
                return np.asarray(np.log10(values / (1 - values)))
            if self.name == "symlog":
                return np.sign(values) * np.log10(1 + np.abs(values) / self.linthresh)
        return values


class AxisRanges:
    """The extent of each axis of the recorded axes: the limits the author set, else that of the data; of values and sizes that of one mark."""

    def __init__(self, axes: AxesData) -> None:
        self._scales = {
            name: _AxisScale(axis.scale, float_number(axis.parameters.get("linthresh", 1.0)))
            for name, axis in (("x", axes.x), ("y", axes.y))
        }
        limits = {"x": axes.x.limits, "y": axes.y.limits, "z": _depth_limits(axes)}
        self._spans = {"share": 1.0, "angle": 360.0}
        for name, ends in limits.items():
            self._spans[name] = self._span_of_values(name, float_array(ends) if ends else self._places_along(axes.marks, name))

    def with_mark_ranges(self, mark: Mark) -> AxisRanges:
        """Return a copy of these ranges to which the ranges of one mark's values, sizes, vectors and slopes are added."""
        made = AxisRanges.__new__(AxisRanges)
        made._scales = {**self._scales, "value": _AxisScale("log" if mark.exact.get("norm") == "LogNorm" else "linear")}  # noqa: SLF001 - of the class itself
        made._spans = dict(self._spans)  # noqa: SLF001 - of the class itself
        for name in _OWN:
            mark_values = [float_array(values).ravel() for key, values in mark.arrays.items() if AXIS_OF[key] == name and key != "norm"]
            made._spans[name] = made._span_of_values(name, np.concatenate(mark_values) if mark_values else np.empty(0))  # noqa: SLF001 - of the class itself
        return made

    def comparable_arrays(self, mark: Mark) -> dict[str, Array]:
        """The arrays of a mark by name; on an axis that is not linear, lengths are replaced by the places where they end."""
        arrays = {key: float_array(values) for key, values in mark.arrays.items()}
        with np.errstate(over="ignore"):
            ends = {
                key: arrays[start] + arrays[key]
                for key, start in _STARTS.items()
                if {key, start} <= arrays.keys() and self._is_nonlinear(start)
            }
        return {**arrays, **ends}

    def shares_along(self, axis: str, values: Array) -> Array:
        """Places along an axis in units of its range."""
        return self._values_on_axis(axis, values) / self._spans[axis]

    def relative_distances(self, before: Array, after: Array, axis: str) -> Array:
        """The distance of each pair as a share of the axis' range, infinite where only one of the two is a finite number."""
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        before, after = self._values_on_axis(axis, before), self._values_on_axis(axis, after)
        with np.errstate(invalid="ignore", over="ignore"):  # beyond the largest number they are infinitely far apart
            distance = np.abs(after - before) / self._spans[axis]
        return np.where(same, 0.0, np.where(np.isfinite(distance), distance, np.inf))

    def _is_nonlinear(self, axis: str) -> bool:
        return axis in self._scales and self._scales[axis].name != "linear"

    def _values_on_axis(self, axis: str, values: Array) -> Array:
        return self._scales[axis].scaled_values(values) if axis in self._scales else values

    def _span_of_values(self, axis: str, values: Array) -> float:
        placed = self._values_on_axis(axis, values)
        finite = placed[np.isfinite(placed)]
        with np.errstate(over="ignore"):
            span = float(finite.max() - finite.min()) if finite.size else 0.0
        span = min(span, LARGEST)
        return span or (float(np.abs(finite).max()) if finite.size else 0.0) or 1.0

    def _places_along(self, marks: Sequence[Mark], axis: str) -> Array:
        """All places of the marks along an axis as one flat array, ends of bars among them."""
        places: list[Array] = []
        for mark in marks:
            arrays = {key: float_array(values).ravel() for key, values in mark.arrays.items()}
            places += [values for key, values in arrays.items() if AXIS_OF[key] == axis and key not in _STARTS]
            with np.errstate(over="ignore"):
                places += [arrays[start] + arrays[key] for key, start in _STARTS.items() if {key, start} <= arrays.keys() and start == axis]
        return np.concatenate(places) if places else np.empty(0)


def _depth_limits(axes: AxesData) -> Any:
    """The limits that the author set along the third axis; None if there are none."""
    return next((mark.arrays["z"] for mark in axes.marks if mark.kind == "z axis" and "z" in mark.arrays), None)


def float_number(value: PlainValue) -> float:
    """A number that a record has, as text where it is not finite."""
    assert isinstance(value, float | int | str), value
    return float(value)


def float_array(values: Any) -> Array:
    """Nested lists as an array of floats; "NaN" and the infinities are text in JSON, which NumPy reads as numbers."""
    return np.asarray(values, dtype=float)
