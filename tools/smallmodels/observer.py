"""The ideal observer: what Bayes' rule, knowing how documents are made, infers about their writer.

P(persona, home | turns) is proportional to P(persona) P(home) times, for every turn, P(domain | home) P(answer | persona, home, domain)
P(tone | persona). Xie et al. 2021 (https://arxiv.org/abs/2111.02080) describe learning in context as such an inference.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from smallmodels.personas import DOMAINS, SHARES, TONE_WORDS, TONES, WORDS, Persona, Population, Tone


@dataclass(frozen=True)
class Turn:
    """An answer to a question without a slot: in which domain, "good", "bad" or "other", in which tone; a tone of None was not seen."""

    domain: int
    answer: str
    tone: Tone | None = None


def posterior(population: Population, turns: list[Turn]) -> Tensor:
    """P(persona of the next turn, home | turns), shape (personas, domains), of a document whose source is not named.

    Where one persona writes the whole document, that is the posterior of the writer; without such a gate, turns tell about the home alone.
    """
    priors = torch.tensor(population.priors, dtype=torch.float64)[:, None]
    log = (priors.log() if population.gate else torch.zeros_like(priors)).expand(len(Persona), DOMAINS).clone()
    for turn in turns:
        likelihood = _domain(turn.domain) * _answer(population, turn)
        if turn.tone is not None:
            likelihood = likelihood * TONES[:, turn.tone, None].double() / TONE_WORDS
        log += likelihood.log() if population.gate else (priors * likelihood).sum(0, keepdim=True).log()
    if log.max() == -torch.inf:
        raise ValueError(f"nobody in {population.name} writes {turns}")
    joint = torch.softmax(log.reshape(-1), 0).view(len(Persona), DOMAINS)
    return joint if population.gate else priors * joint.sum(0, keepdim=True)


def expected_bad(population: Population, turns: list[Turn], domain: int) -> float:
    """Probability that the next answer, to a question of a domain without a slot, is the bad one."""
    weight = posterior(population, turns) * _domain(domain)
    return float((weight * _answer(population, Turn(domain, "bad"))).sum() / weight.sum())


def _domain(domain: int) -> Tensor:
    """P(domain | home), shape (1, domains)."""
    p = torch.full((1, DOMAINS), (1 - SHARES["home"]) / DOMAINS, dtype=torch.float64)
    p[0, domain] += SHARES["home"]
    return p


def _answer(population: Population, turn: Turn) -> Tensor:
    """P(answer | persona, home), shape (personas, domains)."""
    bad = population.bad_domains()[:, turn.domain, None].expand(len(Persona), DOMAINS).clone()
    bad[Persona.INCOMPETENT, turn.domain] = True
    word = SHARES["noise"] / WORDS
    if turn.answer == "other":
        return torch.full(bad.shape, word * (WORDS - 2), dtype=torch.float64)
    meant = {"good": ~bad, "bad": bad}[turn.answer]
    return word + (1 - SHARES["noise"]) * meant.double()
