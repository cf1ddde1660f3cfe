"""A decoder-only transformer in one file, with pre-layer normalisation.

Shapes: B sequences of T tokens, vocabulary V, width D, H heads of size D/H, hidden width F of the MLP.

    tokens (B, T) ── embed ──▶ residual (B, T, D) ── block 0 … block L-1 ──▶ residual ── norm, unembed ──▶ logits (B, T, V)

Block: residual += attention(norm(residual)); residual += mlp(norm(residual)), as in GPT-2 (Radford et al. 2019, section 2.3). What flows
through can be read or replaced at named sites without touching the code, see `Edit`; and a forward pass can begin at any block, so that an
intervention costs only the layers above it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Edit = Callable[[str, Tensor], Tensor]
"""Called at each site with its name and its activation; what it returns flows on.

Sites: "embed" (B, T, D), then for each block i: "attention{i}" and "mlp{i}", what the two parts add to the residual stream, and "block{i}", the
residual stream after both; all (B, T, D). To read, store the activation and return it.
"""


EMBEDDINGS = ("tokens.weight", "places.weight")
"""The names of the embeddings among a model's parameters."""


@dataclass(frozen=True)
class Shape:
    """The size of a model: number of tokens known, longest sequence, layers, width, heads; the MLP is `expansion` times as wide."""

    vocabulary: int
    context: int
    layers: int = 3
    width: int = 64
    heads: int = 4
    expansion: int = 4

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is no multiple of {self.heads} heads")

    @property
    def sites(self) -> list[str]:
        """The names that an `Edit` is called with, in order."""
        return ["embed", *(f"{part}{i}" for i in range(self.layers) for part in ("attention", "mlp", "block"))]


class Attention(nn.Module):
    """Causal self-attention: softmax(q kᵀ / √(D/H)) v for each head, later positions masked (Vaswani et al. 2017, section 3.2).

    Written out: for short sequences on a CPU, torch's fused kernel is no faster.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._heads = shape.heads
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.later: Tensor  # -∞ where a key stands after the query
        self.register_buffer("later", torch.full((shape.context, shape.context), -torch.inf).triu(1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """What attention adds to the residual stream (B, T, D), given the normalised stream (B, T, D)."""
        batch, time, width = x.shape
        size = width // self._heads
        heads = self.qkv(x).view(batch, time, 3, self._heads, size).permute(2, 0, 3, 1, 4)
        q, k, v = heads.reshape(3, batch * self._heads, time, size)
        scores = torch.baddbmm(self.later[:time, :time], q, k.transpose(1, 2), alpha=1 / math.sqrt(size))  # (B·H, T, T)
        mixed = (scores.softmax(-1) @ v).view(batch, self._heads, time, size)
        return self.out(mixed.transpose(1, 2).reshape(batch, time, width))


class MLP(nn.Module):
    """Two linear layers with max(0, x) between them."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.up = nn.Linear(shape.width, shape.expansion * shape.width)
        self.down = nn.Linear(shape.expansion * shape.width, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        """What the MLP adds to the residual stream (B, T, D), given the normalised stream (B, T, D)."""
        return self.down(F.relu(self.up(x)))


class Block(nn.Module):
    """The parts of one block: attention and MLP, with the normalisation before each. `Transformer.onwards` puts them together."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(shape.width)
        self.attention = Attention(shape)
        self.norm2 = nn.LayerNorm(shape.width)
        self.mlp = MLP(shape)


class Transformer(nn.Module):
    """The model. Weights are drawn from `generator`, so that the same seed gives the same model whatever was drawn before."""

    def __init__(self, shape: Shape, generator: torch.Generator) -> None:
        super().__init__()
        self.shape = shape
        self.tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.places = nn.Embedding(shape.context, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.unembed = nn.Linear(shape.width, shape.vocabulary, bias=False)
        self._draw(generator)

    def _draw(self, generator: torch.Generator) -> None:
        """Embeddings with deviation 0.02; matrices with 1/√D, which at D = 64 learns in half the steps that GPT-2's 0.02 takes, and
        what writes to the residual stream less by √(2L), so that its variance does not grow with depth (GPT-2)."""
        for name, weight in self.named_parameters():
            if name in EMBEDDINGS:
                nn.init.normal_(weight, 0.0, 0.02, generator=generator)
            elif weight.dim() == 2:
                writes = name.endswith(("attention.out.weight", "mlp.down.weight"))
                deviation = 1 / math.sqrt(self.shape.width * (2 * self.shape.layers if writes else 1))
                nn.init.normal_(weight, 0.0, deviation, generator=generator)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, tokens: Tensor, at: Tensor | None = None, edit: Edit | None = None) -> Tensor:
        """Logits (B, T, V) of the next token after each position; with `at`, a mask (B, T), logits (N, V) of the N marked positions only.

        Score only the positions that count: the last MLP and the logits are then computed for these alone.
        """
        return self.logits(self.residual(tokens, at, edit))

    def residual(self, tokens: Tensor, at: Tensor | None = None, edit: Edit | None = None) -> Tensor:
        """The residual stream after the last block, of tokens (B, T): (B, T, D), or (N, D) of the positions marked by `at` (B, T)."""
        if tokens.shape[1] > self.shape.context:
            raise ValueError(f"{tokens.shape[1]} tokens, and the model was made for {self.shape.context}")
        x = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        return self.onwards(edit("embed", x) if edit else x, 0, at, edit)

    def onwards(self, residual: Tensor, first: int, at: Tensor | None = None, edit: Edit | None = None) -> Tensor:
        """The residual stream after the last block, given that before block `first` (B, T, D); shapes as in `residual`.

        With `at`, the sites of the last block see the marked positions only.
        """
        x, last = residual, self.shape.layers - 1
        for i, block in enumerate(self.blocks):
            if i < first:
                continue
            assert isinstance(block, Block)
            added = block.attention(block.norm1(x))
            if i == last and at is not None:
                x, added = x[at], added[at]
            x = x + (edit(f"attention{i}", added) if edit else added)
            added = block.mlp(block.norm2(x))
            x = x + (edit(f"mlp{i}", added) if edit else added)
            x = edit(f"block{i}", x) if edit else x
        return x if at is None or first <= last else x[at]

    def logits(self, residual: Tensor) -> Tensor:
        """Read the residual stream (..., D) out: (..., V)."""
        return self.unembed(self.norm(residual))


def parameters(shape: Shape) -> int:
    """Number of weights of a model of this shape."""
    d, f = shape.width, shape.expansion * shape.width
    block = 4 * d + (3 * d * d + 3 * d) + (d * d + d) + (d * f + f) + (f * d + d)
    return 2 * shape.vocabulary * d + shape.context * d + shape.layers * block + 2 * d
