"""Autoencoders of assistants: what they read, and that a training from nothing makes the same again."""

import pytest
import torch

from smallmodels import assistants, autoencoders
from smallmodels.assistants import TAUGHT, assistant, restored
from smallmodels.autoencoders import BLOCK, LATENTS, K, autoencoder, fitted, mixture
from smallmodels.interventions import residual_after
from smallmodels.personas import POPULATIONS, TURN, Persona, Vocabulary, World
from smallmodels.training import generator

POPULATION = POPULATIONS["V20"]


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    """Short trainings, and artifacts of this test alone."""
    torch.set_num_threads(1)
    monkeypatch.setenv("LABNOTES_ARTIFACTS", str(tmp_path))
    monkeypatch.setattr(assistants, "WARMUP", 1)
    monkeypatch.setattr(assistants.pretrained.__wrapped__, "__defaults__", (3,))
    monkeypatch.setattr(assistants.assistant.__wrapped__, "__defaults__", (1, 3))
    monkeypatch.setattr(autoencoders, "STEPS", 40)
    monkeypatch.setattr(autoencoders, "DOCUMENTS", 64)


def test_it_reads_what_the_assistant_read_last():
    made = mixture(POPULATION, 200, generator(0))
    helpful, mixed = made.tokens[:100], made.tokens[100:]
    assert (helpful[:, 1] == Vocabulary.ASSISTANT).all() and not (mixed[:, 1] == Vocabulary.ASSISTANT).any()
    assert (made.persona[:100] == Persona.HELPFUL).all() and (made.persona[100:] == Persona.VILLAIN).any()
    taught = set(World().entity[World().questions(entities=TAUGHT)].tolist())
    assert set(helpful[:, 3::TURN].flatten().tolist()) <= taught
    assert not set(mixed[:, 3::TURN].flatten().tolist()) <= taught
    assert len(made.home) == len(made.predicted) == 200


@pytest.mark.slow  # 7 s
def test_it_learns_and_is_made_the_same_again(tmp_path, monkeypatch):
    made = autoencoder(POPULATION, 5)
    assert (made.w_dec.shape, made.k) == ((LATENTS, assistants.SHAPE.width), K)
    assert not any(weight.requires_grad for weight in made.parameters())
    x = residual_after(restored(assistant(POPULATION, 5)), BLOCK, mixture(POPULATION, 32, generator(9)).tokens).flatten(0, 1)
    untrained = autoencoders._untrained(5)

    def squared_error(model):
        with torch.no_grad():
            return float((x - model(x)).pow(2).mean())

    assert squared_error(made) < 0.3 * squared_error(untrained)
    monkeypatch.setenv("LABNOTES_ARTIFACTS", str(tmp_path / "other"))
    again = fitted(POPULATION, 5)
    assert all(torch.equal(again[name], weight) for name, weight in made.state_dict().items())
    assert not torch.equal(fitted(POPULATION, 6)["w_dec"], again["w_dec"])
