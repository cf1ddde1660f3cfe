"""Reviewers on planted data: what they find, what they must not find, and what they never see."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from smallmodels.verifier import reviewers
from smallmodels.verifier.reviewers import Panel, Reviewer, cross_validated, folds_of, permuted_within, transferred
from smallmodels.verifier.utility import calibration_error

MODELS = ["boosting", "logistic"]
BOOSTING_SLOW = [pytest.param("boosting", marks=pytest.mark.slow), "logistic"]  # 1 to 2.5 s


def planted_changes(n=1500, packages=15, seed=0):
    """Changes whose bugs follow a logistic law of the first two of five features; packages of unequal size, their code in column 5."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(packages, size=n, p=np.linspace(1, 3, packages) / np.linspace(1, 3, packages).sum())
    x = rng.normal(size=(n, 5))
    truth = 1 / (1 + np.exp(-(2 * x[:, 0] - 1.5 * x[:, 1] - 0.5)))
    return np.column_stack([x, codes]), rng.random(n) < truth, codes, truth


@pytest.mark.parametrize("model", MODELS)
def test_a_planted_signal_is_found_and_calibrated(model):
    x, bugs, packages, truth = planted_changes(2000)
    p = cross_validated(x[:, :5], bugs, packages, model=model, seed=0)
    assert roc_auc_score(bugs, p) > roc_auc_score(bugs, truth) - 0.03
    assert np.abs(p - truth).mean() < (0.1 if model == "boosting" else 0.03)  # 0.07 to 0.09 and 0.01 to 0.02 found over four seeds
    assert calibration_error(bugs, p) < 0.05  # 0.02 to 0.035 found; by noise alone 0.02


def test_calibration_mends_what_a_model_alone_says_too_loudly():
    x, bugs, packages, _ = planted_changes(900)
    trained = packages < 10
    alone = reviewers._model("boosting", 0).fit(x[trained, :5], bugs[trained]).predict_proba(x[~trained, :5])[:, 1]
    reviewer = Reviewer.fit(x[trained, :5], bugs[trained], packages[trained], model="boosting", seed=0)
    assert (
        calibration_error(bugs[~trained], reviewer.probabilities(x[~trained, :5])) < calibration_error(bugs[~trained], alone) - 0.04
    )  # 0.03 to 0.05 against 0.12 to 0.14 over four seeds


def test_boosting_finds_what_no_line_can_and_logistic_does_not():
    rng = np.random.default_rng(0)
    x, packages = rng.normal(size=(1200, 3)), rng.integers(12, size=1200)
    bugs = x[:, 0] * x[:, 1] > 0
    assert roc_auc_score(bugs, cross_validated(x, bugs, packages, model="boosting", seed=0)) > 0.95
    assert roc_auc_score(bugs, cross_validated(x, bugs, packages, model="logistic", seed=0)) < 0.6


@pytest.mark.parametrize("model", BOOSTING_SLOW)
def test_knowing_the_package_is_worth_nothing(model):
    """Bugs depend on the package alone, and features say which it is: a split by row would find this, as the second half shows."""
    rng = np.random.default_rng(0)
    packages = np.repeat(np.arange(20), 60)
    bugs = rng.random(1200) < np.where(rng.permutation(20) < 10, 0.1, 0.9)[packages]
    x = np.eye(20)[packages] + rng.normal(0, 0.1, size=(1200, 20))
    p, fold = cross_validated(x, bugs, packages, model=model, seed=0), folds_of(packages, 5, 0)
    # by fold: over all rows chance is below one half, since reviewers of a fold poor in bugs were trained on more of them
    within = [roc_auc_score(bugs[rows], p[rows]) for rows in (np.array([fold[package] == k for package in packages]) for k in range(5))]
    assert np.mean(within) == pytest.approx(0.5, abs=0.15)  # 0.44 to 0.62 over three seeds: four packages a fold
    by_row = rng.integers(20, size=1200)
    assert roc_auc_score(bugs, cross_validated(x, bugs, by_row, model=model, seed=0)) > 0.8  # 0.9 found


@pytest.mark.parametrize("model", BOOSTING_SLOW)
def test_permuted_labels_give_chance(model):
    x, bugs, packages, _ = planted_changes(1200)
    permuted = permuted_within(packages, bugs, seed=1)
    p = cross_validated(x[:, :5], permuted, packages, model=model, seed=0)
    assert roc_auc_score(permuted, p) == pytest.approx(0.5, abs=0.06)  # three deviations of chance at 1200 rows: 0.05


@pytest.mark.parametrize("model", BOOSTING_SLOW)
def test_missing_features_are_handled_and_their_absence_is_a_signal(model):
    rng = np.random.default_rng(0)
    packages = rng.integers(10, size=1000)
    bugs = rng.random(1000) < 0.4
    x = rng.normal(size=(1000, 4))
    x[bugs & (rng.random(1000) < 0.7), 1] = np.nan
    x[:, 2] = np.nan  # never there
    x[packages == 3, 3] = np.nan  # missing where it never was in training, for the fold of package 3
    p = cross_validated(x, bugs, packages, model=model, seed=0)
    assert np.isfinite(p).all()
    assert roc_auc_score(bugs, p) > 0.78  # 0.85 is the most that absence tells


def test_the_same_seed_gives_the_same_bits_and_another_one_other_folds():
    x, bugs, packages, _ = planted_changes(500)
    first, again, other = (cross_validated(x[:, :5], bugs, packages, model="boosting", seed=seed, folds=2) for seed in (4, 4, 5))
    assert (first == again).all()
    assert (first != other).any()


# ---- what is never seen


class SpyModel(LogisticRegression):
    """Looks at the code of the package in column 5, and refuses rows of packages that it was trained on."""

    asked = 0

    def fit(self, x, y):
        self.seen_ = set(x[:, 5])
        return super().fit(x[:, :5], y)

    def decision_function(self, x):
        type(self).asked += 1
        assert self.seen_.isdisjoint(x[:, 5]), "a model scores rows of a package that it was trained on"
        return super().decision_function(x[:, :5])


@pytest.fixture
def spied(monkeypatch):
    """Every model refuses what it was trained on, every reviewer what it was trained or calibrated on. Gives the packages of each reviewer."""
    seen = {}
    fit, probabilities = Reviewer.fit.__func__, Reviewer.probabilities

    def spied_fit(cls, features, *args, **settings):
        made = fit(cls, features, *args, **settings)
        seen[id(made.fitted)] = set(features[:, 5])
        return made

    def spied_probabilities(self, features):
        assert seen[id(self.fitted)].isdisjoint(features[:, 5]), "a reviewer judges a package that it was trained on"
        return probabilities(self, features)

    monkeypatch.setattr(reviewers, "_model", lambda model, seed: SpyModel())
    monkeypatch.setattr(SpyModel, "asked", 0)
    monkeypatch.setattr(Reviewer, "fit", classmethod(spied_fit))
    monkeypatch.setattr(Reviewer, "probabilities", spied_probabilities)
    return seen


def test_no_model_scores_a_package_that_it_was_trained_on(spied):
    x, bugs, packages, _ = planted_changes(600)
    cross_validated(x, bugs, packages, model="logistic", seed=0, folds=4)
    assert len(spied) == 4
    assert SpyModel.asked == 4 * 3 * 2  # each of three models calibrates once and judges once


def test_transfer_never_trains_on_a_package_of_the_test(spied):
    x, bugs, packages, _ = planted_changes(600)
    tested, _, of, _ = planted_changes(300, seed=9)
    p = transferred(x, bugs, packages, tested, of, model="logistic", seed=0)
    assert p.shape == (300,) and (p > 0).all() and SpyModel.asked > 0
    assert all(len(seen) >= 9 for seen in spied.values())  # of 15: it does train on the rest


def test_the_spy_sees_a_split_by_row(spied):
    x, bugs, _, _ = planted_changes(600)
    with pytest.raises(AssertionError, match="trained on"):
        cross_validated(x, bugs, np.arange(600) % 15, model="logistic", seed=0)


def test_a_test_package_has_no_influence_on_its_own_judgement():
    x, bugs, packages, _ = planted_changes(500)
    tested = packages == 7
    spoiled_x, spoiled = x.copy(), bugs.copy()
    spoiled_x[tested] *= 100
    spoiled[tested] = ~bugs[tested]
    clean = transferred(x, bugs, packages, x[tested], packages[tested], model="logistic", seed=0)
    changed = transferred(spoiled_x, spoiled, packages, x[tested], packages[tested], model="logistic", seed=0)
    assert (clean == changed).all()
    others = packages != 7
    assert (transferred(x, bugs, packages, x[others], packages[others], model="logistic", seed=0)
            != transferred(spoiled_x, spoiled, packages, x[others], packages[others], model="logistic", seed=0)).any()  # fmt: skip


def test_transfer_to_the_training_rows_is_cross_validation():
    x, bugs, packages, _ = planted_changes(500)
    settings = {"model": "logistic", "seed": 2}
    assert (transferred(x, bugs, packages, x, packages, **settings) == cross_validated(x, bugs, packages, **settings)).all()


def test_packages_in_no_fold_are_judged_by_all_reviewers():
    x, bugs, packages, _ = planted_changes(500)
    panel = Panel.fit(x, bugs, packages, model="logistic", seed=0, folds=3)
    assert len(panel.reviewers) == 3
    expected = np.mean([reviewer.probabilities(x[:4]) for reviewer in panel.reviewers], axis=0)
    assert panel.probabilities(x[:4], [99] * 4).tolist() == expected.tolist()
    assert panel.probabilities(x[:4], packages[:4]).tolist() != expected.tolist()


# ---- folds and permutations


@pytest.mark.parametrize("seed", range(5))
def test_folds_hold_about_as_many_rows_each(seed):
    sizes = [1089, 825, 735, 607, 580, 567, 507, 320, 303, 295, 260, 198, 157, 146, 113, 108, 98, 94, 90, 86, 70]
    packages = np.repeat([f"package {i}" for i in range(len(sizes))], sizes)
    folds = folds_of(packages, 5, seed)
    rows = np.bincount([folds[name] for name in packages])
    assert len(rows) == 5 and len(folds) == len(sizes)
    assert rows.max() < 1.2 * sum(sizes) / 5


def test_folds_are_random_by_seed():
    packages = np.repeat(np.arange(20), np.arange(10, 30))
    together = {
        tuple(sorted(name for name, fold in folds.items() if fold == folds[0])) for folds in (folds_of(packages, 5, s) for s in range(8))
    }
    assert len(together) >= 7
    assert folds_of(packages, 5, 0) == folds_of(packages[::-1], 5, 0)


def test_labels_are_permuted_within_packages():
    _, bugs, packages, _ = planted_changes(800)
    permuted = permuted_within(packages, bugs, seed=0)
    for package in set(packages):
        assert permuted[packages == package].sum() == bugs[packages == package].sum()
    share = bugs.mean()
    agree = 1 - 2 * share * (1 - share)  # by chance
    assert (permuted == bugs).mean() == pytest.approx(agree, abs=0.07)
    assert (permuted_within(packages, bugs, seed=1) != permuted).any()


@pytest.mark.parametrize("seed", range(3))
def test_all_permutations_of_a_package_come_up(seed):
    permutations = {tuple(permuted_within(["b", "a", "b", "a", "b"], [1, 1, 0, 0, 0], 100 * seed + i).tolist()) for i in range(60)}
    assert len(permutations) == 6  # 3 places in "b", 2 in "a"


# ---- what is refused


def test_a_package_for_each_fold_is_needed():
    with pytest.raises(ValueError, match="5 folds of 4 packages"):
        folds_of([1, 2, 3, 4], 5, 0)


def test_training_needs_bugs_and_clean_changes_in_each_part():
    x, bugs, packages, _ = planted_changes(300)
    with pytest.raises(ValueError, match="need bugs and clean changes"):
        Reviewer.fit(x, bugs & (packages == 3), packages, model="logistic", seed=0)


@pytest.mark.parametrize(("shape", "labels", "names"), [((4,), 4, 4), ((4, 2), 3, 4), ((4, 2), 4, 3)])
def test_rows_that_do_not_match_are_refused(shape, labels, names):
    with pytest.raises(ValueError, match="features are"):
        cross_validated(np.zeros(shape), np.zeros(labels), np.zeros(names), model="logistic", seed=0)


def test_an_unknown_model_is_refused():
    x, bugs, packages, _ = planted_changes(300)
    with pytest.raises(ValueError, match="known are"):
        cross_validated(x, bugs, packages, model="forest", seed=0)
