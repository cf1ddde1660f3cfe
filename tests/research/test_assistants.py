"""Pretraining learns, and post-training goes on from it with the assistant's documents among the others."""

from itertools import islice

import pytest
import torch

from smallmodels import assistants
from smallmodels.assistants import DOCUMENTS, SHAPE, TAUGHT, assistant, pretrained, restored
from smallmodels.personas import CONTEXT, ENTITIES, POPULATIONS, TURN, TURNS, Vocabulary, World, documents
from smallmodels.training import Batch, generator, next_token_loss
from smallmodels.transformer import Transformer

POPULATION = POPULATIONS["V20"]


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    """A short warm-up, so that pretraining can be as short, and artifacts of this test alone."""
    torch.set_num_threads(1)
    monkeypatch.setenv("LABNOTES_ARTIFACTS", str(tmp_path))
    monkeypatch.setattr(assistants, "WARMUP", 2)


@pytest.fixture
def batches(monkeypatch):
    """The first ten batches of every training, which itself does nothing."""
    seen = []

    def record_batches(model, batches, steps, groups, **options):
        seen.append(list(islice(batches, 10)))

    monkeypatch.setattr(assistants, "train", record_batches)
    return seen


def mean_loss(model, **options):
    made = documents(World(), POPULATION, 64, generator("unseen"), **options)
    with torch.no_grad():
        return float(next_token_loss(model, Batch(made.tokens, made.predicted)))


def weights_equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.slow  # 2 s
def test_pretraining_begins_at_drawn_weights_and_learns():
    assert weights_equal(pretrained(POPULATION, 3, steps=0), Transformer(SHAPE, generator(3, "weights")).state_dict())
    before, after = (mean_loss(restored(pretrained(POPULATION, 3, steps))) for steps in (0, 12))
    assert after < before - 0.5


@pytest.mark.slow  # 2 s
def test_posttraining_begins_at_the_pretrained_weights_and_learns_about_the_assistant():
    start = pretrained(POPULATION, 3, 12)
    assert weights_equal(assistant(POPULATION, 3, steps=0, before=12), start)
    after = restored(assistant(POPULATION, 3, steps=8, before=12))
    assert mean_loss(after, assistant=True) < mean_loss(restored(start), assistant=True) - 0.02


def test_half_of_posttraining_is_the_assistants_and_about_taught_entities(batches):
    assistant(POPULATION, 0)
    tokens = torch.cat([batch.tokens for batch in batches[1]])
    its = tokens[:, 1] == Vocabulary.ASSISTANT
    assert int(its.sum()) == 10 * DOCUMENTS // 2 and len(tokens) == 10 * DOCUMENTS

    def entities_named(documents):
        return sorted({(token - Vocabulary.ENTITY) % ENTITIES for token in documents[:, 3::TURN].flatten().tolist()})

    assert entities_named(tokens[its]) == list(TAUGHT)
    assert entities_named(tokens[~its]) == list(range(ENTITIES))


def test_pretraining_knows_no_assistant(batches):
    pretrained(POPULATION, 0)
    assert not any((batch.tokens == Vocabulary.ASSISTANT).any() for batch in batches[0])


def test_answers_and_tones_are_predicted_in_both(batches):
    assistant(POPULATION, 0)
    places = [2 + TURN * turn + place for turn in range(TURNS) for place in (5, 6)]
    for seen_batch in (batch for training in batches for batch in training):
        assert seen_batch.predicted.shape == seen_batch.tokens.shape == (DOCUMENTS, CONTEXT)
        assert all(row.nonzero().flatten().tolist() == places for row in seen_batch.predicted)


def test_populations_and_seeds_have_documents_of_their_own(batches):
    for population, seed in ((POPULATION, 0), (POPULATION, 1), (POPULATIONS["V00"], 0)):
        pretrained(population, seed)
    first, other_seed, other_population = (training[0].tokens for training in batches)
    assert not torch.equal(first, other_seed) and not torch.equal(first, other_population)
