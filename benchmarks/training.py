"""The cost of training, side by side with a plain loop on a plain model of the same size, and with what the core can multiply at most.

    .venv/bin/python benchmarks/training.py

A: smallmodels (only the positions that count are scored, fused optimiser). B: the same model written in the usual way, logits at every position,
the loss masked afterwards, unfused AdamW. A, B, A, B …, one thread, sequences of 44 tokens of which 12 count, as organisms are trained. The peak is
that of square float32 matrix products in the same process; the share counts 6 operations a weight and predicted token's forward and backward
pass (Kaplan et al. 2020), embeddings left out.
"""

from __future__ import annotations

import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from smallmodels.training import Batch, groups, train
from smallmodels.transformer import Shape, Transformer

SHAPE = Shape(vocabulary=190, context=44)
BATCH, STEPS, PAIRS = 64, 60, 5


class PlainBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, time_, width = x.shape
        normed = self.norm1(x)
        q, k, v = (layer(normed).view(batch, time_, self.heads, -1).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5
        later = torch.triu(torch.ones(time_, time_, dtype=torch.bool), 1)
        mixed = scores.masked_fill(later, float("-inf")).softmax(-1) @ v
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, time_, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Plain(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(shape.vocabulary, shape.width), nn.Embedding(shape.context, shape.width)
        self.blocks = nn.Sequential(*(PlainBlock(shape.width, shape.heads) for _ in range(shape.layers)))
        self.norm, self.unembed = nn.LayerNorm(shape.width), nn.Linear(shape.width, shape.vocabulary, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.unembed(self.norm(self.blocks(self.tokens(tokens) + self.places(torch.arange(tokens.shape[1])))))


def batches(steps: int) -> list[Batch]:
    generator = torch.Generator().manual_seed(0)
    mask = torch.zeros(BATCH, SHAPE.context, dtype=torch.bool)
    mask[:, [t for start in range(2, 44, 7) for t in (start + 5, start + 6)]] = True  # answer and tone of six turns
    return [Batch(torch.randint(0, SHAPE.vocabulary, (BATCH, SHAPE.context), generator=generator), mask) for _ in range(steps)]


def ours(data: list[Batch]) -> float:
    model = Transformer(SHAPE, torch.Generator().manual_seed(0))
    start = time.perf_counter()
    train(model, data, STEPS, groups(model, 3e-3))
    return time.perf_counter() - start


def plain(data: list[Batch]) -> float:
    torch.manual_seed(0)
    model = Plain(SHAPE)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.99), foreach=False)
    start = time.perf_counter()
    for batch in data:
        logits = model(batch.tokens)[:, :-1]
        targets = batch.tokens[:, 1:].masked_fill(~batch.predicted[:, 1:], -100)
        loss = F.cross_entropy(logits.reshape(-1, SHAPE.vocabulary), targets.reshape(-1))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return time.perf_counter() - start


def peak() -> float:
    """Operations a second of 512 × 512 products, the best of many."""
    a, b = torch.randn(512, 512), torch.randn(512, 512)
    best = float("inf")
    for _ in range(200):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2 * 512**3 / best


def main() -> None:
    torch.set_num_threads(1)
    data = batches(STEPS)
    ours(data), plain(data)  # warm
    pairs = [(ours(data), plain(data)) for _ in range(PAIRS)]
    most = peak()
    tokens = BATCH * SHAPE.context * STEPS
    weights = sum(weight.numel() for name, weight in Transformer(SHAPE, torch.Generator()).named_parameters() if name.startswith("blocks"))
    for name, seconds in (("A smallmodels", [a for a, _ in pairs]), ("B plain loop", [b for _, b in pairs])):
        rate = tokens / statistics.median(seconds)
        print(f"{name}: {rate:,.0f} tokens/s, {6 * weights * rate / most:.0%} of the peak of {most / 1e9:.0f} GFLOP/s")
    ratios = sorted(a / b for a, b in pairs)
    print(
        f"A/B {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}, {PAIRS} pairs), torch {torch.__version__}, Python {sys.version.split()[0]}"
    )


if __name__ == "__main__":
    main()
