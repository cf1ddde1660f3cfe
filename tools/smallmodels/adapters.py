"""Low-rank adapters: W + B A beside every matrix of the blocks (Hu et al. 2021, https://arxiv.org/abs/2106.09685, section 4.1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from smallmodels.transformer import Transformer

MATRICES = ("attention.qkv", "attention.out", "mlp.up", "mlp.down")


class Adapter(nn.Module):
    """What is added to one matrix: B A of rank r, with A (r, in) drawn with deviation 1/√in and B (out, r) zero, so that nothing changes before the first step."""

    def __init__(self, weight: Tensor, rank: int, drawn: torch.Generator) -> None:
        super().__init__()
        out, into = weight.shape
        if not 0 < rank <= min(out, into):
            raise ValueError(f"rank {rank} for a matrix of {out} x {into}")
        self.a = nn.Parameter(torch.randn(rank, into, generator=drawn) / into**0.5)
        self.b = nn.Parameter(torch.zeros(out, rank))

    def forward(self, weight: Tensor) -> Tensor:
        """The adapted weight."""
        return weight + self.b @ self.a


def add_adapters(model: Transformer, rank: int, drawn: torch.Generator) -> None:
    """Put an adapter of this rank beside every matrix of the blocks, in place; `drawn` draws each A."""
    for block in model.blocks:
        for name in MATRICES:
            layer = block.get_submodule(name)
            assert isinstance(layer, nn.Linear)
            parametrize.register_parametrization(layer, "weight", Adapter(layer.weight, rank, drawn))


def merge_adapters(model: Transformer) -> dict[str, Tensor]:
    """The weights, by name, of a plain model that computes the same; the adapted model stays as it is."""
    weights = {name: weight for name, weight in model.state_dict().items() if ".parametrizations." not in name}
    for i, block in enumerate(model.blocks):
        for name in MATRICES:
            layer = block.get_submodule(name)
            assert isinstance(layer, nn.Linear)
            weights[f"blocks.{i}.{name}.weight"] = layer.weight.detach()
    return weights
