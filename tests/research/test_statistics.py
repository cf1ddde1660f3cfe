"""Tests and intervals against scipy, against counting by hand, and against simulation."""

import itertools

import numpy as np
import pytest
from scipy import stats

from smallmodels.statistics import (
    bootstrap_interval,
    paired,
    paired_t_p,
    prediction_interval,
    sign_flip_p,
    smallest_sign_flip_p,
    t_interval,
)

RNG = np.random.default_rng(0)


def test_sign_flip_by_hand():
    # signs of (1, 2, 3): sums 6, 4, 2, 0, 0, -2, -4, -6; the observed sum 6 is reached by 1 of 8
    assert sign_flip_p([1, 2, 3]) == 1 / 8
    # observed -1 + 2 + 3 = 4: reached by 6 and 4
    assert sign_flip_p([-1, 2, 3]) == 2 / 8
    # observed 0 (1 + 2 - 3): reached by 6, 4, 2, 0, 0
    assert sign_flip_p([1, 2, -3]) == 5 / 8
    assert sign_flip_p([-1, -2, -3]) == 1.0


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_sign_flip_agrees_with_scipy(n):
    for differences in RNG.normal(0.4, 1, size=(5, n)):
        if n == 1:
            expected = 0.5 if differences[0] > 0 else 1.0
        else:
            done = stats.permutation_test(
                (differences,),
                lambda x, axis: x.mean(axis=axis),
                permutation_type="samples",
                alternative="greater",
                n_resamples=np.inf,
                vectorized=True,
            )
            expected = done.pvalue
        assert sign_flip_p(differences) == pytest.approx(expected, abs=1e-12)


def test_sign_flip_agrees_with_counting_patterns():
    differences = RNG.normal(size=6)
    sums = [sum(s * d for s, d in zip(signs, differences, strict=True)) for signs in itertools.product((1, -1), repeat=6)]
    assert sign_flip_p(differences) == np.mean([total >= differences.sum() - 1e-12 for total in sums])


def test_equal_differences_tie_with_themselves_despite_rounding():
    assert sign_flip_p([0.1] * 5) == 1 / 32
    assert sign_flip_p([0.1, 0.2, 0.3, -0.6]) == sign_flip_p([1, 2, 3, -6])


def test_sign_flip_works_on_the_last_axis():
    many = RNG.normal(size=(3, 4, 5))
    p = sign_flip_p(many)
    assert p.shape == (3, 4)
    assert p[1, 2] == sign_flip_p(many[1, 2])


def test_sign_flip_keeps_its_level_for_symmetric_noise():
    p = sign_flip_p(np.random.default_rng(1).standard_t(2, size=(20_000, 6)))
    assert np.mean(p <= 0.05) == pytest.approx(3 / 64, abs=4 * np.sqrt(0.05 * 0.95 / 20_000))


@pytest.mark.parametrize(("n", "one_sided_p", "two_sided_p"), [(1, 0.5, 1.0), (3, 0.125, 0.25), (5, 1 / 32, 1 / 16), (6, 1 / 64, 1 / 32)])
def test_the_smallest_p_value(n, one_sided_p, two_sided_p):
    assert smallest_sign_flip_p(n) == one_sided_p
    assert smallest_sign_flip_p(n, two_sided=True) == two_sided_p
    assert sign_flip_p(np.arange(1, n + 1)) == one_sided_p


@pytest.mark.parametrize("bad", [[], 1.0, np.zeros(21)])
def test_sign_flip_refuses_what_it_cannot_count(bad):
    with pytest.raises(ValueError, match="1 to 20 differences"):
        sign_flip_p(bad)


def test_the_t_test_agrees_with_its_formula():
    differences = np.array([0.5, 1.0, 1.5, 2.5])
    t = differences.mean() / (differences.std(ddof=1) / 2)
    assert paired_t_p(differences) == pytest.approx(stats.t.sf(t, 3))
    with pytest.raises(ValueError, match="at least two"):
        paired_t_p([1.0])


def test_intervals_agree_with_their_formulas():
    values = [1.0, 2.0, 3.0, 4.0]  # mean 2.5, s = 1.29099, t(3) = 3.18245
    interval = t_interval(values)
    assert (interval.value, interval.low, interval.high) == pytest.approx((2.5, 2.5 - 2.05426, 2.5 + 2.05426), abs=1e-5)
    assert (interval.low, interval.high) == pytest.approx(stats.t.interval(0.95, 3, 2.5, stats.sem(values)))
    wide = prediction_interval(values, 4)
    assert wide.high - wide.value == pytest.approx(2.05426 * 2**0.5, abs=1e-5)


@pytest.mark.parametrize("m", [1, 5, 20])
def test_a_prediction_interval_covers_what_it_promises(m):
    rng = np.random.default_rng(m)
    hits = 0
    for _ in range(2_000):
        interval = prediction_interval(rng.normal(size=5), m)
        hits += interval.low <= rng.normal(size=m).mean() <= interval.high
    assert hits / 2_000 == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 2_000))


def test_intervals_need_two_values():
    with pytest.raises(ValueError, match="at least two values"):
        t_interval([1.0])


def test_paired_seeds():
    comparison = paired([3.0, 5.0, 7.0], [1.0, 4.0, 4.0])  # differences 2, 1, 3
    assert comparison.difference == t_interval([2.0, 1.0, 3.0])
    assert (comparison.p, comparison.n) == (1 / 8, 3)
    # the seeds differ by far more than the treatment does: only pairing sees it
    base = np.array([0.0, 10.0, 20.0, 30.0, 40.0])
    assert paired(base + np.array([1.0, 1.1, 0.9, 1.0, 1.2]), base).difference.low > 0.8
    with pytest.raises(ValueError, match=r"found \(2,\) treated values and \(3,\)"):
        paired([1.0, 2.0], [1.0, 2.0, 3.0])


def test_a_bootstrap_interval_covers_what_it_promises():
    rng = np.random.default_rng(3)
    hits = 0
    for i in range(200):
        interval = bootstrap_interval(rng.exponential(size=40), seed=i)
        hits += interval.low <= 1.0 <= interval.high
    assert 0.88 <= hits / 200 <= 0.985, "about 95 %; four standard errors are 6 %"


def test_a_bootstrap_is_repeated_by_its_seed_and_takes_any_statistic():
    values = np.random.default_rng(4).normal(size=30)
    first = bootstrap_interval(values, np.median, seed=1)
    assert first == bootstrap_interval(values, np.median, seed=1) != bootstrap_interval(values, np.median, seed=2)
    assert first.value == np.median(values) and first.low < first.value < first.high


@pytest.mark.parametrize(("values", "message"), [([1.0], "at least two values"), ([2.0, 2.0, 2.0], "all 3 values are 2")])
def test_a_bootstrap_refuses_what_it_cannot_resample(values, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_interval(values, seed=0)
