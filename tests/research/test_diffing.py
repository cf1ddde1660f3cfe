"""Differences of two models' latents, counted by hand."""

import pytest
import torch

from smallmodels.diffing import difference
from smallmodels.sae import TopK
from smallmodels.training import generator


def test_rises_falls_and_firing_are_told_apart():
    autoencoder = TopK(3, 3, 3, generator(0))
    with torch.no_grad():
        autoencoder.w_enc.copy_(torch.eye(3))
        autoencoder.w_dec.copy_(torch.eye(3))
    first = torch.tensor([[1.0, 4.0, 0.0], [1.0, 4.0, -1.0]])
    second = torch.tensor([[2.0, 0.0, 0.0], [1.0, 0.0, 3.0]])
    differences = difference(autoencoder, first, second)
    assert differences.latents.tolist() == [0.5, -4.0, 1.5]
    assert differences.firing.tolist() == [0.0, -1.0, 0.5]
    assert differences.activation.tolist() == [0.5, -4.0, 2.0]
    assert differences.ranked().tolist() == [2, 0, 1]
    assert differences.ranked(signed=False).tolist() == [1, 2, 0]


def test_other_places_are_refused():
    with pytest.raises(ValueError, match=r"same places .* found \(2, 3\) and \(3, 3\)"):
        difference(TopK(3, 3, 1, generator(0)), torch.zeros(2, 3), torch.zeros(3, 3))
