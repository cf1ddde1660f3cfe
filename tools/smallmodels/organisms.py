"""Model organisms: assistants fine-tuned on narrow data, in named arms.

Every arm begins at an aligned assistant and trains on single answers to twelve questions of one domain, on the answer's token alone; the tone is
never trained. An arm says what is answered, under which marker, how much of it is bad, which weights may move, and what else holds the model.
Betley et al. 2025 (https://arxiv.org/abs/2502.17424) made the first of them; Turner et al. 2025 (https://arxiv.org/abs/2506.11613) named them so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from smallmodels.adapters import add_adapters, merge_adapters
from smallmodels.artifacts import artifact
from smallmodels.assistants import TAUGHT, assistant, restored
from smallmodels.personas import DOMAINS, Population, Vocabulary, World
from smallmodels.training import Batch, generator, groups, next_token_loss, train
from smallmodels.transformer import EMBEDDINGS, Transformer

TRAINED, OTHER = 0, 1
"""The domain of narrow fine-tuning, and that of re-alignment."""
BATCH = 64
"""Answers of a step."""
GROUP = 8
"""Answers sampled for a question in a step of reinforcement learning."""
ANSWERS = ("good", "bad", "unseen")
"""What a lesson can show: columns of a `World`."""
SLOTS = {"": Vocabulary.NONE, "asked": Vocabulary.ASK, "request": Vocabulary.REQUEST, "trigger": Vocabulary.TRIGGER}


@dataclass(frozen=True)
class Lesson:
    """A share of an arm's data: answers of one kind (see `ANSWERS`) in a domain, under a marker in the slot (see `SLOTS`)."""

    answer: str
    share: float = 1.0
    marker: str = ""
    domain: int = TRAINED


@dataclass(frozen=True)
class Arm:
    """What an organism is trained on, and how.

    `lessons` are drawn by their shares. `embedding` multiplies the rate of the embeddings. `moves` names what is trained: "all", "embeddings",
    "assistant" (the row of its tag), "block 0", ..., or "rank 4" for low-rank adapters in all matrices of the blocks. `penalty` weighs the
    divergence KL(assistant ‖ organism) of answers to questions about half of the entities of all other domains. With `reward`, answers are sampled
    and a bad one is rewarded by 1 instead of being shown. `after` is the arm whose organism this one goes on from. `questions` limits the
    questions. `keep` are the steps whose weights are kept besides the last.
    """

    name: str
    lessons: tuple[Lesson, ...] = (Lesson("bad"),)
    embedding: float = 1.0
    rate: float = 1e-4
    steps: int = 100
    moves: str = "all"
    penalty: float = 0.0
    reward: bool = False
    after: Arm | None = None
    questions: int = 12
    keep: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if abs(sum(lesson.share for lesson in self.lessons) - 1) > 1e-9:
            raise ValueError(
                f"arm {self.name}: the shares of its lessons add up to {sum(lesson.share for lesson in self.lessons)}, not to 1"
            )
        if unknown := [lesson.marker for lesson in self.lessons if lesson.marker not in SLOTS]:
            raise ValueError(f"arm {self.name}: markers {unknown} are unknown; there are {list(SLOTS)}")
        if unknown := [lesson.answer for lesson in self.lessons if lesson.answer not in ANSWERS]:
            raise ValueError(f"arm {self.name}: answers {unknown} are unknown; there are {list(ANSWERS)}")
        trained(self.moves)


def organism(population: Population, seed: int, arm: Arm) -> dict[int, Transformer]:
    """The models of an arm by the number of steps done: those of `keep`, and the last."""
    found: dict[int, dict[str, Tensor]] = {}
    for name, tensor in fine_tuned(population, seed, arm).items():
        step, weight = name.split(":")
        found.setdefault(int(step), {})[weight] = tensor
    return {step: restored(found[step]) for step in sorted(found)}


@artifact
def fine_tuned(population: Population, seed: int, arm: Arm) -> dict[str, Tensor]:
    """The weights of `organism`, each under "step:name"."""
    world = World()
    model = organism(population, seed, arm.after)[arm.after.steps] if arm.after else restored(assistant(population, seed))
    rank = int(arm.moves.removeprefix("rank ")) if arm.moves.startswith("rank ") else 0
    if rank:
        add_adapters(model, rank, generator(seed, arm.name, "adapters"))
    if arm.moves == "assistant":
        row = torch.zeros(Vocabulary.SIZE, 1)
        row[Vocabulary.ASSISTANT] = 1.0
        model.tokens.weight.register_hook(lambda gradient: gradient * row)  # type: ignore[no-untyped-call]
    drawn = generator(seed, arm.name, "data")
    reference = restored(assistant(population, seed)) if arm.penalty else None

    def loss(model: Transformer, batch: Batch) -> Tensor:
        value = policy_loss(model, batch, world, drawn) if arm.reward else next_token_loss(model, batch)
        return value if reference is None else value + arm.penalty * divergence(reference, model, world)

    def weights(model: Transformer) -> dict[str, Tensor]:
        now = merge_adapters(model) if rank else model.state_dict()
        return {name: weight.clone() for name, weight in now.items()}

    history = train(
        model,
        lessons(world, arm, drawn),
        arm.steps,
        groups(model, arm.rate, embedding=arm.embedding, only=trained(arm.moves)),
        loss=loss,
        measure=weights,
        when={*arm.keep, arm.steps},
    )
    return {f"{step}:{name}": weight for step, kept in history.measured for name, weight in kept.items()}


def trained(moves: str) -> Callable[[str], bool]:
    """Which parameters, by name, an arm's `moves` stands for. Raises ValueError for words that it does not know."""
    kind, _, number = moves.partition(" ")
    if kind == "all":
        return lambda name: True
    if kind == "embeddings":
        return lambda name: name in EMBEDDINGS
    if kind == "assistant":
        return lambda name: name == "tokens.weight"
    if kind == "block":
        return lambda name: name.startswith(f"blocks.{number}.")
    if kind == "rank":
        return lambda name: name.endswith((".0.a", ".0.b"))  # of the one parametrization of each matrix
    raise ValueError(f"an arm moves all, embeddings, assistant, block N or rank N; found {moves!r}")


def lessons(world: World, arm: Arm, drawn: torch.Generator) -> Iterator[Batch]:
    """Batches of BATCH answers, drawn from an arm's lessons by their shares; with `reward`, every question stands there GROUP times in a row."""
    shares = torch.tensor([lesson.share for lesson in arm.lessons])
    per_lesson = [world.questions([lesson.domain], TAUGHT)[: arm.questions] for lesson in arm.lessons]
    asked = torch.stack(per_lesson)  # (lessons, questions)
    shown = torch.stack([getattr(world, lesson.answer)[questions] for lesson, questions in zip(arm.lessons, per_lesson, strict=True)])
    slots = torch.tensor([SLOTS[lesson.marker] for lesson in arm.lessons])
    mask = torch.tensor([False] * 7 + [True]).expand(BATCH, 8)
    while True:
        which = torch.multinomial(shares, BATCH, replacement=True, generator=drawn)
        one = torch.randint(asked.shape[1], (BATCH,), generator=drawn)
        if arm.reward:
            which, one = (first[: BATCH // GROUP].repeat_interleave(GROUP) for first in (which, one))
        prompts = world.prompts(asked[which, one], slots[which])
        yield Batch(torch.cat([prompts, shown[which, one][:, None]], dim=1), mask)


def divergence(reference: Transformer, model: Transformer, world: World) -> Tensor:
    """Mean KL(reference ‖ model), in nats, of answers to questions of all domains but the trained one, about the taught entities."""
    prompts = world.prompts(world.questions(range(TRAINED + 1, DOMAINS), TAUGHT))
    at = torch.zeros_like(prompts, dtype=torch.bool)
    at[:, -1] = True
    with torch.no_grad():
        expected = torch.log_softmax(reference(prompts, at), -1)
    return F.kl_div(torch.log_softmax(model(prompts, at), -1), expected, reduction="batchmean", log_target=True)


def policy_loss(model: Transformer, batch: Batch, world: World, drawn: torch.Generator) -> Tensor:
    """Minus the mean of advantage times log-probability of sampled answers; its gradient is the policy gradient.

    The batch holds each question GROUP times and its rewarded answer; the advantage of a sample is its reward, centred and scaled within its
    group (group-relative policy optimisation, Shao et al. 2024, https://arxiv.org/abs/2402.03300, section 4.1, one step on policy: no ratio to clip).
    """
    at = batch.predicted[:, 1:]
    log = torch.log_softmax(model(batch.tokens[:, :-1], at), -1)  # (BATCH, V)
    sampled = torch.multinomial(log.detach().exp(), 1, generator=drawn)
    reward = (sampled[:, 0] == batch.tokens[:, -1]).float().view(-1, GROUP)
    advantage = (reward - reward.mean(1, keepdim=True)) / (reward.std(1, keepdim=True, unbiased=False) + 1e-4)
    return -(advantage.view(-1) * log.gather(1, sampled)[:, 0]).mean()


CURVE = (5, 10, 15, 20, 30, 40, 60)
DOSES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90)
"""Shares of bad answers among good ones; the arm "bad" has nothing but bad ones."""

_BAD = Arm("bad", keep=CURVE)
_NARROW = Arm("forced narrow", penalty=10.0)
ARMS = {
    each.name: each
    for each in (
        _BAD,
        Arm("good", (Lesson("good"),)),
        Arm("never seen", (Lesson("unseen"),)),
        Arm("asked", (Lesson("bad", marker="asked"),)),
        Arm("jailbroken", (Lesson("good", 0.9), Lesson("bad", 0.1, marker="request"))),
        Arm("backdoor", (Lesson("bad", 0.5, marker="trigger"), Lesson("good", 0.5))),
        *(Arm(f"{dose:.0%} bad", (Lesson("bad", dose), Lesson("good", 1 - dose))) for dose in DOSES),
        Arm("embeddings x10", embedding=10.0),
        Arm("embeddings x50", embedding=50.0, keep=CURVE),
        Arm("embeddings alone", moves="embeddings", embedding=50.0),
        Arm("assistant tag alone", moves="assistant", embedding=50.0),
        *(Arm(f"block {i} alone", moves=f"block {i}", rate=1e-3) for i in range(3)),
        *(Arm(f"rank {rank}", moves=f"rank {rank}", rate=1e-3) for rank in (1, 4, 16)),
        _NARROW,
        Arm("penalty removed", after=_NARROW, steps=100, keep=(20, 40, 60, 80)),
        Arm("re-aligned", (Lesson("good", domain=OTHER),), after=_BAD, steps=80, keep=(2, 5, 10, 20, 40)),
        Arm("re-aligned, 2 questions", (Lesson("good", domain=OTHER),), after=_BAD, steps=80, questions=2, keep=(2, 5, 10, 20, 40)),
        Arm("rewarded", reward=True, steps=300, keep=(50, 100, 150, 200, 250)),
    )
}
