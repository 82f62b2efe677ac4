from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.conversion import convert

IMAGES = torch.randn(4, 3, 6, 6, generator=torch.Generator().manual_seed(0))


def trained(model: nn.Module) -> torch.optim.Optimizer:
    """An optimizer that has a momentum for every parameter."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(IMAGES).square().mean().backward()
    optimizer.step()
    return optimizer


def net() -> nn.Module:
    """A convolution, batch norm, and another convolution."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.Conv2d(8, 2, 3))


@pytest.mark.slow
def test_an_optimizer_goes_on_with_the_converted_network() -> None:
    """It holds the copy's parameters and their momentum, and a step moves the copy and not the original."""
    model = net()
    optimizer = trained(model)
    momenta = [optimizer.state[value]["momentum_buffer"].clone() for value in model.parameters()]
    made, _ = convert(model, "gn:4", optimizer=optimizer)
    held = optimizer.param_groups[0]["params"]
    assert {id(value) for value in held} == {id(value) for value in made.parameters()}
    for value, momentum in zip(made.parameters(), momenta, strict=True):
        assert torch.equal(optimizer.state[value]["momentum_buffer"], momentum)
    before = [value.detach().clone() for value in model.parameters()]
    made(IMAGES).square().mean().backward()
    optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert not torch.equal(before[0], made[0].weight)


def test_what_is_gone_is_dropped_and_what_is_new_joins() -> None:
    """Taking norms out drops their momentum; putting them in again adds their parameters to the first group."""
    model = net()
    optimizer = trained(model)
    bare, _ = convert(model, "none", optimizer=optimizer)
    assert len(optimizer.param_groups[0]["params"]) == len(optimizer.state) == 3
    back, _ = convert(bare, "bn", optimizer=optimizer, inplace=True)
    assert {id(value) for value in optimizer.param_groups[0]["params"]} == {id(value) for value in back.parameters()}


def test_parameters_that_are_not_the_networks_stay() -> None:
    """A second head in one optimizer goes on being trained, with its momentum."""
    model, head = net(), nn.Linear(2, 2)
    optimizer = torch.optim.SGD([*model.parameters(), *head.parameters()], lr=0.1, momentum=0.9)
    head(model(IMAGES).mean((2, 3))).sum().backward()
    optimizer.step()
    convert(model, "none", optimizer=optimizer)
    held = {id(value) for value in optimizer.param_groups[0]["params"]}
    assert {id(value) for value in head.parameters()} <= held
    assert all("momentum_buffer" in optimizer.state[value] for value in head.parameters())


class Together(nn.BatchNorm2d):
    """A norm with its activation."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.act = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Norm, then ReLU."""
        return self.act(super().forward(x))


def test_a_parameter_that_is_called_otherwise_now_keeps_its_momentum() -> None:
    """A norm that shared its module with an activation stands one name deeper, and is known by the optimizer still."""
    model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), Together(8))
    optimizer = trained(model)
    made, _ = convert(model, "gn:4", optimizer=optimizer)
    assert {id(value) for value in optimizer.state} == {id(value) for value in made.parameters()}
