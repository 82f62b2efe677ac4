"""The optimizer of a recipe on a network's parameters: the same step as `training.optim`, in one pass."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from torch import nn

from normlab.penalties import parameters_in, weights_of
from normlab.spec import Arm, Optimizer
from normlab.training.lanes.kernels.descent import BETA2, Descend
from normlab.training.lanes.network import Network
from normlab.training.lanes.program import Arena, Buffer, Operation, Part, Program


class Update:
    """Moves the parameters of `model`, which `network` was made of, by the slopes that its last step left."""

    def __init__(self, network: Network, model: nn.Module, optimizer: Optimizer, arm: Arm) -> None:
        self.optimizer, self.steps = optimizer, 0
        memory = network.memory
        size = memory.values.floats
        names = "weight decay", "lasso", "first average", "second average", "rates", "penalty"
        buffers = [Buffer(name, size, each_block=False) for name in names]
        decay, lasso, _, _, self.rates, self.penalty = buffers
        self.arena = Arena([], network.blocks, buffers)
        self._fill(network, decay, weights_of(model), optimizer.weight_decay)
        self._fill(network, lasso, parameters_in(model, arm.l1_on), arm.l1)
        kernel = Descend(size // network.lanes, optimizer.kind, optimizer.momentum, optimizer.nesterov)
        parts = tuple(Part(buffer) for buffer in (memory.values, memory.slopes, *buffers))
        operation = Operation(kernel, parts, whole=True)
        self.program = Program([operation], [self.arena, network.arena], network.target)
        self.lanes = network.lanes

    def step(self, rate: float) -> float:
        """Move at a learning rate; gives λ·Σ|p| as it was before."""
        self.steps += 1
        rates = self.arena.view(self.rates)[0]
        rates[0] = rate
        if self.optimizer.kind == "adamw":
            rates[1] = rate / (1 - self.optimizer.momentum**self.steps)
            rates[2] = 1 / np.sqrt(1 - BETA2**self.steps)
        self.program.run(1)
        return float(self.arena.view(self.penalty)[0, : self.lanes].sum(dtype=np.float64))

    def _fill(self, network: Network, buffer: Buffer, parameters: Iterable[nn.Parameter], value: float) -> None:
        room = self.arena.view(buffer)[0]
        for parameter in parameters:
            start = network.memory.parameter(parameter).start
            room[start : start + parameter.numel()] = value
