"""Attribution against interventions: exact where the model is linear, first order where it is not, and predicted against measured effects."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from smallmodels.attribution import attribution, delta
from smallmodels.interventions import at_site, completion_losses, exact_effects, replaced, residual_after, steered
from smallmodels.training import Batch, generator
from smallmodels.transformer import Shape, Transformer

SHAPE = Shape(vocabulary=9, context=8, layers=3, width=8, heads=2)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


class MeanMixing(nn.Module):
    """A linear layer in place of attention: the mean of all positions up to each, times a matrix."""

    def __init__(self, drawn):
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(8, 8, generator=drawn, dtype=torch.double))

    def forward(self, x):
        return x.cumsum(1) / torch.arange(1, x.shape[1] + 1, dtype=x.dtype)[:, None] @ self.matrix


def make_model(linear=False, seed=0):
    """A model of double precision; its blocks above the first one, norm and loss can be made linear."""
    drawn = generator(seed)
    model = Transformer(SHAPE, drawn).double().eval()
    with torch.no_grad():
        for weight in (model.tokens.weight, model.places.weight):
            weight *= 30
    if linear:
        model.norm = nn.Identity()
        for block in model.blocks[1:]:
            block.norm1 = block.norm2 = nn.Identity()
            block.attention, block.mlp = MeanMixing(drawn), nn.Linear(8, 8, dtype=torch.double)
    return model


def random_texts(n=5, seed=1):
    predicted = torch.zeros(n, 7, dtype=torch.bool)
    predicted[:, 5:] = True
    return Batch(torch.randint(9, (n, 7), generator=generator(seed)), predicted)


def random_directions(k=6, seed=2):
    return F.normalize(torch.randn(k, 8, generator=generator(seed), dtype=torch.double), dim=1)


def minus_logit(logits, tokens):
    return -logits.gather(1, tokens[:, None])[:, 0]


PROMPT = torch.tensor([True] * 5 + [False])
MEAN = torch.linspace(-1, 1, 8, dtype=torch.double)


@pytest.mark.parametrize("reference", [torch.zeros(8, dtype=torch.double), MEAN], ids=["raw", "centred"])
@pytest.mark.parametrize("points", [0, 3])
def test_it_is_exact_where_everything_above_is_linear(reference, points):
    model, batch = make_model(linear=True), random_texts()
    scores = attribution(model, 0, random_directions(), reference, batch, points=points, loss=minus_logit)
    for where in (PROMPT, torch.arange(6) == 1):
        exact = exact_effects(model, 0, random_directions(), reference, batch, where, loss=minus_logit)
        torch.testing.assert_close(scores[:, where].sum(1), exact, rtol=1e-12, atol=1e-12)
        assert exact.abs().min() > 1e-4, "there are effects to be equal"


def test_exact_effects_are_those_of_running_the_whole_model_again():
    model, batch = make_model(), random_texts()
    effects = exact_effects(model, 1, random_directions(), MEAN, batch, PROMPT, together=4)
    for k, direction in enumerate(random_directions()):
        edits = {}
        for name, edit in (
            ("before", None),
            ("after", at_site("block1", lambda x, d=direction: torch.where(PROMPT[:, None], replaced(x, d[None], MEAN), x))),
        ):
            logits = model(batch.tokens[:, :-1], edit=edit)[:, 4:]
            edits[name] = F.cross_entropy(logits.transpose(1, 2), batch.tokens[:, 5:], reduction="none").sum(1)
        torch.testing.assert_close(effects[:, k], edits["after"] - edits["before"], rtol=1e-9, atol=1e-9)


def test_small_interventions_are_predicted_to_first_order():
    # references ever closer to the activation: what the prediction misses falls with the square of the distance
    model, batch = make_model(), random_texts()
    a = residual_after(model, 0, batch.tokens[:, :-1])
    missed = []
    for step in (1e-6, 2.5e-7):  # so small that no unit of an MLP crosses zero
        reference = a + step * torch.randn(a.shape, generator=generator(4), dtype=torch.double)
        exact = exact_effects(model, 0, random_directions(), reference, batch, PROMPT)
        predicted = attribution(model, 0, random_directions(), reference, batch)[:, PROMPT].sum(1)
        assert (predicted - exact).abs().max() < 0.2 * exact.abs().max()
        missed.append(float((predicted - exact).abs().max()))
    assert missed[1] == pytest.approx(missed[0] / 16, rel=0.2)


def test_integrated_gradients_add_up_to_the_effect_of_replacing_everything():
    model, batch = make_model(), random_texts()
    a = residual_after(model, 0, batch.tokens[:, :-1])
    basis = torch.linalg.qr(torch.randn(8, 8, generator=generator(5), dtype=torch.double)).Q
    with torch.no_grad():
        whole = completion_losses(model, 0, MEAN.expand_as(a), batch) - completion_losses(model, 0, a, batch)

    def largest_error(points):
        return float((attribution(model, 0, basis, MEAN, batch, points=points).sum((1, 2)) - whole).abs().max())

    assert largest_error(200) < 0.01 < 0.1 < largest_error(1)
    assert largest_error(0) > 0.1, "the gradient at one end does not"


def test_effects_lie_where_they_are_caused():
    model, batch = make_model(), random_texts()
    scores = attribution(model, 0, random_directions(), MEAN, batch)
    assert scores.shape == (5, 6, 6)
    only_answer = Batch(batch.tokens, torch.arange(7).expand(5, 7) == 4)  # predicted from position 3: later ones cannot matter
    later = attribution(model, 0, random_directions(), MEAN, only_answer)
    assert later[:, 4:].abs().max() == 0 < later[:, :4].abs().min()


def test_a_difference_is_that_of_the_marked_positions():
    first, second = torch.arange(12.0).view(1, 3, 4), torch.ones(1, 3, 4)
    assert delta(first, second, torch.tensor([True, False, True])).tolist() == [[8 - 2, 10 - 2, 12 - 2, 14 - 2]]


def test_directions_are_replaced_and_nothing_else():
    x, two = torch.randn(4, 3, 8, generator=generator(6), dtype=torch.double), random_directions(2)
    changed = replaced(x, two, MEAN)
    torch.testing.assert_close(changed @ two.T, (MEAN @ two.T).expand(4, 3, 2))
    beside = torch.linalg.qr(torch.cat([two, random_directions(6, seed=9)]).T).Q[:, 2:]  # orthogonal to both
    torch.testing.assert_close(changed @ beside, x @ beside)
    torch.testing.assert_close(replaced(x, two, MEAN, 0.25), x + 0.25 * (changed - x))
    other = x.roll(1, 0)  # resample ablation
    torch.testing.assert_close(replaced(x, two, other) @ two.T, other @ two.T)


def test_steering_moves_marked_positions_by_the_vector():
    x = torch.zeros(2, 3, 8)
    moved = steered(x, torch.full((8,), 2.0), torch.tensor([False, True, False]))
    assert moved[:, 1].unique().tolist() == [2.0] and moved[:, [0, 2]].abs().max() == 0


def test_gradients_are_taken_at_midpoints():
    """Where the loss is quadratic its gradient is linear on the way, and one point in the middle is as good as many; at any other place it is not."""
    model, batch = make_model(linear=True), random_texts()

    def scores_at(points):
        loss = lambda logits, tokens: minus_logit(logits, tokens) ** 2  # noqa: E731
        return attribution(model, 0, random_directions(), MEAN, batch, points=points, loss=loss)

    torch.testing.assert_close(scores_at(1), scores_at(4), rtol=1e-10, atol=1e-12)
    assert (scores_at(1) - scores_at(0)).abs().max() > 0.01, "the gradient is not the same everywhere"
