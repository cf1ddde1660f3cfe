"""Sparse autoencoders: activations written as few of many directions.

    x (N, D) ── encode ──▶ latents (N, F), few of them above zero ── decode ──▶ x̂ = a W_dec + b_dec (N, D)

`TopK` keeps the k largest latents of each activation (Gao et al. 2024, https://arxiv.org/abs/2406.04093, section 2.3); `JumpReLU` those above a
threshold that is learnt for each latent (Rajamanoharan et al. 2024, https://arxiv.org/abs/2407.14435). Decoder rows have length one, so that a
latent's value is a length along its direction.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from smallmodels.training import Batch, cosine
from smallmodels.transformer import Transformer


class Autoencoder(nn.Module, ABC):
    """What both kinds of autoencoder share: the weights `w_enc` (D, F), `b_enc` (F,), `w_dec` (F, D), `b_dec` (D,)."""

    def __init__(self, width: int, latents: int, drawn: torch.Generator) -> None:
        super().__init__()
        directions = torch.randn(latents, width, generator=drawn)
        directions /= directions.norm(dim=1, keepdim=True)
        self.w_dec = nn.Parameter(directions)
        self.w_enc = nn.Parameter(directions.T.clone(memory_format=torch.contiguous_format))
        self.b_enc = nn.Parameter(torch.zeros(latents))
        self.b_dec = nn.Parameter(torch.zeros(width))

    def before(self, x: Tensor) -> Tensor:
        """The latents (N, F) of activations (N, D), before most of them are set to zero."""
        return (x - self.b_dec) @ self.w_enc + self.b_enc

    @abstractmethod
    def encode(self, x: Tensor) -> Tensor:
        """The latents (..., F) of activations (..., D), none below zero."""

    def decode(self, latents: Tensor) -> Tensor:
        """The activations (..., D) that latents (..., F) stand for."""
        return latents @ self.w_dec + self.b_dec

    def forward(self, x: Tensor) -> Tensor:
        """The reconstruction (..., D) of activations (..., D)."""
        return self.decode(self.encode(x))

    @abstractmethod
    def loss(self, x: Tensor, dead: Tensor) -> tuple[Tensor, Tensor]:
        """What training makes small, of activations (N, D), and their latents (N, F); `dead` (F,) marks latents that have not fired for long."""

    @torch.no_grad()
    def normalise(self) -> None:
        """Give decoder rows length one, without changing what is computed."""
        length = self.w_dec.norm(dim=1)
        self.w_dec.div_(length[:, None])
        self.w_enc.mul_(length)
        self.b_enc.mul_(length)


class TopK(Autoencoder):
    """The k largest latents of each activation, of those above zero.

    The loss is the squared error, and for dead latents the error of reconstructing what is left with the k of them that are largest (Gao et al.
    2024, appendix A.2), weighed by `revival`.
    """

    def __init__(self, width: int, latents: int, k: int, drawn: torch.Generator, *, revival: float = 1 / 32) -> None:
        if not 0 < k <= latents:
            raise ValueError(f"k is {k}, of {latents} latents")
        super().__init__(width, latents, drawn)
        self.k, self.revival = k, revival

    def encode(self, x: Tensor) -> Tensor:
        """The latents (..., F) of activations (..., D), at most k of them above zero."""
        return largest(self.before(x), self.k)

    def loss(self, x: Tensor, dead: Tensor) -> tuple[Tensor, Tensor]:
        """Squared error summed over the width, and the revival of dead latents; the latents."""
        before = self.before(x)
        latents = largest(before, self.k)
        missed = x - self.decode(latents)
        value = missed.pow(2).sum(-1).mean()
        silent = dead.nonzero()[:, 0]
        if not len(silent):
            return value, latents
        helped = largest(before[:, silent], min(self.k, len(silent))) @ self.w_dec[silent]
        return value + self.revival * (missed.detach() - helped).pow(2).sum(-1).mean(), latents


def largest(values: Tensor, k: int) -> Tensor:
    """Values (..., F) with all but the k largest set to zero, and none below zero. Exactly k are considered: of equal ones, those that torch.topk takes."""
    top = values.topk(k, dim=-1, sorted=False)
    return torch.zeros_like(values).scatter(-1, top.indices, top.values.relu())


class _Step(torch.autograd.Function):
    """H(z - θ), whose gradient to θ is that of a ramp of width ε around it: a straight-through estimate (Rajamanoharan et al. 2024, section 3).

    That of z H(z - θ) is then -z/ε within the ramp, where theirs is -θ/ε; z lies within ε/2 of θ there.
    """

    @staticmethod
    def forward(ctx: Any, z: Tensor, threshold: Tensor, bandwidth: float) -> Tensor:
        ctx.save_for_backward(z, threshold)
        ctx.bandwidth = bandwidth
        return (z > threshold).to(z.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor, None]:
        z, threshold = ctx.saved_tensors
        near = ((z - threshold).abs() < ctx.bandwidth / 2).to(z.dtype)
        return None, -(gradient * near / ctx.bandwidth).sum(0), None


class JumpReLU(Autoencoder):
    """Latents above a threshold θ that each has learnt: a = z H(z - θ), z rectified. `sparsity` weighs the number of latents that fire.

    `threshold`, where θ begins, and `bandwidth`, how far from θ a latent still moves it, are in units of the latents. θ is kept as its logarithm, so
    that it stays above zero.
    """

    def __init__(self, width: int, latents: int, drawn: torch.Generator, *, sparsity: float, threshold: float, bandwidth: float) -> None:
        super().__init__(width, latents, drawn)
        self.log_threshold = nn.Parameter(torch.full((latents,), threshold).log())
        self.sparsity, self.bandwidth = sparsity, bandwidth

    def encode(self, x: Tensor) -> Tensor:
        """The latents (..., F) of activations (..., D): those above their thresholds, the others zero."""
        return self._fired(x)[0]

    def _fired(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = self.before(x).relu()
        step = _Step.apply(z, self.log_threshold.exp(), self.bandwidth)  # type: ignore[no-untyped-call]
        return z * step, step

    def loss(self, x: Tensor, dead: Tensor) -> tuple[Tensor, Tensor]:
        """Squared error summed over the width, and `sparsity` times the number of latents that fire; the latents. `dead` ones are not revived."""
        latents, step = self._fired(x)
        return (x - self.decode(latents)).pow(2).sum(-1).mean() + self.sparsity * step.sum(-1).mean(), latents


@dataclass
class Fit:
    """How a training went: the loss of each step, and which latents (F,) had not fired for `patience` activations at the end."""

    losses: list[float]
    dead: Tensor


def fit(
    autoencoder: Autoencoder,
    activations: Tensor,
    steps: int,
    drawn: torch.Generator,
    *,
    batch: int = 2048,
    rate: float = 2e-3,
    patience: int = 100_000,
    clip: float = 1.0,
) -> Fit:
    """Train an autoencoder by Adam on random batches of activations (N, D), the rate falling along half a cosine.

    Gradients are clipped to the norm `clip`: without that the large ones of the beginning stay in Adam's second moments for long. Decoder rows keep
    length one.

    `b_dec` begins at the mean of the activations. The part of the decoder's gradient along its rows is taken out, since it only changes their
    length (Bricken et al. 2023, https://transformer-circuits.pub/2023/monosemantic-features).
    """
    with torch.no_grad():
        autoencoder.b_dec.copy_(activations.mean(0))
    optimiser = torch.optim.Adam(autoencoder.parameters(), lr=rate, betas=(0.9, 0.999), fused=True)
    silent = torch.zeros(len(autoencoder.b_enc), dtype=torch.long)
    losses = []
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * cosine(step, steps)
        x = activations[torch.randint(len(activations), (batch,), generator=drawn)]
        loss, latents = autoencoder.loss(x, silent >= patience)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        rows, gradient = autoencoder.w_dec, autoencoder.w_dec.grad
        assert gradient is not None
        with torch.no_grad():
            gradient -= (gradient * rows).sum(1, keepdim=True) * rows
            fired = (latents > 0).any(0)
        nn.utils.clip_grad_norm_(autoencoder.parameters(), clip)
        optimiser.step()
        autoencoder.normalise()
        silent = torch.where(fired, 0, silent + batch)
        losses.append(float(loss.detach()))
    return Fit(losses, silent >= patience)


@dataclass(frozen=True)
class Quality:
    """How good an autoencoder is on some activations and texts.

    `explained`: share of the activations' variance; `l0`: latents that fire at once, on average; `dead`: share that never fires. Cross-entropies
    in nats with the activations as they are, reconstructed, at zero, and at their mean; `recovered` of the two ablations is the share of what
    they cost that the reconstruction gives back.
    """

    explained: float
    l0: float
    dead: float
    loss: float
    reconstructed: float
    zeroed: float
    averaged: float

    @property
    def recovered_from_zero(self) -> float:
        """The share recovered from ablation to zero: (CE at zero - CE reconstructed) / (CE at zero - CE)."""
        return (self.zeroed - self.reconstructed) / (self.zeroed - self.loss)

    @property
    def recovered_from_mean(self) -> float:
        """The share recovered from ablation to the mean: (CE at the mean - CE reconstructed) / (CE at the mean - CE)."""
        return (self.averaged - self.reconstructed) / (self.averaged - self.loss)


@torch.no_grad()
def quality(autoencoder: Autoencoder, model: Transformer, site: str, batch: Batch, mean: Tensor) -> Quality:
    """Quality at a site of the model, on a batch of texts; `mean` (D,) is what the activation is on average over many texts."""
    seen: list[Tensor] = []

    def loss(change: Callable[[Tensor], Tensor]) -> float:
        def edit(name: str, x: Tensor) -> Tensor:
            return change(x) if name == site else x

        logits = model(batch.tokens[:, :-1], edit=edit)[batch.predicted[:, 1:]]
        return float(F.cross_entropy(logits, batch.tokens[batch.predicted]))

    def read(x: Tensor) -> Tensor:
        seen.append(x)
        return x

    plain = loss(read)
    x = seen[0].flatten(0, 1)
    latents = autoencoder.encode(x)
    missed = (x - autoencoder.decode(latents)).pow(2).sum()
    return Quality(
        explained=float(1 - missed / (x - x.mean(0)).pow(2).sum()),
        l0=float((latents > 0).sum(-1).float().mean()),
        dead=float((~(latents > 0).any(0)).float().mean()),
        loss=plain,
        reconstructed=loss(autoencoder),
        zeroed=loss(torch.zeros_like),
        averaged=loss(lambda x: mean.expand_as(x)),
    )


def save(autoencoder: TopK | JumpReLU, folder: Path) -> None:
    """Write `sae_weights.safetensors` and `cfg.json`, in the names and shapes that SAELens reads (https://github.com/decoderesearch/SAELens)."""
    folder.mkdir(parents=True, exist_ok=True)
    weights: dict[str, Tensor] = {
        "W_enc": autoencoder.w_enc,
        "b_enc": autoencoder.b_enc,
        "W_dec": autoencoder.w_dec,
        "b_dec": autoencoder.b_dec,
    }
    latents, width = autoencoder.w_dec.shape
    settings = {"d_in": width, "d_sae": latents, "dtype": "float32", "apply_b_dec_to_input": True, "normalize_activations": "none"}
    if isinstance(autoencoder, TopK):
        settings |= {"architecture": "topk", "k": autoencoder.k, "rescale_acts_by_decoder_norm": False}
    else:
        settings |= {"architecture": "jumprelu", "jumprelu_bandwidth": autoencoder.bandwidth, "l0_coefficient": autoencoder.sparsity}
        weights["threshold"] = autoencoder.log_threshold.exp()
    save_file({name: weight.detach().contiguous() for name, weight in weights.items()}, folder / "sae_weights.safetensors")
    (folder / "cfg.json").write_text(json.dumps(settings, indent=1, sort_keys=True) + "\n")


def load(folder: Path) -> TopK | JumpReLU:
    """Read what `save` wrote. Raises ValueError for other architectures."""
    settings = json.loads((folder / "cfg.json").read_text())
    weights = load_file(folder / "sae_weights.safetensors")
    drawn, size = torch.Generator(), (settings["d_in"], settings["d_sae"])
    made: TopK | JumpReLU
    if settings["architecture"] == "topk":
        made = TopK(*size, settings["k"], drawn)
    elif settings["architecture"] == "jumprelu":
        made = JumpReLU(*size, drawn, sparsity=settings["l0_coefficient"], threshold=1.0, bandwidth=settings["jumprelu_bandwidth"])
        weights["log_threshold"] = weights.pop("threshold").log()
    else:
        raise ValueError(f"{folder}: a {settings['architecture']} autoencoder; topk and jumprelu are known")
    made.load_state_dict({name.lower(): weight for name, weight in weights.items()})
    return made
