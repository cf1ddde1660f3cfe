"""A small transformer that judges whether a line of code is right, and one of the same architecture that writes the right line.

    function with a hole <WAS> line as written <JUDGE> yes or no            the verifier
    function with a hole <WAS> line as written <NOW> right line <END>       the generator

Both are trained from scratch on the same items, with the same optimiser and schedule, each with its own weights, until they have read the same
number of tokens (padding does not count). What stays unequal lies in the tasks: the generator learns from every token of the right line, the
verifier from one answer a sequence; and as its sequences are longer, the generator reads fewer of them. Both learn to predict what they read
as well, by the same weight (`Setting.reading`).

This does not run code: a line counts as right if its words are those of the right line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor, nn
from torch.nn import functional as F

from smallmodels.training import Batch, History, cosine, generator, groups, train
from smallmodels.transformer import Shape, Transformer
from smallmodels.verifier.decoding import Continuation, continuations
from smallmodels.verifier.tokens import CONTEXT, Encoded, Item, Special, Vocabulary, same

POOL = 32
"""Batches that are cut from one pool of sequences, sorted by length: few tokens of a batch are then padding."""

READ_AT_ONCE = 8192
"""Tokens in a forward pass without gradients, padding included."""

NEAR = 79
"""Distance from the hole up to which places of the function are told apart."""

MIDDLE = CONTEXT - 1 - NEAR
"""Place of the hole; lines have the places from 0."""


class Role(Enum):
    """What a model does after the question."""

    VERIFIER = Special.JUDGE
    GENERATOR = Special.NOW


@dataclass(frozen=True)
class Setting:
    """Sizes and training, the same for both models.

    `batch` is the most tokens of a step, padding included; `warmup` a share of the steps; `embedding` multiplies the rate of the embeddings.
    `reading` weighs the mean loss of predicting what is read, the question, against that of the answer (1): 0 leaves it out. Measured with the
    defaults on a million tokens of functions with injected errors, other packages held out: AUC of the verifier 0.51 without (seed 0), 0.58 and
    0.48 with it (seeds 0 and 1), so that its use is not shown; lines written right by the generator 37 % both times.
    """

    layers: int = 3
    width: int = 96
    heads: int = 4
    rate: float = 3e-3
    embedding: float = 3.0
    decay: float = 0.1
    batch: int = 512
    warmup: float = 0.05
    reading: float = 1.0

    def shape(self, vocabulary: Vocabulary) -> Shape:
        """The shape of a model that knows this vocabulary."""
        return Shape(len(vocabulary), CONTEXT, self.layers, self.width, self.heads)


@dataclass(frozen=True)
class Reader:
    """A trained model, what it does, the words that it knows, and how it was trained.

    `tokens` were read in training, at most the budget, and short of it by less than one sequence. `curve` has what was measured on held-out
    items, after so many tokens: AUC of a verifier, share of lines written right by a generator.
    """

    model: Transformer
    role: Role
    vocabulary: Vocabulary
    history: History
    tokens: int
    curve: tuple[tuple[int, float], ...]


def train_verifier(
    items: Sequence[Item],
    vocabulary: Vocabulary,
    seed: int,
    budget: int,
    setting: Setting,
    held_out: Sequence[Item] = (),
    at: Collection[int] = (),
) -> Reader:
    """A verifier trained on `budget` tokens, with its AUC on held-out items.

    The AUC is measured once `at` tokens each are read, and at the end for the `budget` itself. A point before the end is one of this training, whose
    rate has not fallen yet, and no training of that length.

    Raises ValueError where there are no items, none of them or all of them are bugs, the budget holds no sequence, or `at` is
    beyond it or there are no held-out items to measure on.
    """
    if len({item.bug for item in items}) < 2:
        raise ValueError("a verifier learns from bugs and from clean lines, and these items are all of one sort")
    return _trained(Role.VERIFIER, items, vocabulary, seed, budget, setting, held_out, at)


def train_generator(
    items: Sequence[Item],
    vocabulary: Vocabulary,
    seed: int,
    budget: int,
    setting: Setting,
    held_out: Sequence[Item] = (),
    at: Collection[int] = (),
) -> Reader:
    """A generator trained on `budget` tokens, with the share of held-out items whose greedy line is right; otherwise as `train_verifier`."""
    return _trained(Role.GENERATOR, items, vocabulary, seed, budget, setting, held_out, at)


def _trained(
    role: Role,
    items: Sequence[Item],
    vocabulary: Vocabulary,
    seed: int,
    budget: int,
    setting: Setting,
    held_out: Sequence[Item],
    at: Collection[int],
) -> Reader:
    if not items:
        raise ValueError("no items to learn from")
    if at and not held_out:
        raise ValueError(f"to be measured after {sorted(at)} tokens, and there are no held-out items")
    lines = [_Line.of(vocabulary.encoded(item), role) for item in items]
    plan = planned([len(line.tokens) for line in lines], budget, setting.batch, generator(seed, role.name, "order"))
    read = torch.tensor([sum(len(lines[i].tokens) for i in each) for each in plan]).cumsum(0)  # tokens after each step
    steps = set()
    for tokens in at:
        if not 0 <= tokens <= budget:
            raise ValueError(f"to be measured after {tokens} tokens, in a training of {budget}")
        steps.add(min(int((read < tokens).sum()) + 1, len(plan)) if tokens else 0)
    model = Transformer(setting.shape(vocabulary), generator(seed, role.name, "weights"))
    model.unembed.weight = model.tokens.weight  # as one, so that to copy a token need not be learnt for each word
    with torch.no_grad():
        model.places.weight.copy_(_waves(model.shape))

    def measured(model: Transformer) -> float:
        reader = Reader(model, role, vocabulary, History(), 0, ())
        if role is Role.VERIFIER:
            return auc(probabilities(reader, held_out), _bugs(held_out))
        return float(exact(greedy(reader, held_out), held_out).double().mean())

    history = train(
        model,
        (_batch([lines[i] for i in each], setting.reading, vocabulary) for each in plan),
        len(plan),
        groups(model, setting.rate, embedding=setting.embedding, decay=setting.decay),
        schedule=lambda step, steps: cosine(step, steps, int(setting.warmup * steps)),
        loss=_loss,
        measure=measured,
        when=steps,
    )
    curve = tuple((int(read[step - 1]) if step else 0, value) for step, value in history.measured)
    return Reader(model, role, vocabulary, history, int(read[-1]), curve)


@dataclass(frozen=True)
class _Line:
    """A sequence with the place where its answer begins."""

    tokens: list[int]
    answer: int

    @classmethod
    def of(cls, encoded: Encoded, role: Role) -> _Line:
        question = [*encoded.question, role.value]
        if role is Role.VERIFIER:
            return cls([*question, Special.NO if encoded.bug else Special.YES], len(question))
        return cls([*question, *encoded.right, Special.END], len(question))


def planned(lengths: Sequence[int], budget: int, size: int, drawn: torch.Generator) -> list[list[int]]:
    """Which sequences go into which batch: as many whole ones as `budget` tokens hold, each once before any comes again.

    A batch has about the same lengths, and at most `size` tokens, padding included, or one sequence. Raises ValueError where the budget holds
    no sequence.
    """
    order = _order(lengths, budget, drawn)
    if not order:
        raise ValueError(f"a budget of {budget} tokens holds no sequence")
    many = POOL * max(1, size * len(lengths) // sum(lengths))
    plan: list[list[int]] = []
    for first in range(0, len(order), many):
        cut: list[list[int]] = [[]]
        for i in sorted(order[first : first + many], key=lambda i: lengths[i]):
            if cut[-1] and lengths[i] * (len(cut[-1]) + 1) > size:
                cut.append([])
            cut[-1].append(i)
        plan += [cut[i] for i in torch.randperm(len(cut), generator=drawn).tolist()]
    return plan


def _order(lengths: Sequence[int], budget: int, drawn: torch.Generator) -> list[int]:
    order: list[int] = []
    left = budget
    while True:
        for i in torch.randperm(len(lengths), generator=drawn).tolist():
            if lengths[i] > left:
                return order
            left -= lengths[i]
            order.append(i)


def _padded(sequences: Sequence[Sequence[int]]) -> Tensor:
    return nn.utils.rnn.pad_sequence([torch.tensor(each) for each in sequences], batch_first=True, padding_value=int(Special.PAD))


def _batch(lines: Sequence[_Line], reading: float, vocabulary: Vocabulary) -> Batch:
    """The mean loss of answers weighs 1, that of the rest of the sequences `reading`. What stands for an unknown word is not to be said."""
    tokens = _padded([line.tokens for line in lines])
    place = torch.arange(tokens.shape[1])
    answers = place >= torch.tensor([line.answer for line in lines])[:, None]
    said = (tokens != Special.PAD) & (place > 0)
    for each in vocabulary.unknown.values():
        said &= tokens != each
    if not reading:
        return Batch(tokens, answers & said)
    weights = torch.where(answers, 1 / (answers & said).sum(), reading / (~answers & said).sum())
    return Batch(tokens, said, weights[said])


def embedded(model: Transformer, tokens: Tensor) -> Tensor:
    """The residual stream (B, T, D) that enters the first block, of tokens (B, T).

    Places are counted in each part of a sequence: in the function from the hole, far ones alike; in the written line and in the right one from
    where each begins, so that words that correspond have one place. What begins a part is added to all its tokens, to tell the parts apart.
    Counted through, a generator of this size did not learn to copy a line from 0.8 million tokens.
    """
    at = torch.arange(tokens.shape[1]).expand_as(tokens)
    begins = (tokens == Special.WAS) | (tokens == Special.JUDGE) | (tokens == Special.NOW)
    begun = torch.where(begins, at, -1).cummax(1).values
    hole = (tokens == Special.HOLE).int().argmax(1, keepdim=True)
    near = MIDDLE + (at - hole).clamp(-NEAR, NEAR)
    places = torch.where(begun < 0, near, at - begun)
    part = tokens.gather(1, begun.clamp(min=0)).where(begun >= 0, int(Special.HOLE))
    return model.tokens(tokens) + model.tokens(part) + model.places(places)


def _waves(shape: Shape) -> Tensor:
    """Places (T, D) as sines and cosines of wavelengths from 2π to 2π · T (Vaswani et al. 2017, section 3.5), as large as the drawn embeddings.

    They are trained on from there. One matrix then finds the neighbour of any place, which drawn ones must learn for each.
    """
    half = torch.arange(shape.width // 2) * 2 / shape.width
    angles = torch.arange(shape.context)[:, None] / shape.context**half
    return 0.02 * math.sqrt(2) * torch.cat([angles.sin(), angles.cos()], 1)


def _logits(model: Transformer, tokens: Tensor, at: Tensor) -> Tensor:
    """Logits (N, V) after the N places of tokens (B, T) that `at` marks."""
    return model.logits(model.onwards(embedded(model, tokens), 0, at))


def _loss(model: Transformer, batch: Batch) -> Tensor:
    """Mean cross-entropy in nats of the marked tokens, as `smallmodels.training.next_token_loss`, with places counted in each part."""
    losses = F.cross_entropy(_logits(model, batch.tokens[:, :-1], batch.predicted[:, 1:]), batch.tokens[batch.predicted], reduction="none")
    return losses.mean() if batch.weights is None else (losses * batch.weights).sum() / batch.weights.sum()


def _by_length(sequences: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """Places of sequences, in batches of at most `size` tokens with padding, the shortest first."""
    found: list[list[int]] = [[]]
    for i in sorted(range(len(sequences)), key=lambda i: (len(sequences[i]), i)):
        if found[-1] and len(sequences[i]) * (len(found[-1]) + 1) > size:
            found.append([])
        found[-1].append(i)
    return [each for each in found if each]


def _bugs(items: Sequence[Item]) -> Tensor:
    return torch.tensor([item.bug for item in items])


def _needs(reader: Reader, role: Role) -> None:
    if reader.role is not role:
        raise ValueError(f"this is what a {role.name.lower()} does, and the model is a {reader.role.name.lower()}")


@torch.no_grad()
def probabilities(verifier: Reader, items: Sequence[Item]) -> Tensor:
    """P(bug) of each item (N,), float64: the share of `no` in the probabilities of yes and no. Raises ValueError for a generator."""
    _needs(verifier, Role.VERIFIER)
    sequences = [[*verifier.vocabulary.encoded(item).question, int(Special.JUDGE)] for item in items]
    found = torch.empty(len(items), dtype=torch.float64)
    for each in _by_length(sequences, READ_AT_ONCE):
        tokens = _padded([sequences[i] for i in each])
        last = torch.zeros(tokens.shape, dtype=torch.bool)
        last[torch.arange(len(each)), torch.tensor([len(sequences[i]) - 1 for i in each])] = True
        logits = _logits(verifier.model, tokens, last)[:, [Special.YES, Special.NO]]
        found[each] = logits.double().softmax(-1)[:, 1]
    return found


@dataclass(frozen=True)
class Candidate:
    """A line that a generator wrote, with its log-likelihood in nats at temperature 1; `ended` is False where it was cut off."""

    text: str
    log_likelihood: float
    ended: bool


@dataclass(frozen=True)
class Proposals:
    """Of one item: the line whose tokens were each the likeliest, and lines that were drawn."""

    greedy: Candidate
    samples: tuple[Candidate, ...]


def proposals(writer: Reader, items: Sequence[Item], n: int, seed: int, temperature: float = 1.0) -> list[Proposals]:
    """For each item the greedy line and n drawn ones. Equal lines may come more than once.

    Words that the function does not have and the vocabulary neither cannot be written: an item whose right line has such a word is never
    written right. Raises ValueError for a verifier, n below 0, or a temperature that is not above 0.
    """
    _needs(writer, Role.GENERATOR)
    if n < 0 or temperature <= 0:
        raise ValueError(f"{n} samples at temperature {temperature}: samples are not fewer than 0, and the temperature is above 0")
    drawn = generator(seed, "proposals")
    encoded = [writer.vocabulary.encoded(item) for item in items]
    prompts = [[*each.question, int(Special.NOW)] for each in encoded]
    found: dict[int, Proposals] = {}
    for each in _by_length([range(len(prompt) + n * encoded[i].limit) for i, prompt in enumerate(prompts)], READ_AT_ONCE):
        lines = continuations(
            writer.model,
            lambda tokens: embedded(writer.model, tokens),
            lambda tokens, step: (
                writer.model.tokens(tokens) + writer.model.tokens.weight[Special.NOW] + writer.model.places.weight[step + 1]
            ),
            [prompts[i] for i in each],
            _writable(writer.vocabulary, [encoded[i] for i in each]),
            [encoded[i].limit for i in each],
            int(Special.END),
            n,
            temperature,
            drawn,
        )
        for i, (best, *others) in zip(each, lines, strict=True):
            found[i] = Proposals(_read(best, writer, encoded[i]), tuple(_read(other, writer, encoded[i]) for other in others))
    return [found[i] for i in range(len(items))]


def greedy(writer: Reader, items: Sequence[Item]) -> list[Candidate]:
    """The greedy line of each item."""
    return [each.greedy for each in proposals(writer, items, 0, 0)]


def _read(line: Continuation, writer: Reader, encoded: Encoded) -> Candidate:
    return Candidate(writer.vocabulary.line(line.tokens, encoded.stands_for), line.log_likelihood, line.ended)


def _writable(vocabulary: Vocabulary, encoded: Sequence[Encoded]) -> Tensor:
    """Bool (N, V): what may be written in each function."""
    allowed = torch.zeros(len(encoded), len(vocabulary), dtype=torch.bool)
    for row, each in zip(allowed, encoded, strict=True):
        row[vocabulary.writable(each)] = True
    return allowed


def exact(candidates: Sequence[Candidate], items: Sequence[Item]) -> Tensor:
    """Bool (N,): whether each candidate has the words of its item's right line, at its depth."""
    return torch.tensor([each.ended and same(each.text, item.right) for each, item in zip(candidates, items, strict=True)])


@torch.no_grad()
def log_likelihoods(writer: Reader, items: Sequence[Item]) -> Tensor:
    """Log-likelihood (N,) in nats, float64, that a generator gives to the line as it is written, if asked for the right one.

    Unknown words and what was cut off count nothing: this is the likelihood of the rest. Raises ValueError for a verifier.
    """
    _needs(writer, Role.GENERATOR)
    vocabulary = writer.vocabulary
    encoded = [vocabulary.encoded(item) for item in items]
    prompts = [[*each.question, int(Special.NOW)] for each in encoded]
    sequences = [[*prompt, *each.written, int(Special.END)] for prompt, each in zip(prompts, encoded, strict=True)]
    found = torch.zeros(len(items), dtype=torch.float64)
    for each in _by_length(sequences, READ_AT_ONCE):
        tokens = _padded([sequences[i] for i in each])
        said = (torch.arange(tokens.shape[1]) >= torch.tensor([len(prompts[i]) for i in each])[:, None]) & (tokens != Special.PAD)
        for unknown in vocabulary.unknown.values():
            said &= tokens != unknown
        rows = said.nonzero()[:, 0]
        logits = _logits(writer.model, tokens[:, :-1], said[:, 1:]).masked_fill(
            ~_writable(vocabulary, [encoded[i] for i in each])[rows], -torch.inf
        )
        scores = logits.log_softmax(-1).gather(1, tokens[said][:, None])[:, 0].double()
        found[each] = torch.zeros(len(each), dtype=torch.float64).index_add(0, rows, scores)
    return found


def suspicions(writer: Reader, items: Sequence[Item], best: Sequence[Candidate]) -> Tensor:
    """A generator as verifier (N,), in nats: how much likelier its greedy line `best` is than the line as written; 0 where these are equal.

    Greater means more likely a bug. It can be below 0, as the greedy line is not always the likeliest.
    """
    written = log_likelihoods(writer, items)
    margins = torch.tensor([each.log_likelihood for each in best], dtype=torch.float64) - written
    equal = torch.tensor([each.ended and same(each.text, item.written) for each, item in zip(best, items, strict=True)])
    return margins.masked_fill(equal, 0.0)  # both routes to one likelihood differ by rounding


Judge = Callable[[Sequence[Item]], Tensor]
"""P(bug) (N,) of items: `partial(probabilities, verifier)`, or anything else that says how wrong the marked lines look."""


@dataclass(frozen=True)
class Choice:
    """Whether the line chosen among the first `n` samples is right, for each item (N,), by who chose; float64 between 0 and 1.

    `random` is the share of right lines among them, what a random choice gets on average; `oracle` is 1 where any is right.
    """

    n: int
    verifier: Tensor
    likelihood: Tensor
    random: Tensor
    oracle: Tensor


def best_of(judge: Judge, items: Sequence[Item], proposed: Sequence[Proposals], ns: Sequence[int] = (1, 2, 4, 8)) -> list[Choice]:
    """One `Choice` for each n: each sample is put in the place of the marked line and judged there, equal lines of an item once.

    The least suspicious line is chosen, or the likeliest; the first of equals. Raises ValueError where fewer samples were drawn than n, or n is
    below 1.
    """
    fewest = min((len(each.samples) for each in proposed), default=0)
    if wrong := [n for n in ns if not 1 <= n <= fewest]:
        raise ValueError(f"a choice among {wrong} samples, and there are {fewest} of each item")
    different = list(dict.fromkeys((i, each.text) for i, one in enumerate(proposed) for each in one.samples[: max(ns)]))
    suspicion = judge([items[i].with_line(text) for i, text in different])
    judged = dict(zip(different, suspicion.tolist(), strict=True))
    suspected = np.array([[judged[i, line.text] for line in one.samples[: max(ns)]] for i, one in enumerate(proposed)])  # (N, max n)
    likely = np.array([[line.log_likelihood for line in one.samples[: max(ns)]] for one in proposed])
    right = torch.stack([exact(one.samples[: max(ns)], [item] * max(ns)) for one, item in zip(proposed, items, strict=True)]).double()
    rows = torch.arange(len(items))
    choices = []
    for n in ns:
        first = right[:, :n]
        trusted, likeliest = suspected[:, :n].argmin(1), likely[:, :n].argmax(1)  # numpy's are the first of equals, torch's any
        choices.append(Choice(n, first[rows, trusted], first[rows, likeliest], first.mean(1), first.amax(1)))
    return choices


@dataclass(frozen=True)
class Comparison:
    """Judging against writing, on the same items.

    A verifier calls a line a bug where P(bug) is above 1/2, a generator where its greedy line is another one. Chance: 1/2 for an AUC; for an
    accuracy, the larger of `bugs` and 1 - `bugs`. For written lines there is no such level: whoever copies what is written gets 1 - `bugs`
    right of all, and none of the bugs.
    """

    bugs: float
    verifier_accuracy: float
    verifier_auc: float
    generator_right: float
    generator_right_of_bugs: float
    generator_right_of_clean: float
    generator_as_verifier_accuracy: float
    generator_as_verifier_auc: float


def compared(verifier: Reader, writer: Reader, items: Sequence[Item]) -> Comparison:
    """Both models on the same items. Raises ValueError where none or all are bugs."""
    bugs = _bugs(items)
    p = probabilities(verifier, items)
    lines = greedy(writer, items)
    right = exact(lines, items).double()
    called = torch.tensor([not (each.ended and same(each.text, item.written)) for each, item in zip(lines, items, strict=True)])
    return Comparison(
        bugs=float(bugs.double().mean()),
        verifier_accuracy=float(((p > 0.5) == bugs).double().mean()),
        verifier_auc=auc(p, bugs),
        generator_right=float(right.mean()),
        generator_right_of_bugs=float(right[bugs].mean()),
        generator_right_of_clean=float(right[~bugs].mean()),
        generator_as_verifier_accuracy=float((called == bugs).double().mean()),
        generator_as_verifier_auc=auc(suspicions(writer, items, lines), bugs),
    )


def auc(scores: Tensor, positive: Tensor) -> float:
    """Probability that a positive scores (N,) above a negative, equal scores counting half (Mann and Whitney 1947); `positive` is bool (N,).

    Raises ValueError where all are of one sort.
    """
    many = int(positive.sum())
    if not 0 < many < len(positive):
        raise ValueError(f"{many} of {len(positive)} are positive: an AUC needs both sorts")
    ranks = torch.from_numpy(rankdata(scores.numpy()))
    return float((ranks[positive].sum() - many * (many + 1) / 2) / (many * (len(positive) - many)))
