"""Reads of one pair of axes everything but its marks: labels, scales, limits, named ticks, and the other axes it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter

from labnotes.author.figures.matplotlib.artists import label_of
from labnotes.author.figures.matplotlib.colours import ColourGroups
from labnotes.author.figures.matplotlib.values import float_lists
from labnotes.model.plots import AxisData, Mark

SCALE_SAMPLES = np.geomspace(0.01, 100, 9)
"""Places at which a scale given by functions is sampled."""

_NUMBERS = (0.0, 1.0, 2.5)
"""Numbers whose texts tell how an axis writes its numbers."""

_PLAIN_FORMATTERS = {
    "ScalarFormatter",
    "NullFormatter",
    "AutoDateFormatter",
    "ConciseDateFormatter",
    "StrCategoryFormatter",
    "ThetaFormatter",
}

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


def axis_data(ax: Any, which: str) -> AxisData:
    axis = getattr(ax, f"{which}axis")
    low, high = (float(end) for end in getattr(ax, f"get_{which}lim")())
    chosen = _has_chosen_limits(ax, which)
    fitted = ax.get_adjustable() == "datalim" and ax.get_aspect() != "auto"  # the layout chooses the limits
    frame = ax._axis3don if ax.name == "3d" else ax.axison  # in space the plain one is always off
    shown = frame and axis.get_visible()
    ticks = _fixed_ticks(axis) if shown else None
    return AxisData(
        label=axis.get_label_text() if shown else "",
        scale=axis.get_scale(),
        limits=(low, high) if chosen and not fitted else None,
        inverted=bool(high < low),
        ticks=ticks,
        parameters=_scale_parameters(axis),
        numbers=_number_texts(axis) if shown and ticks is None else None,
    )


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
    ticks = _fixed_ticks(axis)
    words = {"label": axis.get_label_text(), **_tick_fields(ticks, None if ticks else _number_texts(axis))}
    return Mark(f"secondary {which} axis", label_of(other), None, float_lists({which: places, "value": values}), words)


def _tick_fields(ticks: tuple[tuple[float, str], ...] | None, written: tuple[str, ...] | None) -> dict[str, Any]:
    """The ticks, and the texts by which an axis writes numbers, as exact fields of a mark; without those that the author did not choose."""
    fields: dict[str, Any] = {"ticks": [list(tick) for tick in ticks]} if ticks is not None else {}
    return fields | ({"numbers 0, 1 and 2.5": list(written)} if written is not None else {})


def _has_chosen_limits(ax: Any, which: str) -> bool:
    """Whether the limits of an axis are the author's, rather than those that fit the data."""
    if ax.name == "polar" and which == "x":
        return bool(abs(ax.get_thetamax() - ax.get_thetamin()) < 360 - 1e-9)
    return not getattr(ax, f"get_autoscale{which}_on")() or _hides_data(ax, which)


def _hides_data(ax: Any, which: str) -> bool:
    """Whether the view leaves out part of the data, though nobody set its limits outright (margins, bounds)."""
    if ax.name == "3d":
        first, last = ax.zz_dataLim.intervalx if which == "z" else getattr(ax.xy_dataLim, f"interval{which}")
    else:
        first, last = getattr(ax.dataLim, f"interval{which}")
    low, high = sorted(getattr(ax, f"get_{which}lim")())
    slack = 1e-6 * abs(last - first)
    return bool(np.isfinite(first) and np.isfinite(last) and first <= last and (low > first + slack or high < last - slack))


def _scale_parameters(axis: Any) -> dict[str, Any]:
    transform = axis.get_transform()
    if axis.get_scale() == "symlog":
        return {"linthresh": float(transform.linthresh), "linscale": float(transform.linscale), "base": float(transform.base)}
    if axis.get_scale() in ("linear", "log", "logit"):
        return {}
    with np.errstate(all="ignore"):
        return {"samples": [round(float(v), 9) for v in transform.transform(SCALE_SAMPLES)]}


def _number_texts(axis: Any) -> tuple[str, ...] | None:
    """How an axis writes numbers, where its author chose a formatter."""
    formatter = axis.get_major_formatter()
    name = type(formatter).__name__
    if name in _PLAIN_FORMATTERS or name.startswith("Log"):
        return None
    if name == "PercentFormatter":  # its digits depend on the view, what one hundred per cent is does not
        return (f"{formatter.xmax:g} is 100{formatter.symbol}",)
    try:
        return tuple(str(formatter(value, 0)) for value in _NUMBERS)
    except Exception as error:  # noqa: BLE001 - an author's own function, which may fail in any way away from its ticks
        return (f"{name}: {type(error).__name__}",)


def _fixed_ticks(axis: Any) -> tuple[tuple[float, str], ...] | None:
    """Positions and texts of ticks that the author named, categories among them; None where ticks only show numbers."""
    formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
    if type(formatter).__name__ == "StrCategoryFormatter":
        categories = axis.get_units()._mapping.items()
        return tuple(sorted((float(at), str(name)) for name, at in categories))
    if type(locator).__name__ in ("ThetaLocator", "RadialLocator"):  # of polar axes, around an ordinary one
        locator = locator.base
    if isinstance(locator, FixedLocator) and isinstance(formatter, FixedFormatter | FuncFormatter):
        places = [float(at) for at in locator()]
        return tuple(zip(places, [str(text) for text in formatter.format_ticks(places)], strict=True))
    return None
