"""How an axis of a recorded figure writes numbers and names places. Reads the record alone: no plotting library, no picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf, isclose, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from labnotes.model.plots import AxisData

SAMPLES = (0.0, 1.0, 2.5)
"""The numbers whose texts `AxisData.numbers` holds."""

HALF = 0.5
"""In units of the axis. Named places stand 1 apart; a point nearer than this to one of them belongs to it (dodged or jittered points)."""

JITTER = 0.4
"""In units of the axis: how far jittered points may lie from their row."""

_WORD = re.compile(r"[^\W\d_]{2}")
_NUMBER = re.compile(r"(?P<before>[^\d.−-]*)(?P<number>[−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?)(?P<after>\D*)")
_PERCENT = re.compile(r"(?P<whole>\S+) is 100(?P<sign>.*)")


@dataclass(frozen=True)
class UnitFormat:
    """How numbers are written: `factor` times the number, between two texts. 0.541 at 100 and "%" is written 54.1%."""

    factor: float = 1.0
    before: str = ""
    after: str = ""

    def formatted_number(self, value: float) -> str:
        if not isfinite(value):
            return four_digit_text(value)
        scaled = value * self.factor
        return f"{self.before}{axis_percent_text(scaled) if '%' in self.after else four_digit_text(scaled)}{self.after}"


@dataclass(frozen=True)
class AxisScale:
    """One axis as readers see it. `names_places` where its ticks are names for rows or columns, so that it measures nothing."""

    label: str
    units: UnitFormat
    ticks: tuple[tuple[float, str], ...]
    names_places: bool

    def value_text(self, value: float) -> str:
        """A value on this axis: the name of its tick, else the number as the axis writes numbers."""
        for at, name in self.ticks:
            if isclose(at, value, rel_tol=1e-9, abs_tol=1e-9):
                return name
        row = self.named_place(value)
        return self.units.formatted_number(value) if row is None else dict(self.ticks)[row]

    def named_place(self, value: float) -> float | None:
        """The named place that a value belongs to; None on an axis that measures."""
        if not self.names_places or not isfinite(value):
            return None
        nearest = min((at for at, _ in self.ticks), key=lambda at: abs(at - value))
        return nearest if abs(nearest - value) < HALF else None


@dataclass(frozen=True)
class SeriesPlaces:
    """Where the points of one series stand along an axis (`at`, shape (points,)), and whether a line joins them."""

    at: NDArray[np.float64]
    joined: bool


def scale_of(axis: AxisData, label: str, series: Sequence[SeriesPlaces]) -> AxisScale:
    """An axis with the series that stand along it. `label` is its own, or that of an axis it is shared with."""
    ticks = tuple((at, name) for at, name in axis.ticks or () if name)
    samples: Sequence[tuple[float, str]] = ticks
    if axis.numbers is not None and len(axis.numbers) == len(SAMPLES):
        samples = tuple(zip(SAMPLES, axis.numbers, strict=True))
    units = units_of(samples) or (_percent_of(axis.numbers[0]) if axis.numbers else None)
    named = bool(ticks) and units is None and _are_rows(ticks, series)
    return AxisScale(label.split("\n")[0], units or UnitFormat(), ticks, named)


def _are_rows(ticks: Sequence[tuple[float, str]], series: Sequence[SeriesPlaces]) -> bool:
    """Whether the named ticks are rows in which most series stand, and no names for a few places of a scale."""
    at = np.sort([place for place, _ in ticks])
    one_apart = bool(np.all(at == np.round(at)) and np.all(np.diff(at) == 1))
    words = one_apart and all(_WORD.search(_plain_tick_text(name)) for _, name in ticks)
    return 2 * sum(_in_rows(places, at, one_apart=one_apart, words=words) for places in series) > len(series)


def _in_rows(series: SeriesPlaces, at: NDArray[np.float64], *, one_apart: bool, words: bool) -> bool:
    """Whether a series stands on the ticks, whose places are `at` (shape (ticks,)), or beside them.

    Beside them are points that all lie equally far from a tick (dodged), or, if ticks are words, the points of one row (jittered).
    """
    places = series.at[np.isfinite(series.at)]
    if middle_of_stroke(places, at) is not None or np.isclose(places[:, None], at, rtol=1e-9, atol=1e-9).any(axis=1).all():
        return True
    rows = np.round(places)
    beside = places - rows
    dodged = np.ptp(rows) > 0 and np.ptp(beside) < 1e-9
    jittered = words and not series.joined and np.ptp(rows) == 0 and np.abs(beside).max() <= JITTER
    return bool(one_apart and np.isin(rows, at).all() and (dodged or jittered))


def middle_of_stroke(places: NDArray[np.float64], rows: NDArray[np.float64]) -> float | None:
    """The row that two ends are equally far from: a stroke drawn across it, such as that of a mean. None for other places."""
    if len(places) != 2 or places[0] == places[1] or abs(places[1] - places[0]) >= 2 * HALF:
        return None
    return next((float(row) for row in rows if isclose(places.mean(), row, rel_tol=1e-9, abs_tol=1e-9)), None)


def units_of(samples: Sequence[tuple[float, str]]) -> UnitFormat | None:
    """What all samples of numbers and their texts agree on; None where texts are no multiples of the numbers, or too coarse to tell."""
    parsed = [(value, match) for value, written in samples if (match := _NUMBER.fullmatch(_plain_tick_text(written)))]
    others = [(value, match) for value, match in parsed if value]
    if len(parsed) < max(2, len(samples)) or not others:
        return None
    if any(_parsed_number(match) for value, match in parsed if not value):  # an offset
        return None
    words = {(match["before"], match["after"]) for _, match in others}
    if len(words) > 1:
        return None
    low, high = 0.0, inf
    for value, match in others:
        shown, half = _parsed_number(match), _half_of_last_digit(match["number"])
        ends = sorted(((shown - half) / value, (shown + half) / value))
        low, high = max(low, ends[0]), min(high, ends[1])
    factor = _roundest_number(low, high)
    return UnitFormat(factor, *words.pop()) if factor else None


def _roundest_number(low: float, high: float) -> float | None:
    """The number between two that has the fewest digits: a power of ten, or one that they leave no doubt about (within 2 %)."""
    if not 0 < low <= high * (1 + 1e-9) < inf:
        return None
    power = 10.0 ** floor(log10(high * (1 + 1e-9)))
    if power >= low * (1 - 1e-9):
        return power
    if low < 0.98 * high:
        return None
    middle = (low + high) / 2
    return next(rounded for digits in range(1, 18) if low <= (rounded := float(f"{middle:.{digits}g}")) <= high)


def _percent_of(written: str) -> UnitFormat | None:
    """The format of a percent axis, whose record says "1 is 100%"; None for other texts."""
    match = _PERCENT.fullmatch(written)
    return UnitFormat(100 / float(match["whole"]), "", match["sign"]) if match else None


def _plain_tick_text(written: str) -> str:
    """A tick's text without the signs of math around a number."""
    return re.sub(r"^\$(.*)\$$", r"\1", re.sub(r"\\math\w+\{(.*?)\}", r"\1", written)).strip("\u200b")


def _parsed_number(match: re.Match[str]) -> float:
    return float(match["number"].replace(",", "").replace("\N{MINUS SIGN}", "-"))


def _half_of_last_digit(number: str) -> float:
    digits, _, exponent = number.partition("e")
    return 0.5 * 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))


def four_digit_text(value: float) -> str:
    """A plotted value at four significant digits, with a true minus sign."""
    if not isfinite(value):
        return "\N{EM DASH}"
    shown = f"{value:.4g}"
    return shown if "e" in shown else shown.replace("-", "\N{MINUS SIGN}")


def axis_percent_text(value: float) -> str:
    """A number of per cent: with one decimal from ten on, at three significant digits below; whole ones without."""
    whole = isclose(value, round(value), abs_tol=1e-9)
    shown = f"{round(value)}" if whole else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
    return shown if "e" in shown else shown.replace("-", "\N{MINUS SIGN}")
