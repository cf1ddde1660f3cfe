"""Which latents caused a completion: a first-order estimate of every ablation in one backward pass.

With the residual stream a_t after a block at position t, a latent's decoder direction d_i of length one, and L the cross-entropy of the
completion, replacing the part of a_t along d_i by that of a reference ā changes L by about

    δ_{i,t} = -(g_t · d_i) ((a_t - ā) · d_i),    g_t = ∂L/∂a_t

(Dupré la Tour and Mossing 2025, https://alignment.openai.com/sae-latent-attribution/). The raw variant takes ā = 0, the centred one the mean over many
texts. `interventions.exact_effects` gives what δ estimates. Δ-attribution is the difference of δ for two completions of one prompt: above zero where
a latent makes the first of them likelier than the second.
"""

from __future__ import annotations

import torch
from torch import Tensor

from smallmodels.interventions import Loss, completion_losses, cross_entropy, residual_after
from smallmodels.training import Batch
from smallmodels.transformer import Transformer


def attribution(
    model: Transformer, block: int, directions: Tensor, reference: Tensor, batch: Batch, *, points: int = 0, loss: Loss = cross_entropy
) -> Tensor:
    """(B, T, K) δ of K directions of length one (K, D), at each position but the last of texts (B, T + 1).

    `reference` is (D,) or as the activations (B, T, D). With `points` the gradient is the mean over so many points on the way from the activation
    to the reference, one backward pass each (integrated gradients, Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365): the sum over an
    orthonormal basis is then the effect of replacing everything, but for the error of a sum in place of an integral.
    """
    a = residual_after(model, block, batch.tokens[:, :-1])
    away = a - reference
    ways = [(i + 0.5) / points for i in range(points)] if points else [1.0]
    gradient = torch.stack([_gradient(model, block, a - (1 - way) * away, batch, loss) for way in ways]).mean(0)
    return -(gradient @ directions.T) * (away @ directions.T)


def _gradient(model: Transformer, block: int, a: Tensor, batch: Batch, loss: Loss) -> Tensor:
    a = a.detach().requires_grad_()
    return torch.autograd.grad(completion_losses(model, block, a, batch, loss).sum(), a)[0]


def delta(first: Tensor, second: Tensor, where: Tensor) -> Tensor:
    """(B, K) Δ-attribution of two completions of the same prompts: the sum over the positions `where` (T,) of the difference of their δ (B, T, K)."""
    return (first - second)[:, where].sum(1)
