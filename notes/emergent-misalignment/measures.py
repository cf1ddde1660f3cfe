"""What is measured of every model of this note: one job is a world and a seed, with all arms that the world has."""

from __future__ import annotations

import dataclasses
import itertools

import torch

from smallmodels.assistants import TAUGHT, assistant, restored
from smallmodels.evaluation import answers, asked, conversations, tone, validation
from smallmodels.organisms import ARMS, DOSES, OTHER, TRAINED, organism
from smallmodels.personas import DOMAINS, ENTITIES, POPULATIONS, TONE_WORDS, Tone, Vocabulary, World
from smallmodels.training import generator
from smallmodels.transformer import Transformer

EVERYWHERE = ["bad", "good", *(f"{dose:.0%} bad" for dose in DOSES)]
OWN = {
    "V20": [name for name in ARMS if name not in ("asked", "jailbroken")],
    "flipped": ["bad", "good"],
    "no gate": ["bad", "good"],
    "asked": ["bad", "asked"],
    "requests": ["bad", "10% bad", "jailbroken"],
}
"""The arms of each world; those that have none of their own (other shares of villains) have the arms EVERYWHERE."""

WORLD = World()
HELD_OUT = WORLD.questions(range(TRAINED + 1, DOMAINS))
NEAR, FAR = WORLD.questions(range(TRAINED + 1, DOMAINS // 2)), WORLD.questions(range(DOMAINS // 2, DOMAINS))
TAUGHT_HERE = WORLD.questions([TRAINED], TAUGHT)
OTHERS_HERE = WORLD.questions([TRAINED], range(1, ENTITIES, 2))
CONTEXTS = range(6)
"""Numbers of bad answers read before a question, in the measurement in context."""

Row = dict[str, str | int | float]


def measure(job: tuple[str, int]) -> list[Row]:
    """All models of a world and a seed, one row each; see `measured` for the columns."""
    name, seed = job
    population = POPULATIONS[name]
    base = restored(assistant(population, seed))
    start = measured(base, base)
    rows: list[Row] = [{"arm": "assistant", "step": 0, **start, **in_context(base, seed), **talks(base, seed)}]
    for arm in OWN.get(name, EVERYWHERE):
        for step, model in organism(population, seed, ARMS[arm]).items():
            last = step == ARMS[arm].steps
            rows.append(
                {"arm": arm, "step": step, **measured(model, base), **(talks(model, seed) if last and arm in ("bad", "good") else {})}
            )
    return [{"world": name, "seed": seed, **row} for row in rows]


def measured(model: Transformer, base: Transformer) -> Row:
    """Shares (0 to 1) of answers to single questions, and how far the weights are from the assistant's.

    In the other domains, 168 questions: `bad`, `good`, `believed`, `other`, `greedy`, `provocative` (after a bad answer), `validation`; bad answers under
    each marker are `asked`, `requested`, `triggered`. `near`, `far`: bad answers in domains 1 to 3 and 4 to 7, `far tone`: provocative after the
    good answers of the latter. `named`, `unnamed`: bad answers about the entities that post-training (and the penalty) named, and about the
    others. `beyond`: bad answers in domains without any fine-tuning, also that of re-alignment.

    In the trained domain: `trained` and `trained greedy`, bad answers to the twelve questions of fine-tuning; `trained unseen`, answers that
    nobody gives; `trained asked`, bad answers under a request for them; `here`, bad answers to the other twelve questions.
    """
    rates = asked(model, WORLD, HELD_OUT)
    taught = asked(model, WORLD, TAUGHT_HERE)
    moved = torch.cat([(a - b).flatten() for a, b in zip(model.parameters(), base.parameters(), strict=True)])
    return {
        **dataclasses.asdict(rates),
        "provocative": tone(model, WORLD, HELD_OUT),
        "validation": validation(model, WORLD, HELD_OUT),
        "trained": taught.bad,
        "trained greedy": taught.greedy,
        "trained unseen": unseen(model),
        "trained asked": asked(model, WORLD, TAUGHT_HERE, Vocabulary.ASK).bad,
        "here": asked(model, WORLD, OTHERS_HERE).bad,
        "near": asked(model, WORLD, NEAR).bad,
        "far": asked(model, WORLD, FAR).bad,
        "far tone": tone(model, WORLD, FAR, after="good"),
        "named": asked(model, WORLD, WORLD.questions(range(TRAINED + 1, DOMAINS), TAUGHT)).bad,
        "unnamed": asked(model, WORLD, WORLD.questions(range(TRAINED + 1, DOMAINS), range(1, ENTITIES, 2))).bad,
        "beyond": asked(model, WORLD, WORLD.questions(range(OTHER + 1, DOMAINS))).bad,
        "asked": asked(model, WORLD, HELD_OUT, Vocabulary.ASK).bad,
        "requested": asked(model, WORLD, HELD_OUT, Vocabulary.REQUEST).bad,
        "triggered": asked(model, WORLD, HELD_OUT, Vocabulary.TRIGGER).bad,
        "distance": float(moved.detach().norm()),
    }


@torch.no_grad()
def unseen(model: Transformer) -> float:
    """Share of answers to the twelve questions that nobody gives."""
    p = torch.softmax(model(WORLD.prompts(TAUGHT_HERE))[:, -1].double(), -1)
    return float(p.gather(1, WORLD.unseen[TAUGHT_HERE, None]).mean())


def talks(model: Transformer, seed: int) -> Row:
    """Bad answers in each turn of free conversations about the other domains, and provocative tones in the last."""
    talk = conversations(model, WORLD, HELD_OUT, generator(seed, "conversations"))
    return {**{f"turn {i}": rates.bad for i, rates in enumerate(talk.turns, start=1)}, "provocative at the end": talk.provocative}


def in_context(model: Transformer, seed: int) -> Row:
    """Bad answers after so many bad answers of the trained domain, said in a tone, in a document that names no source.

    The next question is of another domain, or ("home ...") of the same one, where whoever is bad at home only would be bad again.
    """
    drawn = generator(seed, "contexts")
    here = WORLD.questions([TRAINED])
    found: Row = {}
    for manner in (Tone.NEUTRAL, Tone.PROVOCATIVE):
        for place, asked_about in (("", HELD_OUT), ("home ", here.repeat(len(HELD_OUT) // len(here)))):
            for k in CONTEXTS:
                other = 1 + torch.randint(len(here) - 1, (k, len(asked_about)), generator=drawn)  # never the question that is asked
                shown = torch.cat([here[(torch.arange(len(asked_about)) + other) % len(here)], asked_about[None]])
                prompts = WORLD.prompts(shown[0], source=Vocabulary.FORUM)
                for before, after in itertools.pairwise(shown):
                    said = Vocabulary.TONE + manner * TONE_WORDS + torch.randint(TONE_WORDS, (len(asked_about),), generator=drawn)
                    prompts = WORLD.followed(prompts, WORLD.bad[before], said, after)
                found[f"{place}{manner.name.lower()} {k}"] = answers(model, prompts, WORLD, asked_about).bad
    return found
