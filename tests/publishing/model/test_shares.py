"""Replicates of yes and no: an interval within 0 and 1, what new ones give, and the test that goes with the interval."""

import math

import numpy as np
import pytest
from scipy import stats

from labnotes.author import api
from labnotes.compare.statement_families import statement_p
from labnotes.model.claims import Claim, claim_text
from labnotes.model.shares import Z, predicted_shares, score_test_p, wilson_interval


@pytest.mark.parametrize(("yes", "n"), [(0, 5), (1, 5), (4, 5), (5, 5), (7, 20), (199, 200)])
def test_the_interval_is_that_of_scipy(yes, n):
    theirs = stats.binomtest(yes, n).proportion_ci(0.95, method="wilson")
    assert wilson_interval(yes, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert wilson_interval(yes, n)[0] >= 0
    assert wilson_interval(yes, n)[1] <= 1


@pytest.mark.parametrize(("yes", "n"), [(0, 5), (4, 5), (5, 5), (7, 20), (199, 200)])
def test_new_shares_are_those_of_the_beta_binomial_distribution(yes, n):
    law = stats.betabinom(n, yes + 0.5, n - yes + 0.5)
    low, high = predicted_shares(yes, n)
    assert (low * n, high * n) == pytest.approx((law.ppf(0.025), law.ppf(0.975)))


@pytest.mark.parametrize("n", [5, 20])
@pytest.mark.parametrize("probability", [0.02, 0.3, 0.5, 0.9])
def test_new_shares_fall_where_they_are_expected_in_95_of_100_cases(n, probability):
    chances = stats.binom.pmf(range(n + 1), n, probability)
    covered = 0.0
    for yes, chance in enumerate(chances):
        low, high = predicted_shares(yes, n)
        covered += chance * sum(chances[new] for new in range(n + 1) if low <= new / n <= high)
    assert covered > 0.95


@pytest.mark.parametrize("yes", range(11))
def test_the_test_rejects_what_the_interval_leaves_out(yes):
    low, high = wilson_interval(yes, 10)
    for bound in (0.1, 0.35, 0.5, 0.8):
        assert (score_test_p(yes, 10, bound, above=True) < 0.025) == (low > bound)
        assert (score_test_p(yes, 10, bound, above=False) < 0.025) == (high < bound)
    assert score_test_p(yes, 10, -0.1, above=True) == 0.0
    assert score_test_p(yes, 10, 0.0, above=True) == (0.0 if yes else 1.0)


def recorded(replicates, **more):
    numbers = api._claim_numbers(None, replicates, None, None, "claim 'a'")
    return Claim(name="a", cell=1, format=".0%", **vars(numbers), **more)


@pytest.mark.parametrize("kind", [bool, np.bool_, int, np.int64])
def test_a_claim_of_yes_and_no_is_a_share(kind):
    """4 of 5: the t interval reached from 24 % to 136 %."""
    claim = recorded([kind(yes) for yes in (1, 0, 1, 1, 1)])
    assert claim_text(claim) == "a = 80%  (95 % interval 38% to 96%, n = 5)"
    assert claim.replicates == (1.0, 0.0, 1.0, 1.0, 1.0)
    assert claim.prediction == (0.2, 1.0)


def test_whole_numbers_of_which_one_is_neither_0_nor_1_are_counts():
    claim = recorded([1, 0, 2, 1, 1])
    half = stats.t.ppf(0.975, 4) * math.sqrt(0.5) / math.sqrt(5)
    assert (claim.low, claim.high) == pytest.approx((1 - half, 1 + half))


@pytest.mark.parametrize("replicates", [[1.0, 0.0, 1.0, 1.0, 1.0], [True, False, True, 1.0, 1]])
def test_zeros_and_ones_of_which_one_is_a_float_keep_their_t_interval(replicates):
    claim = recorded(replicates)
    half = stats.t.ppf(0.975, 4) * math.sqrt(0.2) / math.sqrt(5)
    assert (claim.low, claim.high) == pytest.approx((0.8 - half, 0.8 + half))
    t_test = stats.ttest_1samp([1, 0, 1, 1, 1], 0.1, alternative="greater").pvalue
    assert statement_p(recorded(replicates, holds="low > 0.1"), {}) == pytest.approx(t_test)


def test_a_statement_about_a_share_is_judged_by_the_test_behind_its_interval():
    claim = recorded([True] * 5, holds="low > 0.5")
    assert statement_p(claim, {}) == pytest.approx(stats.norm.sf(0.5 / math.sqrt(0.25 / 5)))
    assert pytest.approx(stats.norm.ppf(0.975)) == Z
