"""Changing an activation and running on from there: ablation, steering, and their exact effects.

A direction's part of an activation a is replaced by that of a reference r: a' = a - Q Qᵀ (a - r), where the columns of Q are an orthonormal basis
of the directions; for a single direction d of length one, a' = a - ((a - r)·d) d. Zero ablation takes r = 0, mean ablation the mean over many
texts, resample ablation the activation of another text.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from smallmodels.training import Batch
from smallmodels.transformer import Edit, Transformer

Loss = Callable[[Tensor, Tensor], Tensor]
"""Logits (N, V) and the tokens that came (N,) to the loss of each (N,)."""


def replaced(x: Tensor, directions: Tensor, reference: Tensor, strength: float = 1.0) -> Tensor:
    """Activations (..., D) whose part along the directions (K, D) is moved to that of a reference, (D,) or as x: all the way at strength 1."""
    basis = torch.linalg.qr(directions.T).Q
    return x - strength * ((x - reference) @ basis @ basis.T)


def steered(x: Tensor, vector: Tensor, where: Tensor) -> Tensor:
    """Activations (B, T, D) with a vector (D,) added at the positions marked by `where` (T,)."""
    return x + where[:, None] * vector


def at_site(site: str, change: Callable[[Tensor], Tensor]) -> Edit:
    """An `Edit` that changes the activation at one site and leaves all others."""
    return lambda name, x: change(x) if name == site else x


@torch.no_grad()
def residual_after(model: Transformer, block: int, tokens: Tensor) -> Tensor:
    """The residual stream (B, T, D) after a block, of tokens (B, T)."""
    found: list[Tensor] = []

    def read(name: str, x: Tensor) -> Tensor:
        if name == f"block{block}":
            found.append(x)
        return x

    model.residual(tokens, edit=read)
    return found[0]


def cross_entropy(logits: Tensor, tokens: Tensor) -> Tensor:
    """The cross-entropy (N,) in nats of tokens (N,) under logits (N, V): a `Loss`."""
    return F.cross_entropy(logits, tokens, reduction="none")


def completion_losses(model: Transformer, block: int, residual: Tensor, batch: Batch, loss: Loss = cross_entropy) -> Tensor:
    """(B,) loss of each text's marked tokens, summed, given the residual stream after a block; only what lies above is run."""
    at = batch.predicted[:, 1:]
    losses = loss(model.logits(model.onwards(residual, block + 1, at)), batch.tokens[batch.predicted])
    return losses.new_zeros(len(at)).index_add(0, at.nonzero()[:, 0], losses)


@torch.no_grad()
def exact_effects(
    model: Transformer,
    block: int,
    directions: Tensor,
    reference: Tensor,
    batch: Batch,
    where: Tensor,
    *,
    loss: Loss = cross_entropy,
    together: int = 16,
) -> Tensor:
    """(B, K) how much the loss of each text's completion rises when one direction's part is replaced at the positions `where` (T,).

    Texts are (B, T + 1), directions (K, D) of length one, the reference (D,) or as the activations (B, T, D). One forward pass of the blocks above
    for each direction, `together` at a time.
    """
    a = residual_after(model, block, batch.tokens[:, :-1])
    before = completion_losses(model, block, a, batch, loss)
    found = [_losses(model, block, a, d, reference, batch, where, loss) - before for d in torch.split(directions, together)]
    return torch.cat(found).T


def _losses(
    model: Transformer, block: int, a: Tensor, directions: Tensor, reference: Tensor, batch: Batch, where: Tensor, loss: Loss
) -> Tensor:
    n, (texts, time, width) = len(directions), a.shape
    part = torch.einsum("btd,kd->kbt", a - reference, directions) * where
    changed = a - part[..., None] * directions[:, None, None]
    repeated = Batch(batch.tokens.repeat(n, 1), batch.predicted.repeat(n, 1))
    return completion_losses(model, block, changed.reshape(n * texts, time, width), repeated, loss).view(n, texts)
