"""What a reviewer's comments are worth: utility against threshold, prior correction, calibration, intervals over packages.

After OpenAI, A Practical Approach to Verifying Code at Scale (2025): U = P(correct)·C_saved − C_verification − P(wrong)·C_false_alarm.
One comment a change at most: a change is a bug or clean, and a comment is correct where the change is a bug. Severity is not modelled.

In every function `bugs` (n,) says which changes are bugs and `probabilities` (n,) are a reviewer's, in [0, 1]. A change is commented on where
its probability is at least the threshold. `base_rate` is the share of bugs for which an answer is wanted; None keeps the share among the rows.
What needs a class that no row has is nan, not an error: resamples of few packages meet this.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score

from smallmodels.statistics import Interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

LEAST_DEFINED = 0.5
"""Share of resamples on which a statistic must be defined for `over_packages`: an interval from fewer says more about the draws left out."""

_ROUNDING = 1e-9
"""Slack in shares and numbers that are equal but for floating point: 0.07 of 100 bugs are 7, though 0.07 * 100 is above it."""


@dataclass(frozen=True)
class Costs:
    """What a comment costs and saves, in units of the cost that one caught bug saves (then `saved` is 1).

    Each comment costs `verification`, a person's check of it; one on a clean change costs `false_alarm` besides.
    Raises ValueError for a negative or endless cost.
    """

    saved: float = 1.0
    verification: float = 0.1
    false_alarm: float = 0.5

    def __post_init__(self) -> None:
        wrong = {name: value for name, value in vars(self).items() if not (math.isfinite(value) and value >= 0)}
        if wrong:
            raise ValueError(f"costs are finite and at least 0, found {wrong}")

    @property
    def threshold(self) -> float:
        """τ* = (V + F) / (S + F): the probability of a bug from which on a comment is worth more than none.

        A comment on a change that is a bug with probability p is worth p·S − V − (1 − p)·F = p·(S + F) − (V + F), which is 0 at τ*; no comment
        is worth 0. Where V > S, τ* is above 1: even a certain bug is not worth its check, and a reviewer never comments.
        Raises ValueError where S + F = 0: what comments are worth does not depend on p then.
        """
        if self.saved + self.false_alarm == 0:
            raise ValueError("no threshold: with neither a cost saved nor one of false alarms, a comment is worth the same on every change")
        return (self.verification + self.false_alarm) / (self.saved + self.false_alarm)


@dataclass(frozen=True)
class Best:
    """The threshold of the largest utility in hindsight, ∞ where no comment at all is best, and that utility for each change."""

    threshold: float
    utility: float


@dataclass(frozen=True)
class Reliability:
    """By bin of probability, each (bins,): the mean probability, the share of bugs (both nan where empty) and the number of changes."""

    predicted: Floats
    observed: Floats
    count: NDArray[np.int64]


def utility(bugs: ArrayLike, commented: ArrayLike, costs: Costs, base_rate: float | None = None) -> float:
    """Mean utility of comments per change: π·TPR·(S − V) − (1 − π)·FPR·(V + F), in the unit of the costs.

    TPR is the share of bugs commented on, FPR that of clean changes, π the base rate. `commented` (n,) says which changes have a comment.
    """
    wanted, given = _flags(bugs, "bugs"), _flags(commented, "comments")
    _same_length(wanted, given)
    caught, false_alarms = rates(wanted, given.astype(float), 0.5)
    return float(_worth(caught, false_alarms, costs, _prior(wanted, base_rate)))


def rates(bugs: ArrayLike, probabilities: ArrayLike, thresholds: ArrayLike) -> tuple[Floats, Floats]:
    """Shares of the bugs (TPR) and of the clean changes (FPR) commented on at each threshold. Both have the shape of `thresholds`."""
    wanted, p = _changes(bugs, probabilities)
    cuts = np.asarray(thresholds, dtype=float)
    return _share_at_least(p[wanted], cuts), _share_at_least(p[~wanted], cuts)


def corrected(probabilities: ArrayLike, trained_rate: float, base_rate: float) -> Floats:
    """Probabilities of a reviewer trained where a share `trained_rate` of changes are bugs, for one where `base_rate` are. Shape in, shape out.

    p' = p·a / (p·a + (1 − p)·b), a = base_rate / trained_rate, b = (1 − base_rate) / (1 − trained_rate): right where only the shares of the
    two classes differ, not what they look like (Saerens, Latinne & Decaestecker, Neural Computation 14, 2002, eq. 2.4).

    Raises ValueError for rates that are not strictly between 0 and 1, or probabilities outside [0, 1].
    """
    for name, rate in (("trained_rate", trained_rate), ("base_rate", base_rate)):
        if not 0 < rate < 1:
            raise ValueError(f"{name} is {rate}, it must be above 0 and below 1")
    p = _within_unit(probabilities)
    bug = p * (base_rate / trained_rate)
    clean = (1 - p) * ((1 - base_rate) / (1 - trained_rate))
    return np.asarray(bug / (bug + clean))


def curve(bugs: ArrayLike, probabilities: ArrayLike, costs: Costs, base_rate: float | None, thresholds: ArrayLike) -> Floats:
    """Mean utility per change at each threshold, as `utility` has it. Has the shape of `thresholds`.

    Thresholds cut the probabilities as they are given: `corrected` first, where τ* is to mean something at another base rate.
    """
    caught, false_alarms = rates(bugs, probabilities, thresholds)
    return _worth(caught, false_alarms, costs, _prior(_flags(bugs, "bugs"), base_rate))


def best(bugs: ArrayLike, probabilities: ArrayLike, costs: Costs, base_rate: float | None = None) -> Best:
    """The best threshold in hindsight: each distinct probability and ∞ (no comment) tried, the largest one among equals.

    An upper bound for what any rule for thresholds can earn on these rows; not a rule, since it has seen which changes are bugs.
    """
    cuts = _cuts(probabilities)
    earned = curve(bugs, probabilities, costs, base_rate, cuts)
    at = int(np.argmax(earned))  # the first of equals, and a nan before all else
    return Best(float(cuts[at]), float(earned[at]))


def at_recall(bugs: ArrayLike, probabilities: ArrayLike, recall: float) -> float:
    """The largest threshold that catches at least a share `recall` of the bugs, 0 < recall ≤ 1: the operating point that puts recall first."""
    if not 0 < recall <= 1:
        raise ValueError(f"recall is {recall}, it must be above 0 and at most 1")
    wanted, p = _changes(bugs, probabilities)
    found = np.sort(p[wanted])[::-1]
    return float(found[math.ceil(recall * found.size - _ROUNDING) - 1]) if found.size else math.nan


def recall_at_precision(bugs: ArrayLike, probabilities: ArrayLike, precision: float, base_rate: float | None = None) -> float:
    """The largest share of bugs caught at a threshold where at least a share `precision` of the comments are correct; 0 where there is none.

    Precision at base rate π is π·TPR / (π·TPR + (1 − π)·FPR).
    """
    if not 0 < precision <= 1:
        raise ValueError(f"precision is {precision}, it must be above 0 and at most 1")
    wanted, p = _changes(bugs, probabilities)
    if not _defined(wanted, base_rate):
        return math.nan
    caught, false_alarms = rates(wanted, p, _cuts(p)[1:])
    prior = _prior(wanted, base_rate)
    correct, wrong = _weighted(prior, caught), _weighted(1 - prior, false_alarms)
    enough = correct >= (precision - _ROUNDING) * (correct + wrong)
    return float(caught[enough].max(initial=0.0))


def average_precision(bugs: ArrayLike, probabilities: ArrayLike, base_rate: float | None = None) -> float:
    """Σ (Rₖ − Rₖ₋₁)·Pₖ over the distinct thresholds, as scikit-learn has it, with the two classes weighted to the base rate."""
    wanted, p = _changes(bugs, probabilities)
    if not _defined(wanted, base_rate):
        return math.nan
    share = wanted.mean()
    prior = _prior(wanted, base_rate)
    weights = np.where(wanted, prior / share, (1 - prior) / (1 - share) if share < 1 else 0.0)
    return float(average_precision_score(wanted, p, sample_weight=weights))


def reliability(bugs: ArrayLike, probabilities: ArrayLike, bins: int = 10) -> Reliability:
    """Probabilities against shares of bugs in bins of equal width over [0, 1]; bin k holds k/bins ≤ p < (k + 1)/bins, the last one 1 as well."""
    if bins < 1:
        raise ValueError(f"bins is {bins}, there must be at least one")
    wanted, p = _changes(bugs, probabilities)
    places = np.searchsorted(np.arange(1, bins) / bins, p, side="right")
    count = np.bincount(places, minlength=bins)
    predicted, observed = (np.full(bins, np.nan) for _ in range(2))
    for means, values in ((predicted, p), (observed, wanted)):
        np.divide(np.bincount(places, values, minlength=bins), count, out=means, where=count > 0)
    return Reliability(predicted, observed, count)


def calibration_error(bugs: ArrayLike, probabilities: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error: Σ nₖ/n·|mean probability − share of bugs| over the bins of `reliability` (Naeini et al., AAAI 2015).

    In [0, 1], and above 0 for a calibrated reviewer as well, by the noise of shares in bins of few changes.
    """
    found = reliability(bugs, probabilities, bins)
    filled = found.count > 0
    gaps = np.abs(found.predicted - found.observed)[filled]
    return float(np.average(gaps, weights=found.count[filled]))


def over_packages(
    statistic: Callable[[Rows], float], packages: ArrayLike, *, seed: int, resamples: int = 1000, level: float = 0.95
) -> Interval:
    """A statistic of rows with its percentile interval from a bootstrap over packages: as `each_over_packages`, for one statistic."""
    (found,) = each_over_packages(lambda rows: [statistic(rows)], packages, seed=seed, resamples=resamples, level=level)
    return found


def each_over_packages(
    statistics: Callable[[Rows], ArrayLike], packages: ArrayLike, *, seed: int, resamples: int = 1000, level: float = 0.95
) -> list[Interval]:
    """Statistics of rows, each with its percentile interval from one bootstrap over packages (Davison & Hinkley 1997, §3.8).

    Rows of one package are alike, so whole packages are drawn with replacement, as many as there are; a package drawn twice gives its rows
    twice. All statistics see the same draws: a paired difference is one statistic more. The draws depend on the seed and the packages alone.
    Whatever was fitted before stays as it is, and with fewer than about twenty packages such intervals are somewhat too narrow.

    `statistics` gets row numbers (m,), with repeats, and returns k numbers; `packages` (n,) names the package of each row. Of the k intervals that are
    returned, the value is that of all rows, each once. Resamples on which a statistic is nan (no bug was drawn, say) are left out of its interval.

    Raises ValueError for fewer than two packages, and for a statistic that is nan on all rows or on more than half of the resamples.
    """
    names, codes = np.unique(np.asarray(packages), return_inverse=True)
    if np.ndim(packages) != 1 or names.size < 2:
        raise ValueError(f"a bootstrap over packages needs rows of at least two, found {names.size} in shape {np.shape(packages)}")
    if resamples < 1 or not 0 < level < 1:
        raise ValueError(f"resamples is {resamples}, at least 1 are needed; level is {level}, it must be above 0 and below 1")
    members = [np.flatnonzero(codes == code) for code in range(names.size)]
    rng = np.random.default_rng(seed)
    values = np.atleast_1d(np.asarray(statistics(np.arange(codes.size)), dtype=float))  # (k,)
    draws = rng.integers(names.size, size=(resamples, names.size))
    found = np.stack(
        [np.asarray(statistics(np.concatenate([members[code] for code in draw])), dtype=float) for draw in draws]
    )  # (resamples, k)
    return [_interval(float(value), column, level) for value, column in zip(values, found.T, strict=True)]


def _interval(value: float, found: Floats, level: float) -> Interval:
    defined = found[~np.isnan(found)]
    if math.isnan(value) or defined.size < LEAST_DEFINED * found.size:
        raise ValueError(
            f"no interval: the statistic is {value:g} on all rows, and defined on {defined.size} of {found.size} resamples of the packages"
        )
    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(value, float(low), float(high))


def _worth(caught: Floats, false_alarms: Floats, costs: Costs, prior: float) -> Floats:
    gained = _weighted(prior, caught) * (costs.saved - costs.verification)
    return gained - _weighted(1 - prior, false_alarms) * (costs.verification + costs.false_alarm)


def _weighted(weight: float, rate: Floats) -> Floats:
    """A rate times the weight of its class: 0 for a class without weight, of which there may be no row and so no rate."""
    return np.zeros_like(rate) if weight == 0 else weight * rate


def _share_at_least(p: Floats, cuts: Floats) -> Floats:
    if p.size == 0:
        return np.full(cuts.shape, np.nan)
    return np.asarray(1 - np.searchsorted(np.sort(p), cuts, side="left") / p.size)


def _cuts(probabilities: ArrayLike) -> Floats:
    """All thresholds that differ in what is commented on, from none to everything."""
    return np.concatenate([[np.inf], np.unique(_within_unit(probabilities))[::-1]])


def _prior(bugs: Bools, base_rate: float | None) -> float:
    if base_rate is None:
        return float(bugs.mean())
    if not 0 <= base_rate <= 1:
        raise ValueError(f"base_rate is {base_rate}, it must be a share from 0 to 1")
    return base_rate


def _defined(bugs: Bools, base_rate: float | None) -> bool:
    """Whether precision and recall exist: there are bugs, and where a base rate is wanted, clean changes as well."""
    return bool(bugs.any()) and base_rate != 0 and (base_rate is None or not bugs.all())


def _changes(bugs: ArrayLike, probabilities: ArrayLike) -> tuple[Bools, Floats]:
    wanted, p = _flags(bugs, "bugs"), _within_unit(probabilities)
    _same_length(wanted, p)
    return wanted, p


def _same_length(bugs: Bools, others: NDArray[np.generic]) -> None:
    if bugs.shape != others.shape or bugs.ndim != 1 or bugs.size == 0:
        raise ValueError(f"one row a change and at least one change: found {bugs.shape} bugs and {others.shape} beside them")


def _flags(values: ArrayLike, name: str) -> Bools:
    given = np.asarray(values)
    if given.dtype == bool:
        return given
    if not np.isin(given, (0, 1)).all():
        raise ValueError(f"{name} are true or false, 1 or 0; found {given[~np.isin(given, (0, 1))][0]}")
    return given.astype(bool)


def _within_unit(probabilities: ArrayLike) -> Floats:
    p = np.asarray(probabilities, dtype=float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("probabilities are from 0 to 1, without nan")
    return p
