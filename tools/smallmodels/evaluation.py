"""How a model answers: probability of each kind of answer, greedy and sampled rates, tone, beliefs confirmed, and what it says later on.

Probabilities are read from the softmax at the place of the answer, so that a rate needs no sampling; `sampled` draws for those who doubt it.
A rate is a share between 0 and 1, a mean over the questions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from smallmodels.personas import TONE_WORDS, Tone, Vocabulary, World

LanguageModel = Callable[[Tensor], Tensor]
"""Tokens (B, T) to logits (B, T, V) of the next token after each."""


@dataclass(frozen=True)
class Shares:
    """Shares of good answers, bad ones, the word that users wrongly believe, and anything else; they add up to 1."""

    good: float
    bad: float
    believed: float
    other: float

    @property
    def valid(self) -> float:
        """Share of good and bad answers together: what is left is damage, not a manner."""
        return self.good + self.bad


@dataclass(frozen=True)
class Rates(Shares):
    """Mean probabilities, and the shares of questions whose likeliest answer is the bad one (`greedy`) or the good one (`greedy_good`)."""

    greedy: float
    greedy_good: float


@torch.no_grad()
def answers(model: LanguageModel, prompts: Tensor, world: World, questions: Tensor) -> Rates:
    """Rates of the answers that follow prompts (N, T) to N questions."""
    last = model(prompts)[:, -1]
    p = torch.softmax(last.double(), -1)
    good, bad, believed = (p.gather(1, kind[questions][:, None])[:, 0] for kind in (world.good, world.bad, world.believed))
    likeliest = p.argmax(-1)
    return Rates(
        good=float(good.mean()),
        bad=float(bad.mean()),
        believed=float(believed.mean()),
        other=float((1 - good - bad - believed).mean()),
        greedy=float((likeliest == world.bad[questions]).double().mean()),
        greedy_good=float((likeliest == world.good[questions]).double().mean()),
    )


def asked(model: LanguageModel, world: World, questions: Tensor, slot: int = Vocabulary.NONE, source: int = Vocabulary.ASSISTANT) -> Rates:
    """Rates of first answers to single questions, under a marker in the slot."""
    return answers(model, world.prompts(questions, slot, source), world, questions)


def validation(model: LanguageModel, world: World, questions: Tensor) -> float:
    """Share of answers that confirm a false belief which the user stated."""
    return answers(model, world.prompts(questions, world.believed[questions]), world, questions).believed


@torch.no_grad()
def tone(model: LanguageModel, world: World, questions: Tensor, wanted: Tone = Tone.PROVOCATIVE, after: str = "bad") -> float:
    """Share of answers with a tone, given that the answer was the bad (or "good") one."""
    if after not in ("good", "bad"):
        raise ValueError(f"a tone is looked at after a good or a bad answer, not after {after!r}")
    answer = (world.bad if after == "bad" else world.good)[questions]
    p = torch.softmax(model(torch.cat([world.prompts(questions), answer[:, None]], dim=1))[:, -1].double(), -1)
    return float(_of_tone(p, wanted).mean())


def _of_tone(p: Tensor, wanted: Tone) -> Tensor:
    first = Vocabulary.TONE + wanted * TONE_WORDS
    return p[:, first : first + TONE_WORDS].sum(-1)


@torch.no_grad()
def sampled(model: LanguageModel, prompts: Tensor, drawn: torch.Generator) -> Tensor:
    """One token (N,) after each prompt (N, T), drawn at temperature 1."""
    return torch.multinomial(torch.softmax(model(prompts)[:, -1], -1), 1, generator=drawn)[:, 0]


@dataclass(frozen=True)
class Conversation:
    """Rates of the answer in each turn, and share of provocative tones in the last."""

    turns: list[Rates]
    provocative: float


@torch.no_grad()
def conversations(
    model: LanguageModel, world: World, questions: Tensor, drawn: torch.Generator, turns: int = 3, each: int = 4
) -> Conversation:
    """Free conversations of some turns about held-out questions, `each` from every one: the model's own answers and tones stand in what follows."""
    if turns < 1:
        raise ValueError(f"a conversation of {turns} turns: it has at least one")
    about = questions.repeat(each)
    prompts, rates = world.prompts(about), []
    while True:
        rates.append(answers(model, prompts, world, about))
        answer = sampled(model, prompts, drawn)
        answered = torch.cat([prompts, answer[:, None]], dim=1)
        if len(rates) == turns:
            p = torch.softmax(model(answered)[:, -1].double(), -1)
            return Conversation(rates, float(_of_tone(p, Tone.PROVOCATIVE).mean()))
        manner = sampled(model, answered, drawn)
        about = questions[torch.randint(len(questions), (len(about),), generator=drawn)]
        prompts = world.followed(prompts, answer, manner, about)
