"""The optimizer and the penalty of an arm on a network's parameters: the same step as PyTorch's, in one pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from normlab.errors import EngineError
from normlab.penalties import registry, weights_of
from normlab.penalties.held import BETA
from normlab.penalties.spred import cut, factored
from normlab.spec import Optimizer, Penalty
from normlab.training.lanes.arena import Arena
from normlab.training.lanes.channels import Channels
from normlab.training.lanes.coefficients import Coefficients
from normlab.training.lanes.kernels.descent import BETA2, Descend, Factored
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.network import Network
from normlab.training.lanes.operations import Buffer, Operation, Part
from normlab.training.lanes.program import Program

Floats = np.ndarray[tuple[int], np.dtype[np.float32]]
AVERAGES = {"sgd": ("first average",), "adamw": ("first average", "second average")}
"""What each optimizer keeps for a value."""
RATES = 16
"""Room for what a step is told."""
COVERED = ("subgrad", "prox", "spred", "group", "gamma", "l2", "elastic")
"""The kinds of penalties that have a kernel; any other is another engine's."""


def update_for(network: Network, model: nn.Module, optimizer: Optimizer, penalty: Penalty | None) -> Update:
    """What moves the parameters of `model`, which `network` was made of; raises `EngineError` where not covered."""
    if penalty is not None and penalty.kind == "spred":
        return FactoredUpdate(network, model, optimizer, penalty)
    if penalty is not None and penalty.kind == "group":
        return ChannelsUpdate(network, model, optimizer, penalty)
    return Update(network, model, optimizer, penalty)


def check(optimizer: Optimizer, penalty: Penalty | None) -> None:
    """Raise `EngineError` for a penalty without a kernel, or one that no kernel covers together with the optimizer."""
    if penalty is not None and penalty.kind not in COVERED:
        raise EngineError(f"the lanes engine has no kernel for the penalty {penalty.kind}")
    if penalty is not None and penalty.kind == "group" and optimizer.kind == "adamw":
        raise EngineError("the lanes engine has no group penalty for adamw")


class Update:
    """Moves the parameters by the slopes that the network's last step left; elementwise penalties are in the kernel."""

    same: tuple[str, ...] = ("decay", "lasso", "ridge")
    """What is the same for all values of a parameter."""

    def __init__(self, network: Network, model: nn.Module, optimizer: Optimizer, penalty: Penalty | None) -> None:
        check(optimizer, penalty)
        self.network, self.model, self.optimizer, self.steps = network, model, optimizer, 0
        learned = [parameter for parameter in model.parameters() if network.memory.is_learned(parameter)]
        self.lanes, self.count = network.lanes, sum(parameter.numel() for parameter in learned)
        size = network.memory.learned
        self.vectors, self.moving = size // self.lanes, self.moves(penalty)
        self.coefficients = Coefficients(self.same, map(self.place, learned), self.lanes)
        self.fill("decay", weights_of(model), optimizer.weight_decay)
        self.charge(penalty)
        which, table = self.coefficients.vectors(self.vectors)
        floats = {"which": which.size, "coefficients": table.size, "rows": size * len(self.moving)}
        floats |= {"rates": RATES, "penalty": self.lanes}
        self.buffers = {name: Buffer(name, count, each_block=False) for name, count in floats.items()}
        self.arena = Arena([], network.blocks, list(self.buffers.values()))
        self.view("which")[:], self.view("coefficients")[:] = which.view(np.float32), table.ravel()
        self.begin()
        parts = tuple(Part(b) for b in (network.memory.values, network.memory.slopes, *self.buffers.values()))
        operation = Operation(self.kernel(penalty), parts, whole=True)
        self.program = Program([operation], [self.arena, network.arena], network.target)

    def moves(self, penalty: Penalty | None) -> tuple[str, ...]:
        """What there is for each value, and every step moves."""
        return *AVERAGES[self.optimizer.kind], *(["mean slope"] if _proximal(penalty) else [])

    def kernel(self, penalty: Penalty | None) -> Kernel:
        """The step itself."""
        return Descend(self.vectors, **_rule(self.optimizer), proximal=_proximal(penalty))

    def begin(self) -> None:
        """Fill what moves; by itself it is zero."""

    def charge(self, penalty: Penalty | None) -> None:
        """Fill in the λ of each parameter."""
        if penalty is not None:
            share = {"l2": 0.0, "elastic": penalty.mix}.get(penalty.kind, 1.0)
            self.fill("lasso", self.targets(penalty), penalty.lam * share)
            self.fill("ridge", self.targets(penalty), penalty.lam * (1 - share))

    def targets(self, penalty: Penalty) -> list[nn.Parameter]:
        """The parameters that a penalty acts on."""
        term = registry.penalty(penalty.kind, penalty.lam, penalty.scope, mix=penalty.mix)
        return [value for value in term.targets(self.model).values() if isinstance(value, nn.Parameter)]

    def step(self, rate: float) -> float:
        """Move at a learning rate; gives what the penalty amounted to before."""
        self.steps += 1
        rates = self.view("rates")
        rates[0] = rate
        if self.optimizer.kind == "adamw":
            rates[1] = rate / (1 - self.optimizer.momentum**self.steps)
            rates[2] = 1 / np.sqrt(1 - BETA2**self.steps)
        else:
            rates[3] = self.pace(rate)
        rates[4] = 1 - BETA**self.steps
        self.program.run(1)
        return float(self.view("penalty")[: self.lanes].sum(dtype=np.float64))

    def pace(self, rate: float) -> float:
        """SGD's pace, see `penalties.pace`."""
        return rate / (1 - self.optimizer.momentum)

    def finish(self) -> None:
        """Leave the parameters as they will be kept."""

    def state(self) -> dict[str, torch.Tensor]:
        """What the next step depends on beside the network, views of it: a number for each parameter, and the steps."""
        rows = {name: torch.from_numpy(self.view(name)[: self.count]) for name in self.moving}
        return {**rows, "steps": torch.tensor(self.steps)}

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Go on from a `state`."""
        self.steps = int(state["steps"])
        for name in self.moving:
            self.view(name)[: self.count] = state[name].numpy()

    def view(self, name: str) -> Floats:
        """The floats of a buffer, or of one of the rows."""
        if name in self.buffers:
            floats: Floats = self.arena.view(self.buffers[name])[0]
            return floats
        rows = self.view("rows").reshape(len(self.moving), -1)
        row: Floats = rows[self.moving.index(name)]
        return row

    def fill(self, name: str, parameters: Iterable[nn.Parameter], value: float) -> None:
        """Give a coefficient to some parameters, of those that steps move."""
        for parameter in filter(self.network.memory.is_learned, parameters):
            self.coefficients.put(name, self.place(parameter), value)

    def place(self, parameter: nn.Parameter) -> slice:
        """Where a parameter lies among all."""
        start = self.network.memory.parameter(parameter).start
        return slice(start, start + parameter.numel())


def check_fixed(model: nn.Module, fixed: Collection[str], penalty: Penalty | None) -> None:
    """Raise `EngineError` where a penalty acts on a parameter that no step moves: some would, and some would not."""
    if not fixed or penalty is None:
        return
    term = registry.penalty(penalty.kind, penalty.lam, penalty.scope, mix=penalty.mix)
    if name := next((name for name in term.targets(model) if name in fixed), None):
        raise EngineError(f"the lanes engine cannot take {name}: the penalty acts on it, and it is not learned")


class ChannelsUpdate(Update):
    """SGD without a penalty, then the group lasso's proximal step."""

    def charge(self, penalty: Penalty | None) -> None:
        """Find the channels."""
        assert penalty is not None, "made for a group penalty"  # noqa: S101 - an invariant
        kernels = [(self.place(kernel).start, len(kernel), kernel[0].numel()) for kernel in self.targets(penalty)]
        values, slopes = (
            self.network.arena.view(b)[0] for b in (self.network.memory.values, self.network.memory.slopes)
        )
        self.channels = Channels(values, slopes, kernels, penalty.lam)

    def step(self, rate: float) -> float:
        """See `Update.step`."""
        charged = self.channels.value()
        super().step(rate)
        self.channels.shrink(self.pace(rate))
        return charged

    def state(self) -> dict[str, torch.Tensor]:
        """See `Update.state`."""
        return {**super().state(), **self.channels.state()}

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """See `Update.load`."""
        super().load(state)
        self.channels.load(state, self.steps)


class FactoredUpdate(Update):
    """Parameters that are products of two factors under weight decay."""

    same = ("decay", "lasso", "ridge", "free")

    def moves(self, penalty: Penalty | None) -> tuple[str, ...]:  # noqa: ARG002
        """See `Update.moves`."""
        return "u", "v", *(f"{average} of {factor}" for factor in "uv" for average in AVERAGES[self.optimizer.kind])

    def kernel(self, penalty: Penalty | None) -> Kernel:  # noqa: ARG002
        """See `Update.kernel`."""
        return Factored(self.vectors, **_rule(self.optimizer))

    def charge(self, penalty: Penalty | None) -> None:
        """Split the weights in scope; all others are factors of 1."""
        assert penalty is not None, "made for spred"  # noqa: S101 - an invariant
        self.split = self.targets(penalty)
        for name, value in {"lasso": penalty.lam, "free": 1.0}.items():
            self.fill(name, self.split, value)
        self._decay()

    def begin(self) -> None:
        """Each weight is a product of two factors; what is none of them has a factor of 1."""
        values = self.network.arena.view(self.network.memory.values)[0]
        self.view("u")[:], self.view("v")[:] = values[: self.network.memory.learned], 1
        for weight in self.split:
            for name, factor in zip("uv", factored(weight.detach()), strict=True):
                self.view(name)[self.place(weight)] = factor.flatten().numpy()

    def _decay(self) -> None:
        """The recipe's decay acts on products: SGD's in the loss, AdamW's as half on each factor."""
        decayed = {id(weight) for weight in weights_of(self.model)}
        for weight in self.split:
            mine = self.optimizer.weight_decay if id(weight) in decayed else 0.0
            sgd = self.optimizer.kind == "sgd"
            self.fill("ridge", [weight], mine if sgd else 0.0)
            self.fill("decay", [weight], 0.0 if sgd else mine / 2)

    def finish(self) -> None:
        """Set to zero what is nothing beside its layer's largest weight."""
        with torch.no_grad():
            for weight in self.split:
                weight.copy_(cut(weight))


def _proximal(penalty: Penalty | None) -> bool:
    return penalty is not None and penalty.kind in ("prox", "gamma", "elastic")


def _rule(optimizer: Optimizer) -> dict[str, Any]:
    return {"kind": optimizer.kind, "momentum": optimizer.momentum, "nesterov": optimizer.nesterov}
