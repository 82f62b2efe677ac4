from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.models import build, known, summarize
from normlab.models.summary import parameter_count
from normlab.records import Job
from normlab.spec import Recipe


def model_of(name: str, norm: str = "bn") -> nn.Module:
    return build(Job(Recipe.model_validate({"preset": "course", "model": name, "norm": norm}), 0))


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("norm", ["ln", "rms", "none"])
def test_the_summary_shows_every_layer_and_the_total(name: str, norm: str) -> None:
    """Each layer stands there by its name, and the number of parameters with its thousands apart."""
    model = model_of(name, norm)
    text = summarize(model)
    assert all(f"({layer})" in text for layer, _ in model.named_children())
    assert f"Total params: {parameter_count(model):,}" in text


def test_the_summary_of_the_course_shows_its_figures() -> None:
    """9,802 parameters, 1.54 million multiply-adds, and what each layer gives."""
    text = summarize(model_of("course"))
    assert "Total params: 9,802" in text
    assert "1.54" in text
    assert all(shape in text for shape in ["[1, 10, 26, 26]", "[1, 18, 24, 24]", "[1, 32, 6, 6]", "[1, 10]"])


def test_other_sizes_of_images_can_be_shown() -> None:
    """The shape of an image is an argument."""
    assert "[1, 5, 9, 12]" in summarize(nn.Sequential(nn.Conv2d(3, 5, 1)), (3, 9, 12))


def test_a_summary_changes_nothing() -> None:
    """Weights, running statistics, the mode of every single layer, its hooks and torch's random numbers stay."""
    model = model_of("course").train()
    model.get_submodule("norm2").eval()
    modes = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    drawn = torch.get_rng_state()
    summarize(model)
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), drawn)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_only_trainable_numbers_are_counted() -> None:
    """Buffers and frozen parameters are no trainable parameters."""
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    assert parameter_count(model) == 18 + 2 + 4
    model[0].requires_grad_(requires_grad=False)
    assert parameter_count(model) == 4
