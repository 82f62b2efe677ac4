"""A step and its judgement beside PyTorch's, before anything is trained: a wrong kernel must not go unseen."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import EngineError
from normlab.models import build
from normlab.records import Job
from normlab.training.lanes.network import Network
from normlab.training.lanes.plain import check_plain
from normlab.training.lanes.target import Target, fitting
from normlab.training.masks import Masks

IMAGES = 21
"""More than one block and no whole number of blocks, on every processor."""
TOLERANCE = 1e-2
"""Relative, on the whole gradient. Where a relu or a maximum is nearly tied, float32 decides one way or the other;
a wrong kernel is wrong by its whole share."""


def try_out(job: Job, shape: tuple[int, int, int]) -> list[str]:
    """The names of parameters that no step moves; raises `EngineError` unless the model computes as in PyTorch."""
    return list(beside(build(job), shape, fitting(job.recipe.batch_size)).fixed)


def beside(model: nn.Module, shape: tuple[int, int, int], target: Target | None = None) -> Network:
    """A model as a network; raises `EngineError` unless it computes on random images (C, H, W) what it does in PyTorch.

    Compared are a step's loss, its gradient and the running statistics that it leaves, then the scores in eval mode.
    PyTorch computes in float64. The model is of no other use afterwards.
    """
    masks = Masks(model)
    check_plain(model, shape)
    reference = copy.deepcopy(model).double().train()
    usual = Masks(reference)
    rng = np.random.Generator(np.random.SFC64(0))
    x = rng.standard_normal((IMAGES, *shape), dtype=np.float32)
    y = np.zeros(IMAGES, np.int64)
    network = Network(model.train(), shape, IMAGES, target)
    y[:] = rng.integers(0, network.classes, IMAGES)
    for each in (masks, usual):
        each.begin(0, 0, 1)
    masks.take(network.called)
    loss, _ = network.learn(x, y)
    with usual.passing():
        wanted = F.cross_entropy(reference(torch.from_numpy(x).double()), torch.from_numpy(y))
    torch.autograd.backward(wanted)
    _agree("loss", np.array([loss]), np.array([wanted.item()]), 1e-4)
    _agree("gradient", _gradient(model), _gradient(reference), TOLERANCE)
    _agree("running statistics", _statistics(model), _statistics(reference), 1e-3)
    with torch.no_grad():
        scores = reference.eval()(torch.from_numpy(x).double())
    _agree("eval mode", network.judge(x).ravel().astype(np.float64), scores.flatten().numpy(), TOLERANCE)
    return network


def _gradient(model: nn.Module) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    parts = [p.grad.flatten().double() for p in model.parameters() if p.grad is not None]
    return torch.cat(parts).numpy()


def _statistics(model: nn.Module) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    parts = [buffer.detach().flatten().double() for buffer in model.buffers()]
    return torch.cat(parts).numpy() if parts else np.zeros(0)


def _agree(
    what: str,
    got: np.ndarray[tuple[int], np.dtype[np.float64]],
    wanted: np.ndarray[tuple[int], np.dtype[np.float64]],
    tolerance: float,
) -> None:
    off = float(np.linalg.norm(got - wanted) / max(float(np.linalg.norm(wanted)), 1e-12))
    if not off <= tolerance:
        raise EngineError(f"the lanes engine's {what} is off by {off:.1e} of PyTorch's on this machine")
