"""What a reviewer sees of a change, by level of access: the diff, the function, the rest of the package, runs on inputs, and visible examples.

Every level is a few dozen numbers. Static levels count tokens and ask a language model how surprising the changed lines are: a model of other packages
for diff and function, one of the rest of this package for the repository. The function itself is never part of that.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import keyword
import tokenize
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from smallmodels.verifier import corpus
from smallmodels.verifier.changes import Change
from smallmodels.verifier.corpus import Package
from smallmodels.verifier.examples import MISSING, PASSED, RAISED, WRONG
from smallmodels.verifier.generator import language_model
from smallmodels.verifier.ngrams import NGrams, Token, tokens
from smallmodels.verifier.oracle import BOTH_RAISE, HUNG, OTHER, RAISES, RETURNS, SAME, VALUE

Floats = NDArray[np.float64]

READER = ("matplotlib", "numpy", "joblib")
"""Packages of the reviewers' own language model: none that is evaluated, none that errors are written from."""

REPOSITORY_ORDER = 3
REPOSITORY_TOKENS = 150_000
"""The most tokens of a package that a reviewer reads."""

_CLASSES = [
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "&",
    "|",
    "<<",
    ">>",
    "+=",
    "-=",
    "*=",
    "=",
    ".",
    ",",
    ":",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "not",
    "and",
    "or",
    "is",
    "in",
    "if",
    "elif",
    "else",
    "for",
    "while",
    "try",
    "except",
    "return",
    "yield",
    "raise",
    "pass",
    "break",
    "continue",
    "lambda",
    "None",
    "True",
    "False",
    "self",
    "0",
    "1",
    "2",
    "<newline>",
    "<indent>",
]
_NUMBER, _STRING, _NAME, _BUILTIN = "number", "string", "name", "builtin"
CLASSES = (*_CLASSES, _NUMBER, _STRING, _NAME, _BUILTIN)

INPUTS = (SAME, VALUE, RAISES, RETURNS, OTHER, HUNG, BOTH_RAISE)
OUTCOMES = (PASSED, WRONG, RAISED, MISSING, HUNG)

DIFF = [f"{sign}{each}" for sign in "+-" for each in CLASSES] + [
    *("lines added", "lines removed", "names only added", "names only removed"),
    *(f"surprise {side} {how}" for side in ("added", "removed") for how in ("mean", "max", "sum")),
    "surprise difference",
]
FUNCTION = [
    *("lines", "tokens", "place", "depth", "loops", "returns", "branches"),
    *("added names elsewhere", "removed names elsewhere", "unread before", "unread after", "unbound before", "unbound after"),
    *(f"in context {side} {how}" for side in ("added", "removed") for how in ("mean", "max", "sum")),
    *("in context difference", "lines alike added", "lines alike removed"),
]
REPOSITORY = [
    *(f"in package {side} {how}" for side in ("added", "removed") for how in ("mean", "max", "sum")),
    *("in package difference", "added names in package", "removed names in package", "added calls alike", "removed calls alike"),
]
RUNS = ["inputs", *(f"inputs {each}" for each in INPUTS)]
EXAMPLES = ["examples", *(f"{side} {each}" for side in ("new", "old") for each in OUTCOMES)]

LEVELS = {"diff": DIFF, "function": FUNCTION, "repository": REPOSITORY, "runs": RUNS, "examples": EXAMPLES}
"""The features that each level of access adds to those before it."""


class Text:
    """One version of a function, read once: tokens, their surprise to the reviewers' model, and how its names are used."""

    def __init__(self, source: str) -> None:
        self.source, self.lines = source, source.splitlines()
        self.tokens = tokens(source)
        self.words = [each.text for each in self.tokens]
        self.at = np.array([each.line for each in self.tokens])
        self.classes = [_class(each) for each in self.tokens]
        self.surprise = language_model(READER).surprise(self.words)
        self.calls = Counter(_calls(source))
        self.unread, self.unbound = _use(source)


_read = lru_cache(maxsize=256)(Text)


@dataclass(frozen=True)
class Side:
    """One side of a change: its text, and which tokens (T,) stand in lines that the other side does not have."""

    text: Text
    changed: frozenset[int]
    marked: NDArray[np.bool_]

    @property
    def words(self) -> list[str]:
        """The tokens of the changed lines."""
        return [each for each, marked in zip(self.text.words, self.marked, strict=True) if marked]

    def count(self) -> Counter[str | None]:
        """Classes of the tokens of the changed lines."""
        return Counter(each for each, marked in zip(self.text.classes, self.marked, strict=True) if marked)

    def names(self) -> set[str]:
        """Names in the changed lines."""
        found = zip(self.text.words, self.text.classes, self.marked, strict=True)
        return {word for word, kind, marked in found if marked and kind in (_NAME, _BUILTIN)}


class Repository:
    """A package as a reviewer reads it: its functions, and a language model of all but one of them."""

    def __init__(self, package: Package) -> None:
        functions = [each for module in corpus.read(package) for each in module.functions]
        self._texts = {each.name: [token.text for token in tokens(each.source)] for each in functions}
        self._calls = {each.name: _calls(each.source) for each in functions}
        self._all = Counter(call for calls in self._calls.values() for call in calls)
        self._known: tuple[str, NGrams] | None = None
        self._surprises: dict[tuple[str, str], Floats] = {}

    def without(self, name: str) -> NGrams:
        """The language model of the package without the function of that name: of its module first, of others up to REPOSITORY_TOKENS tokens."""
        if self._known is None or self._known[0] != name:
            module = name.partition(":")[0]
            order = sorted((each for each in self._texts if each != name), key=lambda each: (each.partition(":")[0] != module, each))
            texts, left = [], REPOSITORY_TOKENS
            for each in order:
                if left <= 0:
                    break
                texts.append(self._texts[each])
                left -= len(self._texts[each])
            self._known = (name, NGrams(texts or [["pass"]], REPOSITORY_ORDER))
        return self._known[1]

    def surprise(self, name: str, text: Text) -> Floats:
        """The surprise (T,) in nats of a version of a function to the model of the rest of the package."""
        model = self.without(name)
        if (name, text.source) not in self._surprises:
            self._surprises[name, text.source] = model.surprise(text.words)
        return self._surprises[name, text.source]

    def calls_without(self, name: str) -> Counter[tuple[str, int]]:
        """How often a name is called with so many arguments, outside the function of that name."""
        return self._all - Counter(self._calls.get(name, ()))


def static(changes: Sequence[Change], repositories: Sequence[Repository]) -> list[dict[str, Floats]]:
    """The features (n, d) of each static level, for changes of one package; once for each repository, of which all but its own are controls."""
    reader = language_model(READER)
    sides = [_sides(change) for change in changes]
    alone = {
        "diff": _rows(DIFF, [_diff(new, old, reader) for new, old in sides]),
        "function": _rows(FUNCTION, [_function(new, old) for new, old in sides]),
    }
    names = [change.function for change in changes]
    return [
        {
            **alone,
            "repository": _rows(REPOSITORY, [_repository(name, new, old, each) for name, (new, old) in zip(names, sides, strict=True)]),
        }
        for each in repositories
    ]


def runs(changes: Sequence[Change], limit: int | None = None) -> Floats:
    """What the reviewer's inputs show, (n, d): shares of `limit` inputs at most, as `oracle` writes them; nan where there is none."""
    return _rows(RUNS, [_shares(change.inputs.replace("m", RAISES)[:limit], INPUTS) for change in changes])


def visible(changes: Sequence[Change], limit: int | None = None) -> Floats:
    """What the visible examples show, (n, d): shares of `limit` examples at most, after and before the change; nan where there is none."""
    rows = []
    for change in changes:
        new, old = _shares(change.new_examples[:limit], OUTCOMES), _shares(change.old_examples[:limit], OUTCOMES)
        rows.append([*new, *old[1:]])
    return _rows(EXAMPLES, rows)


def _rows(names: list[str], rows: list[list[float]]) -> Floats:
    return np.array(rows, float).reshape(len(rows), len(names))


def _shares(letters: str, kinds: Iterable[str]) -> list[float]:
    return [float(len(letters)), *(letters.count(each) / len(letters) if letters else np.nan for each in kinds)]


def _sides(change: Change) -> tuple[Side, Side]:
    """The side after the change, and the one before."""
    new, old = _read(change.after), _read(change.before)
    added: set[int] = set()
    removed: set[int] = set()
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old.lines, new.lines, autojunk=False).get_opcodes():
        if tag != "equal":
            removed |= set(range(i1 + 1, i2 + 1))
            added |= set(range(j1 + 1, j2 + 1))
    return _side(new, added), _side(old, removed)


def _side(text: Text, lines: set[int]) -> Side:
    return Side(text, frozenset(lines), np.isin(text.at, list(lines)))


def _class(token: Token) -> str | None:
    if token.text in _CLASSES:
        return token.text
    if token.kind == tokenize.NUMBER:
        return _NUMBER
    if token.kind == tokenize.STRING or token.text == "<long>":
        return _STRING
    if token.kind == tokenize.NAME and not keyword.iskeyword(token.text):
        return _BUILTIN if hasattr(builtins, token.text) else _NAME
    return None


def _surprise(values: Floats) -> list[float]:
    return [float(values.mean()), float(values.max()), float(values.sum())] if values.size else [0.0, 0.0, 0.0]


def _compared(new: Floats, old: Floats) -> list[float]:
    return [*_surprise(new), *_surprise(old), float(new.sum() - old.sum())]


def _diff(new: Side, old: Side, reader: NGrams) -> list[float]:
    counts = new.count(), old.count()
    only = counts[0] - counts[1], counts[1] - counts[0]
    names, lost = new.names(), old.names()
    return [
        *(float(count[each]) for count in only for each in CLASSES),
        *(float(len(new.changed)), float(len(old.changed)), float(len(names - lost)), float(len(lost - names))),
        *_compared(reader.surprise(new.words), reader.surprise(old.words)),
    ]


def _function(new: Side, old: Side) -> list[float]:
    text = new.text
    first = min(new.changed | old.changed, default=1)
    line = text.lines[min(first, len(text.lines)) - 1]
    names, lost = new.names() - old.names(), old.names() - new.names()
    elsewhere = Counter(word for word, marked in zip(text.words, new.marked, strict=True) if not marked)
    words = Counter(text.words)
    return [
        *(float(len(text.lines)), float(len(text.tokens)), first / max(1, len(text.lines)), float(len(line) - len(line.lstrip())) / 4),
        *(float(words["for"] + words["while"]), float(words["return"]), float(words["if"])),
        *(float(sum(elsewhere[each] for each in names)), float(sum(elsewhere[each] for each in lost))),
        *(float(side.text.unread) for side in (old, new)),
        *(float(side.text.unbound) for side in (old, new)),
        *_compared(text.surprise[new.marked], old.text.surprise[old.marked]),
        *(_likeness(side) for side in (new, old)),
    ]


def _likeness(side: Side) -> float:
    """The largest share of tokens that a changed line has in common with a line that stays."""
    by_line: dict[int, set[str]] = {}
    for word, line in zip(side.text.words, side.text.at, strict=True):
        by_line.setdefault(int(line), set()).add(word)
    stays = [words for line, words in by_line.items() if line not in side.changed]
    return max((len(by_line[i] & other) / len(by_line[i] | other) for i in side.changed if i in by_line for other in stays), default=0.0)


def _use(source: str) -> tuple[int, int]:
    """Names that are bound and never read, and names that are read, and neither bound nor built in."""
    bound, read = set[str](), set[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
    return len(bound - read), len({name for name in read - bound if not hasattr(builtins, name)})


def _repository(name: str, new: Side, old: Side, repository: Repository) -> list[float]:
    model, calls = repository.without(name), repository.calls_without(name)
    names, lost = new.names() - old.names(), old.names() - new.names()
    return [
        *_compared(*(repository.surprise(name, side.text)[side.marked] for side in (new, old))),
        *(_mean([float(each in model.vocabulary) for each in found]) for found in (names, lost)),
        *(
            _mean([float(np.log1p(calls[each])) for each in found])
            for found in (new.text.calls - old.text.calls, old.text.calls - new.text.calls)
        ),
    ]


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else np.nan


def _calls(source: str) -> list[tuple[str, int]]:
    """Names called, or methods by their last name, with the number of arguments."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            found.append((name, len(node.args) + len(node.keywords)))
    return found
