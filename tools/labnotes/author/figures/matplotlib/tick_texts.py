"""What is written at the ticks of an axis: names that an author gave to places, and the way in which numbers are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, MaxNLocator

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

MOST_WHOLE = 30
"""The most whole numbers on an axis that are all asked for; of more, five round ones."""

Ticks = tuple[tuple[float, str], ...]


def number_texts(axis: Any) -> tuple[str, ...] | None:
    """How an axis writes 0, 1 and 2.5, where its author chose a formatter."""
    formatter = axis.get_major_formatter()
    if not _is_chosen(formatter):
        return None
    if type(formatter).__name__ == "PercentFormatter":  # its digits depend on the view, what one hundred per cent is does not
        return (f"{formatter.xmax:g} is 100{formatter.symbol}",)
    return tuple(_written_text(formatter, value) for value in _NUMBERS)


def written_places(axis: Any, low: float, high: float) -> Ticks:
    """How an axis writes places between two ends, where its author chose a formatter: whole numbers if they are few, else round ones."""
    formatter = axis.get_major_formatter()
    if not _is_chosen(formatter) or not np.isfinite([low, high]).all():
        return ()
    if type(formatter).__name__ == "PercentFormatter":
        return ((float(formatter.xmax), f"100{formatter.symbol}"),)
    whole = np.arange(np.ceil(low), np.floor(high) + 1) if high - low <= MOST_WHOLE else np.empty(0)
    round_ones: Any = MaxNLocator(nbins=5, steps=[1, 2, 5, 10]).tick_values(low, high)
    places: Any = whole if len(whole) > 1 else round_ones[(round_ones >= low) & (round_ones <= high)]
    return tuple((float(place), _written_text(formatter, float(place))) for place in places)


def _is_chosen(formatter: Any) -> bool:
    """Whether a formatter is one that an author chose, and not one of dates, whose texts are style."""
    name = type(formatter).__name__
    return not (name in _PLAIN_FORMATTERS or name.startswith("Log") or type(formatter).__module__ == "matplotlib.dates")


def _written_text(formatter: Any, value: float) -> str:
    try:
        return str(formatter(value, 0))
    except Exception as error:  # noqa: BLE001 - an author's own function, which may fail in any way away from its ticks
        return f"{type(formatter).__name__}: {type(error).__name__}"


def time_zone(axis: Any) -> dict[str, str]:
    """The time zone in which an axis writes dates, where it is not that of all."""
    zone = str(getattr(axis.get_major_formatter(), "tz", None) or "UTC")
    return {} if zone in ("UTC", "None") else {"time zone": zone}


def named_ticks(axis: Any, together: Sequence[Any], which: str) -> Ticks | None:
    """Positions and texts of ticks that the author named, categories among them; None where ticks only show numbers, or are not shown.

    `together` are the axes that have this axis in common: often one of them shows the names for all.
    """
    if together and not any(_shows_labels(getattr(ax, f"{which}axis")) for ax in together):
        return None
    names = _named_ticks(axis.get_major_formatter(), axis.get_major_locator(), axis)
    minor = _named_ticks(axis.get_minor_formatter(), axis.get_minor_locator(), axis)
    if not any(text for _, text in minor or ()):
        return names
    return tuple(sorted((*(names or ()), *(tick for tick in minor or () if tick[1]))))


def _shows_labels(axis: Any) -> bool:
    """Whether an axis writes anything at its ticks, on either side."""
    ticks = axis.get_major_ticks(1)
    return any(label.get_visible() for tick in ticks for label in (tick.label1, tick.label2))


def _named_ticks(formatter: Any, locator: Any, axis: Any) -> Ticks | None:
    if type(formatter).__name__ == "StrCategoryFormatter":
        categories = axis.get_units()._mapping.items()
        return tuple(sorted((float(at), str(name)) for name, at in categories))
    if type(locator).__name__ in ("ThetaLocator", "RadialLocator"):  # of polar axes, around an ordinary one
        locator = locator.base
    if isinstance(locator, FixedLocator) and isinstance(formatter, FixedFormatter | FuncFormatter):
        places = [float(at) for at in locator()]
        return tuple(zip(places, [str(text) for text in formatter.format_ticks(places)], strict=True))
    return None
