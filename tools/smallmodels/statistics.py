"""Tests and intervals for a handful of seeds. Every function works on the last axis, so that simulations are one call."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

MAX_EXACT = 20
"""Differences up to which all 2^n sign patterns are counted out (1 048 576)."""

_TIE = 1e-12
"""Sums of signs closer than this share of the largest possible sum count as equal: they differ by rounding only."""


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval, in the estimate's own unit."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Paired differences of seeds: their mean with its t interval, the one-sided p-value of the exact sign-flip test, and how many they are."""

    difference: Interval
    p: float
    n: int


def sign_flip_p(differences: ArrayLike) -> Floats:
    """One-sided p-values (...) of the exact sign-flip test that paired differences (..., n), one a seed, have a mean above zero.

    Under the null hypothesis each difference is as likely positive as negative, so all 2^n patterns of signs are equally likely; p is the
    share of patterns whose mean is at least the observed one (R. A. Fisher, The Design of Experiments, 1935, §21). The observed pattern is
    among them, so p is in [1/2^n, 1].

    Raises ValueError for no differences or more than MAX_EXACT.
    """
    d = np.asarray(differences, dtype=float)
    n = d.shape[-1] if d.ndim else 0
    if not 1 <= n <= MAX_EXACT:
        raise ValueError(f"the exact test needs 1 to {MAX_EXACT} differences, found {n}")
    patterns = 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)  # (2^n, n), the first row all +1
    sums = d @ patterns.T  # (..., 2^n)
    slack = _TIE * np.abs(d).sum(axis=-1, keepdims=True)
    return np.asarray((sums >= sums[..., :1] - slack).mean(axis=-1))


def smallest_sign_flip_p(n: int, *, two_sided: bool = False) -> float:
    """The smallest p-value that the exact sign-flip test of n differences can reach: 1/2^n, twice that two-sided."""
    if n < 1:
        raise ValueError(f"n is {n}, the test needs at least one difference")
    return min(1.0, (2.0 if two_sided else 1.0) * 0.5**n)


def paired_t_p(differences: ArrayLike) -> Floats:
    """One-sided p-values of the paired t-test that differences have a mean above zero. Shapes as in `sign_flip_p`; at least two each."""
    d = np.asarray(differences, dtype=float)
    if d.ndim == 0 or d.shape[-1] < 2:
        raise ValueError("the t-test needs at least two differences")
    return np.asarray(stats.ttest_1samp(d, 0.0, axis=-1, alternative="greater").pvalue)


def t_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of independent values and its Student t interval: mean ± t(n-1) s/√n."""
    return prediction_interval(values, math.inf, level)


def prediction_interval(values: ArrayLike, m: float, level: float = 0.95) -> Interval:
    """Where the mean of m new values is expected: mean ± t(n-1) s √(1/n + 1/m), exact for normal values; m = ∞ gives `t_interval`."""
    v = np.asarray(values, dtype=float)
    if v.ndim != 1 or v.size < 2:
        raise ValueError(f"an interval needs at least two values in one row, found shape {v.shape}")
    half = float(half_width_factor(v.size, m, level) * v.std(ddof=1))
    mean = float(v.mean())
    return Interval(mean, mean - half, mean + half)


def half_width_factor(n: int, m: float, level: float = 0.95) -> float:
    """Half the width of a `prediction_interval` in units of the sample's standard deviation."""
    return float(stats.t.ppf(0.5 + level / 2, n - 1) * math.sqrt(1 / n + 1 / m))


def paired(treated: ArrayLike, control: ArrayLike, level: float = 0.95) -> Comparison:
    """Compare values of the same seeds, (n,) each, n ≥ 2: treated minus control, in their unit.

    Raises ValueError for rows of unequal length.
    """
    one, other = np.asarray(treated, dtype=float), np.asarray(control, dtype=float)
    if one.shape != other.shape:
        raise ValueError(f"seeds are paired: found {one.shape} treated values and {other.shape} of the control")
    return Comparison(t_interval(one - other, level), float(sign_flip_p(one - other)), len(one))


def bootstrap_interval(values: ArrayLike, statistic: Callable[..., Any] = np.mean, *, seed: int, level: float = 0.95) -> Interval:
    """A statistic of one row of independent values, with its bias-corrected and accelerated bootstrap interval (Efron 1987).

    `statistic(values, axis)` works on an axis. With fewer than ten values such intervals are too narrow; `t_interval` is not. Raises ValueError
    for fewer than two values, or where all resamples agree, so that there is nothing to be corrected.
    """
    v = np.asarray(values, dtype=float)
    if v.ndim != 1 or v.size < 2:
        raise ValueError(f"a bootstrap needs at least two values in one row, found shape {v.shape}")
    if np.ptp(v) == 0:
        raise ValueError(f"all {v.size} values are {v[0]:g}: resampling them says nothing")
    found = stats.bootstrap((v,), statistic, confidence_level=level, method="BCa", rng=np.random.default_rng(seed))
    return Interval(float(statistic(v, axis=0)), float(found.confidence_interval.low), float(found.confidence_interval.high))
