"""What moves the weights of a loop's arms: each fault, and the sound arms beside it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import nn

from normlab.faults import Probe, Severity, Subject, find
from normlab.faults.subject import Groups


def network(norm: nn.Module | None = None) -> nn.Module:
    """Every arm's, from the same initial weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(1, 8, 3), norm or nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(5408, 10))


def group_norm() -> nn.Module:
    return network(nn.GroupNorm(2, 8))


def sgd(model: nn.Module, decay: float = 0.0, *, of_all: bool = False, lr: float = 0.1) -> torch.optim.Optimizer:
    """Kernels decay, and everything if it is asked for."""
    groups = [{"params": [p], "weight_decay": decay * (of_all or p.ndim > 1)} for p in model.parameters()]
    return torch.optim.SGD(groups, lr=lr)


def cosine(steps: int, peak: float = 0.1) -> list[float]:
    return [peak * (1 + math.cos(math.pi * step / steps)) / 2 for step in range(steps)]


def found(*probes: Probe) -> list[tuple[str, Severity]]:
    return [(finding.code, finding.severity) for finding in find(Subject(probes))]


def two(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """What is found of batch norm and group norm that are trained so."""
    probes = Probe("bn", "bn", network(), **first), Probe("gn", "gn", group_norm(), **second)
    return [code for code, _ in found(*probes)]


def test_norms_at_different_rates() -> None:
    """By the rates of their steps, or by their optimizers."""
    assert two({"rates": cosine(50), "steps": 50}, {"rates": cosine(50, 0.05), "steps": 50}) == ["unequal-rate"]
    constant, falling = {"rates": [0.1] * 50, "steps": 50}, {"rates": cosine(50), "steps": 50}
    assert two(constant, falling) == ["unequal-rate"]
    assert two(falling, falling) == two(constant, constant) == []


def test_norms_whose_optimizers_have_other_rates() -> None:
    """Where nobody says the rate of each step."""
    models = network(), group_norm()
    probes = [
        Probe(name, name, model, optimizer=sgd(model, lr=lr))
        for name, model, lr in zip(("bn", "gn"), models, (0.1, 0.01), strict=True)
    ]
    assert found(*probes) == [("unequal-rate", Severity.error)]


def test_rates_that_are_compared_for_one_norm_are_a_question() -> None:
    """So are the same rates for every norm; a rate that one norm has more than the other weakens what is found."""
    slow, fast = {"rates": [0.01] * 9, "steps": 9}, {"rates": [0.1] * 9, "steps": 9}
    plain = [Probe("slow", "bn", network(), **slow), Probe("fast", "bn", network(), **fast)]
    other = Probe("gn slow", "gn", group_norm(), **slow)
    assert found(*plain) == []
    assert found(*plain, other, Probe("gn fast", "gn", group_norm(), **fast)) == []
    assert found(*plain, other) == [("unequal-rate", Severity.warning)]


def test_norms_that_are_trained_for_different_steps() -> None:
    """Each by a schedule that fits its own."""
    assert two({"rates": cosine(50), "steps": 50}, {"rates": cosine(100), "steps": 100}) == ["unequal-steps"]
    assert two({"rates": cosine(50), "steps": 50}, {"rates": cosine(50), "steps": 50}) == []


def test_norms_whose_kernels_decay_differently() -> None:
    """An L2 that is stated is told by another rule, and the same decay is no fault."""
    one, other = network(), group_norm()
    bn = Probe("bn", "bn", one, optimizer=sgd(one, 1e-3))
    assert found(bn, Probe("gn", "gn", other, optimizer=sgd(other, 1e-4))) == [("unequal-decay", Severity.error)]
    assert found(bn, Probe("gn", "gn", other, optimizer=sgd(other, 1e-3))) == []
    stated = Probe("gn", "gn", other, l2=1e-4, optimizer=sgd(other, 1e-4))
    assert found(Probe("bn", "bn", one, l2=1e-3, optimizer=sgd(one, 1e-3)), stated) == [
        ("regularizer-differs", Severity.error)
    ]


def test_decay_that_acts_on_scales() -> None:
    """In any arm, or in all."""
    one, other = network(), group_norm()
    probes = Probe("bn", "bn", one, optimizer=sgd(one, 1e-3, of_all=True)), Probe("gn", "gn", other)
    (told,) = find(Subject(probes))
    assert (told.code, told.where) == ("decayed-norms", "bn")
    assert found(Probe("bn", "bn", one, optimizer=sgd(one, 1e-3)), probes[1]) == []


def test_an_optimizer_of_another_arm() -> None:
    """It says whose weights it moves."""
    one, other = network(), group_norm()
    (told,) = find(Subject([Probe("bn", "bn", one, optimizer=sgd(one)), Probe("gn", "gn", other, optimizer=sgd(one))]))
    assert (told.code, told.where) == ("another-optimizer", "gn")
    assert "moves weights of bn" in told.what
    assert found(Probe("bn", "bn", one, optimizer=sgd(one)), Probe("gn", "gn", other, optimizer=sgd(other))) == []


def test_an_optimizer_of_a_network_that_is_gone() -> None:
    """Made before the network was made anew, as after `model = build()` twice."""
    (told,) = find(Subject([Probe("bn", "bn", network(), optimizer=sgd(network()))]))
    assert "a network that is no arm" in told.what


def test_rates_of_numpy_and_groups_without_parameters_are_read() -> None:
    """As loops have them."""
    groups = Groups([{"lr": 0.1, "weight_decay": 0.0}])
    probes = [
        Probe(name, name, model, rates=np.full(9, 0.1), steps=9, optimizer=groups)
        for name, model in (("bn", network()), ("gn", group_norm()))
    ]
    assert found(*probes) == []
