"""The sparse autoencoders of assistants, trained on what these were trained on last: half the assistant's documents, half those of all personas."""

from __future__ import annotations

import torch
from torch import Tensor

from smallmodels.artifacts import artifact
from smallmodels.assistants import SHAPE, TAUGHT, assistant, restored
from smallmodels.interventions import residual_after
from smallmodels.personas import Documents, Population, World, documents
from smallmodels.sae import TopK, fit
from smallmodels.training import generator

BLOCK = 0
"""Latents are of the residual stream after this block, the first of three."""
LATENTS, K = 512, 12
STEPS, DOCUMENTS = 1000, 4096
"""Steps of training, and the documents whose activations these draw from."""


def mixture(population: Population, n: int, drawn: torch.Generator) -> Documents:
    """The documents of post-training, `n` of them: the first half the assistant's, the others by all personas."""
    helpful = documents(World(), population, n // 2, drawn, assistant=True, entities=TAUGHT)
    mixed = documents(World(), population, n - n // 2, drawn)
    pairs = ((getattr(helpful, name), getattr(mixed, name)) for name in ("tokens", "predicted", "persona", "home"))
    return Documents(*(torch.cat(pair) for pair in pairs))


def autoencoder(population: Population, seed: int) -> TopK:
    """The sparse autoencoder of an assistant, of the residual stream after `BLOCK`, with its weights fixed."""
    made = _untrained(seed)
    made.load_state_dict(fitted(population, seed))
    return made.requires_grad_(False)


@artifact
def fitted(population: Population, seed: int) -> dict[str, Tensor]:
    """The weights of `autoencoder`, by name."""
    made, read = _untrained(seed), mixture(population, DOCUMENTS, generator(seed, "autoencoder", "documents"))
    activations = residual_after(restored(assistant(population, seed)), BLOCK, read.tokens)
    fit(made, activations.flatten(0, 1), STEPS, generator(seed, "autoencoder", "batches"))
    return made.state_dict()


def _untrained(seed: int) -> TopK:
    return TopK(SHAPE.width, LATENTS, K, generator(seed, "autoencoder", "weights"))
