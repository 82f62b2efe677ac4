from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import GroupsError
from normlab.models.course import course
from normlab.models.summary import parameter_count
from normlab.norms import Slot, resolve

COURSE_NORMS = ["bn", "ln", "gn"]
OUTPUTS = {
    **dict.fromkeys(["conv1", "relu1", "norm1", "drop1"], (10, 26, 26)),
    **dict.fromkeys(["conv2", "relu2", "norm2", "drop2"], (18, 24, 24)),
    "narrow1": (10, 24, 24),
    "pool": (10, 12, 12),
    **dict.fromkeys(["conv3", "relu3", "norm3", "drop3"], (16, 10, 10)),
    **dict.fromkeys(["conv4", "relu4", "norm4", "drop4"], (20, 8, 8)),
    "narrow2": (10, 8, 8),
    **dict.fromkeys(["conv5", "relu5", "norm5", "drop5"], (32, 6, 6)),
    "mean": (32, 1, 1),
    "classes": (10, 1, 1),
    "flat": (10,),
}
"""Every layer in its order, and what it gives for one image."""


def convolutions(model: nn.Module) -> list[nn.Conv2d]:
    return [module for module in model.modules() if isinstance(module, nn.Conv2d)]


@pytest.mark.parametrize("norm", COURSE_NORMS)
def test_the_original_has_9802_parameters(norm: str) -> None:
    """Batch, layer and group norm have as many γ and β here, so the arms are of one size."""
    assert parameter_count(course(resolve(norm))) == 9_802


@pytest.mark.parametrize("norm", [*COURSE_NORMS, "gn:2", "in", "ln-chw", "ln-c", "rms", "none"])
def test_each_layer_gives_the_documented_shape(norm: str) -> None:
    """The layers come in the documented order, and each gives what the table says, whatever the norm."""
    model, seen = course(resolve(norm)), {}
    for name, layer in model.named_children():
        layer.register_forward_hook(lambda _layer, _given, y, name=name: seen.update({name: tuple(y.shape[1:])}))
    model(torch.randn(2, 1, 28, 28))
    assert seen == OUTPUTS
    assert list(seen) == list(OUTPUTS)


def test_an_image_takes_about_one_and_a_half_million_multiply_adds() -> None:
    """Output values × input channels × kernel positions over the convolutions: 1.54 M, as published."""
    model = course(resolve("bn"))
    sizes = {name: OUTPUTS[name][1] * OUTPUTS[name][2] for name, _ in model.named_children() if len(OUTPUTS[name]) == 3}
    counts = [
        layer.weight.numel() * sizes[name] for name, layer in model.named_children() if isinstance(layer, nn.Conv2d)
    ]
    assert sum(counts) == 1_542_760


def test_no_convolution_has_a_bias() -> None:
    """Seven convolutions and a classifier, none with a bias."""
    layers = convolutions(course(resolve("bn")))
    assert len(layers) == 8
    assert all(layer.bias is None for layer in layers)


def test_the_slots_are_the_original_ones() -> None:
    """Channels 10, 18, 16, 20, 32 and groups 2, 3, 2, 2, 2, at the size where each norm stands."""
    slots: list[Slot] = []

    def note(slot: Slot) -> nn.Module:
        slots.append(slot)
        return nn.Identity()

    course(note)
    assert [slot.name for slot in slots] == [f"norm{i}" for i in range(1, 6)]
    assert [(slot.channels, *slot.size) for slot in slots] == [OUTPUTS[slot.name] for slot in slots]
    assert [slot.groups for slot in slots] == [2, 3, 2, 2, 2]


def test_groups_that_do_not_divide_name_the_layer() -> None:
    """Four groups do not fit the first norm's ten channels."""
    with pytest.raises(GroupsError, match=r"gn:4 does not fit layer norm1: its 10 channels .* 1, 2, 5, 10 groups"):
        course(resolve("gn:4"))


def test_dropout_is_what_was_asked() -> None:
    """Five dropouts of 0.05 as in the original, or of what a recipe says."""
    for model, p in ((course(resolve("bn")), 0.05), (course(resolve("bn"), dropout=0.3), 0.3)):
        assert [module.p for module in model.modules() if isinstance(module, nn.Dropout)] == [p] * 5


@pytest.mark.parametrize("norm", COURSE_NORMS)
def test_the_network_is_the_written_one(norm: str) -> None:
    """Written out with functions, convolution, ReLU, norm in this order, the logits are the same."""
    torch.manual_seed(0)
    model = course(resolve(norm), dropout=0.5).eval()
    x = torch.randn(3, 1, 28, 28)

    def block(i: int, y: torch.Tensor) -> torch.Tensor:
        return model.get_submodule(f"norm{i}")(F.relu(F.conv2d(y, kernel[f"conv{i}.weight"])))

    kernel = model.state_dict()
    y = F.conv2d(block(2, block(1, x)), kernel["narrow1.weight"])
    y = F.conv2d(block(4, block(3, F.max_pool2d(y, 2))), kernel["narrow2.weight"])
    y = F.conv2d(block(5, y).mean(dim=(2, 3), keepdim=True), kernel["classes.weight"])
    torch.testing.assert_close(model(x), y.flatten(1))
