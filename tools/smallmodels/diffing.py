"""What changed between two models: latents that fire more or less, and directions of difference (Wang et al. 2025,
https://arxiv.org/abs/2506.19823, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from smallmodels.sae import Autoencoder


@dataclass(frozen=True)
class Difference:
    """The second model against the first, on the same texts: change of the mean latents (F,), of the share of positions where each fires (F,), of the mean activation (D,)."""

    latents: Tensor
    firing: Tensor
    activation: Tensor

    def ranked(self, *, signed: bool = True) -> Tensor:
        """The numbers of the latents (F,), the largest rise first; unsigned, the largest change first."""
        return (self.latents if signed else self.latents.abs()).argsort(descending=True, stable=True)


@torch.no_grad()
def difference(autoencoder: Autoencoder, first: Tensor, second: Tensor) -> Difference:
    """Compare activations (N, D) of two models at the same places of the same texts."""
    if first.shape != second.shape:
        raise ValueError(f"activations of the same places are compared: found {tuple(first.shape)} and {tuple(second.shape)}")
    one, other = autoencoder.encode(first), autoencoder.encode(second)
    return Difference((other - one).mean(0), ((other > 0).float() - (one > 0).float()).mean(0), (second - first).mean(0))
