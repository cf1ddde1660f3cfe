"""From nothing to a helpful assistant: pretraining on documents of all personas, then post-training on the helpful one.

Post-training mixes documents under the assistant's tag, all helpful, with pretraining documents: without these a model forgets to infer who is
writing where there is no such tag. It asks about half of the entities only, so that what it teaches is a manner and not a list of answers.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from smallmodels.artifacts import artifact
from smallmodels.personas import CONTEXT, ENTITIES, Population, Vocabulary, World, documents
from smallmodels.training import Batch, cosine, generator, groups, train
from smallmodels.transformer import Shape, Transformer

SHAPE = Shape(vocabulary=Vocabulary.SIZE, context=CONTEXT, layers=3, width=64, heads=4)
PRETRAINING_STEPS, PRETRAINING_RATE, WARMUP = 800, 3e-3, 50
POSTTRAINING_STEPS, POSTTRAINING_RATE = 120, 5e-4
DOCUMENTS = 64
"""Documents of a step; in post-training half of them are the assistant's."""
TAUGHT = range(0, ENTITIES, 2)
"""The entities of each domain that post-training asks about."""


@artifact
def pretrained(population: Population, seed: int, steps: int = PRETRAINING_STEPS) -> dict[str, Tensor]:
    """Weights after pretraining on a population's documents, with the loss on answers and tones."""
    world, drawn = World(), generator(seed, "pretraining")

    def batches() -> Iterator[Batch]:
        while True:
            made = documents(world, population, DOCUMENTS, drawn)
            yield Batch(made.tokens, made.predicted)

    model = Transformer(SHAPE, generator(seed, "weights"))
    train(model, batches(), steps, groups(model, PRETRAINING_RATE), schedule=lambda step, steps: cosine(step, steps, WARMUP))
    return model.state_dict()


@artifact
def assistant(population: Population, seed: int, steps: int = POSTTRAINING_STEPS, before: int = PRETRAINING_STEPS) -> dict[str, Tensor]:
    """Weights after `before` steps of pretraining and `steps` of post-training."""
    world, drawn = World(), generator(seed, "post-training")

    def batches() -> Iterator[Batch]:
        while True:
            helpful = documents(world, population, DOCUMENTS // 2, drawn, assistant=True, entities=TAUGHT)
            mixed = documents(world, population, DOCUMENTS - DOCUMENTS // 2, drawn)
            yield Batch(torch.cat([helpful.tokens, mixed.tokens]), torch.cat([helpful.predicted, mixed.predicted]))

    model = restored(pretrained(population, seed, before))
    train(model, batches(), steps, groups(model, POSTTRAINING_RATE), schedule=cosine)
    return model.state_dict()


def restored(weights: dict[str, Tensor], shape: Shape = SHAPE) -> Transformer:
    """A model with these weights, ready to be read or trained on."""
    model = Transformer(shape, generator(0))
    model.load_state_dict(weights)
    return model.eval()
