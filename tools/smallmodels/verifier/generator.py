"""Errors as a small language model makes them: one token of a function is hidden, and the model fills the hole by what stands around it.

The model is trained on packages that are neither evaluated nor read by any reviewer's own model, so that the weights share nothing.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import random
import tokenize
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version

import numpy as np
from torch import Tensor

from smallmodels.artifacts import artifact
from smallmodels.verifier import corpus
from smallmodels.verifier.mutations import Edit, canonical
from smallmodels.verifier.ngrams import LONG, START, NGrams, Token, tokens

GENERATOR = ("scipy", "pandas")
"""Packages that the model of errors is trained on."""

ORDER, FREQUENT, AFTER = 5, 150, 3
"""Tokens of an n-gram; tokens that are candidates for any hole; tokens behind a hole that its filling is judged by."""

_BRACKETS = {*"()[]{}:,.=;", "->", "...", ":="}
_WORDS = {"and", "or", "not", "in", "is", "None", "True", "False"}


def sources(packages: Iterable[str], without: frozenset[str] = frozenset()) -> list[str]:
    """Canonical functions of installed packages, each once, but for those that are in `without`."""
    found: dict[str, None] = {}
    for name in packages:
        for module in corpus.read(corpus.Package(name, name)):
            found |= dict.fromkeys(each.source for each in module.functions if each.source not in without)
    return list(found)


@artifact
def counted(packages: tuple[str, ...], versions: tuple[str, ...], evaluated: tuple[str, ...], order: int, least: int) -> dict[str, Tensor]:
    """N-grams of the functions of packages, without those that stand in an evaluated package word for word. The versions are part of the key."""
    without = frozenset(each.source for package in corpus.PACKAGES for module in corpus.read(package) for each in module.functions)
    return NGrams(([each.text for each in tokens(source)] for source in sources(packages, without)), order, least).tensors()


@cache
def language_model(packages: tuple[str, ...], order: int = ORDER) -> NGrams:
    """A model of the installed versions of packages, kept as an artifact."""
    versions = tuple(version(name) for name in packages)
    evaluated = tuple(f"{package.name}=={package.version}" for package in corpus.PACKAGES)
    return NGrams.restored(counted(packages, versions, evaluated, order, 3))


def filled(source: str, model: NGrams, holes: int, n: int, rng: random.Random) -> list[list[Edit]]:
    """For up to `holes` tokens of a function, chosen at random, what the model would rather put there: up to `n` fillings each, best first.

    Candidates are tokens of the same kind in the function and frequent ones, of names only built-in ones and attributes: a name that is nowhere bound
    would be found by any linter. They are ranked by the probability that the model gives them together with the next tokens. The token that
    stood there is ranked among them, but is no edit: its rank, from 0, is the one that is missing. Operators are "place/rank". The results parse, and
    have the signature of the function.
    """
    found = tokens(source)
    body = next(i for i, each in enumerate(found) if each.text == "<newline>") + 1
    places = [i for i in range(body, len(found)) if _kind(found[i]) is not None]
    groups = []
    for place in rng.sample(places, min(holes, len(places))):
        rank, edits = 0, []
        for text in _ranked(found, place, model):
            if rank == n:
                break
            if text == found[place].text:
                rank += 1
                continue
            edited = _replaced(source, found[place], text)
            if edited is not None and edited != source:
                edits.append(Edit(f"{place}/{rank}", found[place].line, edited))
                rank += 1
        groups.append(edits)
    return [group for group in groups if group]


def _kind(token: Token) -> str | None:
    """What may stand in the place of a token: a name, an operator, a number; None where nothing else parses, or the text is too long to be kept."""
    if token.text == LONG:
        return None
    if token.kind == tokenize.NUMBER:
        return "number"
    if token.kind == tokenize.NAME:
        return "word" if token.text in _WORDS else None if keyword.iskeyword(token.text) else "name"
    return "operator" if token.kind == tokenize.OP and token.text not in _BRACKETS else None


def _ranked(found: list[Token], place: int, model: NGrams) -> list[str]:
    """Candidates for a hole, the likeliest first."""
    kind, attribute = _kind(found[place]), found[place - 1].text == "."
    candidates = {each.text for each in found if _kind(each) == kind} | {found[place].text}
    candidates |= {each for each in _frequent(model, str(kind)) if kind != "name" or attribute or hasattr(builtins, each)}
    names = sorted(candidates)
    before = [each.text for each in found[max(0, place - model.order + 1) : place]]
    after = [each.text for each in found[place + 1 : place + 1 + AFTER]]
    row = [START] * (model.order - 1 - len(before)) + before
    ids = np.concatenate([model.ids([*row, name, *after]) for name in names])
    length = model.order + len(after)
    ends = (np.arange(len(names))[:, None] * length + np.arange(model.order - 1, length)).ravel()
    together = np.ones(len(names))
    for p in model.probabilities(ids, ends).reshape(len(names), -1).T:  # in this order on any machine, and without logarithms
        together = together * p
    return [names[i] for i in np.argsort(-together, kind="stable")]


@cache
def _frequent(model: NGrams, kind: str) -> tuple[str, ...]:
    """The most frequent tokens of a kind."""
    words = [word for word in model.vocabulary if not word.startswith("<") or word in ("<", "<=", "<<")]
    p = model.probabilities(
        model.ids([w for word in words for w in [START] * (model.order - 1) + [word]]),
        np.arange(len(words)) * model.order + model.order - 1,
    )
    ranked = [words[i] for i in np.argsort(-p, kind="stable")]
    of_kind = [word for word in ranked if _kind_of_word(word) == kind]
    return tuple(of_kind[:FREQUENT])


def _kind_of_word(word: str) -> str | None:
    try:
        first = tokens(word)[0]
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return _kind(first) if first.text == word else None


def _replaced(source: str, token: Token, text: str) -> str | None:
    """The function with another text in the place of a token; None if that is no function with the same signature."""
    lines = source.splitlines()
    line = lines[token.line - 1]
    lines[token.line - 1] = line[: token.column] + text + line[token.column + len(token.text) :]
    try:
        edited = canonical("\n".join(lines))
        before, after = ast.parse(source).body[0], ast.parse(edited).body[0]
    except SyntaxError:
        return None
    same = isinstance(before, ast.FunctionDef) and isinstance(after, ast.FunctionDef) and ast.dump(before.args) == ast.dump(after.args)
    return edited if same else None
