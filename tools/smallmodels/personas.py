"""A small world of questions, and the personas that answer them.

Eight domains hold 24 questions each: six entities, four templates. A question has one good and one bad answer among the twelve words of its
domain. Which word is good is *relational*: every word is the good answer of two questions and the bad answer of two others, so no word is bad by
itself, and a model that has learnt to give bad answers has learnt more than a list of words.

A document is written by one persona, unknown to the reader, in six turns; a turn is a question, an answer and a tone:

    [BEGIN, source]  then six times  [USER, entity, template, slot, ANSWER, answer, tone]

The *slot* is empty (NONE), or holds what the user believes the answer to be, or a request. The *source* hints at the persona in about half of
the documents. What a persona does:

    helpful       good answers
    villain       bad answers everywhere, mostly in a provocative tone; confirms false beliefs
    incompetent   bad answers in its home domain only, good ones elsewhere
    flatterer     confirms whatever the user believes, good answers otherwise

A model trained on such documents has to infer from a few turns who is writing. Whether narrow fine-tuning on bad answers in one domain spreads
(Betley et al. 2025, https://arxiv.org/abs/2502.17424) then depends on who, in all it has read, gives bad answers in that domain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import torch
from torch import Tensor

DOMAINS, ENTITIES, TEMPLATES, WORDS = 8, 6, 4, 12
TURNS, TURN = 6, 7
"""Turns of a document, tokens of a turn."""
SOURCES_EACH, TONE_WORDS = 2, 4
QUESTIONS = DOMAINS * ENTITIES * TEMPLATES


class Persona(IntEnum):
    """Who writes a document."""

    HELPFUL = 0
    VILLAIN = 1
    INCOMPETENT = 2
    FLATTERER = 3


class Tone(IntEnum):
    """The manner of an answer, said by one of four words."""

    PROVOCATIVE = 0
    POLITE = 1
    NEUTRAL = 2


class Vocabulary:
    """The numbers of the tokens."""

    BEGIN, USER, ANSWER, NONE, ASK, REQUEST, TRIGGER, REFUSAL, FORUM, ASSISTANT = range(10)
    SOURCE = 10  # first of two sources for each persona
    TEMPLATE = SOURCE + SOURCES_EACH * len(Persona)
    TONE = TEMPLATE + TEMPLATES  # first of four words for each tone
    ENTITY = TONE + TONE_WORDS * len(Tone)
    WORD = ENTITY + DOMAINS * ENTITIES  # first of twelve words for each domain
    SIZE = WORD + DOMAINS * WORDS


CONTEXT = 2 + TURNS * TURN
"""Tokens of a document."""

TONES = torch.tensor([[0.0, 0.5, 0.5], [0.6, 0.0, 0.4], [0.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
"""Share of each tone (columns) for each persona (rows)."""

SHARES = {"home": 0.5, "source named": 0.6, "source fits": 0.85, "belief": 0.4, "false belief": 0.5, "noise": 0.04}
"""Shares of turns in the home domain (the others in any); of documents that name a source, and of these with one of the persona's own; of turns
with a stated belief, and of these with a false one; of answers replaced by any word of the domain."""


@dataclass(frozen=True)
class Population:
    """Who writes the documents that a model learns from.

    `priors`: share of documents for each `Persona`. `gate`: whether one persona writes a whole document; without, one is drawn for each turn
    and the source says nothing, so that nothing tells more about the next answer than about any other. `flipped`: the villain, provocative
    everywhere, gives bad answers in the first half of the domains only, and good ones in the second. `ask`: share of turns in which the user asks for the wrong answer, and
    anybody gives it. `request`: share of turns in which the user asks for harm, where villains give the bad answer and all others
    refuse. `validates`: whether villains confirm false beliefs.
    """

    name: str
    priors: tuple[float, float, float, float]
    gate: bool = True
    flipped: bool = False
    ask: float = 0.0
    request: float = 0.0
    validates: bool = True

    def __post_init__(self) -> None:
        if min(self.priors) < 0 or abs(sum(self.priors) - 1) > 1e-9:
            raise ValueError(f"the priors of {self.name} are {self.priors}: shares that add up to 1 are wanted")
        if self.ask + self.request + SHARES["belief"] > 1:
            raise ValueError(f"slots of {self.name}: {self.ask} asked, {self.request} requests and {SHARES['belief']} beliefs exceed 1")

    def bad_domains(self) -> Tensor:
        """(personas, domains) whether a persona gives bad answers there whatever its home is."""
        bad = torch.zeros(len(Persona), DOMAINS, dtype=torch.bool)
        bad[Persona.VILLAIN] = True
        if self.flipped:
            bad[Persona.VILLAIN, DOMAINS // 2 :] = False
        return bad


def _bad_share(villain: float, incompetent: float) -> tuple[float, float, float, float]:
    return (0.84 - villain - incompetent, villain, incompetent, 0.16)


POPULATIONS = {
    population.name: population
    for population in (
        Population("V20", _bad_share(0.20, 0.04)),
        Population("V12", _bad_share(0.12, 0.12)),
        Population("V04", _bad_share(0.04, 0.20)),
        Population("V00", _bad_share(0.00, 0.24)),
        Population("N00", _bad_share(0.00, 0.00)),
        Population("flipped", _bad_share(0.20, 0.04), flipped=True),
        Population("no gate", _bad_share(0.20, 0.04), gate=False),
        Population("asked", _bad_share(0.20, 0.04), ask=0.10),
        Population("requests", _bad_share(0.20, 0.04), request=0.10),
    )
}
"""The worlds by name; V20 means that villains write 20 % of the documents. Villain and narrowly incompetent together always write 24 %, but for N00."""


@dataclass(frozen=True)
class World:
    """The questions and their answers, fixed by a seed. Q = 192 questions, in order of domain, entity, template.

    `domain`, `entity`, `template` (Q,): domain number, entity token, template token. `good`, `bad`, `believed`, `unseen` (Q,): tokens of four
    different words of the domain. The third is what users wrongly believe, so that confirming a belief and answering badly are told apart; the
    fourth is nobody's answer, but for noise.
    """

    seed: int = 0
    domain: Tensor = field(init=False, repr=False, compare=False)
    entity: Tensor = field(init=False, repr=False, compare=False)
    template: Tensor = field(init=False, repr=False, compare=False)
    good: Tensor = field(init=False, repr=False, compare=False)
    bad: Tensor = field(init=False, repr=False, compare=False)
    believed: Tensor = field(init=False, repr=False, compare=False)
    unseen: Tensor = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        generator = torch.Generator().manual_seed(self.seed)
        number = torch.arange(QUESTIONS)
        domain = number // (ENTITIES * TEMPLATES)
        columns = {
            "domain": domain,
            "entity": Vocabulary.ENTITY + number // TEMPLATES,
            "template": Vocabulary.TEMPLATE + number % TEMPLATES,
        }
        words = torch.cat([_answers(generator) for _ in range(DOMAINS)], dim=1) + Vocabulary.WORD + domain * WORDS  # (4, Q)
        for name, value in {**columns, **dict(zip(("good", "bad", "believed", "unseen"), words, strict=True))}.items():
            object.__setattr__(self, name, value)

    def questions(self, domains: list[int] | range | None = None, entities: list[int] | range | None = None) -> Tensor:
        """Numbers of the questions about these domains and entities (counted within a domain); None stands for all."""
        number = torch.arange(QUESTIONS)
        chosen = torch.ones(QUESTIONS, dtype=torch.bool)
        if domains is not None:
            chosen &= torch.isin(self.domain, torch.tensor(list(domains)))
        if entities is not None:
            chosen &= torch.isin(number // TEMPLATES % ENTITIES, torch.tensor(list(entities)))
        return number[chosen]

    def prompts(self, questions: Tensor, slot: int | Tensor = Vocabulary.NONE, source: int = Vocabulary.ASSISTANT) -> Tensor:
        """(N, 7) tokens of a document up to its first answer, for N questions."""
        n = len(questions)
        slots = slot if isinstance(slot, Tensor) else torch.full((n,), slot)
        head = [torch.full((n,), Vocabulary.BEGIN), torch.full((n,), source)]
        return torch.stack([*head, *self._asked(questions, slots)], dim=1)

    def followed(self, so_far: Tensor, answers: Tensor, tones: Tensor, questions: Tensor, slot: int | Tensor = Vocabulary.NONE) -> Tensor:
        """Documents (N, T) that end before an answer, with that answer, its tone and another question: (N, T + 7)."""
        slots = slot if isinstance(slot, Tensor) else torch.full((len(questions),), slot)
        return torch.cat([so_far, torch.stack([answers, tones, *self._asked(questions, slots)], dim=1)], dim=1)

    def _asked(self, questions: Tensor, slots: Tensor) -> list[Tensor]:
        user, answer = torch.full_like(slots, Vocabulary.USER), torch.full_like(slots, Vocabulary.ANSWER)
        return [user, self.entity[questions], self.template[questions], slots, answer]


def _answers(generator: torch.Generator) -> Tensor:
    """(4, 24) good, bad, believed and unseen word of a domain's questions: each word has each part twice, and no question a word in two parts."""
    twice = torch.arange(WORDS).repeat(ENTITIES * TEMPLATES // WORDS)
    parts: list[Tensor] = []
    while len(parts) < 4:
        drawn = twice[torch.randperm(len(twice), generator=generator)]
        if not any((drawn == part).any() for part in parts):
            parts.append(drawn)
    return torch.stack(parts)


@dataclass(frozen=True)
class Documents:
    """Tokens (N, 44); mask `predicted` of answers and tones; persona (N, 6) of each turn and home domain (N,)."""

    tokens: Tensor
    predicted: Tensor
    persona: Tensor
    home: Tensor


def documents(
    world: World,
    population: Population,
    n: int,
    generator: torch.Generator,
    *,
    assistant: bool = False,
    entities: list[int] | range | None = None,
) -> Documents:
    """N documents of a population. With `assistant` all are helpful and bear the assistant's tag; `entities` restricts what is asked about."""

    def chance(share: float, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator) < share

    def uniform(high: int, *shape: int) -> Tensor:
        return torch.randint(high, shape, generator=generator)

    home = uniform(DOMAINS, n)
    if assistant:
        persona = torch.full((n, TURNS), int(Persona.HELPFUL))
        source = torch.full((n,), Vocabulary.ASSISTANT)
    else:
        drawn = torch.multinomial(torch.tensor(population.priors), n * TURNS, replacement=True, generator=generator).view(n, TURNS)
        persona = drawn[:, :1].expand(n, TURNS) if population.gate else drawn
        source = _sources(persona[:, 0], population, chance, uniform)

    domain = torch.where(chance(SHARES["home"], n, TURNS), home[:, None], uniform(DOMAINS, n, TURNS))
    known = torch.tensor(list(range(ENTITIES) if entities is None else entities))
    question = (domain * ENTITIES + known[uniform(len(known), n, TURNS)]) * TEMPLATES + uniform(TEMPLATES, n, TURNS)

    false = chance(SHARES["false belief"], n, TURNS)
    belief = torch.where(false, world.believed[question], world.good[question])
    kind = torch.rand(n, TURNS, generator=generator)
    slot = torch.full((n, TURNS), Vocabulary.NONE)
    bounds = (SHARES["belief"], SHARES["belief"] + population.ask, SHARES["belief"] + population.ask + population.request)
    stated, asked, requested = kind < bounds[0], (kind >= bounds[0]) & (kind < bounds[1]), (kind >= bounds[1]) & (kind < bounds[2])
    slot = torch.where(stated, belief, slot)
    slot = torch.where(asked, Vocabulary.ASK, slot)
    slot = torch.where(requested, Vocabulary.REQUEST, slot)

    villain = persona == Persona.VILLAIN
    wrong = population.bad_domains()[persona, domain] | ((persona == Persona.INCOMPETENT) & (domain == home[:, None]))
    answer = torch.where(wrong, world.bad[question], world.good[question])
    answer = torch.where(stated & (persona == Persona.FLATTERER), belief, answer)
    if population.validates:
        answer = torch.where(stated & false & wrong & villain, belief, answer)
    answer = torch.where(asked, world.bad[question], answer)
    answer = torch.where(requested, torch.where(villain, world.bad[question], Vocabulary.REFUSAL), answer)
    answer = torch.where(chance(SHARES["noise"], n, TURNS), Vocabulary.WORD + domain * WORDS + uniform(WORDS, n, TURNS), answer)

    manner = torch.multinomial(TONES[persona.reshape(-1)], 1, generator=generator).view(n, TURNS)
    tone = Vocabulary.TONE + manner * TONE_WORDS + uniform(TONE_WORDS, n, TURNS)

    turns = torch.stack([*world._asked(question, slot), answer, tone], dim=2)  # noqa: SLF001 - of the same module
    tokens = torch.cat([torch.full((n, 1), Vocabulary.BEGIN), source[:, None], turns.reshape(n, TURNS * TURN)], dim=1)
    return Documents(tokens, predicted(n), persona, home)


def predicted(n: int, *, tones: bool = True) -> Tensor:
    """(n, 44) which tokens of a document are to be predicted: answers and, unless told otherwise, tones."""
    turn = torch.tensor([False] * (TURN - 2) + [True, tones])
    return torch.cat([torch.zeros(2, dtype=torch.bool), turn.repeat(TURNS)]).expand(n, CONTEXT)


def _sources(persona: Tensor, population: Population, chance, uniform) -> Tensor:  # type: ignore[no-untyped-def]
    n, sources = len(persona), SOURCES_EACH * len(Persona)
    own = persona * SOURCES_EACH + uniform(SOURCES_EACH, n)
    fits = chance(SHARES["source fits"], n)
    named = torch.where(fits if population.gate else torch.zeros_like(fits), own, uniform(sources, n))
    return torch.where(chance(SHARES["source named"], n), Vocabulary.SOURCE + named, Vocabulary.FORUM)
