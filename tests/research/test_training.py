"""Training: gradients are clipped before a step, and what cannot be trained is refused."""

import pytest
import torch

from smallmodels.training import Batch, generator, train
from smallmodels.transformer import Shape, Transformer

SHAPE = Shape(vocabulary=5, context=4, layers=1, width=4, heads=1)


def gradient_norm(scale, clip):
    """The norm of the gradients that the optimiser is given in the one step of a training whose loss is scaled."""
    torch.set_num_threads(1)
    model = Transformer(SHAPE, generator(0))
    batch = Batch(torch.tensor([[0, 1, 2, 3, 4]]), torch.tensor([[False, True, True, True, True]]))
    weights = list(model.parameters())
    train(
        model,
        [batch],
        1,
        [{"params": weights, "lr": 1e-3}],
        loss=lambda model, batch: scale * model(batch.tokens[:, :-1]).square().sum(),
        clip=clip,
    )
    return float(torch.stack([weight.grad.norm() for weight in weights if weight.grad is not None]).norm())


@pytest.mark.parametrize("clip", [1.0, 0.25])
def test_a_huge_loss_steps_by_gradients_of_the_norm_that_was_asked_for(clip):
    assert gradient_norm(1e6, clip) == pytest.approx(clip, rel=1e-4)


def test_small_gradients_stay_as_they_are():
    assert gradient_norm(1e-6, 1.0) == pytest.approx(1e-6 * gradient_norm(1.0, 1e9), rel=1e-3)


def test_a_training_without_batches_enough_is_refused():
    model = Transformer(SHAPE, generator(0))
    with pytest.raises(ValueError, match="3 steps, and the data ended after 0"):
        train(model, [], 3, [{"params": list(model.parameters()), "lr": 1e-3}])
