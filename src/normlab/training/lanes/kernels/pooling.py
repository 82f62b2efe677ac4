"""Maximum and average over windows, and their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from normlab.training.lanes.code import Code, Memory, Number
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.pointwise import positions
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

LOWEST = -3.4028234663852886e38


@dataclass(frozen=True)
class Window:
    """Which inputs an output sees, cut off at the edges where padding or rounding up reaches over them.

    Each setting is a pair, (down, across).
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)

    @property
    def area(self) -> int:
        """Inputs in a whole window."""
        return self.size[0] * self.size[1]

    @contextmanager
    def over(self, code: Code, x: Plane, y: Plane, at: tuple[Number, Number]) -> Iterator[tuple[Number, Number]]:
        """Every (row, column) of x in the window of y's position."""
        top, left = (k * stride - padding for k, stride, padding in zip(at, self.stride, self.padding, strict=True))
        rows, columns = (
            self._within(code, axis, start, x.shape[1 + axis], y.shape[1 + axis])
            for axis, start in ((0, top), (1, left))
        )
        with code.loop(*rows) as u, code.loop(*columns) as v:
            yield top + u, left + v

    def _within(
        self, code: Code, axis: int, start: Number, inputs: int, outputs: int
    ) -> tuple[Number | int, Number | int]:
        """Where a window that starts at `start` begins and ends on one axis, counted from its start."""
        size, stride, padding = self.size[axis], self.stride[axis], self.padding[axis]
        if not padding and stride * (outputs - 1) + size <= inputs:
            return 0, size
        return code.larger(0, 0 - start), code.smaller(size, inputs - start)

    def covers_once(self, x: Plane, y: Plane) -> bool:
        """Whether every input is in exactly one window."""
        full = (y.height * self.stride[0] >= x.height) and (y.width * self.stride[1] >= x.width)
        return self.size == self.stride and self.padding == (0, 0) and full


@dataclass(frozen=True)
class Largest(Kernel):
    """x → y, rectified on demand."""

    x: Plane
    y: Plane
    window: Window
    relu: bool = False
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, y = memory
        with positions(code, self.y) as (c, i, j):
            best = code.variable(code.constant(0 if self.relu else LOWEST))
            with self.window.over(code, self.x, self.y, (i, j)) as place:
                value = x.vector(self.x.at(c, *place))
                best.set(code.select((value > best.get()) | value.is_nan(), value, best.get()))
            y.put(self.y.at(c, i, j), best.get())


@dataclass(frozen=True)
class LargestGradient(Kernel):
    """x, y, dy → dx: each slope goes to the first input that equals the maximum, as in PyTorch.

    Where y was rectified to 0 no slope passes.
    """

    x: Plane
    y: Plane
    dy: Plane
    dx: Plane
    window: Window
    relu: bool = False
    adds: bool = False
    pointers = 4

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, y, dy, dx = memory
        once, zero = self.window.covers_once(self.x, self.y), code.constant(0)
        if not (once or self.adds):
            with positions(code, self.dx) as at:
                dx.put(self.dx.at(*at), zero)
        with positions(code, self.y) as (c, i, j):
            best = y.vector(self.y.at(c, i, j))
            left = code.variable(dy.vector(self.dy.at(c, i, j)))  # the slope, until somebody took it
            if self.relu:
                left.set(code.select(best > 0, left.get(), zero))
            with self.window.over(code, self.x, self.y, (i, j)) as place:
                taken = x.vector(self.x.at(c, *place)).equals(best)
                share, where = code.select(taken, left.get(), zero), self.dx.at(c, *place)
                dx.put(where, share if once and not self.adds else dx.vector(where) + share)
                left.set(code.select(taken, zero, left.get()))


@dataclass(frozen=True)
class Mean(Kernel):
    """x → y: the mean of each window; none reaches over an edge."""

    x: Plane
    y: Plane
    window: Window
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, y = memory
        with positions(code, self.y) as (c, i, j):
            total = code.variable(code.constant(0))
            with self.window.over(code, self.x, self.y, (i, j)) as place:
                total.set(total.get() + x.vector(self.x.at(c, *place)))
            y.put(self.y.at(c, i, j), total.get() * (1 / self.window.area))


@dataclass(frozen=True)
class MeanGradient(Kernel):
    """dy → dx."""

    dy: Plane
    dx: Plane
    window: Window
    adds: bool = False
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        dy, dx = memory
        once = self.window.covers_once(self.dx, self.dy)
        if not (once or self.adds):
            with positions(code, self.dx) as at:
                dx.put(self.dx.at(*at), code.constant(0))
        with positions(code, self.dy) as (c, i, j):
            share = dy.vector(self.dy.at(c, i, j)) * (1 / self.window.area)
            with self.window.over(code, self.dx, self.dy, (i, j)) as place:
                where = self.dx.at(c, *place)
                dx.put(where, share if once and not self.adds else dx.vector(where) + share)
