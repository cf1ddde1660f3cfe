"""A small language model of Python tokens: n-grams with interpolated absolute discounting.

p(w | h) = max(c(h w) - d, 0) / c(h) + d · N(h ·) / c(h) · p(w | h without its first token), and the last step is uniform (Ney, Essen and Kneser 1994,
section 2). Counts lie in sorted arrays of hashed n-grams, so that training and queries are a few calls of numpy.
"""

from __future__ import annotations

import io
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Ids = NDArray[np.uint64]
Floats = NDArray[np.float64]

DISCOUNT = 0.75
START, UNKNOWN, LONG = "<start>", "<unknown>", "<long>"
_PARTS = ("grams", "counts", "contexts", "totals", "kinds")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_LAYOUT = {tokenize.NEWLINE: "<newline>", tokenize.INDENT: "<indent>", tokenize.DEDENT: "<dedent>"}
_LEFT_OUT = {tokenize.ENCODING, tokenize.ENDMARKER, tokenize.COMMENT, tokenize.NL}


@dataclass(frozen=True)
class Token:
    """A token of Python: its text (LONG in the place of more than 24 characters), its line (from 1) and column, and its kind, a number of `tokenize`."""

    text: str
    line: int
    column: int
    kind: int


def tokens(source: str) -> list[Token]:
    """The tokens of a piece of Python, layout included.

    Raises SyntaxError or tokenize.TokenError for what is none.
    """
    found = []
    for each in tokenize.generate_tokens(io.StringIO(source).readline):
        if each.type not in _LEFT_OUT:
            text = _LAYOUT.get(each.type, each.string)
            found.append(Token(text if len(text) <= 24 else LONG, each.start[0], each.start[1], each.type))
    return found


class NGrams:
    """Counts of n-grams up to `order` tokens over a vocabulary of tokens seen at least `least` times."""

    def __init__(self, texts: Iterable[Sequence[str]], order: int, least: int = 1) -> None:
        """Train on texts, each a row of tokens.

        Raises ValueError if there are none.
        """
        rows = [list(text) for text in texts]
        counts = Counter(token for row in rows for token in row)
        if not counts:
            raise ValueError("nothing to count: no text has a token")
        kept = sorted(token for token, count in counts.items() if count >= least)
        self.order = order
        self.vocabulary = {token: i for i, token in enumerate([START, UNKNOWN, *kept])}
        ids = np.concatenate([self.ids([START] * (order - 1) + row) for row in rows])
        starts = np.concatenate([np.r_[np.ones(order - 1, bool), np.zeros(len(row), bool)] for row in rows])
        self._grams: list[tuple[Ids, NDArray[np.int64]]] = []
        self._contexts: list[tuple[Ids, NDArray[np.int64], NDArray[np.int64]]] = []
        ends = np.flatnonzero(~starts)
        for length in range(1, order + 1):
            context = _hashes(ids, ends, length - 1, 1)
            whole = _extend(context, ids[ends])
            self._grams.append(np.unique(whole, return_counts=True))
            first = np.unique(whole, return_index=True)[1]
            held, totals = np.unique(context, return_counts=True)
            distinct = np.unique(context[first], return_counts=True)[1]
            self._contexts.append((held, totals, distinct))

    @classmethod
    def restored(cls, tensors: Mapping[str, Tensor]) -> NGrams:
        """A model from the tensors that `tensors` returned."""
        model = cls.__new__(cls)
        words = bytes(tensors["vocabulary"].numpy()).decode().split("\0")
        model.vocabulary = {token: i for i, token in enumerate(words)}
        model.order = int(tensors["order"])
        arrays = [[tensors[f"{part}{i}"].numpy() for part in _PARTS] for i in range(model.order)]
        model._grams = [(grams.view(np.uint64), counts) for grams, counts, *_ in arrays]  # noqa: SLF001 - of the class itself
        model._contexts = [(held.view(np.uint64), totals, distinct) for _, _, held, totals, distinct in arrays]  # noqa: SLF001 - of the class itself
        return model

    def tensors(self) -> dict[str, Tensor]:
        """Everything that was counted, as an artifact keeps it."""
        found = {
            "vocabulary": torch.tensor(list("\0".join(self.vocabulary).encode()), dtype=torch.uint8),
            "order": torch.tensor(self.order),
        }
        for i, arrays in enumerate(zip(self._grams, self._contexts, strict=True)):
            flat = [array for pair in arrays for array in pair]
            found |= {f"{part}{i}": torch.from_numpy(array.view(np.int64)) for part, array in zip(_PARTS, flat, strict=True)}
        return found

    def ids(self, text: Sequence[str]) -> Ids:
        """The numbers (T,) of tokens in the vocabulary."""
        unknown = self.vocabulary[UNKNOWN]
        return np.array([self.vocabulary.get(token, unknown) for token in text], np.uint64)

    def surprise(self, text: Sequence[str]) -> Floats:
        """The surprise (T,) of each token, -log p in nats, given those before it in the text."""
        ids = self.ids([START] * (self.order - 1) + list(text))
        return self.surprises(ids, np.arange(self.order - 1, len(ids)))

    def surprises(self, ids: Ids, ends: NDArray[np.int64]) -> Floats:
        """The surprise (N,), -log p in nats, of the tokens at `ends` (N,) in a row of numbers, each with at least order - 1 numbers before it."""
        return -np.log(self.probabilities(ids, ends))

    def probabilities(self, ids: Ids, ends: NDArray[np.int64]) -> Floats:
        """The probabilities (N,) whose logarithms `surprises` takes: sums, products and quotients of counts, and so the same bits on every machine, which logarithms are not."""
        p = np.full(len(ends), 1 / len(self.vocabulary))
        for length in range(1, self.order + 1):
            context = _hashes(ids, ends, length - 1, 1)
            together = _looked_up(self._grams[length - 1][0], self._grams[length - 1][1], _extend(context, ids[ends]))
            held, totals, distinct = self._contexts[length - 1]
            total, kinds = _looked_up(held, totals, context), _looked_up(held, distinct, context)
            seen = np.maximum(total, 1)
            p = np.where(total > 0, np.maximum(together - DISCOUNT, 0) / seen + DISCOUNT * kinds / seen * p, p)
        return p


def _hashes(ids: Ids, ends: NDArray[np.int64], length: int, back: int) -> Ids:
    """Hashes of the `length` numbers that end `back` places before each of `ends`."""
    found = np.full(len(ends), length + 1, np.uint64)
    for offset in range(length, 0, -1):
        found = _extend(found, ids[ends - offset - back + 1])
    return found


def _extend(hashes: Ids, ids: Ids) -> Ids:
    with np.errstate(over="ignore"):
        mixed = (hashes ^ (ids + np.uint64(0x632BE5AB))) * _FACTOR
        return mixed ^ (mixed >> np.uint64(29))


def _looked_up(keys: Ids, values: NDArray[np.int64], wanted: Ids) -> NDArray[np.int64]:
    """The value of each wanted key, 0 for those that are not there."""
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0)
