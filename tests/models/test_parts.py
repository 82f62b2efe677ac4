from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from normlab.models.course import course
from normlab.models.lean import lean
from normlab.models.parts import has_kernel, parts
from normlab.norms import resolve

WITH: list[nn.Module] = [
    nn.Conv1d(4, 4, 1),
    nn.Conv2d(4, 4, 1),
    nn.Conv3d(4, 4, 1),
    nn.ConvTranspose2d(4, 4, 1),
    nn.Linear(4, 4),
]
WITHOUT: list[nn.Module] = [nn.BatchNorm2d(4), nn.LayerNorm([4, 3, 3]), nn.PReLU(4), nn.Embedding(4, 4), nn.ReLU()]


@pytest.mark.parametrize("layer", WITH)
def test_convolutions_and_linear_layers_have_a_kernel(layer: nn.Module) -> None:
    """Their weight is one, their bias is none."""
    assert has_kernel(layer)
    assert [(part.name, part.is_kernel) for part in parts(layer)] == [("weight", True), ("bias", False)]


@pytest.mark.parametrize("layer", WITHOUT)
def test_no_other_layer_has_one(layer: nn.Module) -> None:
    """Whatever the shape of what it calls its weight."""
    assert not has_kernel(layer)
    assert not any(part.is_kernel for part in parts(layer))


def test_only_a_norms_weight_is_a_scale() -> None:
    """A slope of PReLU and an embedding are neither kernels nor scales."""
    found = [part.name for part in parts(nn.Sequential(*WITH, *WITHOUT)) if part.is_scale]
    assert found == ["5.weight", "6.weight"]


@pytest.mark.parametrize("make", [course, lean])
@pytest.mark.parametrize(
    "norm",
    [
        *("bn", "ln", "gn", "in", "ln-chw", "ln-c", "rms", "none"),
        *("gbn:4", "brn", "frn", "dyt", "evonorm-s0"),
    ],
)
def test_our_models_kernels_do_not_depend_on_the_norm(make: Callable[..., nn.Module], norm: str) -> None:
    """Every arm has the same kernels; with a norm there is a scale for each layer of it."""
    found = list(parts(make(resolve(norm))))
    plain = parts(make(resolve("none")))
    assert [part.name for part in found if part.is_kernel] == [part.name for part in plain if part.is_kernel]
    assert sum(part.is_scale for part in found) == (0 if norm == "none" else 5)


def test_a_weight_made_of_factors_is_one_part() -> None:
    """It comes as their product, under its own name."""
    layer = weight_norm(nn.Linear(3, 2))
    found = {part.name: part for part in parts(layer)}
    assert list(found) == ["weight", "bias"]
    assert found["weight"].is_kernel
    assert torch.equal(found["weight"].value, layer.weight)


def test_a_shared_parameter_is_one_part() -> None:
    """Under the first of its names."""
    one, other = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
    other.weight = one.weight
    assert [part.name for part in parts(nn.Sequential(one, other, one))] == ["0.weight"]
