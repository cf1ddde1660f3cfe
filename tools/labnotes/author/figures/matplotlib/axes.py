"""Reads of one pair of axes everything but its marks: labels, scales, limits, named ticks, and the other axes it belongs to.

How its numbers are written is tick_texts.py's, where it stands among others panels.py's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.transforms import Bbox

from labnotes.author.figures.matplotlib.artists import label_of
from labnotes.author.figures.matplotlib.colours import ColourGroups
from labnotes.author.figures.matplotlib.tick_texts import named_ticks, number_texts, time_zone, written_places
from labnotes.author.figures.matplotlib.values import float_lists
from labnotes.model.plots import AxisData, Mark

SCALE_SAMPLES = np.geomspace(0.01, 100, 9)
"""Places at which a scale given by functions is sampled."""

_SECONDARY_SAMPLES = 5
"""Places along the data at which the function of a secondary axis is sampled."""

NO_AXIS = AxisData("", "linear", None, False, None)
"""The axis of axes that are hidden."""


def role_of(ax: Any, index: int, everything: list[Any]) -> str:
    """The role of axes in their figure, as `AxesData.role` has it: plain, a twin, an inset or a colour bar."""
    colorbar = getattr(ax, "_colorbar", None)
    if colorbar is not None:
        owner = getattr(colorbar.mappable, "axes", None)
        return f"colour bar of axes {everything.index(owner)}" if owner in everything else "colour bar"
    for i, other in enumerate(everything[:index]):
        if ax in other.child_axes:
            return f"inset in axes {i}"
        if ax._twinned_axes.joined(ax, other):  # no public name; places coincide for other reasons, and before a layout
            return f"twin of axes {i}"
    return "plain"


def axis_data(ax: Any, which: str, everything: Sequence[Any] = ()) -> AxisData:
    """One axis of axes. `everything` are the axes of the figure."""
    axis = getattr(ax, f"{which}axis")
    low, high = (float(end) for end in getattr(ax, f"get_{which}lim")())
    together = _sharing_axes(ax, which, everything)
    chosen = _has_chosen_limits(ax, which)
    fitted = ax.get_adjustable() == "datalim" and ax.get_aspect() != "auto"  # the layout chooses the limits
    frame = ax._axis3don if ax.name == "3d" else ax.axison  # in space the plain one is always off
    shown = frame and axis.get_visible()
    ticks = named_ticks(axis, together, which) if shown else None
    first = next((i for i, other in enumerate(everything) if any(other is sharing for sharing in together)), None)
    own = next((i for i, other in enumerate(everything) if other is ax), None)
    return AxisData(
        label=axis.get_label_text() if shown else "",
        scale=axis.get_scale(),
        limits=(low, high) if chosen and not fitted else None,
        inverted=bool(high < low),
        ticks=ticks,
        parameters=_scale_parameters(axis) | time_zone(axis),
        numbers=number_texts(axis) if shown and ticks is None else None,
        written=written_places(axis, *_shown_interval(ax, which)) if shown and ticks is None else (),
        shared_with=first if first != own else None,
    )


def _sharing_axes(ax: Any, which: str, everything: Sequence[Any]) -> list[Any]:
    """The axes that have an axis in common with `ax`, itself among them; twins, which always have, are left out."""
    if not hasattr(ax, f"get_shared_{which}_axes"):
        return [ax]
    shared = getattr(ax, f"get_shared_{which}_axes")()
    return [other for other in everything if other is ax or (shared.joined(ax, other) and not ax._twinned_axes.joined(ax, other))] or [ax]


def _shown_interval(ax: Any, which: str) -> tuple[float, float]:
    """Between which places an axis shows data: its limits where its author chose them, else those of the data."""
    low, high = sorted(getattr(ax, f"get_{which}lim")())
    first, last = _data_interval(ax, which)
    if _has_chosen_limits(ax, which) or not first <= last:
        return float(low), float(high)
    return max(float(low), float(first)), min(float(high), float(last))


def axis_marks(ax: Any) -> Iterator[Mark]:
    """The marks that stand for what polar axes and axes in three dimensions have beside their x and y axis."""
    if ax.name == "polar":
        said = {"zero": round(float(np.degrees(ax.get_theta_offset())), 9), "clockwise": bool(ax.get_theta_direction() < 0)}
        origin = ax._originViewLim.locked_y0  # no public name for whether it was set
        yield Mark("polar axes", "", None, float_lists({"y": [origin]} if origin is not None else {}), said)
    if ax.name == "3d":
        axis = axis_data(ax, "z")
        words = {"label": axis.label, "scale": axis.scale, "inverted": axis.inverted, **_tick_fields(axis.ticks, axis.numbers)}
        yield Mark("z axis", "", None, float_lists({"z": axis.limits} if axis.limits else {}), words)


def read_secondary_axis(other: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """A second scale along an axis: what its function makes of places along the data, its label, named ticks and numbers."""
    which = other._orientation  # no public names, here and below
    axis = getattr(other, f"{which}axis")
    low, high = (
        float(end)
        for end in (getattr(ax, f"get_{which}lim")() if _has_chosen_limits(ax, which) else getattr(ax.dataLim, f"interval{which}"))
    )
    places = np.linspace(low, high, _SECONDARY_SAMPLES) if np.isfinite([low, high]).all() else np.linspace(0, 1, _SECONDARY_SAMPLES)
    with np.errstate(all="ignore"):
        values = np.broadcast_to(other._functions[0](places), places.shape)
    ticks = named_ticks(axis, [], which)
    words = {"label": axis.get_label_text(), **_tick_fields(ticks, None if ticks else number_texts(axis))}
    return Mark(f"secondary {which} axis", label_of(other), None, float_lists({which: places, "value": values}), words)


def is_own_axis(artist: Any, ax: Any) -> bool:
    """Whether an axis of axisartist is one of the four sides of its axes, whose labels and numbers are read with these."""
    sides = getattr(ax, "axis", None)
    return isinstance(sides, dict) and any(sides.get(side) is artist for side in ("left", "right", "top", "bottom"))


def read_axis_line(artist: Any, ax: Any, colours: ColourGroups) -> Mark | None:
    """Read an axis of axisartist that stands among the data: along which coordinate, through which place of the other, and what it says."""
    helper = artist._axis_artist_helper  # no public names, here and below
    words = {"label": artist.label.get_text(), "along": "xy"[helper.nth_coord] if hasattr(helper, "nth_coord") else "its own grid"}
    place = getattr(helper, "_value", getattr(helper, "value", None))
    if place is None or isinstance(place, str):
        return Mark("axis line", label_of(artist), None, {}, words)
    return Mark("axis line", label_of(artist), None, float_lists({"yx"[helper.nth_coord]: [place]}), words)


def _tick_fields(ticks: tuple[tuple[float, str], ...] | None, written: tuple[str, ...] | None) -> dict[str, Any]:
    """The ticks, and the texts by which an axis writes numbers, as exact fields of a mark; without those that the author did not choose."""
    fields: dict[str, Any] = {"ticks": [list(tick) for tick in ticks]} if ticks is not None else {}
    return fields | ({"numbers 0, 1 and 2.5": list(written)} if written is not None else {})


def _has_chosen_limits(ax: Any, which: str) -> bool:
    """Whether the limits of an axis are the author's, rather than those that fit the data of the axes that have it in common."""
    if ax.name == "polar" and which == "x":
        return bool(abs(ax.get_thetamax() - ax.get_thetamin()) < 360 - 1e-9)
    if not getattr(ax, f"get_autoscale{which}_on")():
        return True
    low, high = sorted(getattr(ax, f"get_{which}lim")())
    first, last = _data_interval(ax, which)
    slack = 1e-6 * abs(last - first)
    if np.isfinite(first) and np.isfinite(last) and first <= last and (low > first + slack or high < last - slack):
        return True  # the view leaves out part of the data, though nobody set its limits outright (margins, bounds)
    if ax.name not in ("rectilinear", "polar"):
        return False
    try:
        return _runs_otherwise(ax, which, low, high)
    except (TypeError, ValueError, LookupError, ArithmeticError):  # an author's own scale fails where matplotlib would not ask it
        return True


def _runs_otherwise(ax: Any, which: str, low: float, high: float) -> bool:
    """Whether an axis ends elsewhere than where matplotlib would let it, by the data of all that have it in common, margins and sticky edges."""
    if mpl.rcParams["axes.autolimit_mode"] == "round_numbers":  # to the ticks of the moment, which are others now
        return False
    shared = getattr(ax, f"get_shared_{which}_axes")()
    together = [other for other in ax.figure.axes if shared.joined(ax, other)] or [ax]
    if not any(first <= last for first, last in (_data_interval(other, which) for other in together)):
        return False
    # a patch that is added, as the lines to an inset are, widens the data without asking for new limits
    for interval in (_data_interval, _interval_without_patches):
        ends = [(first, last) for first, last in (interval(other, which) for other in together) if -np.inf < first <= last < np.inf]
        if ends and _ends_there(ax, which, (low, high), _fitted_limits(ax, which, together, ends)):
            return False
    return True


def _fitted_limits(ax: Any, which: str, together: Sequence[Any], ends: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The limits that matplotlib would choose for data that lie between `ends` of the axes `together`."""
    axis = getattr(ax, f"{which}axis")
    transform, locator = axis.get_transform(), axis.get_major_locator()
    with np.errstate(all="ignore"):
        first, last = locator.nonsingular(min(end[0] for end in ends), max(end[1] for end in ends))
        before, after = _sticky_edges(ax, which, together, first, last)
        start, end = transform.transform([first, last])
        margin = getattr(ax, f"_{which}margin") * (end - start)  # no public name
        wide = transform.inverted().transform([start - margin, end + margin])
        wide = [max(wide[0], before), min(wide[1], after)]
        low, high = sorted(wide if ax._tight else locator.view_limits(*wide))  # no public name
    return float(low), float(high)


def _ends_there(ax: Any, which: str, limits: tuple[float, float], fitted: tuple[float, float]) -> bool:
    """Whether limits are those that fit, by the axis's own scale; also where that cannot be told."""
    transform = getattr(ax, f"{which}axis").get_transform()
    with np.errstate(all="ignore"):
        seen, there = transform.transform([*limits]), transform.transform([*fitted])
    if not np.isfinite([*seen, *there]).all():
        return True
    return bool(np.abs(seen - there).max() <= 1e-6 * max(abs(there[1] - there[0]), abs(seen[1] - seen[0])))


def _interval_without_patches(ax: Any, which: str) -> tuple[float, float]:
    """The ends of what lines, collections and images show along an axis, the first larger than the last where there are none."""
    boxes = [line.get_path().get_extents() for line in ax.lines if line.get_transform() == ax.transData]
    boxes += [collection.get_datalim(ax.transData) for collection in ax.collections]
    boxes += [Bbox.from_extents(left, bottom, right, top) for left, right, bottom, top in (image.get_extent() for image in ax.images)]
    ends = [float(end) for box in boxes for end in getattr(box, f"interval{which}") if np.isfinite(end)]
    return (min(ends), max(ends)) if ends else (np.inf, -np.inf)


def _sticky_edges(ax: Any, which: str, together: Sequence[Any], first: float, last: float) -> tuple[float, float]:
    """The edges beyond which no margin is laid: the feet of bars, the borders of images. Infinite where there are none."""
    if not ax.use_sticky_edges:
        return -np.inf, np.inf
    edges = [edge for other in together for artist in other.get_children() for edge in getattr(artist.sticky_edges, which)]
    slack = 1e-5 * max(abs(first), abs(last))
    return max((edge for edge in edges if edge <= first + slack), default=-np.inf), min(
        (edge for edge in edges if edge >= last - slack), default=np.inf
    )


def _data_interval(ax: Any, which: str) -> tuple[float, float]:
    """The ends of the data along an axis, the first larger than the last where there are none."""
    if ax.name == "3d":
        first, last = ax.zz_dataLim.intervalx if which == "z" else getattr(ax.xy_dataLim, f"interval{which}")
    else:
        first, last = getattr(ax.dataLim, f"interval{which}")
    return float(first), float(last)


def _scale_parameters(axis: Any) -> dict[str, Any]:
    transform = axis.get_transform()
    if axis.get_scale() == "symlog":
        return {"linthresh": float(transform.linthresh), "linscale": float(transform.linscale), "base": float(transform.base)}
    if axis.get_scale() in ("linear", "log", "logit"):
        return {}
    with np.errstate(all="ignore"):
        return {"samples": [round(float(v), 9) for v in transform.transform(SCALE_SAMPLES)]}
