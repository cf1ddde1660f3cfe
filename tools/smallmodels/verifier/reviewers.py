"""Reviewers that turn features of a change into the probability of a bug, and never judge a package that they were trained on.

Gradient boosting, and logistic regression as its control. Rows are split by package throughout: rows of one package share authors, idioms and
often the function, so a split by row would let a reviewer recognise what it is to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

Model = Literal["boosting", "logistic"]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

INNER_FOLDS = 3
"""Parts of the training packages: three models are trained on two of them each and calibrated on the third."""

_ORDERS = 20
"""Random orders of packages of which `folds_of` takes the one with the most equal folds: enough to spread packages of very unequal size."""


@dataclass(frozen=True)
class Reviewer:
    """A model trained and calibrated on some packages. Features (n, d) are numbers; nan stands for one that a change does not have."""

    fitted: Any

    @classmethod
    def fit(cls, features: ArrayLike, bugs: ArrayLike, packages: ArrayLike, *, model: Model, seed: int) -> Reviewer:
        """Train on changes (n, d), bugs (n,) of packages (n,), and calibrate on training packages held out.

        The packages are parted in INNER_FOLDS; a model is trained without each part, a sigmoid is fitted to its scores on that part (Platt 1999),
        and the probability is the mean of the calibrated models. Each sigmoid is thus right for the very model that it belongs to, on
        packages new to that model. Refitting one model on all rows needs a fit more, and pairs the sigmoid with a model whose scores it has
        not seen.

        Raises ValueError for fewer than INNER_FOLDS packages, parts with bugs or clean changes only, and infinite features.
        """
        x, wanted, names = _rows(features, bugs, packages)
        parts = folds_of(names, INNER_FOLDS, seed)
        part = np.array([parts[name] for name in names])
        for k in range(INNER_FOLDS):
            if len(np.unique(wanted[part == k])) < 2:
                raise ValueError(
                    f"packages {sorted(set(names[part == k]))} calibrate together, and need bugs and clean changes: found one of the two"
                )
        splits = [(np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(INNER_FOLDS)]
        with threadpool_limits(1):  # the same bits whatever runs beside, and less work in all than two threads on trees this small
            return cls(CalibratedClassifierCV(_model(model, seed), method="sigmoid", cv=splits, ensemble=True).fit(x, wanted))

    def probabilities(self, features: ArrayLike) -> Floats:
        """Probability of a bug (n,) for each change, at the share of bugs in training (`utility.corrected` moves it to another one)."""
        with threadpool_limits(1):
            return np.asarray(self.fitted.predict_proba(np.asarray(features, dtype=float))[:, 1])


@dataclass(frozen=True)
class Panel:
    """Reviewers, one a fold of packages, each trained on all packages but those of its fold."""

    folds: Mapping[str, int]
    reviewers: tuple[Reviewer, ...]

    @classmethod
    def fit(cls, features: ArrayLike, bugs: ArrayLike, packages: ArrayLike, *, model: Model, seed: int, folds: int = 5) -> Panel:
        """Train one reviewer without each fold. Shapes as in `Reviewer.fit`; the folds are those of `folds_of`, drawn by the seed."""
        x, wanted, names = _rows(features, bugs, packages)
        found = folds_of(names, folds, seed)
        fold = np.array([found[name] for name in names])
        outside = [fold != k for k in range(folds)]
        return cls(found, tuple(Reviewer.fit(x[rows], wanted[rows], names[rows], model=model, seed=seed) for rows in outside))

    def probabilities(self, features: ArrayLike, packages: ArrayLike) -> Floats:
        """Probability of a bug (n,) for each change, by the reviewer that has not seen its package; where none has, the mean of all of them."""
        x, names = np.asarray(features, dtype=float), np.asarray(packages)
        if x.ndim != 2 or names.shape != x.shape[:1]:
            raise ValueError(f"features are (n, d), packages (n,): found {x.shape} and {names.shape}")
        fold = np.array([self.folds.get(name, -1) for name in names], dtype=int)
        judged = np.empty(len(x))
        for k, reviewer in enumerate(self.reviewers):
            if (fold == k).any():
                judged[fold == k] = reviewer.probabilities(x[fold == k])
        if (fold < 0).any():
            judged[fold < 0] = np.mean([reviewer.probabilities(x[fold < 0]) for reviewer in self.reviewers], axis=0)
        return judged


def cross_validated(features: ArrayLike, bugs: ArrayLike, packages: ArrayLike, *, model: Model, seed: int, folds: int = 5) -> Floats:
    """Probability of a bug (n,) for each change (n, d), by a reviewer trained and calibrated on the packages of the other folds alone."""
    return Panel.fit(features, bugs, packages, model=model, seed=seed, folds=folds).probabilities(features, packages)


def transferred(
    features: ArrayLike,
    bugs: ArrayLike,
    packages: ArrayLike,
    test_features: ArrayLike,
    test_packages: ArrayLike,
    *,
    model: Model,
    seed: int,
    folds: int = 5,
) -> Floats:
    """Probability of a bug (m,) for changes of another kind (m, d), each by a reviewer trained without its package.

    The first three describe the training rows, as in `cross_validated`, and give the same folds there. For several test sets fit one `Panel`.
    """
    return Panel.fit(features, bugs, packages, model=model, seed=seed, folds=folds).probabilities(test_features, test_packages)


def folds_of(packages: ArrayLike, folds: int, seed: int) -> dict[str, int]:
    """The fold, 0 to folds − 1, of each package among `packages` (n,), one entry a row: random, with about as many rows in each fold.

    Packages come in random order, each into the fold with the fewest rows so far; of _ORDERS orders that with the smallest largest fold.

    Raises ValueError for fewer than two folds or fewer packages than folds.
    """
    names, rows = np.unique(np.asarray(packages), return_counts=True)
    if not 2 <= folds <= names.size:
        raise ValueError(f"{folds} folds of {names.size} packages: there must be at least two folds and a package for each")
    rng = np.random.default_rng(seed)
    tried = [_dealt(rows, rng.permutation(names.size), folds) for _ in range(_ORDERS)]
    fold = min(tried, key=lambda each: np.bincount(each, rows).max())
    return dict(zip(names.tolist(), fold.tolist(), strict=True))


def permuted_within(packages: ArrayLike, bugs: ArrayLike, seed: int) -> Bools:
    """The labels (n,) permuted among the rows of each package: shares of bugs by package stay, what bugs look like is lost (a control)."""
    names, wanted = np.asarray(packages), np.asarray(bugs, dtype=bool)
    if names.shape != wanted.shape or names.ndim != 1:
        raise ValueError(f"one package and one label a row: found {names.shape} and {wanted.shape}")
    _, codes = np.unique(names, return_inverse=True)
    shuffled = np.lexsort((np.random.default_rng(seed).random(codes.size), codes))  # by package, at random within it
    permuted = np.empty_like(wanted)
    permuted[np.argsort(codes, kind="stable")] = wanted[shuffled]
    return permuted


def _dealt(rows: NDArray[np.int64], order: NDArray[np.int64], folds: int) -> NDArray[np.int64]:
    fold, filled = np.zeros(rows.size, dtype=np.int64), np.zeros(folds, dtype=np.int64)
    for package in order:
        fold[package] = np.argmin(filled)
        filled[fold[package]] += rows[package]
    return fold


def _model(model: Model, seed: int) -> Any:
    if model == "boosting":
        # a fixed number of trees: early stopping would hold out rows, not packages. Twice as many trees of 255 bins take three times as long, and gave
        # the same average precision (.952) on 6,424 changes with 168 features
        trees = HistGradientBoostingClassifier(
            max_iter=80, learning_rate=0.12, max_bins=32, max_leaf_nodes=15, min_samples_leaf=20, early_stopping=False, random_state=seed
        )
        return make_pipeline(_Present(), trees)
    if model == "logistic":
        filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        return make_pipeline(filled, StandardScaler(), LogisticRegression(C=0.5, max_iter=2000))
    raise ValueError(f"model is {model!r}, known are 'boosting' and 'logistic'")


class _Present(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # bases without type information
    """Keeps the features that some row of training has: HistGradientBoostingClassifier (1.9) fails on one that is nan throughout."""

    def fit(self, x: Floats, y: Bools | None = None) -> _Present:
        self.kept_ = ~np.isnan(x).all(axis=0)
        return self

    def transform(self, x: Floats) -> Floats:
        return x[:, self.kept_]


def _rows(features: ArrayLike, bugs: ArrayLike, packages: ArrayLike) -> tuple[Floats, Bools, NDArray[Any]]:
    x, wanted, names = np.asarray(features, dtype=float), np.asarray(bugs, dtype=bool), np.asarray(packages)
    if x.ndim != 2 or wanted.shape != x.shape[:1] or names.shape != x.shape[:1]:
        raise ValueError(f"features are (n, d), bugs and packages (n,): found {x.shape}, {wanted.shape} and {names.shape}")
    return x, wanted, names
