"""Shares of one: a softmax along channels, rows or columns, and its slopes.

Three passes along the place, one of them with an exponential of about 20 operations; 24 bytes a value forward, 20 back.
"""

from __future__ import annotations

from dataclasses import dataclass

from normlab.models.graph.legs import Leg
from normlab.training.lanes.code import Code, Memory, Number
from normlab.training.lanes.kernels.activations import exponential
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.walks import Walk, walked
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target


@dataclass(frozen=True)
class Softmax(Kernel):
    """x → y = eˣ / Σ eˣ, the sum along a place: 1 channels, 2 rows, 3 columns."""

    x: Plane
    y: Plane
    along: int
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """The largest first, so that no exponential overflows."""
        x, y = memory
        others, (leg,) = _around(self.x, self.along)
        planes = self.x, self.y
        with walked(code, others, planes, (self.x.at(0, 0, 0), self.y.at(0, 0, 0))) as at:
            largest = code.variable(x.vector(at[0]))
            with walked(code, (leg,), planes, at) as here:
                largest.set(code.maximum(largest.get(), x.vector(here[0])))
            total = code.variable(code.constant(0))
            with walked(code, (leg,), planes, at) as here:
                raised = exponential(code, x.vector(here[0]) - largest.get())
                total.set(total.get() + raised)
                y.put(here[1], raised)
            share = code.constant(1) / total.get()
            with walked(code, (leg,), planes, at) as here:
                y.put(here[1], y.vector(here[1]) * share)


@dataclass(frozen=True)
class SoftmaxGradient(Kernel):
    """y, dy → dx = y · (dy − Σ y · dy), or with `adds` dx += it."""

    y: Plane
    dy: Plane
    dx: Plane
    along: int
    adds: bool = False
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        y, dy, dx = memory
        others, (leg,) = _around(self.y, self.along, 3)
        planes = self.y, self.dy, self.dx
        with walked(code, others, planes, tuple(plane.at(0, 0, 0) for plane in planes)) as at:
            total = code.variable(code.constant(0))
            with walked(code, (leg,), planes, at) as here:
                total.set(code.fma(y.vector(here[0]), dy.vector(here[1]), total.get()))
            with walked(code, (leg,), planes, at) as here:
                value = y.vector(here[0]) * (dy.vector(here[1]) - total.get())
                dx.put(here[2], value + dx.vector(here[2]) if self.adds else value)


def _around(plane: Plane, along: int, count: int = 2) -> tuple[Walk, Walk]:
    """The legs of the places beside one, and that of the one, of so many planes."""
    legs = [Leg(size, ((place, 1),) * count) for place, size in enumerate(plane.shape, 1)]
    return tuple(leg for place, leg in enumerate(legs, 1) if place != along), (legs[along - 1],)
