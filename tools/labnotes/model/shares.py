"""Shares of yes among replicates that are yes or no: their interval, what new replicates will give, and a test. None of them leaves 0 to 1."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""The normal quantile of a two-sided interval of 95 %."""


def wilson_interval(yes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of the probability of a yes, after `yes` of `n` (Wilson 1927): the shares that the score test does not reject.

    Over all probabilities it covers in 95 % of cases on average, for five replicates as for two hundred.
    """
    share, weight = yes / n, Z * Z / n
    centre, half = share + weight / 2, Z * math.sqrt(share * (1 - share) / n + weight / (4 * n))
    low, high = (centre - half) / (1 + weight), (centre + half) / (1 + weight)
    return 0.0 if yes == 0 else low, 1.0 if yes == n else high  # but for rounding they are


def predicted_shares(yes: int, n: int) -> tuple[float, float]:
    """The least and the largest share of yes that `n` new replicates have with 95 % probability, after `yes` of `n`.

    The central part of the beta-binomial distribution with Jeffreys' prior. For 5 to 200 replicates and probabilities of 1 to 99 % it holds the
    new share in 95 % of cases or more, and in 99 (five replicates) to 96 % (two hundred) on average.
    """
    a, b = yes + 0.5, n - yes + 0.5
    least, largest, cumulated = 0, n, 0.0
    for count in range(n + 1):
        before = cumulated
        cumulated += math.exp(_log_beta(count + a, n - count + b) - _log_beta(a, b) - _log_beta(count + 1, n - count + 1) - math.log(n + 1))
        if before <= 0.025 < cumulated:
            least = count
        if before < 0.975 <= cumulated:
            largest = count
    return least / n, largest / n


def score_test_p(yes: int, n: int, bound: float, *, above: bool) -> float:
    """The p-value of the one-sided score test that the probability of a yes lies above (or below) `bound`: the test behind Wilson's interval."""
    if not 0 <= bound <= 1:
        return 0.0 if (bound < 0) == above else 1.0
    distance = (yes / n - bound) if above else (bound - yes / n)
    error = math.sqrt(bound * (1 - bound) / n)
    if error == 0:
        return 0.0 if distance > 0 else 1.0
    return 0.5 * math.erfc(distance / error / math.sqrt(2))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
