"""Utility against counting by hand and brute force, the threshold rule on calibrated populations, and the bootstrap over packages on known cases."""

import itertools
import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from smallmodels.verifier.utility import (
    Costs,
    at_recall,
    average_precision,
    best,
    calibration_error,
    corrected,
    curve,
    each_over_packages,
    over_packages,
    rates,
    recall_at_precision,
    reliability,
    utility,
)

COSTS = [Costs(), Costs(1, 0.4, 4), Costs(5, 0.02, 0), Costs(0.5, 0.1, 1), Costs(1, 1.5, 0.2), Costs(1, 0, 0)]

BUGS = np.array([1, 1, 0, 1, 0, 0, 0, 0], dtype=bool)
P = np.array([0.9, 0.8, 0.8, 0.4, 0.4, 0.3, 0.2, 0.1])


def calibrated_population(levels=10, repeats=40):
    """A population in which exactly a share p of the changes with probability p are bugs: k·repeats of levels·repeats at p = k / levels."""
    rows = [(k / levels, i < k * repeats) for k in range(levels + 1) for i in range(levels * repeats)]
    p, bugs = np.array(rows).T
    return bugs.astype(bool), p


def simulated_population(n, seed):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.7, 1.5, size=n)
    return rng.random(n) < p, p


def by_hand(bugs, commented, costs):
    """One change after the other, as the definition has it."""
    earned = 0.0
    for bug, comment in zip(bugs, commented, strict=True):
        if comment:
            earned += (costs.saved if bug else -costs.false_alarm) - costs.verification
    return earned / len(bugs)


# ---- costs and the threshold rule


def test_threshold_by_hand():
    assert Costs().threshold == pytest.approx(0.4)  # (0.1 + 0.5) / (1 + 0.5)
    assert Costs(1, 0, 0).threshold == 0
    assert Costs(2, 1, 0).threshold == 0.5
    assert Costs(1, 1.5, 0.5).threshold == pytest.approx(4 / 3)


@pytest.mark.parametrize("costs", COSTS)
def test_a_comment_at_the_threshold_is_worth_nothing(costs):
    p = costs.threshold
    assert p * costs.saved - costs.verification - (1 - p) * costs.false_alarm == pytest.approx(0, abs=1e-12)


def test_without_savings_and_false_alarms_there_is_no_threshold():
    with pytest.raises(ValueError, match="no threshold"):
        _ = Costs(0, 0.1, 0).threshold


@pytest.mark.parametrize("wrong", [{"saved": -1}, {"verification": math.nan}, {"false_alarm": math.inf}])
def test_costs_are_finite_and_not_negative(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Costs(**wrong)


@pytest.mark.parametrize("costs", COSTS)
def test_the_rule_is_best_on_a_calibrated_population(costs):
    bugs, p = calibrated_population()
    at_rule = curve(bugs, p, costs, None, costs.threshold)
    assert at_rule == pytest.approx(best(bugs, p, costs).utility, abs=1e-12)
    for elsewhere in (costs.threshold - 0.21, costs.threshold + 0.21):  # two levels away, where costs are at stake
        if 0 < elsewhere < 1:
            assert curve(bugs, p, costs, None, elsewhere) < at_rule - 1e-4


@pytest.mark.parametrize("costs", COSTS)
@pytest.mark.parametrize("base_rate", [0.02, 0.2, 0.7])
def test_the_rule_is_best_at_another_base_rate_once_the_prior_is_corrected(costs, base_rate):
    bugs, p = calibrated_population()
    moved = corrected(p, bugs.mean(), base_rate)
    assert curve(bugs, moved, costs, base_rate, costs.threshold) == pytest.approx(best(bugs, moved, costs, base_rate).utility, abs=1e-12)


def test_without_the_correction_the_rule_loses_at_another_base_rate():
    bugs, p = calibrated_population()
    assert curve(bugs, p, Costs(), 0.02, Costs().threshold) < best(bugs, p, Costs(), 0.02).utility - 0.01


@pytest.mark.parametrize("costs", [costs for costs in COSTS if 0 < costs.threshold < 1])
def test_the_rule_is_within_noise_of_the_best_on_simulated_changes(costs):
    bugs, p = simulated_population(20_000, seed=1)
    optimum = best(bugs, p, costs)
    lost = optimum.utility - curve(bugs, p, costs, None, costs.threshold)
    assert (
        0 <= lost < 0.005 * (costs.saved + costs.false_alarm)
    )  # a change's worth has a deviation of at most (S + F) / 2: 0.0035 for the mean
    assert optimum.threshold == pytest.approx(costs.threshold, abs=0.12)


# ---- utility, curve, best


@pytest.mark.parametrize("costs", COSTS)
def test_utility_agrees_with_the_definition_for_each_set_of_comments(costs):
    for commented in itertools.product((False, True), repeat=5):
        assert utility(BUGS[:5], commented, costs) == pytest.approx(by_hand(BUGS[:5], commented, costs), abs=1e-12)


def test_utility_by_hand():
    # 8 changes, three comments: two bugs caught (2 · 0.9), one false alarm (−0.6)
    assert utility(BUGS, P >= 0.8, Costs()) == pytest.approx((2 * 0.9 - 0.6) / 8)
    # at a base rate of 0.1: 0.1 · 2/3 · 0.9 − 0.9 · 1/5 · 0.6
    assert utility(BUGS, P >= 0.8, Costs(), 0.1) == pytest.approx(0.06 - 0.108)
    assert utility(BUGS, np.zeros(8), Costs(), 0.1) == 0


@pytest.mark.parametrize(("copies", "base_rate"), [((1, 3), 3 / 18), ((5, 1), 15 / 20), ((5, 3), 0.5)])
def test_a_base_rate_is_worth_the_same_as_copies_of_the_rows(copies, base_rate):
    times = np.where(BUGS, *copies)
    bugs, p = np.repeat(BUGS, times), np.repeat(P, times)
    assert bugs.mean() == base_rate
    costs = Costs(1, 0.2, 0.7)
    assert utility(BUGS, P >= 0.35, costs, base_rate) == pytest.approx(utility(bugs, p >= 0.35, costs), abs=1e-12)
    assert best(BUGS, P, costs, base_rate).utility == pytest.approx(best(bugs, p, costs).utility, abs=1e-12)
    assert average_precision(BUGS, P, base_rate) == pytest.approx(average_precision(bugs, p), abs=1e-12)
    for precision in (0.3, 0.5, 0.7, 0.9):
        assert recall_at_precision(BUGS, P, precision, base_rate) == pytest.approx(recall_at_precision(bugs, p, precision))


def test_curve_is_utility_at_each_threshold_and_keeps_the_shape():
    thresholds = np.array([[0, 0.1, 0.15], [0.4, 0.8, 1.2]])
    for base_rate in (None, 0.05):
        utilities = curve(BUGS, P, Costs(), base_rate, thresholds)
        assert utilities.shape == (2, 3)
        for at, t in np.ndenumerate(thresholds):
            commented = np.greater_equal(P, t)
            assert utilities[at] == pytest.approx(utility(BUGS, commented, Costs(), base_rate), abs=1e-12)
    assert curve(BUGS, P, Costs(), None, 0.4).shape == ()


def test_a_change_at_the_threshold_is_commented_on():
    caught, false_alarms = rates(BUGS, P, [0.8, np.nextafter(0.8, 1)])
    assert caught.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert false_alarms.tolist() == pytest.approx([1 / 5, 0])


@pytest.mark.parametrize("costs", COSTS)
def test_best_agrees_with_trying_all_cuts_by_hand(costs):
    bugs, p = simulated_population(60, seed=3)
    p = p.round(1)  # ties
    tried = {t: by_hand(bugs, p >= t, costs) for t in [math.inf, *p]}
    optimum = best(bugs, p, costs)
    assert optimum.utility == pytest.approx(max(tried.values()), abs=1e-12)
    assert tried[optimum.threshold] == pytest.approx(optimum.utility, abs=1e-12)


def test_the_best_threshold_is_the_largest_of_equals_and_endless_where_no_comment_pays():
    assert best([1, 0], [0.3, 0.3], Costs(1, 0, 1)).threshold == math.inf  # 0 either way
    assert best(BUGS, P, Costs(1, 2, 0)).threshold == math.inf
    assert best(BUGS, P, Costs(1, 2, 0)).utility == 0
    assert best(BUGS, P, Costs(1, 0, 0)).threshold == 0.4  # the last bug; below it nothing is gained, nor lost


# ---- prior correction


def test_correction_is_exact_for_two_gaussians():
    x = np.linspace(-4, 5, 50)

    def gaussian_posterior(prior):
        bug, clean = prior * np.exp(-((x - 1) ** 2) / 2), (1 - prior) * np.exp(-(x**2) / 2)
        return bug / (bug + clean)

    np.testing.assert_allclose(corrected(gaussian_posterior(0.4), 0.4, 0.04), gaussian_posterior(0.04), rtol=1e-12)
    np.testing.assert_allclose(
        corrected(gaussian_posterior(0.04).reshape(5, 10), 0.04, 0.7), gaussian_posterior(0.7).reshape(5, 10), rtol=1e-12
    )


def test_correction_by_hand():
    # odds 1 at one half become odds 1/9 at a tenth
    assert corrected([0, 0.5, 1], 0.5, 0.1).tolist() == pytest.approx([0, 0.1, 1])


@pytest.mark.parametrize("rates_given", [(0, 0.5), (0.5, 1), (1.2, 0.5)])
def test_correction_refuses_rates_without_odds(rates_given):
    with pytest.raises(ValueError, match="rate"):
        corrected([0.5], *rates_given)


# ---- operating points and ranking


def test_at_recall_by_hand():
    assert at_recall(BUGS, P, 0.3) == 0.9
    assert at_recall(BUGS, P, 1 / 3) == 0.9
    assert at_recall(BUGS, P, 0.34) == 0.8
    assert at_recall(BUGS, P, 1) == 0.4


@pytest.mark.parametrize("recall", [0.07, 0.35, 0.5, 0.95])
def test_at_recall_is_the_largest_threshold_that_catches_enough(recall):
    bugs, p = np.ones(100), np.random.default_rng(0).permutation(np.arange(1, 101) / 100)
    threshold = at_recall(bugs, p, recall)
    assert (p >= threshold).sum() == round(100 * recall)  # 0.07 * 100 is above 7 in floating point


def test_recall_at_precision_by_hand():
    # comments from p = 0.9: 1 of 1 correct, 0.8: 2 of 3, 0.4: 3 of 5
    assert recall_at_precision(BUGS, P, 0.9) == pytest.approx(1 / 3)
    assert recall_at_precision(BUGS, P, 2 / 3) == pytest.approx(2 / 3)
    assert recall_at_precision(BUGS, P, 0.6) == 1
    assert recall_at_precision([0, 1], [0.9, 0.8], 0.6) == 0
    # at a base rate of 0.1, from 0.8: 0.1·2/3 / (0.1·2/3 + 0.9·1/5) = 0.27
    assert recall_at_precision(BUGS, P, 0.27, 0.1) == pytest.approx(2 / 3)
    assert recall_at_precision(BUGS, P, 0.28, 0.1) == pytest.approx(1 / 3)


def test_average_precision_by_hand():
    assert average_precision(BUGS, P) == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    assert average_precision(BUGS, P) == pytest.approx(average_precision_score(BUGS, P))
    assert average_precision(BUGS, np.full(8, 0.5), 0.2) == pytest.approx(0.2)


@pytest.mark.parametrize("measure", [average_precision, lambda b, p, r=None: recall_at_precision(b, p, 0.5, r)])
def test_ranking_is_undefined_without_the_class_it_needs(measure):
    assert math.isnan(measure([0, 0], [0.1, 0.2]))
    assert math.isnan(measure([1, 1], [0.1, 0.2], 0.5))
    assert measure([1, 1], [0.1, 0.2]) == 1


def test_utility_is_undefined_only_where_a_missing_class_has_weight():
    assert math.isnan(utility([0, 0], [1, 0], Costs(), 0.5))
    assert math.isnan(utility([1, 1], [1, 0], Costs(), 0.5))
    assert utility([0, 0], [1, 0], Costs()) == pytest.approx(-0.3)
    assert utility([1, 1], [1, 0], Costs(), 1.0) == pytest.approx(0.45)
    assert math.isnan(at_recall([0, 0], [0.1, 0.2], 0.5))


# ---- calibration


def test_calibration_error_by_hand():
    # bin 0: mean 0.05, no bug of 2; bin 9: mean 0.95, one bug of 2
    assert calibration_error([0, 0, 1, 0], [0, 0.1 - 1e-9, 0.9, 1]) == pytest.approx((2 * 0.05 + 2 * 0.45) / 4)
    assert calibration_error([1, 0], [0.5, 0.5]) == 0
    assert calibration_error([1, 1], [0, 0]) == 1


def test_calibration_error_finds_calibrated_and_overconfident_reviewers():
    bugs, p = calibrated_population()
    assert calibration_error(bugs, p) == pytest.approx(0, abs=1e-12)
    assert calibration_error(bugs, np.clip(p + 0.1, 0, 1)) == pytest.approx(0.1 * 10 / 11)  # all but the level p = 1 by a tenth


def test_reliability_says_what_is_in_each_bin():
    binned = reliability([1, 0, 1], [0.25, 0.3, 1], bins=4)
    assert binned.count.tolist() == [0, 2, 0, 1]
    np.testing.assert_allclose(binned.predicted, [np.nan, 0.275, np.nan, 1])
    np.testing.assert_allclose(binned.observed, [np.nan, 0.5, np.nan, 1])


def test_edges_of_bins_belong_to_the_bin_above():
    edges = np.arange(11) / 10
    assert reliability(np.zeros(11), edges).count.tolist() == [1] * 9 + [2]


# ---- bootstrap over packages


def test_bootstrap_of_two_packages_by_hand():
    packages = ["a", "b", "b", "a"]
    values = np.array([0.0, 1.0, 1.0, 0.0])  # "b" is drawn never (1/4), once (1/2) or twice (1/4)
    wide = over_packages(lambda rows: values[rows].mean(), packages, seed=0, resamples=400)
    assert (wide.value, wide.low, wide.high) == (0.5, 0, 1)
    narrow = over_packages(lambda rows: values[rows].mean(), packages, seed=0, resamples=400, level=0.3)
    assert (narrow.low, narrow.high) == (0.5, 0.5)
    alike = np.array([0.0, 0.0, 3.0, 3.0])  # both packages have a mean of 1.5
    same = over_packages(lambda rows: alike[rows].mean(), packages, seed=0, resamples=50)
    assert (same.low, same.high) == (1.5, 1.5)


def test_rows_of_a_package_stay_together():
    packages = np.array(["a", "b", "b", "c", "c", "c"])

    def count_rows(rows):
        drawn = np.bincount(rows, minlength=6)
        assert drawn[1] == drawn[2] and drawn[3] == drawn[4] == drawn[5]
        assert drawn[0] + drawn[1] + drawn[3] == 3  # as many packages as there are
        return len(rows)

    interval = over_packages(count_rows, packages, seed=0, resamples=300)
    assert (interval.value, interval.low, interval.high) == (6, 3, 9)


def test_coverage_is_near_the_level_when_packages_differ():
    rng = np.random.default_rng(0)
    packages = np.repeat(np.arange(20), 10)
    covered = naive = 0
    trials = 150
    for trial in range(trials):
        values = np.repeat(rng.normal(0, 1, size=20), 10) + rng.normal(0, 1, size=200)
        interval = over_packages(lambda rows, values=values: values[rows].mean(), packages, seed=trial, resamples=250)
        covered += interval.low <= 0 <= interval.high
        half = 1.96 * values.std(ddof=1) / math.sqrt(200)
        naive += abs(values.mean()) <= half
    # expected 0.93 for 20 packages (percentiles of a deviation without Bessel's correction, no t); binomial deviation 0.02; 0.91 found
    assert 0.86 <= covered / trials <= 0.99
    assert naive / trials < 0.75  # rows taken as independent: 0.55 expected, 0.52 found


def test_copies_within_packages_widen_the_interval_by_the_root_of_their_number():
    rng = np.random.default_rng(1)
    values = np.repeat(rng.normal(size=40), 9)
    by_package = over_packages(lambda rows: values[rows].mean(), np.repeat(np.arange(40), 9), seed=0)
    by_row = over_packages(lambda rows: values[rows].mean(), np.arange(360), seed=0)
    ratio = (by_package.high - by_package.low) / (by_row.high - by_row.low)
    assert ratio == pytest.approx(3, rel=0.12)  # √9, percentiles of 1000 draws to about 4 % each


def test_statistics_share_their_draws():
    values, packages = np.random.default_rng(2).normal(size=60), np.repeat(np.arange(12), 5)

    def both_means(rows):
        mean, shifted_mean = values[rows].mean(), values[rows].mean() + 0.3
        return [mean, shifted_mean, shifted_mean - mean]

    first, second, difference = each_over_packages(both_means, packages, seed=5, resamples=200)
    assert first == over_packages(lambda rows: values[rows].mean(), packages, seed=5, resamples=200)
    assert second.high - second.low == pytest.approx(first.high - first.low) and first.high - first.low > 0.1
    assert (difference.low, difference.high) == pytest.approx((0.3, 0.3))
    assert first != over_packages(lambda rows: values[rows].mean(), packages, seed=6, resamples=200)


def test_draws_without_a_defined_statistic_are_left_out():
    packages, bugs = np.array(["a", "a", "b", "b"]), np.array([1, 0, 0, 0])
    p = np.array([0.9, 0.1, 0.5, 0.5])

    def precision_of_rows(rows):
        return average_precision(bugs[rows], p[rows])  # nan where "a" is not drawn: 1/4 of the draws; else 1

    assert over_packages(precision_of_rows, packages, seed=0, resamples=200).low == 1


def test_an_interval_from_the_lesser_part_of_the_draws_is_refused():
    packages = np.arange(3)

    def all_three(rows):
        return 1.0 if len(set(rows)) == 3 else math.nan  # 6 of 27 draws

    with pytest.raises(ValueError, match="defined on"):
        over_packages(all_three, packages, seed=0, resamples=200)
    with pytest.raises(ValueError, match="nan on all rows"):
        over_packages(lambda rows: math.nan, packages, seed=0, resamples=10)


@pytest.mark.parametrize("packages", [["a", "a", "a"], [], [["a", "b"]]])
def test_one_package_is_no_sample_of_packages(packages):
    with pytest.raises(ValueError, match="at least two"):
        over_packages(lambda rows: 0.0, packages, seed=0)


# ---- what is refused


@pytest.mark.parametrize(
    ("bugs", "p", "message"),
    [
        ([1, 0], [0.5], "one row a change"),
        ([], [], "one row a change"),
        ([1, 2], [0.5, 0.5], "true or false"),
        ([1, 0], [0.5, 1.1], "from 0 to 1"),
        ([1, 0], [0.5, math.nan], "from 0 to 1"),
    ],
)
def test_rows_that_make_no_sense_are_refused(bugs, p, message):
    for measure in (average_precision, calibration_error, lambda b, q: best(b, q, Costs()), lambda b, q: at_recall(b, q, 0.5)):
        with pytest.raises(ValueError, match=message):
            measure(np.array(bugs), np.array(p))


@pytest.mark.parametrize("share", [0, 1.1, -0.5])
def test_recall_and_precision_are_shares(share):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        at_recall(BUGS, P, share)
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        recall_at_precision(BUGS, P, share)


def test_a_base_rate_is_a_share():
    with pytest.raises(ValueError, match="base_rate is"):
        utility(BUGS, P > 0.5, Costs(), 1.5)
