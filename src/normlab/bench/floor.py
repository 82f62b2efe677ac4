"""The floor under any float32 engine: what the network needs, and what one core can do at most."""

from __future__ import annotations

import ctypes
import statistics
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from normlab.models.parts import has_kernel
from normlab.training.lanes.code import Code, Memory, Number
from normlab.training.lanes.compile import addresses
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.target import Target, host

TURNS = 1_000_000
ROUNDS = 7


@dataclass(frozen=True)
class Chains(Kernel):
    """x → x: independent chains of multiply-adds, nothing loaded, nothing stored: the peak itself."""

    chains: int = 12
    pointers = 1

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        factor = memory[0].vector(0)
        sums = [code.variable(memory[0].vector(i)) for i in range(self.chains)]
        with code.loop(0, TURNS):
            for part in sums:
                part.set(code.fma(part.get(), factor, factor))
        for i, part in enumerate(sums):
            memory[0].put(i, part.get())


def peak() -> float:
    """Multiply-adds of one core at most, in float32 operations per second (two each), median of some tries."""
    target, kernel = host(), Chains()
    run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(addresses([kernel], target)[kernel])
    room = np.zeros(kernel.chains * target.lanes, np.float32)
    table = np.array([room.ctypes.data], np.uint64)
    rates = []
    for _ in range(ROUNDS):
        start = time.process_time()  # others on this core cost the kernel nothing
        run(table.ctypes.data, 1)
        rates.append(2 * TURNS * kernel.chains * target.lanes / (time.process_time() - start))
    return statistics.median(rates)


def operations(model: nn.Module, shape: tuple[int, int, int]) -> float:
    """Float32 operations to train on one image of (C, H, W): convolutions and linear layers, forward and backward.

    Each needs three passes (forward, slopes of the weights, slopes of its input), the first layer two.
    """
    products: list[int] = []

    def count(module: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:  # noqa: ARG001
        weight = module.weight
        assert isinstance(weight, torch.Tensor)  # noqa: S101 - convolutions and linear layers have one
        products.append(output[0].numel() * weight[0].numel())

    layers = [m for m in model.modules() if has_kernel(m)]
    handles = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        model.eval()(torch.zeros(1, *shape))
    for handle in handles:
        handle.remove()
    return 2.0 * (3 * sum(products) - products[0])
