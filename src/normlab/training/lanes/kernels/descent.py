"""One step of the optimizer on all parameters at once, with weight decay and the L1 penalty's subgradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from normlab.training.lanes.code import Code, Memory, Number, Vector
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.target import Target

BETA2, EPS = 0.999, 1e-8
"""AdamW's second decay rate and its guard against division by zero: PyTorch's own."""


@dataclass(frozen=True)
class Descend(Kernel):
    """values, slopes, decay, lasso, first, second, rates → values moved; penalty = Σ lasso·|value| before the move.

    `decay` and `lasso` hold weight decay and λ of each parameter, `first` and `second` the optimizer's averages,
    `rates` (learning rate, the same corrected for AdamW's first average, correction of its second).

        SGD     g = slope + λ·sign(p) + decay·p;  v = μ·v + g;  p −= rate · (v, or g + μ·v with Nesterov)
        AdamW   p −= rate·decay·p;  m, v averages of g and g²;  p −= corrected rate · m / (√v · correction + eps)

    Sources: I. Sutskever et al., ICML 2013; I. Loshchilov and F. Hutter, arXiv 1711.05101.
    """

    vectors: int
    kind: Literal["sgd", "adamw"]
    momentum: float
    nesterov: bool = False
    pointers = 8

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        values, slopes, decay, lasso, first, second, rates, penalty = memory
        rate, corrected, correction = (rates.spread(k) for k in range(3))
        charged, zero = code.variable(code.constant(0)), code.constant(0)
        with code.loop(0, self.vectors) as i:
            value, lam = values.vector(i), lasso.vector(i)
            size = code.select(value < 0, zero - value, value)
            charged.set(code.fma(lam, size, charged.get()))
            sign = code.select(value > 0, lam, code.select(value < 0, zero - lam, zero))
            slope = slopes.vector(i) + sign
            if self.kind == "sgd":
                moved = value - rate * self._velocity(code, code.fma(decay.vector(i), value, slope), first, i)
            else:
                shrunk = value - rate * decay.vector(i) * value
                moved = shrunk - corrected * self._averaged(code, slope, (first, second), i, correction)
            values.put(i, moved)
        penalty.put(0, charged.get())

    def _velocity(self, code: Code, slope: Vector, first: Memory, i: Number) -> Vector:
        velocity = code.fma(first.vector(i), code.constant(self.momentum), slope)
        first.put(i, velocity)
        return code.fma(velocity, code.constant(self.momentum), slope) if self.nesterov else velocity

    def _averaged(
        self, code: Code, slope: Vector, averages: tuple[Memory, Memory], i: Number, correction: Vector
    ) -> Vector:
        first, second = averages
        mean = first.vector(i) + (slope - first.vector(i)) * (1 - self.momentum)
        square = second.vector(i) * BETA2 + slope * slope * (1 - BETA2)
        first.put(i, mean)
        second.put(i, square)
        return mean / (code.root(square) * correction + EPS)
