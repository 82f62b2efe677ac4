from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.errors import SpecError
from normlab.norms import Slot, resolve
from normlab.penalties import named, parameters_in, weights_of

NORMS = ["bn", "ln", "gn", "gn:2", "in", "ln-chw", "ln-c", "rms", "none"]


def network(norm: str = "bn") -> nn.Sequential:
    """A convolution and a linear layer with biases, a norm between them."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        resolve(norm)(Slot("norm", 4, (3, 3), groups=2)),
        nn.Sequential(nn.Flatten(), nn.Linear(36, 2)),
    )


def same(found: list[nn.Parameter], expected: list[torch.Tensor]) -> bool:
    """Whether these are the very same objects in the same order."""
    return [id(p) for p in found] == [id(p) for p in expected]


@pytest.mark.parametrize("norm", NORMS)
def test_weights_are_kernels_alone(norm: str) -> None:
    """No norm's γ is a weight, not even one of shape (C, H, W), and no bias is."""
    model = network(norm)
    assert same(weights_of(model), [model[0].weight, model[2][1].weight])
    assert same(parameters_in(model, "weights"), weights_of(model))


def test_every_kind_of_convolution_counts() -> None:
    """One, two and three dimensions, and transposed ones."""
    layers = [nn.Conv1d(1, 1, 2), nn.Conv2d(1, 1, 2), nn.Conv3d(1, 1, 2), nn.ConvTranspose2d(1, 1, 2)]
    assert same(weights_of(nn.Sequential(*layers)), [layer.weight for layer in layers])


def test_all_is_every_parameter() -> None:
    """The course's scope: kernels, biases, γ and β."""
    model = network()
    assert same(parameters_in(model, "all"), list(model.parameters()))
    assert len(parameters_in(model, "all")) == 6


@pytest.mark.parametrize("scope", ["weights", "all"])
def test_what_is_shared_counts_once(scope: str) -> None:
    """A module used twice, and a kernel that two modules share, are penalised once."""
    twice, tied = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
    tied.weight = twice.weight
    assert same(parameters_in(nn.Sequential(twice, nn.ReLU(), twice, tied), scope), [twice.weight])


def test_scales_are_the_gammas_of_norms() -> None:
    """Whatever the norm is, and nothing else."""
    for norm in NORMS:
        model = network(norm)
        if norm == "none":
            with pytest.raises(SpecError, match=r"no norm has a scale γ; .* a pattern of: nothing"):
                named(model, "scales")
        else:
            assert list(named(model, "scales")) == ["1.weight"]


def test_a_pattern_chooses_by_name() -> None:
    """Stars and single names."""
    assert list(named(network(), "*.bias")) == ["0.bias", "1.bias", "2.1.bias"]
    assert list(named(network(), "2.1.weight")) == ["2.1.weight"]


def test_a_pattern_that_matches_nothing_is_a_spec_error() -> None:
    """The error lists the names that there are."""
    with pytest.raises(SpecError, match=r"no parameter is called 'kernels'; .*: 0\.weight, 0\.bias, 1\.weight"):
        parameters_in(network(), "kernels")
