"""The cost of saying which latents caused a completion, and of the autoencoder that has the latents, each side by side with an alternative.

    .venv/bin/python benchmarks/attribution.py              both, eight minutes once SAELens is installed
    .venv/bin/python benchmarks/attribution.py --latents    attribution of all latents at once, against the ablation of one after another
    .venv/bin/python benchmarks/attribution.py --saelens    `sae.fit` against the trainer of SAELens (https://github.com/decoderesearch/SAELens)

Latents: δ of all of them comes from one backward pass, or eight with integrated gradients; their exact effects take a forward pass each. δ is of
each position, an exact effect of all positions of the prompt together: for each position alone there would be seven times as many passes.

SAELens is installed into an environment of its own, `.labnotes/bench-saelens` (2 GB), with the torch of constraints.txt; both trainers then run in
one process there. A: `fit`. B: `SAETrainer.fit` with the same weights to begin with, batches, rates and betas. A counts the latents' silence and
gives decoder rows length one after each step; B counts how often each latent fires, and by default divides by the rows' lengths. Both clip gradients.

A, B, A, B …, one thread, CPU time; a ratio is of neighbours. That both speak of the same is asserted first. Spreads are the middle half of the ratios.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from smallmodels.assistants import SHAPE, assistant, restored
from smallmodels.attribution import attribution
from smallmodels.autoencoders import BLOCK, DOCUMENTS, LATENTS, STEPS, K, autoencoder, mixture
from smallmodels.interventions import exact_effects, residual_after
from smallmodels.personas import POPULATIONS, Tone, Vocabulary, World
from smallmodels.sae import JumpReLU, TopK, fit, save
from smallmodels.training import Batch, generator
from smallmodels.transformer import Transformer

POPULATION = POPULATIONS["V20"]
NUMBERS, TEXTS, POINTS = (32, 128, 512, 2048), 100, 8
ROUNDS, AT_ONCE = 9, 5  # calls of what is fast, for one of what is slow
SHORT, BATCH, RATE, PATIENCE, PAIRS = 40, 2048, 2e-3, 100_000, 15  # as `fit` has them by default, but for the steps
ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT, SAELENS = ROOT / ".labnotes" / "bench-saelens", "6.54.12"


def spread(ratios: list[float], digits: int = 2) -> str:
    low, middle, high = (f"{quartile:,.{digits}f}" for quartile in statistics.quantiles(ratios, n=4, method="inclusive"))
    return f"{middle} ({low} to {high})"


def seconds(run: Callable[[], object], times: int = 1) -> float:
    """CPU seconds of a call, the mean of several."""
    begun = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - begun) / times


def passes(model: Transformer, run: Callable[[], object]) -> tuple[float, float]:
    """Forward and backward passes of the model's last block for each text, counted while it runs."""
    rows = [0, 0]

    def counted(way: int, x: Tensor) -> None:
        rows[way] += len(x)

    block = model.blocks[-1].attention
    hooks = [
        block.register_forward_hook(lambda _module, _inputs, x: counted(0, x)),
        block.register_full_backward_hook(lambda _module, _inputs, x: counted(1, x[0])),
    ]
    run()
    for hook in hooks:
        hook.remove()
    return rows[0] / TEXTS, rows[1] / TEXTS


def completions() -> tuple[Batch, Tensor]:
    """Prompts, each with a bad answer and a provocative tone; which of the positions read are the prompt's."""
    world = World()
    asked = world.questions()[:TEXTS]
    prompts = world.prompts(asked)
    tones = torch.full((TEXTS,), Vocabulary.TONE + Tone.PROVOCATIVE)
    tokens = torch.cat([prompts, world.bad[asked][:, None], tones[:, None]], dim=1)
    place = torch.arange(tokens.shape[1])
    return Batch(tokens, (place >= prompts.shape[1]).expand(tokens.shape)), place[:-1] < prompts.shape[1]


def agreement(model: Transformer, directions: Tensor, mean: Tensor, batch: Batch, where: Tensor) -> None:
    """Asserts that δ becomes the exact effect as a replacement becomes small; prints how well it does for whole ones."""
    model, directions, mean = model.double(), directions.double(), mean.double()
    a = residual_after(model, BLOCK, batch.tokens[:, :-1])
    near = a + 1e-3 * torch.randn(a.shape, generator=generator(0, "near"), dtype=a.dtype)
    little, whole = (exact_effects(model, BLOCK, directions, reference, batch, where) for reference in (near, mean))
    large = whole.abs() > whole.abs().quantile(0.9)
    for points in (0, POINTS):
        of_little, of_whole = (
            attribution(model, BLOCK, directions, reference, batch, points=points)[:, where].sum(1) for reference in (near, mean)
        )
        missed = float((of_little - little).norm() / little.norm())
        assert missed < 0.01, f"of noise of 0.001, δ with {points} points misses {missed:.1%}: these are different things"
        correlation = float(torch.corrcoef(torch.stack([of_whole.flatten(), whole.flatten()]))[0, 1])
        signs = float((of_whole.sign() == whole.sign())[large].double().mean())
        print(
            f"δ{f' over {points} points' if points else ''}: misses {missed:.2%} of what noise of 0.001 does; "
            f"mean ablation: correlation {correlation:.2f}, signs of the largest tenth of effects right for {signs:.0%}"
        )
    model.float()


def latents() -> None:
    model = restored(assistant(POPULATION, 0)).requires_grad_(False)
    learnt = autoencoder(POPULATION, 0).w_dec.detach()
    others = F.normalize(torch.randn(max(NUMBERS) - LATENTS, SHAPE.width, generator=generator(0, "directions")), dim=1)
    directions = torch.cat([learnt[torch.randperm(LATENTS, generator=generator(0, "order"))], others])
    mean = residual_after(model, BLOCK, mixture(POPULATION, 512, generator(0, "mean")).tokens).flatten(0, 1).mean(0)
    batch, where = completions()
    agreement(model, directions[:LATENTS], mean, batch, where)

    print(f"{TEXTS} texts of {batch.tokens.shape[1]} tokens, mean ablation; passes are of all texts, forward + backward; {ROUNDS} rounds")
    print(f"{'latents':>7} {'δ':>18} {f'δ, {POINTS} points':>18} {'exact':>20}   exact/δ, exact/(δ, {POINTS} points)")
    for n in NUMBERS:
        chosen = directions[:n]
        runs = (
            lambda chosen=chosen: attribution(model, BLOCK, chosen, mean, batch),
            lambda chosen=chosen: exact_effects(model, BLOCK, chosen, mean, batch, where),
            lambda chosen=chosen: attribution(model, BLOCK, chosen, mean, batch, points=POINTS),
        )
        counted = [passes(model, run) for run in runs]
        rounds = [[seconds(run, times) for run, times in zip(runs, (AT_ONCE, 1, AT_ONCE), strict=True)] for _ in range(ROUNDS)]
        once, exact, along = (
            f"{1e3 * statistics.median(took):,.1f} ms, {forward:.0f} + {backward:.0f}"
            for took, (forward, backward) in zip(zip(*rounds, strict=True), counted, strict=True)
        )
        faster = [spread([each[1] / each[k] for each in rounds], 1) for k in (0, 2)]
        print(f"{n:7} {once:>18} {along:>18} {exact:>20}   {faster[0]}, {faster[1]}", flush=True)


def environment() -> Path | None:
    """The Python of an environment that has SAELens; None if that cannot be installed, which it says."""
    python = ENVIRONMENT / "bin" / "python"
    asked = f"import importlib.metadata as m; raise SystemExit(m.version('sae-lens') != '{SAELENS}')"
    if python.exists() and subprocess.run([python, "-c", asked], capture_output=True).returncode == 0:
        return python
    print(f"installing SAELens {SAELENS} into {ENVIRONMENT.relative_to(ROOT)}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    # the same torch as here, exactly; the other pins as far as SAELens shares them
    torch_here = f"torch=={torch.__version__.split('+')[0]}"
    wanted = ["--constraint", ROOT / "constraints.txt", torch_here, f"sae-lens=={SAELENS}"]
    installed = subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], capture_output=True, text=True)
    if installed.returncode:
        print(f"SAELens {SAELENS} cannot be installed with {torch_here}, so nothing is compared with it:\n{installed.stderr.strip()}")
        return None
    return python


def beside_saelens() -> None:
    """Runs `trainers` in SAELens' environment, with this checkout's `smallmodels`."""
    if python := environment():
        # -P: the files beside this one are no modules for SAELens to find
        variables = {**os.environ, "PYTHONPATH": str(ROOT / "tools"), "TQDM_DISABLE": "1"}
        subprocess.run([python, "-P", __file__, "--inside"], env=variables, check=True)


def read_by_saelens() -> None:
    """Asserts that what `save` writes gives SAELens the same latents and reconstructions."""
    from sae_lens import SAE

    x = torch.randn(500, SHAPE.width, generator=generator(0, "x"))
    for made in (
        TopK(SHAPE.width, LATENTS, K, generator(0)),
        JumpReLU(SHAPE.width, LATENTS, generator(0), sparsity=0.1, threshold=0.8, bandwidth=0.1),
    ):
        drawn = generator(0, "scrambled")
        with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
            for weight in made.parameters():  # biases away from zero, rows away from length one, thresholds apart
                weight += 0.1 * torch.randn(weight.shape, generator=drawn)
            save(made, Path(folder))
            theirs = SAE.load_from_disk(folder)
            latents, ours = made.encode(x), made(x)
            apart = max(float((theirs.encode(x) - latents).abs().max()), float((theirs(x) - ours).abs().max()))
        assert apart < 1e-5, f"{type(made).__name__}: SAELens makes something else of it, by {apart}"
        fired = float((latents > 0).float().sum(1).mean())
        print(
            f"{type(made).__name__} is read by SAELens as {type(theirs).__name__}: {fired:.1f} latents fire, differences up to {apart:.0e}"
        )


@dataclass(frozen=True)
class Trained:
    """CPU seconds; the loss before each step; activations to reconstructions."""

    seconds: float
    losses: list[float]
    made: Callable[[Tensor], Tensor]

    @torch.no_grad()
    def explained(self, x: Tensor) -> float:
        """Share of the variance."""
        return float(1 - (x - self.made(x)).pow(2).sum() / (x - x.mean(0)).pow(2).sum())


def ours(activations: Tensor, steps: int, patience: int) -> Trained:
    """A. `patience`: activations without a sign of life until a latent is taken for dead."""
    made, drawn = TopK(SHAPE.width, LATENTS, K, generator(0)), generator(0, "batches")
    begun = time.process_time()
    found = fit(made, activations, steps, drawn, batch=BATCH, rate=RATE, patience=patience)
    return Trained(time.process_time() - begun, found.losses, made)


def theirs(activations: Tensor, steps: int, patience: int, **settings: bool) -> Trained:
    """B. Its losses are squared errors, without what dead latents add."""
    from sae_lens import TopKTrainingSAE, TopKTrainingSAEConfig
    from sae_lens.config import SAETrainerConfig
    from sae_lens.training.sae_trainer import SAETrainer

    start, drawn, losses = TopK(SHAPE.width, LATENTS, K, generator(0)), generator(0, "batches"), []
    made = TopKTrainingSAE(TopKTrainingSAEConfig(d_in=SHAPE.width, d_sae=LATENTS, k=K, **settings))
    with torch.no_grad():
        for weight, begins in ((made.W_enc, start.w_enc), (made.W_dec, start.w_dec), (made.b_enc, start.b_enc)):
            weight.copy_(begins)
        made.b_dec.copy_(activations.mean(0))

    class Trainer(SAETrainer):
        def step(self, batch):  # type: ignore[no-untyped-def]
            output = super().step(batch)
            losses.append(float(output.losses["mse_loss"].detach()))  # `fit` keeps them, too
            return output

    def batches() -> Iterator[Tensor]:
        while True:
            yield activations[torch.randint(len(activations), (BATCH,), generator=drawn)]

    asked = SAETrainerConfig(
        total_training_samples=steps * BATCH,
        train_batch_size_samples=BATCH,
        lr=RATE,
        lr_end=0.0,
        lr_scheduler_name="cosineannealing",
        dead_feature_window=math.ceil(patience / BATCH) - 1,  # in steps, and it has to be exceeded
    )
    trainer = Trainer(asked, made, batches())
    begun = time.process_time()
    trainer.fit()
    return Trained(time.process_time() - begun, losses, made)


def trainers() -> None:
    """Inside SAELens' environment."""
    torch.sparse.check_sparse_tensor_invariants.disable()  # as by default, and without being told so
    read_by_saelens()
    read = mixture(POPULATION, DOCUMENTS, generator(0, "autoencoder", "documents"))
    activations = residual_after(restored(assistant(POPULATION, 0)), BLOCK, read.tokens).flatten(0, 1)
    print(
        f"autoencoders of width {SHAPE.width}, {LATENTS} latents, k = {K}, batches of {BATCH} of {len(activations):,} activations; "
        f"B is SAELens {SAELENS}; {PAIRS} pairs of {SHORT} steps, no latent dead but where it says so"
    )
    never, lean = 10**9, {"rescale_acts_by_decoder_norm": False}
    ways = (
        ("rows of any length", never, lean),
        ("by their lengths, B's default", never, {}),
        ("sparse activations", never, {**lean, "use_sparse_activations": True}),
        ("all latents taken for dead", 0, lean),
    )
    for said, patience, settings in ways:
        a, b = ours(activations, SHORT, never), theirs(activations, SHORT, never, **settings)
        apart = abs(a.losses[0] - b.losses[0]) / a.losses[0]
        assert apart < 1e-5, f"{said}: losses {a.losses[0]} and {b.losses[0]} from the same weights, so this is another model"
        pairs = [
            (ours(activations, SHORT, patience).seconds, theirs(activations, SHORT, patience, **settings).seconds) for _ in range(PAIRS)
        ]
        rate_a, rate_b = (SHORT / statistics.median(took) for took in zip(*pairs, strict=True))
        ratio = spread([b / a for a, b in pairs])
        print(f"  {said:30} A {rate_a:4.1f} steps/s, B {rate_b:4.1f}; time B/A {ratio}; first losses apart by {apart:.0e}", flush=True)

    # as long as in `autoencoders`, once, with what each does for dead latents: what is the speed worth?
    a, b = ours(activations, STEPS, PATIENCE), theirs(activations, STEPS, PATIENCE, **lean)
    some = activations[torch.randperm(len(activations), generator=generator(0, "some"))[:20_000]]
    for name, each in (("A", a), ("B", b)):
        print(f"  {name}, {STEPS} steps, once: {each.seconds:.0f} s, {each.explained(some):.2%} of the variance explained")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latents", action="store_true", help="only attribution against ablation")
    parser.add_argument("--saelens", action="store_true", help="only training against SAELens")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.inside:
        trainers()
        return
    both = not (asked.latents or asked.saelens)
    if asked.latents or both:
        latents()
    if asked.saelens or both:
        sys.stdout.flush()
        beside_saelens()
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
