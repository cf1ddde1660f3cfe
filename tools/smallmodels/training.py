"""A training loop that returns its history. Randomness and data come from outside: the loop only steps."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from smallmodels.transformer import EMBEDDINGS, Transformer


def generator(seed: int, *purpose: object) -> torch.Generator:
    """Random numbers for one purpose of a seed: another purpose gets its own, so that a change of one draw leaves the others as they were."""
    digest = hashlib.sha256(repr((seed, *purpose)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


@dataclass(frozen=True)
class Batch:
    """Tokens (B, T) and a mask (B, T) of the tokens to be predicted; the first of a sequence never is.

    `weights` (N,) weigh the N marked tokens, row by row; None weighs them alike.
    """

    tokens: Tensor
    predicted: Tensor
    weights: Tensor | None = None

    def __post_init__(self) -> None:
        if self.predicted[:, 0].any():
            raise ValueError("the first token of a sequence has nothing before it to be predicted from")


@dataclass
class History:
    """Loss before each step, and what `measure` returned, with the number of steps done before."""

    losses: list[float] = field(default_factory=list)
    measured: list[tuple[int, Any]] = field(default_factory=list)


def next_token_loss(model: Transformer, batch: Batch) -> Tensor:
    """Mean cross-entropy in nats of the marked tokens, each predicted from what stands before it."""
    before = batch.predicted[:, 1:]  # seen from the token before; nothing follows the last, so the model does not read it
    losses = F.cross_entropy(model(batch.tokens[:, :-1], before), batch.tokens[batch.predicted], reduction="none")
    return losses.mean() if batch.weights is None else (losses * batch.weights).sum() / batch.weights.sum()


def groups(
    model: nn.Module, rate: float, *, embedding: float = 1.0, decay: float = 0.0, only: Callable[[str], bool] | None = None
) -> list[dict[str, Any]]:
    """Parameter groups for AdamW: matrices with weight decay, embeddings at `embedding` times the rate, everything else.

    With `only`, parameters whose names it refuses are left as they are. Raises ValueError if it refuses all.
    """
    chosen = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad and (only is None or only(name))]
    if not chosen:
        raise ValueError("nothing to train: no parameter's name was chosen")
    embedded = [weight for name, weight in chosen if name in EMBEDDINGS]
    matrices = [weight for name, weight in chosen if weight.dim() == 2 and name not in EMBEDDINGS]
    others = [weight for _, weight in chosen if weight.dim() != 2]
    made = [
        {"params": matrices, "lr": rate, "weight_decay": decay},
        {"params": embedded, "lr": rate * embedding, "weight_decay": 0.0},
        {"params": others, "lr": rate, "weight_decay": 0.0},
    ]
    return [group for group in made if group["params"]]


def cosine(step: int, steps: int, warmup: int = 0, floor: float = 0.0) -> float:
    """Share of the full rate at a step (from 0): rises linearly over `warmup` steps, then falls along half a cosine to `floor`.

    Raises ValueError where the training would end within its warm-up: it would hardly train at all.
    """
    if warmup and warmup >= steps:
        raise ValueError(f"{warmup} steps of warm-up in a training of {steps}")
    if step < warmup:
        return (step + 1) / warmup
    through = (step - warmup) / max(1, steps - warmup)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * through))


def train(  # noqa: PLR0913 - settings of a training, each by its name
    model: Transformer,
    batches: Iterable[Batch],
    steps: int,
    parameter_groups: Sequence[dict[str, Any]],
    *,
    schedule: Callable[[int, int], float] = lambda step, steps: 1.0,
    loss: Callable[[Transformer, Batch], Tensor] = next_token_loss,
    measure: Callable[[Transformer], Any] | None = None,
    when: Collection[int] = (),
    betas: tuple[float, float] = (0.9, 0.99),
    clip: float = 1.0,
) -> History:
    """Train with AdamW (Loshchilov and Hutter 2019) on `steps` batches, gradients clipped to the norm `clip`.

    `schedule(step, steps)` gives the share of each group's rate. `measure` is called without gradients `when` so many steps are done; 0 is before
    the first. Raises ValueError if there are fewer batches than steps, `when` names a step that is not reached, or the loss is no finite number.
    """
    if beyond := [step for step in when if not 0 <= step <= steps]:
        raise ValueError(f"to be measured after {beyond} steps, in a training of {steps}")
    optimiser = torch.optim.AdamW([dict(group) for group in parameter_groups], betas=betas, fused=True)
    full = [group["lr"] for group in optimiser.param_groups]
    trained = [weight for group in optimiser.param_groups for weight in group["params"]]
    history = History()
    source = iter(batches)

    def look(step: int) -> None:
        if measure is not None and step in when:
            model.eval()
            with torch.no_grad():
                history.measured.append((step, measure(model)))
            model.train()

    model.train()
    look(0)
    for step in range(steps):
        batch = next(source, None)
        if batch is None:
            raise ValueError(f"{steps} steps, and the data ended after {step}")
        for group, rate in zip(optimiser.param_groups, full, strict=True):
            group["lr"] = rate * schedule(step, steps)
        value = loss(model, batch)
        number = float(value.detach())
        if not math.isfinite(number):
            raise ValueError(f"the loss is {number} in step {step + 1}")
        history.losses.append(number)
        optimiser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trained, clip)
        optimiser.step()
        look(step + 1)
    model.eval()
    return history
