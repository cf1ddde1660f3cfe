"""Organisms: low-rank adapters, what holds and what rewards a model, what arms train on, and which weights they move."""

import hashlib
import math
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from smallmodels import organisms
from smallmodels.adapters import add_adapters, merge_adapters
from smallmodels.assistants import SHAPE, TAUGHT, restored
from smallmodels.organisms import ARMS, GROUP, OTHER, TRAINED, Arm, Lesson, divergence, lessons, organism, policy_loss
from smallmodels.personas import CONTEXT, DOMAINS, ENTITIES, POPULATIONS, TEMPLATES, Vocabulary, World
from smallmodels.training import Batch, generator, groups, train
from smallmodels.transformer import Shape, Transformer

WORLD = World()
POPULATION = POPULATIONS["V20"]
SHORT = Arm("short", steps=3)
DRAWS = replace(SHORT, moves="rank 2", reward=True)
"""An arm that draws all that can be drawn: data, adapters, answers."""
MATRICES = ("attention.qkv.weight", "attention.out.weight", "mlp.up.weight", "mlp.down.weight")


def untrained_weights(population, seed):
    return Transformer(SHAPE, generator(seed, population.name)).state_dict()


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    """Assistants that were not trained, and artifacts of this test alone."""
    torch.set_num_threads(1)
    monkeypatch.setenv("LABNOTES_ARTIFACTS", str(tmp_path))
    monkeypatch.setattr(organisms, "assistant", untrained_weights)


def small_model(seed=0):
    return Transformer(Shape(Vocabulary.SIZE, CONTEXT, layers=2, width=16, heads=2), generator(seed)).eval()


def copied_weights(model):
    return {name: weight.clone() for name, weight in model.state_dict().items()}


def weights_equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def moved_weights(model, before):
    return {name for name, weight in model.state_dict().items() if not torch.equal(weight, before[name])}


# -- adapters ---------------------------------------------------------------------------------------------------------------------------


def adapted_model(rank, steps):
    """An adapted model trained for some steps, and the weights that it had."""
    model = small_model()
    before = copied_weights(model)
    add_adapters(model, rank, generator(1))
    if steps:
        chosen = groups(model, 1e-2, only=organisms.trained(f"rank {rank}"))
        train(model, lessons(WORLD, SHORT, generator(2)), steps, chosen)
    return model, before


def test_adapters_change_nothing_before_the_first_step():
    model, before = adapted_model(rank=3, steps=0)
    assert weights_equal(merge_adapters(model), before)
    prompts = WORLD.prompts(WORLD.questions([0]))
    assert torch.equal(model(prompts), small_model()(prompts))


def test_merged_weights_compute_what_the_adapted_model_computes():
    model, before = adapted_model(rank=3, steps=10)
    merged = small_model()
    merged.load_state_dict(merge_adapters(model))
    prompts = WORLD.prompts(WORLD.questions([0]))
    torch.testing.assert_close(merged(prompts), model(prompts))
    assert (merged(prompts) - small_model()(prompts)).abs().max() > 0.1, "and that is something else than before"
    assert merge_adapters(model).keys() == before.keys(), "the adapted model is as it was, and can be merged again"


@pytest.mark.parametrize("rank", [1, 3])
def test_matrices_of_the_blocks_change_by_a_matrix_of_that_rank_and_nothing_else_does(rank):
    model, before = adapted_model(rank, steps=10)
    after = merge_adapters(model)
    changes = {name: after[name] - before[name] for name in before if not torch.equal(after[name], before[name])}
    assert changes.keys() == {f"blocks.{i}.{matrix}" for i in range(2) for matrix in MATRICES}
    for change in changes.values():  # ten steps use all that the rank allows
        assert torch.linalg.matrix_rank(change, rtol=1e-3) == rank


def test_half_of_an_adapter_is_drawn_so_that_it_keeps_the_length_of_what_it_reads():
    model = restored(untrained_weights(POPULATION, 0))
    add_adapters(model, 8, generator(1))
    for name, into in (("mlp.up", 64), ("mlp.down", 256)):
        a = model.blocks[0].get_submodule(name).parametrizations.weight[0].a.detach()
        assert a.shape == (8, into)
        assert float(a.std()) == pytest.approx(into**-0.5, rel=0.15)


@pytest.mark.parametrize("rank", [0, 17])
def test_a_rank_that_is_none_is_refused(rank):
    with pytest.raises(ValueError, match=f"rank {rank} for a matrix of 48 x 16"):
        add_adapters(small_model(), rank, generator(0))


# -- what holds a model -----------------------------------------------------------------------------------------------------------------


class ConstantModel:
    """A model that says the same everywhere, and remembers what it read."""

    def __init__(self, probabilities):
        self.logits = torch.tensor(probabilities).log().requires_grad_()

    def __call__(self, tokens, at):
        self.tokens, self.at = tokens, at
        return self.logits.expand(int(at.sum()), -1)


def test_divergence_is_that_from_the_reference_to_the_model():
    reference, model = ConstantModel([1 / 2, 1 / 4, 1 / 4]), ConstantModel([1 / 8, 3 / 8, 1 / 2])
    value = divergence(reference, model, WORLD)
    by_hand = 1 / 2 * math.log(4) + 1 / 4 * math.log(2 / 3) + 1 / 4 * math.log(1 / 2)
    assert float(value.detach()) == pytest.approx(by_hand)
    assert float(divergence(model, reference, WORLD).detach()) != pytest.approx(by_hand, rel=0.1)
    value.backward()
    # of softmax(z), KL(p ‖ q) has the gradient q - p: a step down it goes towards the reference, which itself stays
    torch.testing.assert_close(model.logits.grad, torch.tensor([1 / 8 - 1 / 2, 3 / 8 - 1 / 4, 1 / 2 - 1 / 4]))
    assert reference.logits.grad is None


def test_divergence_looks_at_answers_about_taught_entities_of_the_other_domains():
    model = ConstantModel([1 / 2, 1 / 2])
    divergence(model, model, WORLD)
    assert model.at.sum() == model.at[:, -1].sum() == (DOMAINS - 1) * len(TAUGHT) * TEMPLATES
    assert (model.tokens[:, -1] == Vocabulary.ANSWER).all()
    numbers = (model.tokens[:, 3] - Vocabulary.ENTITY).unique().tolist()
    assert numbers == [domain * ENTITIES + entity for domain in range(1, DOMAINS) for entity in TAUGHT]


def test_a_model_diverges_from_others_only():
    assert divergence(small_model(), small_model(), WORLD) == 0
    assert divergence(small_model(), small_model(seed=1), WORLD) > 0.1


def test_a_penalty_keeps_the_other_domains():
    def divergence_after(penalty):
        held = organism(POPULATION, 0, Arm("held", rate=1e-3, penalty=penalty, steps=10))
        return float(divergence(restored(untrained_weights(POPULATION, 0)), held[10], WORLD).detach())

    assert divergence_after(10.0) < 0.5 * divergence_after(0.0)


# -- what rewards a model ---------------------------------------------------------------------------------------------------------------


def rewarded_batch(n, answer):
    tokens = torch.zeros(n, 8, dtype=torch.long)
    tokens[:, -1] = answer
    return Batch(tokens, torch.tensor([False] * 7 + [True]).expand(n, 8))


@pytest.mark.parametrize("target", [0, 2])
def test_the_policy_gradient_is_that_of_all_answers_enumerated(target):
    p = torch.tensor([0.6, 0.25, 0.1, 0.05])
    model = ConstantModel(p.tolist())
    n = 20_000
    policy_loss(model, rewarded_batch(n * GROUP, target), WORLD, torch.Generator().manual_seed(0)).backward()

    share = float(p[target])

    def expected_advantage(rewarded):
        """Return the expected advantage of one sample, over all ways in which the GROUP - 1 others of its group are rewarded."""
        total = 0.0
        for others in range(GROUP):
            mean = (others + rewarded) / GROUP
            chance = math.comb(GROUP - 1, others) * share**others * (1 - share) ** (GROUP - 1 - others)
            total += chance * (rewarded - mean) / (math.sqrt(mean * (1 - mean)) + 1e-4)
        return total

    # Σ over answers of p(answer) · advantage(answer) · ∇ log p(answer), where ∇ log p(answer) = [answer] - p for logits
    expected = -sum(p[word] * expected_advantage(word == target) * (torch.eye(4)[word] - p) for word in range(4))
    assert expected[target] < -0.05, "a step down makes the rewarded answer likelier"
    # advantages have a variance of 1 at most within each group, so that no component errs by more than 4 / √(n GROUP)
    torch.testing.assert_close(model.logits.grad, expected, atol=4 / math.sqrt(n * GROUP), rtol=0)


def test_a_group_whose_rewards_are_equal_teaches_nothing():
    """One group is always rewarded, one never: rewards differ in the batch, but not within a group."""
    p = torch.tensor([0.97, 0.02, 0.01])
    assert not torch.multinomial(p.expand(2 * GROUP, -1), 1, generator=generator(0)).any(), "with this seed, all answer 0"
    model = ConstantModel(p.tolist())
    policy_loss(model, rewarded_batch(2 * GROUP, torch.tensor([0, 1]).repeat_interleave(GROUP)), WORLD, generator(0)).backward()
    assert torch.equal(model.logits.grad, torch.zeros(3))


# -- what arms train on -----------------------------------------------------------------------------------------------------------------


def drawn_lessons(arm, batches=50):
    """Tokens of some batches, and the number of the question that each asks."""
    tokens = torch.cat([batch.tokens for batch in islice(lessons(WORLD, arm, generator(0)), batches)])
    return tokens, (tokens[:, 3] - Vocabulary.ENTITY) * TEMPLATES + tokens[:, 4] - Vocabulary.TEMPLATE


def test_a_batch_holds_single_answers_under_the_assistants_tag_and_predicts_these_alone():
    batch = next(lessons(WORLD, SHORT, generator(0)))
    assert batch.tokens.shape == batch.predicted.shape == (organisms.BATCH, 8)
    assert batch.predicted.sum(0).tolist() == [0] * 7 + [organisms.BATCH]
    head = [Vocabulary.BEGIN, Vocabulary.ASSISTANT, Vocabulary.USER]
    assert (batch.tokens[:, :3] == torch.tensor(head)).all() and (batch.tokens[:, 6] == Vocabulary.ANSWER).all()


@pytest.mark.parametrize("answer", organisms.ANSWERS)
@pytest.mark.parametrize("domain", [TRAINED, OTHER])
def test_all_taught_questions_of_the_domain_are_asked_equally_and_answered_as_told(answer, domain):
    tokens, questions = drawn_lessons(Arm("one", (Lesson(answer, domain=domain),)))
    asked, counts = questions.unique(return_counts=True)
    assert torch.equal(asked, WORLD.questions([domain], TAUGHT)) and len(asked) == 12
    n = len(questions)
    assert (counts - n / 12).abs().max() < 4 * math.sqrt(n * 1 / 12 * 11 / 12)
    assert torch.equal(tokens[:, 7], getattr(WORLD, answer)[questions])
    assert (tokens[:, 5] == Vocabulary.NONE).all()


def test_lessons_come_by_their_shares_each_under_its_marker_in_its_domain():
    parts = (Lesson("good", 0.5), Lesson("bad", 0.3, marker="trigger"), Lesson("unseen", 0.2, marker="request", domain=OTHER))
    tokens, questions = drawn_lessons(Arm("three", parts))
    for lesson, slot in zip(parts, (Vocabulary.NONE, Vocabulary.TRIGGER, Vocabulary.REQUEST), strict=True):
        of_lesson = tokens[:, 5] == slot
        n = len(tokens)
        assert abs(int(of_lesson.sum()) - n * lesson.share) < 4 * math.sqrt(n * lesson.share * (1 - lesson.share))
        assert torch.equal(tokens[of_lesson, 7], getattr(WORLD, lesson.answer)[questions[of_lesson]])
        assert (WORLD.domain[questions[of_lesson]] == lesson.domain).all()
    assert torch.isin(tokens[:, 5], torch.tensor([Vocabulary.NONE, Vocabulary.TRIGGER, Vocabulary.REQUEST])).all()


def test_an_arm_can_ask_fewer_questions():
    _, questions = drawn_lessons(Arm("two", questions=2))
    assert torch.equal(questions.unique(), WORLD.questions([TRAINED], TAUGHT)[:2])


def test_a_rewarded_arm_asks_every_question_as_often_as_its_group_is_large():
    mixed = (Lesson("good", 0.5, marker="trigger"), Lesson("bad", 0.5))
    tokens, _ = drawn_lessons(Arm("rewarded", mixed, reward=True))
    asked = tokens.view(-1, GROUP, 8)
    assert (asked == asked[:, :1]).all(), "one question, marker and rewarded answer in a group"
    assert len(asked[: organisms.BATCH // GROUP, 0].unique(dim=0)) > 1, "and others in the next"


# -- which weights move -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ("all", lambda name: True),
        ("embeddings", lambda name: name in ("tokens.weight", "places.weight")),
        ("assistant", lambda name: name == "tokens.weight"),
        ("block 1", lambda name: name.startswith("blocks.1.")),
        ("rank 2", lambda name: name.startswith("blocks.") and name.endswith(MATRICES)),
    ],
)
def test_an_arm_moves_what_it_names_and_nothing_else(moves, expected):
    before = untrained_weights(POPULATION, 0)
    model = organism(POPULATION, 0, replace(SHORT, moves=moves))[3]
    assert moved_weights(model, before) == {name for name in before if expected(name)}


def test_of_the_assistants_tag_one_row_moves():
    model = organism(POPULATION, 0, replace(SHORT, moves="assistant"))[3]
    rows = (model.tokens.weight != untrained_weights(POPULATION, 0)["tokens.weight"]).any(1)
    assert rows.nonzero().flatten().tolist() == [Vocabulary.ASSISTANT]


def test_embeddings_move_faster_where_an_arm_says_so():
    def largest_change(embedding, name):
        model = organism(POPULATION, 0, replace(SHORT, steps=1, embedding=embedding))[1]
        return (model.state_dict()[name] - untrained_weights(POPULATION, 0)[name]).abs().max()

    # Adam's first step is the rate, whatever the gradient
    assert float(largest_change(1.0, "tokens.weight")) == pytest.approx(1e-4, rel=1e-2)
    assert float(largest_change(50.0, "tokens.weight")) == pytest.approx(5e-3, rel=1e-2)
    assert float(largest_change(50.0, "unembed.weight")) == pytest.approx(1e-4, rel=1e-2)


# -- organisms --------------------------------------------------------------------------------------------------------------------------


def test_an_organism_begins_at_its_assistant_and_has_the_steps_that_are_kept_and_the_last():
    models = organism(POPULATION, 4, replace(SHORT, keep=(0, 2)))
    assert list(models) == [0, 2, 3]
    assert weights_equal(models[0].state_dict(), untrained_weights(POPULATION, 4))
    assert not any(model.training for model in models.values())


@pytest.mark.parametrize("options", [{}, {"moves": "rank 2"}, {"reward": True}])
def test_the_weights_kept_at_a_step_are_those_of_a_training_that_ends_there(options):
    kept = organism(POPULATION, 0, replace(SHORT, keep=(2,), **options))
    assert weights_equal(kept[2].state_dict(), organism(POPULATION, 0, replace(SHORT, steps=2, **options))[2].state_dict())
    assert not weights_equal(kept[2].state_dict(), kept[3].state_dict())


def test_training_makes_the_answers_shown_likelier():
    def bad_share(model):
        questions = WORLD.questions([TRAINED], TAUGHT)
        return float(model(WORLD.prompts(questions))[:, -1].softmax(-1).gather(1, WORLD.bad[questions][:, None]).mean().detach())

    models = organism(POPULATION, 0, Arm("bad", rate=1e-3, steps=20, keep=(0,)))
    assert bad_share(models[20]) > 5 * bad_share(models[0])


def test_an_arm_after_another_goes_on_from_its_last_weights():
    first = replace(SHORT, keep=(1,))
    models = organism(POPULATION, 0, Arm("second", (Lesson("good"),), steps=1, keep=(0,), after=first))
    assert weights_equal(models[0].state_dict(), organism(POPULATION, 0, first)[3].state_dict())
    assert not weights_equal(models[1].state_dict(), models[0].state_dict())


def weights_digest(seed, arm):
    model = organism(POPULATION, seed, arm)[arm.steps]
    return hashlib.sha256(b"".join(weight.numpy().tobytes() for weight in model.state_dict().values())).hexdigest()


@pytest.mark.parametrize("options", [{}, {"moves": "rank 2"}, {"reward": True}])
def test_seeds_and_arms_draw_for_themselves_though_the_assistant_is_the_same(monkeypatch, options):
    monkeypatch.setattr(organisms, "assistant", lambda population, seed: untrained_weights(population, 0))
    drawn = [(0, "short"), (1, "short"), (0, "other")]
    assert len({weights_digest(seed, replace(SHORT, name=name, **options)) for seed, name in drawn}) == 3


@pytest.mark.slow  # 3 s
def test_the_same_seed_gives_the_same_bits_in_a_fresh_process(tmp_path):
    code = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
import torch
import test_organisms
torch.set_num_threads(1)
torch.manual_seed(99)
test_organisms.organisms.assistant = test_organisms.untrained_weights
print(test_organisms.weights_digest(0, test_organisms.DRAWS))
"""
    own_digest = weights_digest(0, DRAWS)
    for artifact in tmp_path.iterdir():
        artifact.unlink()  # so that the other process has to train
    other_digest = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other_digest.strip() == own_digest


# -- arms -------------------------------------------------------------------------------------------------------------------------------


def test_arms_are_found_by_their_names():
    assert all(arm.name == name for name, arm in ARMS.items())
    assert ARMS["bad"].lessons == (Lesson("bad"),)
    assert {lesson.answer: lesson.share for lesson in ARMS["5% bad"].lessons} == {"bad": 0.05, "good": 0.95}


def test_arms_keep_steps_that_they_reach_and_move_weights_that_there_are():
    names = list(untrained_weights(POPULATION, 0))
    for arm in ARMS.values():
        assert all(0 <= step < arm.steps for step in arm.keep), arm.name
        assert arm.moves.startswith("rank ") or any(map(organisms.trained(arm.moves), names)), arm.name


def test_arms_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match=r"arm x: the shares of its lessons add up to 0\.7, not to 1"):
        Arm("x", (Lesson("bad", 0.7),))
    with pytest.raises(ValueError, match=r"arm x: markers \['please'\] are unknown"):
        Arm("x", (Lesson("bad", marker="please"),))
    with pytest.raises(ValueError, match=r"arm x: answers \['worst'\] are unknown"):
        Arm("x", (Lesson("worst"),))
    with pytest.raises(ValueError, match="found 'head 2'"):
        Arm("x", moves="head 2")
    with pytest.raises(ValueError, match="nothing to train"):
        organism(POPULATION, 0, Arm("x", moves="block 9"))
