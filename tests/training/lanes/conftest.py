"""The helper of the lanes engine's tests: a compiled model beside its copy that PyTorch computes in float64."""

from __future__ import annotations

import copy

import against_float64
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.training.lanes.network import Network
from normlab.training.lanes.target import Target
from normlab.training.masks import Masks

Shape = tuple[int, int, int]


class Twins:
    """A model on compiled kernels, and its copy in float64. `exact` puts kernels and images on a coarse grid.

    On the grid the values before the first norm or linear layer are the same in float32 and float64 to the last bit,
    so a relu or a maximum decides alike in both, ties included.
    """

    def __init__(
        self, model: nn.Module, shape: Shape, batch: int, target: Target | None = None, *, exact: bool = False
    ) -> None:
        self.shape, self.exact = shape, exact
        _initialize(model, exact)
        masks = Masks(model.train())
        self.model, self.reference = model, copy.deepcopy(model).double()
        self.network = Network(model, shape, batch, target)
        against_float64.poison(self.network)
        masks.take(self.network.called)
        self.masks = masks, Masks(self.reference)

    def images(self, count: int, seed: int = 0) -> np.ndarray:
        """Random images, float32 (count, C, H, W)."""
        rng, size = np.random.default_rng(seed), (count, *self.shape)
        drawn = rng.integers(-4, 5, size) / 4 if self.exact else rng.standard_normal(size)
        return drawn.astype(np.float32)

    def learn(self, count: int, seed: int = 0) -> tuple[float, float]:
        """How far loss and gradient are off on a random batch, relative to the reference's."""
        x, y = self.images(count, seed), np.random.default_rng(seed + 1).integers(0, self.network.classes, count)
        for masks in self.masks:
            masks.begin(0, seed, 1)
        loss, right = self.network.learn(x, y)
        with self.masks[1].passing():
            logits = self.reference(torch.from_numpy(x).double())
        wanted = F.cross_entropy(logits, torch.from_numpy(y))
        self.reference.zero_grad()
        torch.autograd.backward(wanted)
        assert abs(right - int((logits.argmax(1) == torch.from_numpy(y)).sum())) <= 1, "a tie may fall either way"
        got, true = _gradient(self.model), _gradient(self.reference)
        return abs(loss / wanted.item() - 1), float((got - true).norm() / true.norm())

    def judge(self, count: int, seed: int = 0) -> float:
        """How far any logit is off in eval mode, relative to the largest where that is above 1."""
        x = self.images(count, seed)
        with torch.no_grad():
            wanted = self.reference.eval()(torch.from_numpy(x).double())
        self.reference.train()
        return float(np.abs(self.network.judge(x) - wanted.numpy()).max() / max(1, wanted.abs().max()))


def _initialize(model: nn.Module, exact: bool) -> None:
    """The same weights whatever ran before."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for module in model.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.reset_parameters()
    with torch.no_grad():
        kernels = [module for module in model.modules() if isinstance(module, nn.Conv2d)] if exact else []
        for number, parameter in enumerate(p for kernel in kernels for p in kernel.parameters()):
            steps = np.random.default_rng(number).integers(-4, 5, tuple(parameter.shape))
            parameter.copy_(torch.from_numpy(steps / 16))


def _gradient(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.grad.flatten().double() for p in model.parameters() if p.grad is not None])


@pytest.fixture(scope="session")
def twins() -> type[Twins]:
    """Compiles a model beside its copy: `twins(model, shape, batch)`."""
    return Twins
