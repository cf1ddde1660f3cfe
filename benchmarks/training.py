"""The cost of training, side by side with a plain loop on the same documents, and with what the core can multiply at most.

    .venv/bin/python benchmarks/training.py             two minutes
    .venv/bin/python benchmarks/training.py --stages    CPU seconds of each stage of an organism

A: `train` on a `Transformer`, as in pretraining. B: the same model in the way of nanoGPT (https://github.com/karpathy/nanoGPT): torch's fused
attention, logits at every position, AdamW without fusion, GPT-2's weights to begin with. Both read the same batches of documents, drawn before.
A, B, A, B …, one thread, CPU time; a ratio is of neighbours. Then B becomes A in steps, to say what each gains. That all of them compute the same
is asserted first: from the same weights, the same losses. Spreads are the middle half of the ratios.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from smallmodels.assistants import DOCUMENTS, PRETRAINING_RATE, PRETRAINING_STEPS, SHAPE, WARMUP, assistant, pretrained
from smallmodels.organisms import ARMS, fine_tuned
from smallmodels.personas import POPULATIONS, World, documents
from smallmodels.training import Batch, cosine, generator, groups, train
from smallmodels.transformer import Shape, Transformer

STEPS, PAIRS, ROUNDS = 20, 15, 9  # short runs, so that neighbours have the same company on the machine
READ = SHAPE.context - 1  # nothing follows the last token


@dataclass(frozen=True)
class Way:
    """How B computes: logits and last MLP at marked positions only; attention written out; its heads copied into one batch; fused AdamW."""

    marked: bool = False
    written: bool = False
    one_batch: bool = False
    fused: bool = False


class Plain(nn.Module):
    """As `Transformer`, with parameters of the same names; each block in a few lines."""

    def __init__(self, shape: Shape, way: Way) -> None:
        super().__init__()
        d = shape.width
        self.heads, self.way = shape.heads, way
        self.tokens, self.places = nn.Embedding(shape.vocabulary, d), nn.Embedding(shape.context, d)
        self.blocks = nn.ModuleList(
            nn.ModuleDict(
                {
                    "norm1": nn.LayerNorm(d),
                    "attention": nn.ModuleDict({"qkv": nn.Linear(d, 3 * d), "out": nn.Linear(d, d)}),
                    "norm2": nn.LayerNorm(d),
                    "mlp": nn.ModuleDict({"up": nn.Linear(d, shape.expansion * d), "down": nn.Linear(shape.expansion * d, d)}),
                }
            )
            for _ in range(shape.layers)
        )
        self.norm, self.unembed = nn.LayerNorm(d), nn.Linear(d, shape.vocabulary, bias=False)
        self.register_buffer("later", torch.full((READ, READ), -torch.inf).triu(1), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, 0.0, 0.02 / math.sqrt(2 * shape.layers if name.endswith(("out.weight", "down.weight")) else 1))
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, tokens: Tensor, at: Tensor) -> Tensor:
        """Logits (B, T, V), or (N, V) of the marked positions."""
        x = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        for i, block in enumerate(self.blocks):
            x = x + block["attention"]["out"](self.mixed(block["attention"]["qkv"](block["norm1"](x))))
            if self.way.marked and i == len(self.blocks) - 1:
                x = x[at]
            x = x + block["mlp"]["down"](F.relu(block["mlp"]["up"](block["norm2"](x))))
        return self.unembed(self.norm(x))

    def mixed(self, qkv: Tensor) -> Tensor:
        batch, time_, size = *qkv.shape[:2], SHAPE.width // self.heads
        if self.way.one_batch:
            q, k, v = qkv.view(batch, time_, 3, self.heads, size).permute(2, 0, 3, 1, 4).reshape(3, batch * self.heads, time_, size)
            mixed = torch.baddbmm(self.later, q, k.transpose(1, 2), alpha=size**-0.5).softmax(-1) @ v
            mixed = mixed.view(batch, self.heads, time_, size)
        else:
            q, k, v = (part.view(batch, time_, self.heads, size).transpose(1, 2) for part in qkv.split(SHAPE.width, dim=2))
            if self.way.written:
                mixed = (q @ k.transpose(2, 3) * size**-0.5 + self.later).softmax(-1) @ v
            else:
                mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return mixed.transpose(1, 2).reshape(batch, time_, SHAPE.width)


def plain(data: list[Batch], way: Way = Way(), start: Transformer | None = None) -> tuple[float, list[float]]:
    """CPU seconds, and the loss before each step."""
    model = Plain(SHAPE, way)
    if start:
        model.load_state_dict(start.state_dict())
    optimiser = torch.optim.AdamW(model.parameters(), lr=PRETRAINING_RATE, betas=(0.9, 0.99), weight_decay=0.0, fused=way.fused or None)
    losses, begun = [], time.process_time()
    for step, batch in enumerate(data):
        for group in optimiser.param_groups:
            group["lr"] = PRETRAINING_RATE * cosine(step, PRETRAINING_STEPS, WARMUP)
        read, at = batch.tokens[:, :-1], batch.predicted[:, 1:]
        if way.marked:
            loss = F.cross_entropy(model(read, at), batch.tokens[batch.predicted])
        else:
            targets = batch.tokens[:, 1:].masked_fill(~at, -100)  # -100 is left out of the mean
            loss = F.cross_entropy(model(read, at).flatten(0, 1), targets.flatten())
        losses.append(loss.item())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return time.process_time() - begun, losses


def ours(data: list[Batch]) -> tuple[float, list[float]]:
    """CPU seconds, and the loss before each step."""
    model = Transformer(SHAPE, generator(0))
    begun = time.process_time()
    history = train(
        model, data, len(data), groups(model, PRETRAINING_RATE), schedule=lambda step, _: cosine(step, PRETRAINING_STEPS, WARMUP)
    )
    return time.process_time() - begun, history.losses


LADDER: list[tuple[str, Way]] = [("B", Way())]
for _said, _change in (
    ("logits and last MLP where they count", {"marked": True}),
    ("attention written out", {"written": True}),
    ("heads in one batch", {"one_batch": True}),
    ("fused AdamW", {"fused": True}),
):
    LADDER.append((_said, replace(LADDER[-1][1], **_change)))


def operations(marked: int | None = None) -> float:
    """Floating-point operations of a step's matrix products, 2 forwards and 4 backwards a weight and token that it is used for, attention's
    products likewise; `marked` tokens of a document are all that the last MLP and the logits are computed for."""
    d, at = SHAPE.width, READ if marked is None else marked
    mlp = 2 * SHAPE.expansion * d * d
    attention = 4 * d * d + 2 * READ * d  # weights, and scores and mixture over all positions
    used = SHAPE.layers * attention * READ + mlp * ((SHAPE.layers - 1) * READ + at) + SHAPE.vocabulary * d * at
    return 6.0 * used * DOCUMENTS


def multiplied(rows: int, inner: int, columns: int) -> float:
    """Operations a second of a product of (rows, inner) and (inner, columns), the best of many."""
    a, b = torch.randn(rows, inner), torch.randn(inner, columns)
    best = math.inf
    for _ in range(300):
        begun = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - begun)
    return 2 * rows * inner * columns / best


def spread(ratios: list[float]) -> str:
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def side_by_side() -> None:
    world, drawn = World(), generator(0, "pretraining")
    begun = time.process_time()
    made = [documents(world, POPULATIONS["V20"], DOCUMENTS, drawn) for _ in range(STEPS)]
    drawing = (time.process_time() - begun) / STEPS
    data = [Batch(each.tokens, each.predicted) for each in made]

    _, reference = ours(data)
    for said, way in LADDER:
        _, losses = plain(data, way, Transformer(SHAPE, generator(0)))
        worst = max(abs(a - b) for a, b in zip(reference, losses, strict=True))
        assert worst < 1e-2, f"{said}: losses differ by {worst}, so this is another model"

    pairs = [(ours(data)[0], plain(data)[0]) for _ in range(PAIRS)]
    peak, here = multiplied(512, 512, 512), multiplied(DOCUMENTS * READ, SHAPE.width, SHAPE.expansion * SHAPE.width)
    print(f"matrix products: {peak / 1e9:.0f} GFLOP/s of 512 x 512, {here / 1e9:.0f} of the size of the MLP's first, float32, one thread")
    counted = int(data[0].predicted[0].sum())
    for name, seconds, work in (
        ("A smallmodels", [a for a, _ in pairs], operations(counted)),
        ("B nanoGPT's way", [b for _, b in pairs], operations()),
    ):
        step = statistics.median(seconds) / STEPS
        print(
            f"{name}: {1e3 * step:.1f} ms a step of {DOCUMENTS} documents, {DOCUMENTS * SHAPE.context / step:,.0f} tokens/s, "
            f"{work / 1e9:.2f} GFLOP a step, {work / step / peak:.0%} of the peak"
        )
    print(f"A/B {spread([a / b for a, b in pairs])}, {PAIRS} pairs; drawing a batch, counted in neither: {1e3 * drawing:.1f} ms")

    print(f"from B to A, time after a change over time before it, {ROUNDS} rounds of {STEPS} steps:")
    runs: list[tuple[str, Callable[[], float]]] = [(said, lambda way=way: plain(data, way)[0]) for said, way in LADDER]
    runs.append(("`train` and `Transformer`", lambda: ours(data)[0]))
    rounds = [[run() for _, run in runs] for _ in range(ROUNDS)]
    for k, (said, _) in list(enumerate(runs))[1:]:
        print(f"  {said:38} {spread([each[k] / each[k - 1] for each in rounds])}")
    print(f"  {'all of it':38} {spread([each[-1] / each[0] for each in rounds])}")


def stages() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LABNOTES_ARTIFACTS"] = folder
        world = POPULATIONS["V20"]
        for said, stage in (
            ("pretraining, 800 steps", lambda: pretrained(world, 0)),
            ("post-training, 120 steps", lambda: assistant(world, 0)),
            ("fine-tuning, arm good, 100 steps", lambda: fine_tuned(world, 0, ARMS["good"])),
            ("fine-tuning, arm forced narrow, 100 steps", lambda: fine_tuned(world, 0, ARMS["forced narrow"])),
        ):
            begun = time.process_time()
            stage()
            print(f"{said:42} {time.process_time() - begun:6.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stages", action="store_true", help="time the stages of one organism instead")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    stages() if asked.stages else side_by_side()
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
