"""One step of the optimizer on all parameters at once, with weight decay and an elementwise penalty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from normlab.penalties.held import BETA
from normlab.training.lanes.code import Code, Memory, Number, Vector
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.target import Target

BETA2, EPS = 0.999, 1e-8
"""AdamW's second decay rate and its guard against division by zero: PyTorch's own."""


@dataclass(frozen=True)
class Descend(Kernel):
    """values, slopes, which, coefficients, rows, rates → values moved; penalty before the move.

    The coefficients are `decay`, `lasso` and `ridge` (weight decay and the λ of L1 and L2): three vectors for each
    vector of parameters, the ones that `which` numbers. The rows are the optimizer's first average, with AdamW its
    second, and where `proximal` the mean slope. `rates` are the learning rate, the same corrected for
    AdamW's first average, the correction of its second, SGD's pace, and what the mean slope is too small by.

        SGD     g = slope + ridge·p + λ·sign(p) + decay·p;  v = μ·v + g;  p −= rate · (v, or g + μ·v with Nesterov)
        AdamW   p −= rate·decay·p;  m, v averages of g and g²;  p −= corrected rate · m / (√v · correction + eps)

    With `proximal`, λ·sign(p) is left out and p is thresholded at λ·pace after the move, and a zero stays where its
    mean slope is at most λ; `penalties.pace` and `penalties.held` say why. The penalty is Σ λ·|p| + ridge/2·p².

    Sources: I. Sutskever et al., ICML 2013; I. Loshchilov and F. Hutter, arXiv 1711.05101; for thresholds see
    `penalties.prox`.
    """

    vectors: int
    kind: Literal["sgd", "adamw"]
    momentum: float
    nesterov: bool = False
    proximal: bool = False
    pointers = 7

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        values, slopes, which, coefficients, rows, rates, penalty = memory
        *averages, mean = rows.rows(2 + (self.kind == "adamw"), self.vectors)
        charged = code.variable(code.constant(0))
        with code.loop(0, self.vectors) as i:
            decay, lam, square = (coefficients.vector(which.number(i) * 3 + k) for k in range(3))
            value = values.vector(i)
            charged.set(code.fma(lam, _size(code, value), code.fma(square * 0.5, value * value, charged.get())))
            slope = code.fma(square, value, slopes.vector(i))
            if not self.proximal:
                slope = slope + _signed(code, value, lam)
            move = _Move(self, code, rates, i)
            moved, pace = move(value, slope, decay, averages)
            if self.proximal:
                mean.put(i, mean.vector(i) + (slope - mean.vector(i)) * (1 - BETA))
                thresholded = soft(code, moved, lam * pace)
                leaves = code.select(_size(code, mean.vector(i)) > lam * rates.spread(4), thresholded, code.constant(0))
                moved = code.select(value.equals(0), leaves, thresholded)
            values.put(i, moved)
        penalty.put(0, charged.get())


@dataclass(frozen=True)
class _Move:
    """Where the optimizer takes vector `i` of some values, and its pace there."""

    rule: Descend | Factored
    code: Code
    rates: Memory
    i: Number

    def __call__(
        self, value: Vector, slope: Vector, decay: Vector, averages: Sequence[Memory]
    ) -> tuple[Vector, Vector]:
        rate, corrected, correction, pace = (self.rates.spread(k) for k in range(4))
        if self.rule.kind == "sgd":
            return value - rate * self._velocity(self.code.fma(decay, value, slope), averages[0]), pace
        mean, square = self._averages(slope, *averages)
        guarded = self.code.root(square) * correction + EPS
        return value - rate * decay * value - corrected * (mean / guarded), rate / guarded

    def _velocity(self, slope: Vector, first: Memory) -> Vector:
        momentum = self.code.constant(self.rule.momentum)
        velocity = self.code.fma(first.vector(self.i), momentum, slope)
        first.put(self.i, velocity)
        return self.code.fma(velocity, momentum, slope) if self.rule.nesterov else velocity

    def _averages(self, slope: Vector, first: Memory, second: Memory) -> tuple[Vector, Vector]:
        mean = first.vector(self.i) + (slope - first.vector(self.i)) * (1 - self.rule.momentum)
        square = second.vector(self.i) * BETA2 + slope * slope * (1 - BETA2)
        first.put(self.i, mean)
        second.put(self.i, square)
        return mean, square


def soft(code: Code, value: Vector, threshold: Vector) -> Vector:
    """sign(p) · max(|p| − t, 0), exactly 0 where |p| ≤ t."""
    rest = _size(code, value) - threshold
    zero = code.constant(0)
    return code.select(rest > 0, code.select(value < 0, zero - rest, rest), zero)


def _size(code: Code, value: Vector) -> Vector:
    return code.select(value < 0, code.constant(0) - value, value)


def _signed(code: Code, value: Vector, size: Vector) -> Vector:
    """`size` with the sign of `value`; 0 where that is 0."""
    zero = code.constant(0)
    return code.select(value > 0, size, code.select(value < 0, zero - size, zero))


@dataclass(frozen=True)
class Factored(Kernel):
    """As `Descend`, for parameters that are products u·v under weight decay λ on u and v (see `penalties.spred`).

    The coefficients are decay, lasso, ridge and free, the rows u, v, and of each the optimizer's averages; the penalty
    is Σ λ·|u·v|. Where `free` is 0, v stays 1, and u is the parameter itself. `ridge` is an L2 on the product;
    `decay` acts on u, and on v where it is free.
    """

    vectors: int
    kind: Literal["sgd", "adamw"]
    momentum: float
    nesterov: bool = False
    pointers = 7

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        values, slopes, which, coefficients, rows, rates, penalty = memory
        count = 1 + (self.kind == "adamw")
        us, vs, *averages = rows.rows(2 + 2 * count, self.vectors)
        charged = code.variable(code.constant(0))
        with code.loop(0, self.vectors) as i:
            decay, lam, square, loose = (coefficients.vector(which.number(i) * 4 + k) for k in range(4))
            u, v = us.vector(i), vs.vector(i)
            charged.set(code.fma(lam, _size(code, u * v), charged.get()))
            slope = code.fma(square, u * v, slopes.vector(i))
            of_u, of_v = code.fma(lam, u, slope * v), code.fma(lam, v, slope * u) * loose
            move = _Move(self, code, rates, i)
            moved_u, _ = move(u, of_u, decay, averages[:count])
            moved_v, _ = move(v, of_v, decay * loose, averages[count:])
            us.put(i, moved_u)
            vs.put(i, moved_v)
            values.put(i, moved_u * moved_v)
        penalty.put(0, charged.get())
