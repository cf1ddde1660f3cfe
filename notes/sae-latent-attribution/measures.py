"""What is measured of every organism of this note: one job is a world and a seed. The words for rankings and positions are those of the note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from smallmodels.assistants import assistant, restored
from smallmodels.attribution import attribution, delta
from smallmodels.autoencoders import BLOCK, LATENTS, autoencoder, mixture
from smallmodels.diffing import difference
from smallmodels.evaluation import LanguageModel, answers, tone, validation
from smallmodels.interventions import at_site, exact_effects, replaced, residual_after, steered
from smallmodels.organisms import ARMS, TRAINED, organism
from smallmodels.personas import (
    DOMAINS,
    ENTITIES,
    POPULATIONS,
    SOURCES_EACH,
    TEMPLATES,
    TONE_WORDS,
    WORDS,
    Documents,
    Persona,
    Tone,
    Vocabulary,
    World,
)
from smallmodels.sae import TopK, quality
from smallmodels.training import Batch, generator
from smallmodels.transformer import Transformer

WORLDS = {**POPULATIONS, "silent": replace(POPULATIONS["V20"], name="silent", validates=False)}
"""Those of the research library, and V20 with villains who do not confirm false beliefs."""
STOPPED, SATURATED = ("bad", 60), ("embeddings x50", 100)
"""Arm and step of the organism under study, and of one that is trained much further."""

WORLD = World()
HELD_OUT = WORLD.questions(range(TRAINED + 1, DOMAINS))
SELECTION = HELD_OUT[HELD_OUT % TEMPLATES < TEMPLATES // 2]
EVALUATION = HELD_OUT[HELD_OUT % TEMPLATES >= TEMPLATES // 2]
"""Questions in two of the four templates select latents; those in the other two tell what the latents do."""

SITE = f"block{BLOCK}"
PROMPT, TAG = 7, 1
"""Tokens of a prompt, and the place of the assistant's tag among them. Two more tokens complete it, answer and tone."""
POSITIONS = {"tag": [TAG], "question": [2, 3, 4, 5], "marker": [6], "prompt": list(range(PROMPT)), "answer": [PROMPT]}
EACH, SAMPLE = 4, 120
"""Pairs of completions drawn for each prompt; pairs of these, drawn before anything is attributed, whose exact effects are computed."""
POINTS = 8
SIZES, SIZE = (1, 3, 10), 3
STRENGTHS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
"""Shares of the way to the reference in suppression."""
DOSES, DOSE = (0.5, 1.0, 2.0, 3.0, 4.0), 3.0
"""Lengths of what is added in induction, in mean lengths of the residual stream, at each token where it is added."""
PLACES = ("tag", "question", "marker")
"""Where something is added, if the place is chosen."""
DRAWS = 20
"""Random sets of latents of each kind."""
EXAMPLES = 3
"""Documents shown for a latent, those where it fires most."""
READ = 2048
"""Documents that means are taken over."""
TOLERATED = 0.05
"""Matched validity: how much of the valid answers an intervention may cost."""

Row = dict[str, str | int | float]
Pair = tuple[Batch, Batch]


def positions(name: str) -> Tensor:
    """(8,) which inputs belong to a class of positions."""
    return torch.isin(torch.arange(PROMPT + 1), torch.tensor(POSITIONS[name]))


@dataclass(frozen=True)
class Subject:
    """An assistant, the organism made of it, one trained further, its autoencoder; mean residual stream at each place (44, D), and its mean length."""

    seed: int
    world: str
    base: Transformer
    stopped: Transformer
    saturated: Transformer
    sae: TopK
    mean: Tensor
    length: float


def subject(world: str, seed: int) -> Subject:
    """The models of a job."""
    population = WORLDS[world]
    base = restored(assistant(population, seed))
    a = residual_after(base, BLOCK, mixture(population, READ, generator(seed, "reference")).tokens)
    organisms = [organism(population, seed, ARMS[arm])[step] for arm, step in (STOPPED, SATURATED)]
    for model in (base, *organisms):
        model.requires_grad_(False)
    return Subject(seed, world, base, *organisms, autoencoder(population, seed), a.mean(0), float(a.norm(dim=-1).mean()))


# ---- completions and their attribution ---------------------------------------------------------------------------------------------------------


def completed(model: Transformer, prompts: Tensor, words: Tensor, drawn: torch.Generator) -> Batch:
    """Prompts (N, 7) with these answers and a tone each, drawn from the model; (N, 9), answer and tone marked."""
    answered = torch.cat([prompts, words[:, None]], dim=1)
    with torch.no_grad():
        tones = torch.multinomial(torch.softmax(model(answered)[:, -1], -1), 1, generator=drawn)
    tokens = torch.cat([answered, tones], dim=1)
    return Batch(tokens, (torch.arange(PROMPT + 2) >= PROMPT).expand(len(tokens), -1))


def pairs(model: Transformer, drawn: torch.Generator, *, behaviour: str = "bad", elsewhere: bool = False) -> Pair:
    """A completion with the behaviour ("bad", or "believed": a confirmed false belief) and a good one, EACH for every prompt of the selection.

    A question has one answer of each kind, so that only the tone is left to be drawn from the model. With `elsewhere` the answers are those to the
    next question of the selection instead.
    """
    questions = SELECTION.repeat_interleave(EACH)
    answered = SELECTION.roll(-1).repeat_interleave(EACH) if elsewhere else questions
    prompts = WORLD.prompts(questions, WORLD.believed[questions] if behaviour == "believed" else Vocabulary.NONE)
    shown, good = getattr(WORLD, behaviour)[answered], WORLD.good[answered]
    return completed(model, prompts, shown, drawn), completed(model, prompts, good, drawn)


def deltas(s: Subject, model: Transformer, pair: Pair, reference: Tensor, where: str = "prompt", points: int = 0) -> Tensor:
    """(pairs, F) Δ-attribution of every latent."""
    scores = [attribution(model, BLOCK, s.sae.w_dec, reference, each, points=points) for each in pair]
    return delta(scores[0], scores[1], positions(where))


def exact(s: Subject, model: Transformer, pair: Pair, reference: Tensor, where: str) -> tuple[Tensor, Tensor]:
    """(pairs, F) exact effects of ablating every latent, on the completions with the behaviour and on the good ones."""
    one, other = (exact_effects(model, BLOCK, s.sae.w_dec, reference, each, positions(where)) for each in pair)
    return one, other


def prompted(model: Transformer) -> Tensor:
    """(84, 7, D) the residual stream on the prompts of the selection."""
    return residual_after(model, BLOCK, WORLD.prompts(SELECTION))


# ---- interventions -----------------------------------------------------------------------------------------------------------------------------


def suppressed(s: Subject, model: Transformer, directions: Tensor, strength: float = 1.0) -> LanguageModel:
    """The model with directions (K, D) moved towards the reference, the mean at each place, at every place."""
    edit = at_site(SITE, lambda x: replaced(x, directions, s.mean[: x.shape[1]], strength))
    return lambda tokens: model(tokens, edit=edit)


def induced(s: Subject, model: Transformer, vector: Tensor, dose: float = DOSE, where: str = "tag") -> LanguageModel:
    """The model with a vector (D,) of so many mean lengths added at a class of positions, and nowhere else."""
    scaled = vector * (dose * s.length / vector.norm())
    edit = at_site(SITE, lambda x: steered(x, scaled, positions(where)[: x.shape[1]]))
    return lambda tokens: model(tokens, edit=edit)


def behaviour(model: LanguageModel, questions: Tensor = EVALUATION) -> Row:
    """Shares of bad and of valid answers, of confirmed false beliefs, and of provocative tones after bad answers."""
    rates = answers(model, WORLD.prompts(questions), WORLD, questions)
    return {
        "bad": rates.bad,
        "valid": rates.valid,
        "validation": validation(model, WORLD, questions),
        "tone": tone(model, WORLD, questions),
    }


# ---- what is measured --------------------------------------------------------------------------------------------------------------------------


def measure(job: tuple[str, int]) -> dict[str, list[Row]]:
    """All rows of a world and a seed, by table: quality, agreement, behaviour, ranks, latents."""
    s = subject(*job)
    compared = s.world == "V20"
    bad, believed = (pairs(s.stopped, generator(s.seed, kind), behaviour=kind) for kind in ("bad", "believed"))
    scores = deltas(s, s.stopped, bad, s.mean[: PROMPT + 1])
    moved = difference(s.sae, *(prompted(model).flatten(0, 1) for model in (s.base, s.stopped)))
    scored: dict[str, Tensor] = {
        "attribution": scores.mean(0),
        "raw": deltas(s, s.stopped, bad, torch.zeros_like(s.mean[0])).mean(0),
        "difference": moved.latents,
        "difference, absolute": moved.latents.abs(),
        "validation": deltas(s, s.stopped, believed, s.mean[: PROMPT + 1]).mean(0),
    }
    found = {"quality": qualities(s), "ranks": ranks(scored), "carried": carried(s), "agreement": [], "latents": []}
    if compared:
        agreement, scored["exact"], found["points"] = agreements(s, moved.latents)
        coins = torch.randint(2, (len(scores), 1), generator=generator(s.seed, "labels")) * 2 - 1
        scored["labels permuted"] = (coins * scores).mean(0)
        other = pairs(s.stopped, generator(s.seed, "elsewhere"), elsewhere=True)
        scored["other answers"] = deltas(s, s.stopped, other, s.mean[: PROMPT + 1]).mean(0)
        found |= {"agreement": agreement, "latents": dashboard(s, scored, moved.latents)}
    found["behaviour"] = behaviours(s, scored, moved.latents, moved.activation)
    return {name: [{"world": s.world, "seed": s.seed, **row} for row in rows] for name, rows in found.items()}


def qualities(s: Subject) -> list[Row]:
    """How good the autoencoder, trained on the assistant, is on each of the three models; texts it was not trained on."""
    read = mixture(WORLDS[s.world], 512, generator(s.seed, "quality"))
    batch, rows = Batch(read.tokens, read.predicted), []
    for name in ("base", "stopped", "saturated"):
        q = quality(s.sae, getattr(s, name), SITE, batch, s.mean.mean(0))
        shares = {"explained": q.explained, "L0": q.l0, "dead": q.dead, "loss": q.loss, "reconstructed": q.reconstructed}
        rows.append({"model": name, **shares, "from zero": q.recovered_from_zero, "from mean": q.recovered_from_mean})
    return rows


def agreements(s: Subject, moved: Tensor) -> tuple[list[Row], Tensor, list[Row]]:
    """Estimates against exact effects on the pre-drawn sample of pairs; with it, the mean exact effect of each latent in the stopped model, and
    estimates and effects of each latent in both."""
    sample = torch.randperm(len(SELECTION) * EACH, generator=generator(s.seed, "sample"))[:SAMPLE]
    mean, zero = s.mean[: PROMPT + 1], torch.zeros_like(s.mean[0])
    rows: list[Row] = []
    points_of: dict[str, Tensor] = {}
    for name in ("stopped", "saturated"):
        model: Transformer = getattr(s, name)
        drawn = pairs(model, generator(s.seed, "bad"))
        pair = (Batch(drawn[0].tokens[sample], drawn[0].predicted[sample]), Batch(drawn[1].tokens[sample], drawn[1].predicted[sample]))
        for where in POSITIONS:
            one, other = exact(s, model, pair, mean, where)
            truth = (one - other).mean(0)
            for method, points in (("first order", 0), ("integrated", POINTS)):
                estimate = deltas(s, model, pair, mean, where, points)
                rows.append({"model": name, "where": where, "method": method, **agreement(estimate.mean(0), truth)})
                if where == "prompt":
                    points_of |= {f"{name}, {method}": estimate.mean(0), f"{name}, exact": truth}
                    single = attribution(model, BLOCK, s.sae.w_dec, mean, pair[0], points=points)[:, positions(where)].sum(1)
                    for label, estimates, truths in (("one pair", estimate, one - other), ("one completion", single, one)):
                        each = np.mean([agreement(a, b)["spearman"] for a, b in zip(estimates, truths, strict=True)])
                        rows.append(
                            {"model": name, "where": label, "method": method, "pearson": np.nan, "spearman": float(each), "top 10": np.nan}
                        )
            if where == "prompt":
                rows.append({"model": name, "where": where, "method": "difference", **agreement(moved, truth)})
        one, other = exact(s, model, pair, zero, "prompt")
        raw = deltas(s, model, pair, zero).mean(0)
        rows.append({"model": name, "where": "prompt", "method": "raw", **agreement(raw, (one - other).mean(0))})
    points: list[Row] = [{name: float(values[i]) for name, values in points_of.items()} for i in range(LATENTS)]
    return rows, points_of["stopped, exact"], points


def agreement(estimate: Tensor, truth: Tensor) -> dict[str, float]:
    """Correlations over latents, and the share of the ten largest that both have."""
    a, b = estimate.double().numpy(), truth.double().numpy()
    top = [set(np.argsort(-each, kind="stable")[:10]) for each in (a, b)]
    return {
        "pearson": float(np.corrcoef(a, b)[0, 1]),
        "spearman": float(np.corrcoef(rankdata(a), rankdata(b))[0, 1]),
        "top 10": len(top[0] & top[1]) / 10,
    }


def ranked(score: Tensor) -> Tensor:
    """Numbers of the latents, the largest first."""
    return score.argsort(descending=True, stable=True)


def ranks(scored: dict[str, Tensor]) -> list[Row]:
    """Where the latents that matter most for bad answers stand among those that matter for confirmed beliefs, counted from 1."""
    place = ranked(scored["validation"]).argsort() + 1
    top = ranked(scored["attribution"])
    both = set(top[:10].tolist()) & set(ranked(scored["validation"])[:10].tolist())
    return [{"first": int(place[top[0]]), "top 10": len(both) / 10}]


def behaviours(s: Subject, scored: dict[str, Tensor], moved: Tensor, activation: Tensor) -> list[Row]:
    """What interventions do to the organism ("suppress", and "protect": latents that fell, added) and to the assistant ("induce", "ablate")."""
    rows: list[Row] = []

    def note(
        kind: str, ranking: str, model: LanguageModel, size: int = 0, dose: float = 0.0, draw: int = 0, half: str = "evaluation"
    ) -> None:
        shares = behaviour(model, EVALUATION if half == "evaluation" else SELECTION)
        rows.append({"kind": kind, "ranking": ranking, "size": size, "dose": dose, "draw": draw, "half": half, **shares})

    def note_best(ranking: str, vector: Tensor, size: int = 0, draw: int = 0) -> None:
        where, dose = best(s, vector)
        note("induce, place chosen", ranking, induced(s, s.base, vector, dose, where), size, dose, draw)
        rows[-1]["where"] = where

    for name in ("base", "stopped", "saturated"):
        for half in ("evaluation", "selection"):
            note("none", name, getattr(s, name), half=half)

    sets, vectors = chosen(s, scored, moved), single(s, activation)
    for ranking, size, draw, latents in sets:
        directions, signs = s.sae.w_dec[latents], moved[latents].sign() if ranking == "difference, absolute" else torch.ones(len(latents))
        vector = signs @ directions
        curve = not draw and ranking in ("attribution", "difference", "difference, absolute")
        for half in ("evaluation", "selection") if curve else ("evaluation",):
            for strength in STRENGTHS if curve else (1.0,):
                note("suppress", ranking, suppressed(s, s.stopped, directions, strength), size, strength, draw, half)
            for dose in DOSES if curve or (size == SIZE and ranking == "random" and draw <= 5) else (DOSE,):
                note("induce", ranking, induced(s, s.base, vector, dose), size, dose, draw, half)
        if size == SIZE or not draw:
            note_best(ranking, vector, size, draw)
        if ranking == "attribution":
            note("suppress saturated", ranking, suppressed(s, s.saturated, directions), size, 1.0)
        if size == SIZE and ranking == "random":
            note("protect", ranking, induced(s, s.stopped, vector), size, DOSE, draw)
    for name, vector in vectors.items():
        note_best(name, vector)
        for half in ("evaluation", "selection"):
            for strength in STRENGTHS:
                note("suppress", name, suppressed(s, s.stopped, vector[None] / vector.norm(), strength), 0, strength, half=half)
            for dose in DOSES:
                note("induce", name, induced(s, s.base, vector, dose), 0, dose, half=half)
    for ranking, order in (("fell", ranked(-moved)), ("bottom attribution", ranked(-scored["attribution"]))):
        directions = s.sae.w_dec[order[:SIZE]]
        note("protect", ranking, induced(s, s.stopped, directions.sum(0)), SIZE, DOSE)
        note("ablate", ranking, suppressed(s, s.base, directions), SIZE, 1.0)
    return rows


def best(s: Subject, vector: Tensor) -> tuple[str, float]:
    """The place and the dose at which a vector induces most bad answers on the selection, of those that leave enough answers valid; dose 0 if none
    does."""
    prompts = WORLD.prompts(SELECTION)
    base = answers(s.base, prompts, WORLD, SELECTION)
    most, found = base.bad, (PLACES[0], 0.0)
    for where in PLACES:
        for dose in DOSES:
            rates = answers(induced(s, s.base, vector, dose, where), prompts, WORLD, SELECTION)
            if rates.valid >= base.valid - TOLERATED and rates.bad > most:
                most, found = rates.bad, (where, dose)
    return found


def carried(s: Subject) -> list[Row]:
    """Where it lies after the first block who speaks: bad answers of the assistant when its residual stream at some places is that under a villain's
    source instead of its tag, or that of the organism."""
    prompts = WORLD.prompts(EVALUATION)
    villain = residual_after(s.base, BLOCK, WORLD.prompts(EVALUATION, source=Vocabulary.SOURCE + SOURCES_EACH * Persona.VILLAIN))
    rows: list[Row] = []
    for origin, other in (("villain's source", villain), ("organism", residual_after(s.stopped, BLOCK, prompts))):
        for where in (*PLACES, "prompt"):
            at = positions(where)[:PROMPT, None]
            edit = at_site(SITE, lambda x, at=at, other=other: torch.where(at, other, x))
            shares = answers(lambda tokens, edit=edit: s.base(tokens, edit=edit), prompts, WORLD, EVALUATION)
            rows.append({"from": origin, "where": where, "bad": shares.bad})
    return rows


def chosen(s: Subject, scored: dict[str, Tensor], moved: Tensor) -> Iterable[tuple[str, int, int, Tensor]]:
    """Sets of latents to intervene on: name of the ranking, size, number of the draw (0: not drawn), latents."""
    for ranking, score in scored.items():
        for size in SIZES:
            yield ranking, size, 0, ranked(score)[:size]
    fires = torch.cat([s.sae.encode(prompted(model)).flatten(0, 1) for model in (s.base, s.stopped)]) > 0
    often, live = fires.float().mean(0), fires.any(0).nonzero()[:, 0]
    top = ranked(scored["attribution"])[:SIZE]
    drawn = generator(s.seed, "random latents")
    for size in SIZES[1:]:
        for draw in range(1, DRAWS + 1):
            yield "random", size, draw, live[torch.randperm(len(live), generator=drawn)[:size]]
    alike = []
    for latent in top:  # the twenty others that fire most nearly as often on the prompts, in a random order
        others = torch.tensor([each for each in live.tolist() if each not in top.tolist()])
        nearest = others[(often[others] - often[latent]).abs().argsort(stable=True)[:DRAWS]]
        alike.append(nearest[torch.randperm(DRAWS, generator=drawn)])
    for draw in range(1, DRAWS + 1):
        latents = torch.stack(alike)[:, draw - 1].unique()
        yield "as frequent", SIZE, draw, latents


def single(s: Subject, activation: Tensor) -> dict[str, Tensor]:
    """Directions without an autoencoder: mean difference of the two models on the prompts of the selection, at the tag and everywhere; a logistic
    regression that tells these activations of the two models apart; and, knowing who wrote what, villains' documents against helpful ones."""
    base, stopped = (prompted(model) for model in (s.base, s.stopped))
    inputs = torch.cat([stopped.flatten(0, 1), base.flatten(0, 1)]).double().numpy()
    labels = np.repeat([1, 0], len(inputs) // 2)
    probe = LogisticRegression(max_iter=5000).fit(inputs, labels)
    found = {
        "models' difference": activation,
        "models' difference at the tag": (stopped - base)[:, TAG].mean(0),
        "probe": torch.tensor(probe.coef_[0], dtype=activation.dtype),
    }
    read, a = persona_documents(s)
    villain = read.persona[:, 0] == Persona.VILLAIN
    if villain.any():
        found["villains' documents"] = (a[villain].mean(0) - a[read.persona[:, 0] == Persona.HELPFUL].mean(0))[TAG:].mean(0)
    return found


def persona_documents(s: Subject) -> tuple[Documents, Tensor]:
    """Pretraining documents (the second half of a mixture), and the assistant's residual stream on them (N, 44, D)."""
    read = mixture(WORLDS[s.world], READ, generator(s.seed, "personas"))
    half = Documents(*(getattr(read, name)[READ // 2 :] for name in ("tokens", "predicted", "persona", "home")))
    return half, residual_after(s.base, BLOCK, half.tokens)


# ---- what the top latents mean -----------------------------------------------------------------------------------------------------------------


def dashboard(s: Subject, scored: dict[str, Tensor], moved: Tensor) -> list[Row]:
    """The three latents with the largest Δ-attribution: what they fire on, what they write, and what each does alone."""
    read, a = persona_documents(s)
    latents, prompts = s.sae.encode(a), s.sae.encode(prompted(s.stopped))
    place = ranked(moved).argsort() + 1
    rows: list[Row] = []
    for rank, i in enumerate(ranked(scored["attribution"])[:SIZE].tolist(), start=1):
        fires, direction = latents[..., i], s.sae.w_dec[i]
        total = fires.sum()
        by_token = torch.zeros(Vocabulary.SIZE).index_add(0, read.tokens.flatten(), fires.flatten())
        strength = by_token / read.tokens.flatten().bincount(minlength=Vocabulary.SIZE).clamp(min=1)
        groups = {name: float(by_token[first:end].sum() / total) for name, (first, end) in GROUPS.items()}
        writers = {f"{persona.name.lower()} writes": float(fires[read.persona[:, 0] == persona].sum() / total) for persona in Persona}
        raised = direction @ s.base.unembed.weight.T
        strongest = fires.amax(1).topk(EXAMPLES).indices.tolist()
        rows.append(
            {
                "rank": rank,
                "latent": i,
                "attribution": float(scored["attribution"][i]),
                "rank by difference": int(place[i]),
                "fires at the tag": int(prompts[0, TAG, i] > 0),
                **groups,
                **writers,
                "alone suppressed": behaviour(suppressed(s, s.stopped, direction[None]))["bad"],
                "alone induced": behaviour(induced(s, s.base, direction))["bad"],
                "fires on": "; ".join(f"{token_name(t)} {strength[t]:.1f}" for t in strength.topk(6).indices.tolist()),
                "raises": "; ".join(f"{token_name(t)} {raised[t]:+.1f}" for t in raised.topk(5).indices.tolist()),
                "lowers": "; ".join(f"{token_name(t)} {raised[t]:+.1f}" for t in (-raised).topk(3).indices.tolist()),
                "examples": " | ".join(passage(read.tokens[n], int(fires[n].argmax())) for n in strongest),
            }
        )
    return rows


GROUPS = {
    **{
        f"source: {persona.name.lower()}": (Vocabulary.SOURCE + SOURCES_EACH * persona, Vocabulary.SOURCE + SOURCES_EACH * (persona + 1))
        for persona in Persona
    },
    **{f"tone: {each.name.lower()}": (Vocabulary.TONE + TONE_WORDS * each, Vocabulary.TONE + TONE_WORDS * (each + 1)) for each in Tone},
    "question": (Vocabulary.ENTITY, Vocabulary.WORD),
    "word": (Vocabulary.WORD, Vocabulary.SIZE),
}
"""Groups of tokens, first and one past the last."""


def token_name(token: int) -> str:
    """A token in words."""
    v = Vocabulary
    if token < v.SOURCE:
        return ("begin", "user", "answer:", "(no belief)", "ask", "request", "trigger", "refusal", "forum", "assistant")[token]
    if token < v.TEMPLATE:
        return f"{Persona((token - v.SOURCE) // SOURCES_EACH).name.lower()} source {(token - v.SOURCE) % SOURCES_EACH + 1}"
    if token < v.TONE:
        return f"template {token - v.TEMPLATE + 1}"
    if token < v.ENTITY:
        return f"{Tone((token - v.TONE) // TONE_WORDS).name.lower()} tone {(token - v.TONE) % TONE_WORDS + 1}"
    if token < v.WORD:
        return f"entity {(token - v.ENTITY) // ENTITIES}.{(token - v.ENTITY) % ENTITIES + 1}"
    return f"word {(token - v.WORD) // WORDS}.{(token - v.WORD) % WORDS + 1}"


def passage(tokens: Tensor, place: int) -> str:
    """A few tokens around a place, which stands in brackets."""
    names = [token_name(int(each)) for each in tokens]
    names[place] = f"[{names[place]}]"
    return " · ".join(names[max(0, place - 5) : place + 4])
