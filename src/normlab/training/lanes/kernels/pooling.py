"""Maximum and average over windows, and their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from normlab.training.lanes.code import Code, Memory, Number, Vector
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.pointwise import positions
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

LOWEST = -3.4028234663852886e38


@dataclass(frozen=True)
class Window:
    """Which inputs an output sees, cut off at the edges where padding or rounding up reaches over them.

    Each setting is a pair, (down, across). A mean's divisor is `counted`: the window's `area`, what of it lies `inside`
    the plane, or inside the plane and its `padding`; or a number.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)
    counted: Literal["area", "inside", "padding"] | int = "area"

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

    def share(self, code: Code, x: Plane, at: tuple[Number, Number]) -> Vector | float:
        """One divided by what a mean over the window is divided by."""
        if isinstance(self.counted, int) or self.counted == "area":
            return 1 / (self.area if self.counted == "area" else self.counted)
        rows, columns = (self._seen(code, axis, k, x.shape[1 + axis]) for axis, k in enumerate(at))
        return code.constant(1) / code.to_float(code.spread_number(rows * columns))

    def _seen(self, code: Code, axis: int, at: Number, inputs: int) -> Number:
        """How many rows or columns count of a window."""
        start, around = at * self.stride[axis] - self.padding[axis], self.padding[axis]
        if self.counted == "padding":
            return code.smaller(self.size[axis], inputs + around - start)
        return code.smaller(self.size[axis], inputs - start) - code.larger(0, 0 - start)

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
            y.put(self.y.at(c, i, j), total.get() * self.window.share(code, self.x, (i, j)))


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
            share = dy.vector(self.dy.at(c, i, j)) * self.window.share(code, self.dx, (i, j))
            with self.window.over(code, self.dx, self.dy, (i, j)) as place:
                where = self.dx.at(c, *place)
                dx.put(where, share if once and not self.adds else dx.vector(where) + share)


@dataclass(frozen=True)
class Adaptive(Kernel):
    """x → y: the mean of windows that share x out among y's positions, not all of one size (PyTorch's adaptive pool).

    Output k of n sees the inputs from ⌊k·size/n⌋ to ⌈(k + 1)·size/n⌉. Windows are unrolled: for a few positions.
    """

    x: Plane
    y: Plane
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, y = memory
        with code.loop(0, self.x.channels) as c:
            for (i, j), window in shared_out(self.x, self.y):
                total = code.constant(0)
                for u, v in window:
                    total = total + x.vector(self.x.at(c, u, v))
                y.put(self.y.at(c, i, j), total * (1 / len(window)))


@dataclass(frozen=True)
class AdaptiveGradient(Kernel):
    """dy → dx += dy."""

    dy: Plane
    dx: Plane
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        dy, dx = memory
        with code.loop(0, self.dx.channels) as c:
            for (i, j), window in shared_out(self.dx, self.dy):
                share = dy.vector(self.dy.at(c, i, j)) * (1 / len(window))
                for u, v in window:
                    dx.add(self.dx.at(c, u, v), share)


Place = tuple[int, int]


def shared_out(x: Plane, y: Plane) -> list[tuple[Place, list[Place]]]:
    """Each position of y, and the positions of x that it sees."""
    rows, columns = (
        [range(k * size // n, -(-(k + 1) * size // n)) for k in range(n)]
        for size, n in zip(x.shape[1:], y.shape[1:], strict=True)
    )
    return [((i, j), [(u, v) for u in rows[i] for v in columns[j]]) for i in range(y.height) for j in range(y.width)]
