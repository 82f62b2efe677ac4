"""A step of the lanes engine beside PyTorch's own in float64."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from normlab.training.lanes.network import Network
from normlab.training.lanes.target import Target


def poison(network: Network) -> None:
    """Fill what passes before a step, and planes whose borders stay: whatever that reads, it has to write first."""
    for buffer in network.arena.starts:
        if buffer.passing:
            network.arena.view(buffer)[:] = np.nan
        elif (plane := buffer.plane) is not None and not buffer.kept:
            places = [plane.at(c, i, j) for c, i, j in np.ndindex(plane.shape)]
            view = network.arena.view(buffer)
            view.reshape(len(view), plane.vectors, network.lanes)[:, places] = np.nan


def step(
    model: nn.Module, shape: tuple[int, int, int], count: int, target: Target | None = None
) -> tuple[float, float, Network]:
    """How far gradient and scores of `count` images and three classes are off, as parts of them; and the network."""
    reference = copy.deepcopy(model).double().train()
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((count, *shape), np.float32), rng.integers(0, 3, count)
    network = Network(model.train(), shape, count, target)
    poison(network)
    network.learn(x, y)
    torch.autograd.backward(F.cross_entropy(reference(torch.from_numpy(x).double()), torch.from_numpy(y)))
    got, wanted = (
        torch.cat([p.grad.flatten().double() for p in each.parameters() if p.grad is not None])
        for each in (model, reference)
    )
    with torch.no_grad():
        scores = reference.eval()(torch.from_numpy(x).double()).numpy()
    poison(network)
    off = float(np.abs(network.judge(x) - scores).max() / np.abs(scores).max())
    return float((got - wanted).norm() / wanted.norm()), off, network
