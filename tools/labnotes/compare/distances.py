"""Ranges: how far two numbers are apart, as a share of the axis that they stand along or of the values that a mark shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labnotes.model.plots import AxesData, Mark

Array = NDArray[np.float64]

AXIS_OF = {
    **dict.fromkeys(("x", "x0", "xlow", "xhigh", "width", "radius"), "x"),
    **dict.fromkeys(("y", "y0", "ylow", "yhigh", "height"), "y"),
    **dict.fromkeys(("z", "depth"), "z"),
    **dict.fromkeys(("value", "norm", "level"), "value"),
    **dict.fromkeys(("u", "v"), "vector"),
    **dict.fromkeys(("angle", "theta1", "theta2"), "angle"),
    **dict.fromkeys(("share", "xshare", "yshare", "xshare0", "yshare0", "opacity", "part", "corner"), "share"),
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
"""What messages call a range that is none of an axis."""

_OWN = ("value", "size", "vector", "slope")
"""What each mark has ranges of its own for."""

_STARTS = {"width": "x", "radius": "x", "height": "y", "depth": "z"}
"""Lengths and the array of their starting points: on an axis that is not linear the ends are compared instead."""


@dataclass(frozen=True)
class _Scale:
    """How numbers along an axis are placed, as far as distances between them are concerned."""

    name: str
    linthresh: float = 1.0

    def place(self, values: Array) -> Array:
        """In decades on a logarithmic axis; what cannot be drawn there is minus infinity."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.name == "log":
                return np.where(values > 0, np.log10(values), np.where(np.isnan(values), np.nan, -np.inf))
            if self.name == "logit":
                return np.asarray(np.log10(values / (1 - values)))
            if self.name == "symlog":
                return np.sign(values) * np.log10(1 + np.abs(values) / self.linthresh)
        return values


class Ranges:
    """The extent of each axis of the recorded axes: the limits the author set, else that of the data; of values and sizes that of one mark."""

    def __init__(self, axes: AxesData) -> None:
        self._scales = {
            name: _Scale(axis.scale, float(axis.parameters.get("linthresh", 1.0))) for name, axis in (("x", axes.x), ("y", axes.y))
        }
        limits = {"x": axes.x.limits, "y": axes.y.limits, "z": _depth(axes)}
        self._spans = {"share": 1.0, "angle": 360.0}
        for name, ends in limits.items():
            self._spans[name] = self._span(name, array(ends) if ends else self._extent(axes.marks, name))

    def of(self, mark: Mark) -> Ranges:
        """These ranges with those of one mark's values and sizes."""
        made = Ranges.__new__(Ranges)
        made._scales = {**self._scales, "value": _Scale("log" if mark.exact.get("norm") == "LogNorm" else "linear")}  # noqa: SLF001 - of the class itself
        made._spans = dict(self._spans)  # noqa: SLF001 - of the class itself
        for name in _OWN:
            found = [array(values).ravel() for key, values in mark.arrays.items() if AXIS_OF[key] == name and key != "norm"]
            made._spans[name] = made._span(name, np.concatenate(found) if found else np.empty(0))  # noqa: SLF001 - of the class itself
        return made

    def comparable(self, mark: Mark) -> dict[str, Array]:
        """A mark's arrays; on an axis that is not linear, lengths as the places where they end."""
        arrays = {key: array(values) for key, values in mark.arrays.items()}
        ends = {key: arrays[start] + arrays[key] for key, start in _STARTS.items() if key in arrays and self._is_bent(start)}
        return {**arrays, **ends}

    def distances(self, before: Array, after: Array, axis: str) -> Array:
        """Distance of each pair as a share of the axis' range; infinite where only one of the two is a finite number."""
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        before, after = self._placed(axis, before), self._placed(axis, after)
        with np.errstate(invalid="ignore", over="ignore"):  # beyond the largest number they are infinitely far apart
            distance = np.abs(after - before) / self._spans[axis]
        return np.where(same, 0.0, np.where(np.isfinite(distance), distance, np.inf))

    def _is_bent(self, axis: str) -> bool:
        return axis in self._scales and self._scales[axis].name != "linear"

    def _placed(self, axis: str, values: Array) -> Array:
        return self._scales[axis].place(values) if axis in self._scales else values

    def _span(self, axis: str, values: Array) -> float:
        placed = self._placed(axis, values)
        finite = placed[np.isfinite(placed)]
        span = float(finite.max() - finite.min()) if finite.size else 0.0
        return span or (float(np.abs(finite).max()) if finite.size else 0.0) or 1.0

    def _extent(self, marks: Sequence[Mark], axis: str) -> Array:
        """All places along an axis, ends of bars among them."""
        found: list[Array] = []
        for mark in marks:
            arrays = {key: array(values).ravel() for key, values in mark.arrays.items()}
            found += [values for key, values in arrays.items() if AXIS_OF[key] == axis and key not in _STARTS]
            found += [arrays[start] + arrays[key] for key, start in _STARTS.items() if key in arrays and start == axis]
        return np.concatenate(found) if found else np.empty(0)


def _depth(axes: AxesData) -> Any:
    """The limits that the author set along the third axis."""
    return next((mark.arrays["z"] for mark in axes.marks if mark.kind == "z axis" and "z" in mark.arrays), None)


def array(values: Any) -> Array:
    """Nested lists as an array; "NaN" and the infinities are text in JSON, which NumPy reads as numbers."""
    return np.asarray(values, dtype=float)
