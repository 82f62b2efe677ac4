"""Parts of planes put into others: joining and cutting channels, padding, and strides without a kernel.

    pick:  y[c, i, j] = x[c·s₀ + a₀, i·s₁ + a₁, j·s₂ + a₂]      put: the other way round

Each is the other's gradient. They move data: 8 bytes a value, 12 where something is added.
"""

from __future__ import annotations

from dataclasses import dataclass

from normlab.training.lanes.code import Code, Memory, Number
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.pointwise import positions
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

Three = tuple[int, int, int]


@dataclass(frozen=True)
class _Moves(Kernel):
    """From x to y; with `adds` it is added to what is there."""

    x: Plane
    y: Plane
    start: Three = (0, 0, 0)
    step: Three = (1, 1, 1)
    adds: bool = False
    pointers = 2

    def _move(self, memory: list[Memory], of: Number | int, to: Number | int) -> None:
        x, y = memory
        y.put(to, x.vector(of) + y.vector(to) if self.adds else x.vector(of))

    def _there(self, at: tuple[Number, Number, Number]) -> tuple[Number, Number, Number]:
        c, i, j = (k * step + start for k, step, start in zip(at, self.step, self.start, strict=True))
        return c, i, j


@dataclass(frozen=True)
class Pick(_Moves):
    """x → y, every position of y; or with `adds` y += x."""

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        with positions(code, self.y) as at:
            self._move(memory, self.x.at(*self._there(at)), self.y.at(*at))


@dataclass(frozen=True)
class Put(_Moves):
    """x → y, every position of x; or with `adds` y += x."""

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        with positions(code, self.x) as at:
            self._move(memory, self.x.at(*at), self.y.at(*self._there(at)))


@dataclass(frozen=True)
class Fill(Kernel):
    """A value → every position of y."""

    y: Plane
    value: float = 0.0
    pointers = 1

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        with positions(code, self.y) as at:
            memory[0].put(self.y.at(*at), code.constant(self.value))


@dataclass(frozen=True)
class Around(Kernel):
    """x → y, larger by what `mode` puts around: its edge, its mirror image or its other side."""

    x: Plane
    y: Plane
    before: tuple[int, int]
    mode: str
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, y = memory
        with positions(code, self.y) as (c, i, j):
            y.put(self.y.at(c, i, j), x.vector(self.x.at(c, *_source(code, self, (i, j)))))


@dataclass(frozen=True)
class AroundGradient(Kernel):
    """dy → dx += dy."""

    x: Plane
    y: Plane
    before: tuple[int, int]
    mode: str
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        dy, dx = memory
        with positions(code, self.y) as (c, i, j):
            dx.add(self.x.at(c, *_source(code, self, (i, j))), dy.vector(self.y.at(c, i, j)))


def _source(code: Code, how: Around | AroundGradient, at: tuple[Number, Number]) -> tuple[Number, Number]:
    """The row and the column of x that stand at a position of y."""
    sides = zip(at, how.before, how.x.shape[1:], strict=True)
    i, j = (_within(code, k - before, size, how.mode) for k, before, size in sides)
    return i, j


def _within(code: Code, k: Number, size: int, mode: str) -> Number:
    if mode == "circular":
        return (k + size) % size
    if mode == "reflect":
        k = code.larger(k, 0 - k)
        return code.smaller(k, 2 * (size - 1) - k)
    return code.smaller(code.larger(k, 0), size - 1)
