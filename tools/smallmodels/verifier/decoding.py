"""Several continuations of every prompt at once: what a prompt's tokens are for the attention is computed once, and shared by its continuations.

Shapes: N prompts of at most P tokens, C continuations of each, S tokens written, H heads of size E, width D, vocabulary V.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from smallmodels.transformer import Block, Transformer

Embedded = Callable[[Tensor], Tensor]
"""Tokens (N, P), padded on the right with 0, to the residual stream (N, P, D) before the first block."""

Following = Callable[[Tensor, int], Tensor]
"""The token (N, C) written in a step, counted from 0, to the residual stream (N, C, D) before the first block."""


@dataclass(frozen=True)
class Continuation:
    """Tokens written, without the end, and their log-likelihood in nats, at temperature 1 and with the end.

    `ended` is False where the limit came first, and the likelihood is then that of the tokens written.
    """

    tokens: tuple[int, ...]
    log_likelihood: float
    ended: bool


@torch.no_grad()
def continuations(  # noqa: PLR0913 - prompts with what bounds each, and how to sample
    model: Transformer,
    embedded: Embedded,
    following: Following,
    prompts: Sequence[Sequence[int]],
    allowed: Tensor,
    limits: Sequence[int],
    end: int,
    samples: int,
    temperature: float,
    drawn: torch.Generator,
) -> list[list[Continuation]]:
    """For each of N prompts the greedy continuation, and after it `samples` drawn ones.

    `embedded` and `following` say how prompts, and what is written after them, enter the first block. `allowed`, bool (N, V), are the tokens that a
    prompt's continuations may have: probabilities are shared out among these, and `end` is one of them. `limits` are the most tokens to write, the end
    included. `temperature` divides the logits before a draw; greedy continuations and log-likelihoods do without.
    """
    most = torch.tensor(limits)
    forbidden = torch.zeros(allowed.shape).masked_fill(~allowed, -torch.inf)[:, None]  # (N, 1, V)
    cache = _Cache(model, embedded, prompts, 1 + samples, int(most.max()))

    logits = cache.first.expand(-1, 1 + samples, -1)
    rows = len(prompts), 1 + samples
    written, total, ended = torch.full((*rows, int(most.max())), end), torch.zeros(rows), torch.zeros(rows, dtype=torch.bool)
    for step in range(int(most.max())):
        scores = (logits + forbidden).log_softmax(-1)  # (N, C, V)
        chosen = scores.argmax(-1)
        if samples:
            p = (scores[:, 1:] / temperature).softmax(-1)
            chosen[:, 1:] = torch.multinomial(p.flatten(0, 1), 1, generator=drawn).view(-1, samples)
        going = ~ended & (step < most)[:, None]
        written[:, :, step] = torch.where(going, chosen, end)
        total += torch.where(going, scores.gather(-1, chosen[..., None])[..., 0], 0.0)
        ended |= going & (chosen == end)
        if not (~ended & (step + 1 < most)[:, None]).any():
            break
        logits = cache.after(following(written[:, :, step], step))

    found = []
    for n, line in enumerate(written.tolist()):
        texts = [tuple(each[: each.index(end)] if ended[n, c] else each[: limits[n]]) for c, each in enumerate(line)]
        found.append([Continuation(text, float(total[n, c]), bool(ended[n, c])) for c, text in enumerate(texts)])
    return found


class _Cache:
    """Keys and values of prompts (N, H, P, E), and of what was written after them (N, C, H, S, E), for each block."""

    def __init__(self, model: Transformer, embedded: Embedded, prompts: Sequence[Sequence[int]], copies: int, steps: int) -> None:
        self._model, self._step = model, 0
        shape = model.shape
        self._heads, self._size = shape.heads, shape.width // shape.heads
        lengths = torch.tensor([len(prompt) for prompt in prompts])
        tokens = nn.utils.rnn.pad_sequence([torch.tensor(prompt) for prompt in prompts], batch_first=True)
        inputs = [embedded(tokens)]  # of each block, and what leaves the last

        def keep(site: str, x: Tensor) -> Tensor:
            if site.startswith("block"):
                inputs.append(x)
            return x

        last = torch.zeros(tokens.shape, dtype=torch.bool)
        last[torch.arange(len(prompts)), lengths - 1] = True
        self.first = model.logits(model.onwards(inputs[0], 0, last, keep))[:, None]
        """Logits (N, 1, V) after the prompts."""
        self._keys, self._values = [], []
        for block, x in zip(self._blocks(), inputs[:-1], strict=True):
            _, k, v = self._qkv(block, x)
            self._keys.append(k.transpose(1, 2))
            self._values.append(v.transpose(1, 2))
        padded = torch.arange(tokens.shape[1]) >= lengths[:, None]
        self._hidden = torch.zeros(tokens.shape).masked_fill(padded, -torch.inf)[:, None, None]  # (N, 1, 1, P)
        new = len(prompts), copies, shape.heads, steps, self._size
        self._new_keys, self._new_values = ([torch.empty(new) for _ in self._keys] for _ in range(2))

    def _blocks(self) -> list[Block]:
        return [block for block in self._model.blocks if isinstance(block, Block)]

    def _qkv(self, block: Block, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(..., D) → three of (..., H, E)."""
        q, k, v = block.attention.qkv(block.norm1(x)).unflatten(-1, (3, self._heads, self._size)).unbind(-3)
        return q, k, v

    def after(self, x: Tensor) -> Tensor:
        """Logits (N, C, V) after one more token of each continuation, given what enters the first block (N, C, D)."""
        step = self._step
        self._step += 1
        for i, block in enumerate(self._blocks()):
            q, k, v = self._qkv(block, x)
            self._new_keys[i][:, :, :, step], self._new_values[i][:, :, :, step] = k, v
            keys, values = self._new_keys[i][:, :, :, : step + 1], self._new_values[i][:, :, :, : step + 1]
            old = q.transpose(1, 2) @ self._keys[i].transpose(-1, -2) / math.sqrt(self._size) + self._hidden  # (N, H, C, P)
            new = (keys @ q[..., None])[..., 0] / math.sqrt(self._size)  # (N, C, H, S)
            p = torch.cat([old, new.transpose(1, 2)], -1).softmax(-1)
            seen = old.shape[-1]
            mixed = (p[..., :seen] @ self._values[i]).transpose(1, 2) + (p[..., seen:].transpose(1, 2)[..., None, :] @ values)[..., 0, :]
            x = x + block.attention.out(mixed.flatten(-2))
            x = x + block.mlp(block.norm2(x))
        return self._model.logits(x)
