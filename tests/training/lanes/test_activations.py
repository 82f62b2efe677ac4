"""Activations and their slopes beside float64's, from far below 0 to far above."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from normlab.training.lanes import settings
from normlab.training.lanes.arena import Arena
from normlab.training.lanes.kernels.activations import Activate, ActivateGradient
from normlab.training.lanes.operations import Buffer, Operation, Part
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.program import Program
from normlab.training.lanes.target import host

KINDS = [*(kind() for kind in settings.ACTIVATIONS), nn.LeakyReLU(0.1), nn.ELU(0.7), nn.GELU("tanh")]
VALUES = np.concatenate(
    [np.linspace(-12, 12, 2401), [-1e4, -100.0, -87.5, -1e-4, -0.0, 1e-4, 88.5, 1e4]], dtype=np.float32
)
CLOSE = 5e-7


def computed(module: nn.Module, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the kernels give of each value, and its slope."""
    how, target, plane = settings.ACTIVATIONS[type(module)](module), host(), Plane(len(x), 1, 1)
    buffers = {name: Buffer(name, plane.vectors * target.lanes) for name in ("x", "y", "dy", "dx")}
    given, y, dy, dx = map(Part, buffers.values())
    operations = [
        Operation(Activate(plane, plane, how), (given, y)),
        Operation(ActivateGradient(plane, plane, plane, how), (given, dy, dx)),
    ]
    arena = Arena([operations], 1)
    arena.view(buffers["x"])[0] = np.repeat(x, target.lanes)
    arena.view(buffers["dy"])[0] = 1
    Program(operations, [arena], target).run(1)
    return arena.view(buffers["y"])[0, :: target.lanes].copy(), arena.view(buffers["dx"])[0, :: target.lanes].copy()


@pytest.mark.parametrize("module", KINDS, ids=repr)
def test_values_and_slopes_are_float64s(module: nn.Module) -> None:
    """To a few units in the last place of float32."""
    x = torch.tensor(VALUES, dtype=torch.float64, requires_grad=True)
    wanted = module(x)
    torch.autograd.backward(wanted.sum())
    value, slope = computed(module, VALUES)
    assert x.grad is not None
    np.testing.assert_allclose(value, wanted.detach().numpy(), rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose(slope, x.grad.numpy(), rtol=CLOSE, atol=2 * CLOSE)


@pytest.mark.parametrize("module", KINDS, ids=repr)
@pytest.mark.slow
def test_what_is_no_number_stays_none(module: nn.Module) -> None:
    """A run that diverges is seen as one."""
    value, _ = computed(module, np.full(4, np.nan, np.float32))
    assert np.isnan(value).all()
