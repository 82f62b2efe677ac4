from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from normlab.penalties import L1
from normlab.spec import Arm, Optimizer
from normlab.training.lanes.network import Network
from normlab.training.lanes.update import Update
from normlab.training.optim import optimizer_for, set_rate

SETTINGS = {"kind": st.sampled_from(["sgd", "adamw"]), "weight_decay": st.sampled_from([0.0, 1e-4, 0.1])}
OPTIMIZERS = st.one_of(
    st.builds(Optimizer, **SETTINGS, momentum=st.sampled_from([0.0, 0.5, 0.9])),
    st.builds(Optimizer, **SETTINGS, momentum=st.sampled_from([0.5, 0.9]), nesterov=st.sampled_from([True])),
)
ARMS = st.builds(
    Arm, norm=st.just("ln"), l1=st.sampled_from([0.0, 1e-4, 1e-2]), l1_on=st.sampled_from(["weights", "all"])
)


def pair_of_models() -> tuple[nn.Sequential, nn.Sequential]:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 5, 3), nn.GroupNorm(1, 5), nn.Conv2d(5, 7, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    return model, copy.deepcopy(model)


@settings(deadline=None, max_examples=25)
@given(optimizer=OPTIMIZERS, arm=ARMS)
def test_steps_are_those_of_pytorchs_optimizer(optimizer: Optimizer, arm: Arm) -> None:
    """Five steps at changing rates move every parameter as torch.optim does, and report the same penalty."""
    model, reference = pair_of_models()
    update = Update(Network(model, (1, 8, 8), 16), model, optimizer, arm)
    plain, l1 = optimizer_for(reference, optimizer), L1(reference, arm.l1, arm.l1_on)
    for step in range(5):
        for mine, theirs in zip(model.parameters(), reference.parameters(), strict=True):
            theirs.grad = torch.randn_like(theirs)
            assert mine.grad is not None
            mine.grad.copy_(theirs.grad)
        penalty = l1.loss()
        if penalty is not None:
            torch.autograd.backward(penalty)
        set_rate(plain, 0.01 * (step + 1))
        plain.step()
        charged = update.step(0.01 * (step + 1))
        assert charged == pytest.approx(0.0 if penalty is None else penalty.item(), rel=1e-5)
    for mine, theirs in zip(model.parameters(), reference.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-5, atol=2e-6)


def test_zero_has_no_slope() -> None:
    """The subgradient of |p| at 0 is 0: a weight that is exactly zero stays there."""
    model, _ = pair_of_models()
    network = Network(model, (1, 8, 8), 16)
    update = Update(network, model, Optimizer(lr=0.1, momentum=0.0), Arm(norm="ln", l1=0.1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert update.step(0.1) == 0.0
    assert all(not parameter.any() for parameter in model.parameters())
