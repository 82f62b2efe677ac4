"""What holds for our network whatever tuning makes of its layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.models.lean import lean
from normlab.models.summary import parameter_count
from normlab.norms import NormFactory, Slot, known, resolve

PER_CHANNEL = ["bn", "ln", "gn", "gn:2", "gn:4", "gn:8", "gn:cpg=8", "in", "ln-c", "rms", "gbn:4", "brn", "none"]
LARGER = {"ln-chw": 27_378 - 7_986, "frn": 64, "dyt": 5, "evonorm-s0": 64}
"""How many parameters more a norm has that learns something else beside one γ and β per channel."""


def slots() -> list[Slot]:
    """The places for norms, as the model describes them."""
    offered: list[Slot] = []

    def note(slot: Slot) -> nn.Module:
        offered.append(slot)
        return nn.Identity()

    lean(note)
    return offered


def test_every_norm_of_the_registry_is_here() -> None:
    """A norm that is added to the registry has to be added to these tests."""
    families = {name.removeprefix("ws+").split(":")[0] for name in known()}
    assert families == {name.split(":")[0] for name in (*PER_CHANNEL, *LARGER)}


@pytest.mark.parametrize("norm", PER_CHANNEL)
def test_it_stays_under_8000_parameters(norm: str) -> None:
    """Ten logits from at most 8,000 parameters, with every norm that has γ and β per channel."""
    model = lean(resolve(norm))
    assert parameter_count(model) <= 8_000
    assert model(torch.randn(2, 1, 28, 28)).shape == (2, 10)


def test_norms_with_per_channel_affine_have_one_size() -> None:
    """Arms are compared at the same number of parameters."""
    counts = {parameter_count(lean(resolve(norm))) for norm in PER_CHANNEL if norm != "none"}
    assert len(counts) == 1


@pytest.mark.parametrize(("norm", "more"), LARGER.items())
def test_norms_that_learn_more_are_larger_by_that(norm: str, more: int) -> None:
    """The counts stand side by side in reports."""
    assert parameter_count(lean(resolve(norm))) == parameter_count(lean(resolve("bn"))) + more


def test_channels_are_multiples_of_eight() -> None:
    """So that groups of 2, 4 and 8 fit everywhere and a processor's lanes are filled."""
    assert slots()
    assert all(slot.channels % 8 == 0 for slot in slots())


def test_slots_are_called_as_the_layers_are() -> None:
    """An error names a layer that the summary shows, and says its true channels and size."""
    sizes: dict[str, tuple[int, ...]] = {}
    model = lean(resolve("ln-chw"))
    for name, layer in model.named_modules():
        layer.register_forward_hook(lambda _layer, _given, y, name=name: sizes.update({name: tuple(y.shape[1:])}))
    model(torch.randn(2, 1, 28, 28))
    assert [(slot.channels, *slot.size) for slot in slots()] == [sizes[slot.name] for slot in slots()]


def test_dropout_is_what_was_asked() -> None:
    """None by default; a recipe's value goes everywhere."""
    identity: NormFactory = resolve("none")
    for model, p in ((lean(identity), 0.0), (lean(identity, dropout=0.2), 0.2)):
        assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {p}
