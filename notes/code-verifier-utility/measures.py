"""What is measured for this note: changes with executed labels, features of every level of access, and what reviewers trained on them make of them."""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from smallmodels.parallel import side_by_side
from smallmodels.statistics import Interval
from smallmodels.verifier import features, neural, reviewers, tokens, utility
from smallmodels.verifier.changes import Change, back, towards, turned
from smallmodels.verifier.corpus import PACKAGES
from smallmodels.verifier.examples import PASSED
from smallmodels.verifier.labelling import Caps
from smallmodels.verifier.labels import Examined, labelled
from smallmodels.verifier.neural import Setting
from smallmodels.verifier.oracle import BUG, CLEAN, agrees
from smallmodels.verifier.releases import ONLY_INPUTS, Natural, Release, natural
from smallmodels.verifier.tokens import Item, Vocabulary

CAPS = Caps()
LADDER = {
    "diff": ("diff",),
    "function": ("diff", "function"),
    "repository": ("diff", "function", "repository"),
    "runs": ("diff", "function", "repository", "runs"),
    "examples": ("diff", "function", "repository", "runs", "examples"),
    "execution only": ("runs", "examples"),
}
"""Reviewers by what they see. Each of the first five has all that the one before it has; the last one runs the code and reads nothing."""

INJECTED, MODEL, NATURAL, AMBIGUOUS = "injected", "model-made", "natural", "ambiguous"
WIDER = "natural, ambiguous ones as clean"
KINDS = (INJECTED, MODEL, NATURAL, WIDER)
"""Sets of changes that reviewers are tested on. Of a natural change that only inputs tell, nothing says which side was meant: in the fourth set they count as clean."""

GREEN, SELF_CONTAINED, CONNECTED = "green", "self-contained", "connected"
"""Parts of a set: errors that no example shows, and all clean changes; changes of functions that use nothing of their package; of the others."""

INPUT_BUDGETS, EXAMPLE_BUDGETS = (1, 4, 16), (1, 2)


@dataclass(frozen=True)
class Job:
    """A package to be labelled and read: seed of the labels, and its earlier releases by version and wheel."""

    package: str
    seed: int
    releases: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Material:
    """One package. `changes` lead to the edited body; `static` (2, n, d) has the features of each level for these and for the way back.
    "elsewhere" is the level "repository" as another package's repository shows it."""

    functions: list[Examined]
    pairs: list[Natural]
    changes: list[Change]
    static: dict[str, np.ndarray]


def material(job: Job) -> Material:
    """Label the changes of a package, and read them."""
    at = next(i for i, each in enumerate(PACKAGES) if each.name == job.package)
    package, another = PACKAGES[at], PACKAGES[(at + len(PACKAGES) // 2) % len(PACKAGES)]
    functions = labelled(package, job.seed, CAPS)
    pairs = natural(package, job.seed, [Release(package.name, version, Path(wheel)) for version, wheel in job.releases])
    changes = [*towards(functions), *(each for label in (BUG, CLEAN, ONLY_INPUTS) for each in back(pairs, label))]
    both = [*changes, *map(turned, changes)]
    own, other = features.static(both, [features.Repository(package), features.Repository(another)])
    static = {**own, "elsewhere": other["repository"]}
    return Material(functions, pairs, changes, {level: x.reshape(2, len(changes), -1) for level, x in static.items()})


@dataclass(frozen=True)
class Set:
    """Changes of one kind, in the direction that a split drew for each: their rows among all changes, directions (1 is back), and whether they are bugs."""

    rows: np.ndarray
    ways: np.ndarray
    bugs: np.ndarray
    packages: np.ndarray


class Table:
    """Changes of all packages with their features, shape (2, n, d) for each level."""

    def __init__(self, changes: list[Change], static: dict[str, np.ndarray]) -> None:
        both = [*changes, *map(turned, changes)]
        self.packages = np.array([each.package for each in changes])
        self.kinds = np.array([kind_of(each) for each in changes])
        self.wrong = np.array([each.wrong for each in changes])
        alone = np.array([is_self_contained(each.right) for each in changes])
        self.parts = {GREEN: ~self.wrong | np.array([passes_examples(each) for each in changes]), SELF_CONTAINED: alone, CONNECTED: ~alone}
        self.x = dict(static)
        for name, found in {
            "runs": features.runs(both),
            "examples": features.visible(both),
            **{f"runs {k}": features.runs(both, k) for k in INPUT_BUDGETS},
            **{f"examples {k}": features.visible(both, k) for k in EXAMPLE_BUDGETS},
        }.items():
            self.x[name] = found.reshape(2, len(changes), -1)

    def save(self, path: Path) -> None:
        found = {f"x {name}": x for name, x in self.x.items()} | {f"part {name}": part for name, part in self.parts.items()}
        np.savez(path, packages=self.packages, kinds=self.kinds, wrong=self.wrong, **found)

    @classmethod
    def load(cls, path: Path) -> Table:
        found = cls.__new__(cls)
        with np.load(path) as arrays:
            found.packages, found.kinds, found.wrong = arrays["packages"], arrays["kinds"], arrays["wrong"]
            found.x = {name[2:]: arrays[name] for name in arrays.files if name.startswith("x ")}
            found.parts = {name[5:]: arrays[name] for name in arrays.files if name.startswith("part ")}
        return found

    def set(self, kind: str, split: int) -> Set:
        """The changes of a kind; of each pair one direction drawn by the split, of natural ones both."""
        rows = np.flatnonzero(np.isin(self.kinds, (NATURAL, AMBIGUOUS)) if kind == WIDER else self.kinds == kind)
        if kind in (NATURAL, WIDER):
            rows, ways = np.tile(rows, 2), np.repeat([0, 1], len(rows))
        else:
            ways = np.random.default_rng([split, len(self.kinds)]).integers(0, 2, len(self.kinds))[rows]
        return Set(rows, ways, self.wrong[rows] & (ways == 0), self.packages[rows])

    def features(self, chosen: Set, levels: Iterable[str]) -> np.ndarray:
        return np.concatenate([self.x[level][chosen.ways, chosen.rows] for level in levels], axis=1)


def kind_of(change: Change) -> str:
    """Which set a change belongs to."""
    if change.kind == "natural":
        return NATURAL if change.wrong or agrees(change.evidence) else AMBIGUOUS
    return MODEL if change.kind == "given" else INJECTED


def joined(one: Set, other: Set) -> Set:
    return Set(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in ("rows", "ways", "bugs", "packages")))


@dataclass(frozen=True)
class Review:
    """A reviewer to be trained: what it sees, on what it is trained ("injected" or "all", with model-made changes), by which model, in which split;
    and whether labels are permuted within packages."""

    path: str
    split: int
    levels: tuple[str, ...]
    trained_on: str = INJECTED
    model: str = "boosting"
    permuted: bool = False


def training(table: Table, review: Review) -> Set:
    """The changes that a reviewer is trained on."""
    injected = table.set(INJECTED, review.split)
    return joined(injected, table.set(MODEL, review.split)) if review.trained_on == "all" else injected


def reviewed(review: Review) -> dict[str, np.ndarray]:
    """Probabilities of a bug for every set, by reviewers that were not trained on the change's package."""
    table = Table.load(Path(review.path))
    learnt = training(table, review)
    bugs = reviewers.permuted_within(learnt.packages, learnt.bugs, review.split) if review.permuted else learnt.bugs
    panel = reviewers.Panel.fit(table.features(learnt, review.levels), bugs, learnt.packages, model=review.model, seed=review.split)
    sets = {kind: table.set(kind, review.split) for kind in KINDS}
    return {kind: panel.probabilities(table.features(each, review.levels), each.packages) for kind, each in sets.items() if len(each.rows)}


def shape_only(review: Review) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The control without fixes: errors in their own direction against benign edits. Labels, probabilities, packages."""
    table = Table.load(Path(review.path))
    rows = np.flatnonzero(table.kinds == INJECTED)
    ways = np.where(table.wrong[rows], 0, np.random.default_rng(review.split).integers(0, 2, len(rows)))
    chosen = Set(rows, ways, table.wrong[rows], table.packages[rows])
    seen = table.features(chosen, review.levels)
    return (
        chosen.bugs,
        reviewers.cross_validated(seen, chosen.bugs, chosen.packages, model=review.model, seed=review.split),
        chosen.packages,
    )


def passes_examples(change: Change) -> bool:
    """Whether no example of the function tells the two bodies apart: what a green test suite would let through."""
    return not set(change.evidence.examples) - {PASSED}


def is_self_contained(source: str) -> bool:
    """Whether a function uses nothing but its arguments, its own names, built-in ones, and methods of what these hold."""
    tree = ast.parse(source)
    bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ExceptHandler) and node.name}
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return "self" not in read and "cls" not in read and all(name in bound or hasattr(builtins, name) for name in read)


SPLITS, RESAMPLES, EVEN = 5, 300, 0.5
ARMS: dict[str, Review] = {
    **{f"boosting, {name}": Review("", 0, levels) for name, levels in LADDER.items()},
    **{f"logistic, {name}": Review("", 0, LADDER[name], model="logistic") for name in ("diff", "repository", "examples")},
    "trained on all, repository": Review("", 0, LADDER["repository"], trained_on="all"),
    "another's repository": Review("", 0, ("diff", "function", "elsewhere")),
    "labels permuted": Review("", 0, LADDER["examples"], permuted=True),
    **{f"inputs {k}": Review("", 0, (*LADDER["repository"], f"runs {k}")) for k in INPUT_BUDGETS},
    **{f"examples {k}": Review("", 0, (*LADDER["repository"], f"examples {k}")) for k in EXAMPLE_BUDGETS},
    "all examples": Review("", 0, (*LADDER["repository"], "examples")),
}
"""Every reviewer that is trained in every split."""


@dataclass(frozen=True)
class Verdicts:
    """What the arms said of one set: labels (S, n) of S splits, packages (n,), for each arm probabilities (S, n), and the share of bugs (S,) that it
    was trained with. `parts` (n,) are the rows of each part."""

    bugs: np.ndarray
    packages: np.ndarray
    p: dict[str, np.ndarray]
    trained: dict[str, np.ndarray]
    parts: dict[str, np.ndarray]

    def at(self, rows: np.ndarray) -> Verdicts:
        parts = {name: part[rows] for name, part in self.parts.items()}
        return Verdicts(self.bugs[:, rows], self.packages[rows], {name: p[:, rows] for name, p in self.p.items()}, self.trained, parts)

    def corrected(self, arm: str, base_rate: float) -> np.ndarray:
        """(S, n) probabilities moved to a base rate."""
        return np.stack([utility.corrected(p, rate, base_rate) for p, rate in zip(self.p[arm], self.trained[arm], strict=True)])

    def mean(self, measure, arm: str, base_rate: float = EVEN) -> float:
        """A measure of labels and probabilities at a base rate, averaged over splits."""
        return float(np.mean([measure(bugs, p) for bugs, p in zip(self.bugs, self.corrected(arm, base_rate), strict=True)]))

    def precision(self, arm: str, part: str = "") -> float:
        """Average precision at an even base rate."""
        among = self.parts[part] if part else slice(None)
        return self.mean(lambda bugs, p: utility.average_precision(bugs[among], p[among], EVEN), arm)

    def gain(self, arm: str, control: str, part: str) -> float:
        """How much more average precision one arm has than another in a part."""
        return self.precision(arm, part) - self.precision(control, part)

    def caught(self, arm: str, costs: utility.Costs, base_rate: float) -> float:
        """Share of bugs that are commented on at the threshold of the rule."""
        return self.mean(lambda bugs, p: (p >= costs.threshold)[bugs].mean() if bugs.any() else math.nan, arm, base_rate)

    def false_alarms(self, arm: str, costs: utility.Costs, base_rate: float) -> float:
        """Share of clean changes that are commented on at the threshold of the rule."""
        return self.mean(lambda bugs, p: (p >= costs.threshold)[~bugs].mean(), arm, base_rate)

    def auc(self, arm: str) -> float:
        return self.mean(partial(_scored, roc_auc_score), arm)

    def save(self, path: Path, kind: str) -> None:
        found = {f"p {arm}": p for arm, p in self.p.items()} | {f"trained {arm}": rate for arm, rate in self.trained.items()}
        found |= {f"part {name}": part for name, part in self.parts.items()}
        np.savez(path / f"{kind}.npz", bugs=self.bugs, packages=self.packages, **found)

    @classmethod
    def load(cls, path: Path, kind: str, arms: Iterable[str]) -> Verdicts:
        with np.load(path / f"{kind}.npz") as arrays:
            p = {arm: arrays[f"p {arm}"] for arm in arms}
            parts = {name[5:]: arrays[name] for name in arrays.files if name.startswith("part ")}
            return cls(arrays["bugs"], arrays["packages"], p, {arm: arrays[f"trained {arm}"] for arm in arms}, parts)

    def calibration(self, arm: str) -> float:
        """Calibration error with the set's own share of bugs known."""
        shares = [
            utility.calibration_error(bugs, utility.corrected(p, rate, bugs.mean()))
            for bugs, p, rate in zip(self.bugs, self.p[arm], self.trained[arm], strict=True)
        ]
        return float(np.mean(shares))

    def worth(self, arm: str, costs: utility.Costs, base_rate: float) -> float:
        """Utility of 100 changes at the threshold of the rule."""
        return 100 * self.mean(lambda bugs, p: utility.utility(bugs, p >= costs.threshold, costs, base_rate), arm, base_rate)

    def best(self, arm: str, costs: utility.Costs, base_rate: float) -> float:
        """The same at the best threshold in hindsight."""
        return 100 * self.mean(lambda bugs, p: utility.best(bugs, p, costs, base_rate).utility, arm, base_rate)

    def greedy(self, arm: str, costs: utility.Costs, base_rate: float, recall: float = 0.95) -> float:
        """The same at the threshold that reaches a recall."""
        return 100 * self.mean(
            lambda bugs, p: utility.utility(bugs, p >= utility.at_recall(bugs, p, recall), costs, base_rate), arm, base_rate
        )


def _scored(measure, bugs: np.ndarray, p: np.ndarray) -> float:
    """A measure of both classes; nan where a resample has one only."""
    return float(measure(bugs, p)) if 0 < bugs.sum() < len(bugs) else math.nan


@dataclass(frozen=True)
class Wanted:
    """A number and where its interval comes from: a measure of `Verdicts` by name, with its arguments; minus another one, if there is one."""

    measure: str
    arguments: tuple = ()
    minus: Wanted | None = None

    def of(self, verdicts: Verdicts, known: dict[Wanted, float]) -> float:
        alone = replace(self, minus=None)
        if alone not in known:
            known[alone] = getattr(verdicts, self.measure)(*self.arguments)
        return known[alone] - (self.minus.of(verdicts, known) if self.minus else 0.0)


@dataclass(frozen=True)
class Estimation:
    """Numbers about one set, to be estimated together, so that they share resamples."""

    path: str
    kind: str
    wanted: tuple[tuple[str, Wanted], ...]
    seed: int


def estimated(job: Estimation) -> dict[str, Interval]:
    """Each wanted number of a set, with its bootstrap interval over packages."""
    verdicts = Verdicts.load(Path(job.path), job.kind, arms_of(job.wanted))

    def statistics(rows: np.ndarray) -> list[float]:
        here, known = verdicts.at(rows), dict[Wanted, float]()
        return [wanted.of(here, known) for _, wanted in job.wanted]

    found = utility.each_over_packages(statistics, verdicts.packages, seed=job.seed, resamples=RESAMPLES)
    return {name: interval for (name, _), interval in zip(job.wanted, found, strict=True)}


def arms_of(wanted: Iterable[tuple[str, Wanted]]) -> list[str]:
    """The arms that some numbers are about."""
    waiting, found = [each for _, each in wanted], dict[str, None]()
    while waiting:
        each = waiting.pop()
        found |= dict.fromkeys(each.arguments[:2] if each.measure == "gain" else each.arguments[:1])
        waiting += [each.minus] if each.minus else []
    return sorted(found)


@dataclass(frozen=True)
class Experiment:
    """All that was measured: functions and natural pairs of all packages, their changes in a table, and where the verdicts lie."""

    functions: list[Examined]
    pairs: list[Natural]
    changes: list[Change]
    table: Table
    folder: Path
    splits: tuple[int, ...]

    def verdicts(self, kind: str, arms: Iterable[str]) -> Verdicts:
        return Verdicts.load(self.folder, kind, arms)


def experiment(seed: int, splits: Sequence[int], releases: Mapping[str, Path], folder: Path) -> Experiment:
    """Label, read, train and judge. `releases` are wheels by "package==version"; large arrays go to `folder`."""
    jobs = []
    for package in PACKAGES:
        earlier = [
            (name.partition("==")[2], str(path)) for name, path in releases.items() if name.partition("==")[0] == package.distribution
        ]
        jobs.append(Job(package.name, seed, tuple(reversed(earlier))))
    found = side_by_side(material, jobs)
    changes = [each for made in found.values() for each in made.changes]
    table = Table(
        changes,
        {level: np.concatenate([made.static[level] for made in found.values()], 1) for level in (*LADDER["repository"], "elsewhere")},
    )
    path = folder / "table.npz"
    table.save(path)
    jobs_of = {(arm, split): replace(review, path=str(path), split=split) for arm, review in ARMS.items() for split in splits}
    judged = side_by_side(reviewed, jobs_of.values())
    for kind in KINDS:
        sets = [table.set(kind, split) for split in splits]
        p = {arm: np.stack([judged[jobs_of[arm, split]][kind] for split in splits]) for arm in ARMS}
        trained = {
            arm: np.array([training(table, replace(review, split=split)).bugs.mean() for split in splits]) for arm, review in ARMS.items()
        }
        parts = {name: part[sets[0].rows] for name, part in table.parts.items()}
        Verdicts(np.stack([each.bugs for each in sets]), sets[0].packages, p, trained, parts).save(folder, kind)
    functions = [each for made in found.values() for each in made.functions]
    return Experiment(functions, [each for made in found.values() for each in made.pairs], changes, table, folder, tuple(splits))


def estimates(folder: Path, wanted: Mapping[str, Mapping[str, Wanted]], seed: int) -> dict[str, dict[str, Interval]]:
    """Numbers of each set with their intervals, by set and name."""
    jobs = {kind: Estimation(str(folder), kind, tuple(numbers.items()), seed) for kind, numbers in wanted.items()}
    found = side_by_side(estimated, jobs.values())
    return {kind: found[job] for kind, job in jobs.items()}


@dataclass(frozen=True)
class Hole:
    """A token that the language model filled: for each candidate, best first, the visible examples that it passes before one fails, how many there are,
    and whether it does what the original does as far as anything tells."""

    package: str
    visible: int
    passed: tuple[int, ...]
    right: tuple[bool, ...]

    def chosen(self, n: int, examples: int) -> tuple[bool, int]:
        """Whether the first of `n` candidates that passes so many examples is right (the first of all, if none does), and the examples run."""
        wanted, run = min(examples, self.visible), 0
        for passed, right in zip(self.passed[:n], self.right[:n], strict=True):
            run += min(passed + 1, wanted)
            if passed >= wanted:
                return right, run
        return self.right[0], run


def holes(functions: Iterable[Examined], n: int = 8) -> list[Hole]:
    """The holes of functions with `n` candidates."""
    found = []
    for function in functions:
        if not any(each.kind == "given" for each in function.versions):
            continue
        ranked = {int(each.operator.partition("/")[2]): each for each in function.versions if each.kind == "given"}
        if len([rank for rank in range(n) if rank not in ranked]) > 1:  # one may be missing, the token that stood there
            continue
        visible = (len(next(iter(ranked.values())).evidence.examples) + 1) // 2
        passed, right = [], []
        for rank in range(n):
            version = ranked.get(rank)
            letters = version.evidence.examples[:visible] if version else PASSED * visible
            passed.append(len(letters) - len(letters.lstrip(PASSED)))
            right.append(version is None or version.label != BUG)
        found.append(Hole(function.package, visible, tuple(passed), tuple(right)))
    return found


@dataclass(frozen=True)
class Filled:
    """Of so many holes, the shares whose chosen filling is right, by fillings and examples; what one example adds to eight fillings, the examples that
    takes, and the share with a right one among the eight."""

    n: int
    right: dict[tuple[int, int], Interval]
    gap: Interval
    runs: Interval
    possible: Interval


def best_of_n(functions: Iterable[Examined], seed: int) -> Filled:
    """Choosing among fillings by visible examples, with bootstrap intervals over packages."""
    made = holes(functions)
    packages = np.array([each.package for each in made])
    budgets = [(n, m) for n in (1, 2, 4, 8) for m in (0, 1, 2, 4, 99)]
    columns = [np.array([each.chosen(n, m)[0] for each in made], float) for n, m in budgets]
    first, chosen = columns[budgets.index((1, 0))], columns[budgets.index((8, 1))]
    columns += [
        chosen - first,
        np.array([each.chosen(8, 1)[1] for each in made], float),
        np.array([any(each.right) for each in made], float),
    ]
    values = np.stack(columns, axis=1)
    found = utility.each_over_packages(lambda rows: values[rows].mean(axis=0), packages, seed=seed)
    return Filled(len(made), dict(zip(budgets, found, strict=False)), *found[len(budgets) :])


BUDGET, CURVE = 600_000, (75_000, 150_000, 300_000)
"""Tokens that each transformer reads in training, and after how many it is measured on the way."""
WATCHED, REPAIRED, SAMPLES = 400, 250, (1, 2, 4, 8)


@dataclass(frozen=True)
class Lesson:
    """A small transformer is trained to judge lines, and one to write them: on items of some packages, tested on those of others."""

    train: tuple[Item, ...]
    test: tuple[Item, ...]
    seed: int


def lines(made: Experiment, split: int) -> tuple[list[Item], np.ndarray]:
    """The changes that touch one line, as a reader of lines meets them: with the line as it is after the change. Their rows in the sets of the split."""
    items, rows = [], []
    for kind in (INJECTED, MODEL):
        chosen = made.table.set(kind, split)
        for at, (row, way) in enumerate(zip(chosen.rows, chosen.ways, strict=True)):
            change = made.changes[row]
            right, edited = change.right.splitlines(), change.edited.splitlines()
            different = [i for i, (one, other) in enumerate(zip(right, edited, strict=False)) if one != other]
            if change.wrong and len(right) == len(edited) and len(different) == 1:
                items.append(Item(change.package, change.right if way else change.edited, different[0] + 1, right[different[0]]))
                rows.append((KINDS.index(kind), at))
    return items, np.array(rows)


def line_alone(lesson: Lesson) -> float:
    """AUC of a logistic regression on the words of the marked line, one to three in a row: what a transformer should find at least."""
    words = make_pipeline(CountVectorizer(analyzer=of_line, min_df=3, binary=True), LogisticRegression(C=0.1, max_iter=2000))
    words.fit([each.written for each in lesson.train], [each.bug for each in lesson.train])
    return float(roc_auc_score([each.bug for each in lesson.test], words.predict_proba([each.written for each in lesson.test])[:, 1]))


def of_line(line: str) -> list[str]:
    found = [text for _, text in tokens.words(line)]
    return [" ".join(found[i : i + n]) for n in (1, 2, 3) for i in range(len(found) - n + 1)]


def taught(lesson: Lesson) -> dict[str, object]:
    """What came of a lesson: learning curves, judging against writing, and the best of n samples by who chooses."""
    vocabulary = Vocabulary.learnt(lesson.train)
    part = lesson.test[:: max(1, len(lesson.test) // WATCHED)]
    settings = (lesson.train, vocabulary, lesson.seed, BUDGET, Setting(), part, CURVE)
    verifier, writer = neural.train_verifier(*settings), neural.train_generator(*settings)
    bugs = [each for each in lesson.test if each.bug][:REPAIRED]
    proposed = neural.proposals(writer, bugs, max(SAMPLES), lesson.seed)
    choices = neural.best_of(partial(neural.probabilities, verifier), bugs, proposed, SAMPLES)
    return {
        "line alone": line_alone(lesson),
        "p": neural.probabilities(verifier, lesson.test).numpy(),
        "compared": neural.compared(verifier, writer, lesson.test),
        "curves": {"verifier": verifier.curve, "generator": writer.curve},
        "chosen": {
            (each.n, who): float(getattr(each, who).mean()) for each in choices for who in ("verifier", "likelihood", "random", "oracle")
        },
        "tokens": (verifier.tokens, writer.tokens),
    }


def lessons(made: Experiment) -> dict[int, dict[str, object]]:
    """A lesson for each split, each with another fold of packages held out; the AUC of reviewers of the ladder on the same changes beside it."""
    jobs, known = {}, {}
    for k, split in enumerate(made.splits):
        items, rows = lines(made, split)
        fold = reviewers.folds_of(made.table.packages, len(made.splits), made.splits[0])
        held = np.array([fold[each.package] == k for each in items])
        train, test = (tuple(each for each, out in zip(items, held, strict=True) if out == which) for which in (False, True))
        jobs[split], known[split] = Lesson(train, test, split), rows[held]
    found = side_by_side(taught, jobs.values())
    results = {}
    for k, (split, job) in enumerate(jobs.items()):
        bugs = np.array([each.bug for each in job.test])
        others = {}
        for name in LADDER:
            by_kind = {at: made.verdicts(kind, [f"boosting, {name}"]).p[f"boosting, {name}"][k] for at, kind in enumerate(KINDS[:2])}
            others[name] = float(roc_auc_score(bugs, [by_kind[kind][row] for kind, row in known[split]]))
        results[split] = {**found[job], "boosting": others, "items": (len(job.train), len(job.test))}
    return results
