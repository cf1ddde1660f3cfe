"""What one pair of axes says beside its marks: labels, scales, limits, named ticks, and which other axes it belongs to."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter

from labnotes.quantities import AxisData

SCALE_SAMPLES = np.geomspace(0.01, 100, 9)
"""Places at which a scale given by functions is sampled."""

_NUMBERS = (0.0, 1.0, 2.5)
"""Numbers whose texts tell how an axis writes its numbers."""

_PLAIN_FORMATTERS = {"ScalarFormatter", "NullFormatter", "AutoDateFormatter", "ConciseDateFormatter", "StrCategoryFormatter"}

NO_AXIS = AxisData("", "linear", None, False, None)
"""The axis of axes that are hidden."""


def role_of(ax: Any, index: int, everything: list[Any]) -> str:
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
    chosen = not getattr(ax, f"get_autoscale{which}_on")() or _hides_data(ax, which)
    fitted = ax.get_adjustable() == "datalim" and ax.get_aspect() != "auto"  # the layout chooses the limits
    shown = ax.axison and axis.get_visible()
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


def _hides_data(ax: Any, which: str) -> bool:
    """Whether the view leaves out part of the data, though nobody set its limits outright (margins, bounds)."""
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
    except Exception as error:  # an author's own function, which may fail in any way away from its ticks
        return (f"{name}: {type(error).__name__}",)


def _fixed_ticks(axis: Any) -> tuple[tuple[float, str], ...] | None:
    """Positions and texts of ticks that the author named, categories among them; None where ticks only show numbers."""
    formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
    if type(formatter).__name__ == "StrCategoryFormatter":
        found = axis.get_units()._mapping.items()
        return tuple(sorted((float(at), str(name)) for name, at in found))
    if isinstance(locator, FixedLocator) and isinstance(formatter, FixedFormatter | FuncFormatter):
        places = [float(at) for at in locator()]
        return tuple(zip(places, [str(text) for text in formatter.format_ticks(places)], strict=True))
    return None
