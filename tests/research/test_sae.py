"""Sparse autoencoders against their definitions, gradients against finite differences, and a training that finds planted directions."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from smallmodels.sae import JumpReLU, TopK, fit, largest, load, quality, save
from smallmodels.training import Batch, generator
from smallmodels.transformer import Shape, Transformer


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def random_activations(n, width=6, seed=0):
    return torch.randn(n, width, generator=generator(seed, "x"))


def scramble_weights(autoencoder, seed=1):
    """Biases away from zero and rows away from length one, so that a reference has to use them."""
    drawn = generator(seed, "weights")
    with torch.no_grad():
        for weight in (autoencoder.w_enc, autoencoder.w_dec, autoencoder.b_enc, autoencoder.b_dec):
            weight += 0.3 * torch.randn(weight.shape, generator=drawn)
    return autoencoder


def test_topk_computes_what_it_says():
    autoencoder, x = scramble_weights(TopK(6, 11, 3, generator(0))), random_activations(20)
    with torch.no_grad():
        autoencoder.b_enc -= 1.5
    w_enc, b_enc, w_dec, b_dec = (
        w.detach().double().numpy() for w in (autoencoder.w_enc, autoencoder.b_enc, autoencoder.w_dec, autoencoder.b_dec)
    )
    with torch.no_grad():
        latents, made = autoencoder.encode(x).numpy(), autoencoder(x).numpy()
    for row, activation in enumerate(x.double().numpy()):
        before = (activation - b_dec) @ w_enc + b_enc
        expected = np.zeros(11)
        for i in sorted(range(11), key=lambda i: -before[i])[:3]:
            expected[i] = max(before[i], 0)
        np.testing.assert_allclose(latents[row], expected, atol=1e-5)
        np.testing.assert_allclose(made[row], expected @ w_dec + b_dec, atol=1e-5)
    assert (latents > 0).sum(1).max() == 3 and (latents > 0).sum(1).min() < 3, "those below zero are not kept"


def test_of_equal_latents_exactly_k_are_kept():
    kept = largest(torch.tensor([[2.0, 1.0, 1.0, 1.0, -1.0], [1.0, 1.0, 1.0, 1.0, 1.0]]), 2)
    assert (kept > 0).sum(1).tolist() == [2, 2]
    assert kept[0].sum() == 3 and kept[1].sum() == 2
    assert largest(torch.tensor([-1.0, -2.0]), 1).tolist() == [0.0, 0.0]


def test_gradients_of_topk_are_those_of_finite_differences():
    autoencoder, x = scramble_weights(TopK(4, 7, 2, generator(0))).double(), random_activations(5, 4).double()
    dead = torch.tensor([True, False, False, True, True, False, False])
    autoencoder.loss(x, dead)[0].backward()
    # what is revived is told the error as a constant: the exact gradient has it fixed, too
    with torch.no_grad():
        missed = x - autoencoder(x)

    def loss_value():
        before = autoencoder.before(x)
        revived = largest(before.masked_fill(~dead, -torch.inf), 2) @ autoencoder.w_dec
        error, revival = (x - autoencoder(x)).pow(2), (missed - revived).pow(2)
        return float((error.sum(-1).mean() + autoencoder.revival * revival.sum(-1).mean()).detach())

    checked = 0
    for weight in autoencoder.parameters():
        flat, gradient = weight.data.view(-1), weight.grad.view(-1)
        for i in range(0, len(flat), 3):
            old = float(flat[i])
            ends = []
            for step in (1e-6, -1e-6):
                flat[i] = old + step
                ends.append(loss_value())
            flat[i] = old
            assert float(gradient[i]) == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6, rel=1e-5)
            checked += 1
    assert checked > 20


def test_jumprelu_computes_what_it_says():
    autoencoder, x = scramble_weights(JumpReLU(6, 11, generator(0), sparsity=0.1, threshold=0.7, bandwidth=0.1)), random_activations(50)
    with torch.no_grad():
        before, latents = autoencoder.before(x), autoencoder.encode(x)
    assert torch.equal(latents, torch.where(before > 0.7, before, 0.0))
    assert 0 < (latents > 0).float().mean() < 0.5
    loss, encoded = autoencoder.loss(x, torch.zeros(11, dtype=torch.bool))
    assert torch.equal(encoded, latents)
    expected = (x - autoencoder.decode(latents)).pow(2).sum(-1).mean() + 0.1 * (latents > 0).sum(-1).float().mean()
    torch.testing.assert_close(loss, expected)


def test_a_threshold_learns_from_latents_near_it():
    # one latent in one dimension, encoder and decoder 1: a = z if z > θ
    autoencoder = JumpReLU(1, 1, generator(0), sparsity=0.5, threshold=1.0, bandwidth=0.2)
    with torch.no_grad():
        autoencoder.w_enc.fill_(1.0)
        autoencoder.w_dec.fill_(1.0)
    x = torch.tensor([[0.5], [0.95], [1.05], [1.5]])
    autoencoder.loss(x, torch.tensor([False]))[0].backward()
    # within 0.1 of θ lie 0.95, which is off, and 1.05, which is on. By the ramp's slope 1/ε = 5 a higher θ costs, per activation: the error,
    # d/da (x - a)² = -2 (x - a) times da = -z 5 dθ; and sparsity 0.5 times -5. The error of 0.95 is 0.95, that of 1.05 none.
    error = 2 * 0.95 * 0.95 * 5
    assert float(autoencoder.log_threshold.grad) == pytest.approx((error - 2 * 0.5 * 5) / 4, rel=1e-5)  # dθ/dlogθ = θ = 1


def test_lengths_of_decoder_rows_do_not_change_what_is_computed():
    autoencoder, x = scramble_weights(TopK(6, 11, 11, generator(0))), random_activations(20)
    before = autoencoder(x)
    autoencoder.normalise()
    torch.testing.assert_close(autoencoder.w_dec.norm(dim=1), torch.ones(11))
    torch.testing.assert_close(autoencoder(x), before)


@pytest.mark.parametrize("kind", ["topk", pytest.param("jumprelu", marks=pytest.mark.slow)])  # 2.5 s; its gradients by hand are above
def test_it_finds_planted_directions(kind):
    drawn = generator(5)
    directions = F.normalize(torch.randn(12, 16, generator=drawn), dim=1)
    strengths = (1 + torch.rand(20_000, 12, generator=drawn)) * (torch.rand(20_000, 12, generator=drawn) < 0.12)
    x = strengths @ directions + 0.01 * torch.randn(20_000, 16, generator=drawn)
    made = TopK(16, 24, 3, drawn) if kind == "topk" else JumpReLU(16, 24, drawn, sparsity=0.2, threshold=0.3, bandwidth=0.3)
    history = fit(made, x, 1_500, drawn, batch=512, rate=5e-3, patience=50_000)
    assert history.losses[-1] < 0.1 * history.losses[0]
    cosines = made.w_dec.detach() @ directions.T  # (24, 12)
    assert (cosines.max(0).values > 0.95).sum() >= 10, "of twelve"
    torch.testing.assert_close(made.w_dec.detach().norm(dim=1), torch.ones(24))


def test_dead_latents_are_revived_and_told():
    drawn = generator(7)
    x = torch.randn(4_000, 8, generator=drawn)

    def dead_after_training(revival):
        made = TopK(8, 32, 2, generator(1), revival=revival)
        with torch.no_grad():
            made.b_enc[:16] = -3.0  # they hardly ever fire
        return fit(made, x, 300, generator(2), batch=256, patience=5_000).dead

    assert dead_after_training(0.0)[:16].all()
    assert dead_after_training(1 / 32)[:16].sum() < 8


def test_quality_against_its_definition():
    model = Transformer(Shape(vocabulary=9, context=6, layers=2, width=8, heads=2), generator(3)).eval()
    tokens = torch.randint(9, (10, 6), generator=generator(4))
    predicted = torch.zeros(10, 6, dtype=torch.bool)
    predicted[:, 3:] = True
    autoencoder, mean = scramble_weights(TopK(8, 12, 4, generator(5))), torch.linspace(-1, 1, 8)
    seen = {}
    with torch.no_grad():
        model(tokens[:, :-1], edit=lambda site, x: seen.setdefault(site, x))
        x = seen["block0"]
        losses = [
            F.cross_entropy(model.logits(model.onwards(residual, 1))[:, 2:].reshape(-1, 9), tokens[:, 3:].reshape(-1))
            for residual in (x, autoencoder(x), torch.zeros_like(x), mean.expand_as(x))
        ]
        made = quality(autoencoder, model, "block0", Batch(tokens, predicted), mean)
        flat = x.reshape(-1, 8)
        latents = autoencoder.encode(flat)
        explained = 1 - (flat - autoencoder(flat)).pow(2).sum() / (flat - flat.mean(0)).pow(2).sum()
    assert (made.loss, made.reconstructed, made.zeroed, made.averaged) == pytest.approx([float(loss) for loss in losses], abs=1e-5)
    assert made.explained == pytest.approx(float(explained), abs=1e-5)
    assert made.l0 == pytest.approx(float((latents > 0).sum(1).float().mean()))
    assert made.dead == pytest.approx(float(((latents > 0).sum(0) == 0).float().mean()))
    assert made.recovered_from_zero == pytest.approx(float((losses[2] - losses[1]) / (losses[2] - losses[0])), rel=1e-4)
    assert made.recovered_from_mean == pytest.approx(float((losses[3] - losses[1]) / (losses[3] - losses[0])), rel=1e-4)


@pytest.mark.parametrize(
    "made",
    [TopK(6, 11, 3, generator(0)), JumpReLU(6, 11, generator(0), sparsity=0.1, threshold=0.5, bandwidth=0.1)],
    ids=["topk", "jumprelu"],
)
def test_what_is_saved_is_read_again(made, tmp_path):
    save(scramble_weights(made), tmp_path)
    weights, settings = load_file(tmp_path / "sae_weights.safetensors"), json.loads((tmp_path / "cfg.json").read_text())
    assert {name: tuple(weight.shape) for name, weight in weights.items() if name != "threshold"} == {
        "W_enc": (6, 11),
        "b_enc": (11,),
        "W_dec": (11, 6),
        "b_dec": (6,),
    }
    assert (settings["d_in"], settings["d_sae"]) == (6, 11)
    x = random_activations(5)
    torch.testing.assert_close(load(tmp_path)(x), made(x))


def test_what_cannot_be_is_refused(tmp_path):
    with pytest.raises(ValueError, match="k is 12, of 11 latents"):
        TopK(6, 11, 12, generator(0))
    save(TopK(6, 11, 3, generator(0)), tmp_path)
    (tmp_path / "cfg.json").write_text(json.dumps({"architecture": "gated", "d_in": 6, "d_sae": 11}))
    with pytest.raises(ValueError, match="a gated autoencoder"):
        load(tmp_path)
