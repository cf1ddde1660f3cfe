"""The transformer against a reference written out here, its sites, and a training that learns."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from smallmodels.training import Batch, cosine, groups, next_token_loss, train
from smallmodels.transformer import Shape, Transformer, parameters

SHAPE = Shape(vocabulary=11, context=7, layers=2, width=8, heads=2)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def make_model(shape=SHAPE, seed=0):
    model = Transformer(shape, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for name, weight in model.named_parameters():  # biases and norms away from 0 and 1, so that the reference has to use them
            if weight.dim() == 1:
                weight += torch.linspace(-0.3, 0.4, len(weight)) * (1 + len(name) % 3)
            else:
                weight *= 20
    return model.eval()


def layer_norm(x, weights, name):
    scaled = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear_layer(x, weights, name):
    return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0.0)


def reference_logits(model, tokens):
    """Return the logits of one sequence, (tokens, vocabulary): position by position and head by head, in double precision."""
    w = {name: value.double().numpy() for name, value in model.state_dict().items()}
    size = SHAPE.width // SHAPE.heads
    x = w["tokens.weight"][tokens] + w["places.weight"][: len(tokens)]
    for i in range(SHAPE.layers):
        block = f"blocks.{i}"
        normed = layer_norm(x, w, f"{block}.norm1")
        qkv = linear_layer(normed, w, f"{block}.attention.qkv")
        mixed = np.zeros_like(x)
        for head in range(SHAPE.heads):
            q, k, v = (qkv[:, part * SHAPE.width + head * size : part * SHAPE.width + (head + 1) * size] for part in range(3))
            for t in range(len(tokens)):
                scores = np.array([q[t] @ k[s] for s in range(t + 1)]) / math.sqrt(size)
                weights = np.exp(scores - scores.max())
                mixed[t, head * size : (head + 1) * size] = (weights / weights.sum()) @ v[: t + 1]
        x = x + linear_layer(mixed, w, f"{block}.attention.out")
        up = linear_layer(layer_norm(x, w, f"{block}.norm2"), w, f"{block}.mlp.up")
        x = x + linear_layer(np.maximum(up, 0), w, f"{block}.mlp.down")
    return linear_layer(layer_norm(x, w, "norm"), w, "unembed")


def test_it_computes_what_the_reference_computes():
    model = make_model()
    tokens = torch.tensor([[1, 2, 3, 4, 5, 6, 7], [10, 0, 10, 3, 3, 9, 8]])
    with torch.no_grad():
        logits = model(tokens)
    for row, sequence in enumerate(tokens.tolist()):
        expected = reference_logits(model, sequence)
        assert np.abs(expected).max() > 1, "the reference says something"
        np.testing.assert_allclose(logits[row].numpy(), expected, atol=2e-4)


def test_only_marked_positions_are_scored():
    model, tokens = make_model(), torch.randint(0, 11, (3, 7), generator=torch.Generator().manual_seed(1))
    at = torch.rand(3, 7, generator=torch.Generator().manual_seed(2)) > 0.6
    torch.testing.assert_close(model(tokens, at), model(tokens)[at])


def test_a_position_sees_nothing_later():
    model, tokens = make_model(), torch.tensor([[1, 2, 3, 4, 5, 6, 7]])
    changed = tokens.clone()
    changed[0, 4] = 9
    before, after = model(tokens), model(changed)
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


def test_sites_are_read_and_replaced_in_order():
    model, tokens = make_model(), torch.tensor([[1, 2, 3], [4, 5, 6]])
    seen = {}

    def keep_activations(site, x):
        seen[site] = x
        return x

    torch.testing.assert_close(model(tokens, edit=keep_activations), model(tokens))
    assert list(seen) == SHAPE.sites == ["embed", "attention0", "mlp0", "block0", "attention1", "mlp1", "block1"]
    assert {tuple(x.shape) for x in seen.values()} == {(2, 3, 8)}
    torch.testing.assert_close(seen["block0"], seen["embed"] + seen["attention0"] + seen["mlp0"])
    without = model(tokens, edit=lambda site, x: torch.zeros_like(x) if site.startswith(("attention", "mlp")) else x)
    torch.testing.assert_close(without, model.logits(seen["embed"]))


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_pass_can_begin_at_any_block(first):
    model, tokens = make_model(), torch.tensor([[1, 2, 3], [4, 5, 6]])
    seen = {}
    model(tokens, edit=lambda site, x: seen.setdefault(site, x))
    at = torch.tensor([[True, False, True], [False, False, True]])
    before = seen["embed" if first == 0 else f"block{first - 1}"]
    torch.testing.assert_close(model.logits(model.onwards(before, first)), model(tokens))
    torch.testing.assert_close(model.logits(model.onwards(before, first, at)), model(tokens)[at])
    pushed = model.onwards(before + 1.0, first)
    through = model.residual(tokens, edit=lambda site, x: x + 1.0 if site == ("embed" if first == 0 else f"block{first - 1}") else x)
    torch.testing.assert_close(pushed, through)


def test_weights_are_counted_and_depend_on_the_generator_alone():
    shape = Shape(vocabulary=190, context=44)
    model = Transformer(shape, torch.Generator().manual_seed(3))
    assert parameters(shape) == sum(weight.numel() for weight in model.parameters())
    torch.manual_seed(99)
    again = Transformer(shape, torch.Generator().manual_seed(3))
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    assert abs(float(model.blocks[0].attention.out.weight.detach().std()) - 1 / math.sqrt(64 * 6)) < 2e-3
    assert abs(float(model.tokens.weight.detach().std()) - 0.02) < 1e-3


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="no multiple of 3 heads"):
        Shape(vocabulary=5, context=5, width=8, heads=3)
    with pytest.raises(ValueError, match="8 tokens, and the model was made for 7"):
        make_model()(torch.zeros(1, 8, dtype=torch.long))


# -- training ----------------------------------------------------------------------------------------------------------------------------


def copied_sequences(steps, seed=0):
    """Sequences whose second half repeats the first: to be learnt, one has to look back."""
    generator = torch.Generator().manual_seed(seed)
    mask = torch.zeros(32, 8, dtype=torch.bool)
    mask[:, 4:] = True
    for _ in range(steps):
        first = torch.randint(0, 5, (32, 4), generator=generator)
        yield Batch(torch.cat([first, first], dim=1), mask)


def train_copier(seed=0, steps=300, **options):
    model = Transformer(Shape(vocabulary=5, context=8, layers=2, width=16, heads=2), torch.Generator().manual_seed(seed))
    history = train(model, copied_sequences(steps), steps, groups(model, 1e-2), schedule=cosine, **options)
    return model, history


def test_it_learns_to_copy():
    model, history = train_copier(
        measure=lambda model: float(next_token_loss(model, next(copied_sequences(1, seed=5)))), when=range(0, 301, 100)
    )
    assert [step for step, _ in history.measured] == [0, 100, 200, 300]
    assert history.losses[0] == pytest.approx(math.log(5), abs=0.3)
    assert history.measured[-1][1] < 0.05, "on sequences it was not trained on"
    assert not model.training


def test_the_loss_is_that_of_the_marked_tokens():
    model, tokens = make_model(), torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]])
    mask = torch.tensor([[False, True, False, True], [False, False, False, True]])
    log = torch.log_softmax(model(tokens), -1)
    terms = [-log[0, 0, 2], -log[0, 2, 4], -log[1, 2, 8]]
    torch.testing.assert_close(next_token_loss(model, Batch(tokens, mask)), sum(terms) / 3)
    weighed = next_token_loss(model, Batch(tokens, mask, torch.tensor([1.0, 0.0, 3.0])))
    torch.testing.assert_close(weighed, (terms[0] + 3 * terms[2]) / 4)


@pytest.mark.slow  # 6 s
def test_the_same_seed_gives_the_same_bits_in_a_fresh_process():
    code = """
import sys; sys.path.insert(0, {folder!r})
import hashlib, torch
torch.set_num_threads(1)
from test_transformer import train_copier
torch.manual_seed(int(sys.argv[1]))
model, history = train_copier(steps=40)
print(hashlib.sha256(b"".join(w.detach().numpy().tobytes() for w in model.parameters())).hexdigest(), history.losses[-1])
"""
    folder = str(__file__).rsplit("/", 1)[0]
    runs = [
        subprocess.run([sys.executable, "-c", code.format(folder=folder), str(seed)], capture_output=True, text=True, check=True).stdout
        for seed in (1, 2)
    ]
    assert runs[0] == runs[1] and len(runs[0]) > 64


def test_groups_hold_each_parameter_once_and_rates_are_as_asked():
    model = make_model()
    parameter_groups = groups(model, 1e-3, embedding=50.0, decay=0.1)
    assert sum(len(group["params"]) for group in parameter_groups) == len(list(model.parameters()))
    assert [(group["lr"], group["weight_decay"]) for group in parameter_groups] == [(1e-3, 0.1), (0.05, 0.0), (1e-3, 0.0)]
    assert {id(weight) for weight in parameter_groups[1]["params"]} == {id(model.tokens.weight), id(model.places.weight)}
    only = groups(model, 1e-3, only=lambda name: name == "tokens.weight")
    assert [len(group["params"]) for group in only] == [1]
    with pytest.raises(ValueError, match="nothing to train"):
        groups(model, 1e-3, only=lambda name: False)


def test_what_is_not_chosen_stays():
    model = Transformer(Shape(vocabulary=5, context=8, layers=2, width=16, heads=2), torch.Generator().manual_seed(0))
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    train(model, copied_sequences(5), 5, groups(model, 1e-2, only=lambda name: name.startswith("blocks.1")))
    moved = {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}
    assert moved and all(name.startswith("blocks.1") for name in moved)


def test_schedules_and_trainings_that_cannot_be_are_refused():
    assert [cosine(step, 4) for step in (0, 2)] == pytest.approx([1.0, 0.5])
    assert [cosine(step, 10, warmup=2) for step in (0, 1, 2)] == pytest.approx([0.5, 1.0, 1.0])
    assert cosine(10, 10, floor=0.1) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="20 steps of warm-up in a training of 10"):
        cosine(0, 10, warmup=20)
    model = make_model(Shape(vocabulary=5, context=8, layers=1, width=8, heads=2))
    with pytest.raises(ValueError, match="3 steps, and the data ended after 2"):
        train(model, copied_sequences(2), 3, groups(model, 1e-3))
    with pytest.raises(ValueError, match=r"measured after \[4\] steps, in a training of 3"):
        train(model, copied_sequences(3), 3, groups(model, 1e-3), measure=str, when=(0, 4))
    with pytest.raises(ValueError, match="nothing before it"):
        Batch(torch.zeros(1, 2, dtype=torch.long), torch.ones(1, 2, dtype=torch.bool))
    with torch.no_grad():
        model.norm.weight.fill_(math.nan)
    with pytest.raises(ValueError, match="the loss is nan in step 1"):
        train(model, copied_sequences(2), 2, groups(model, 1e-3))
