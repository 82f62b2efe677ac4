"""Convolution: forward, the gradient of its input (the same kernel with weights turned around), and of its weights.

    y[o, i, j] = b[o] + Σ_{c,u,v} w[o, c, u, v] · x[c, i·s + u − p, j·s + v − p]

Direct, without unfolding: a tile of output channels × positions is summed in registers while the inputs stream by.
Every sum has its own lane per image, so any channel count fills the vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

from normlab.training.lanes.code import Code, Memory, Number, Variable, Vector
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Phase, Plane
from normlab.training.lanes.target import Target
from normlab.training.lanes.tiles import outputs_by_inputs, outputs_by_positions


@dataclass(frozen=True)
class Weights:
    """Where w[o, c, u, v] lies: a start and a step per coordinate, in floats."""

    start: int
    output: int
    input: int
    row: int
    column: int

    @staticmethod
    def forward(inputs: int, rows: int, columns: int) -> Weights:
        """PyTorch's layout (outputs, inputs, rows, columns)."""
        return Weights(0, inputs * rows * columns, rows * columns, columns, 1)


@dataclass(frozen=True)
class Correlate(Kernel):
    """x, w, (b,) (z,) → y. With `relu` the output is rectified; with `adds` it is added to what is there.

    With `mask`, where z lies, nothing is left where z is not above 0: y are the slopes of what was rectified to z.
    `dilation` is how many positions of x lie between one tap of the kernel and the next.
    """

    x: Plane
    y: Plane | Phase
    rows: int
    columns: int
    weights: Weights
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    bias: bool = False
    relu: bool = False
    adds: bool = False
    mask: Plane | Phase | None = None

    @property
    def pointers(self) -> int:
        """x, w, b and z if there are any, y."""
        return 3 + self.bias + (self.mask is not None)

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        tall, wide = outputs_by_positions(self.y.channels, self.y.width, self.columns, self.stride, target.registers)
        with code.loop(0, self.y.height) as i:
            for o, outputs in spans(code, self.y.channels, tall):
                for j, positions in self._columns(code, wide):
                    self._tile(code, memory, (o, i, j), (outputs, positions))

    def _columns(self, code: Code, wide: int) -> Iterator[tuple[Number | int, int]]:
        """The tiles of a row; one that reaches over an edge stands alone, so that no zero is multiplied in it."""
        tiles = [(start, min(wide, self.y.width - start)) for start in range(0, self.y.width, wide)]
        inner = [start for start, size in tiles if size == wide and not self._over_edge(start, size)]
        for start, size in tiles:
            if start not in inner:
                yield start, size
            elif start == inner[0]:
                with code.loop(start, inner[-1] + wide, wide) as j:
                    yield j, wide

    def _over_edge(self, start: int, size: int) -> bool:
        return not all(self._inside(start, n, v) for n in range(size) for v in range(self.columns))

    def _inside(self, j: Number | int, n: int, v: int) -> bool:
        """Whether output column j + n and kernel column v meet at an input; always, where j is not known yet."""
        if isinstance(j, Number):
            return True
        return 0 <= (j + n) * self.stride + v * self.dilation[1] - self.padding[1] < self.x.width

    def _tile(
        self, code: Code, memory: list[Memory], at: tuple[Number, Number, Number | int], size: tuple[int, int]
    ) -> None:
        o, i, j = at
        w = memory[1]
        places = list(product(range(size[0]), range(size[1])))
        sums = {(m, n): code.variable(self._start(code, memory, o + m)) for m, n in places}
        top = i * self.stride - self.padding[0]
        first: Number | int = 0
        last: Number | int = self.rows
        if self.padding[0] and self.dilation[0] == 1:  # with more between them, taps read the border's zeros
            first, last = code.larger(0, 0 - top), code.smaller(self.rows, self.x.height - top)
        with code.loop(0, self.x.channels) as c, code.loop(first, last) as u:
            start = self.x.at(c, top + u * self.dilation[0], j * self.stride - self.padding[1])
            kernel = o * self.weights.output + c * self.weights.input + u * self.weights.row + self.weights.start
            self._row(code, (memory[0], start, j), (w, kernel), sums)
        for m, n in places:
            end(self, memory, (o + m, i, j + n), sums[m, n].get())

    def _start(self, code: Code, memory: list[Memory], o: Number) -> Vector:
        return memory[2].spread(o) if self.bias else code.constant(0)

    def _row(
        self, code: Code, inputs: tuple[Memory, Number | int, Number | int], weights: tuple[Memory, Number], sums: Sums
    ) -> None:
        """One row of the kernel over one input channel."""
        (x, start, j), (w, kernel) = inputs, weights
        for v in range(self.columns):
            for m in sorted({m for m, _ in sums}):
                weight = w.spread(kernel + (m * self.weights.output + v * self.weights.column))
                for n in sorted({n for _, n in sums if self._inside(j, n, v)}):
                    value = x.vector(start + (n * self.stride + v * self.dilation[1]))
                    sums[m, n].set(code.fma(value, weight, sums[m, n].get()))


@dataclass(frozen=True)
class WeightGradient(Kernel):
    """x, dy → dw += Σ over positions and images, a float per weight in PyTorch's order.

    Where there are few positions, summing a block's lanes takes longer than its products: with `blocks`, which says how
    many vectors it is from a block's x and dy to the next's, the whole batch is summed first, and then its lanes.
    """

    x: Plane
    dy: Plane
    rows: int
    columns: int
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    blocks: tuple[int, int] | None = None

    @property
    def pointers(self) -> int:
        """x, dy, dw."""
        return 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:
        """A tile of weights is summed over the whole plane: all rows of the kernel at once if they fit."""
        together = self.rows if self.rows * self.columns + 3 <= target.registers else 1
        tile = outputs_by_inputs(self.dy.channels, self.x.channels, together * self.columns, target.registers)
        with (
            code.loop(0, self.dy.channels, tile[0]) as o,
            code.loop(0, self.x.channels, tile[1]) as c,
            code.loop(0, self.rows, together) as u,
        ):
            self._tile(code, memory, blocks, (o, c, u), (*tile, together))

    def _tile(
        self,
        code: Code,
        memory: list[Memory],
        blocks: Number,
        at: tuple[Number, Number, Number],
        size: tuple[int, int, int],
    ) -> None:
        o, c, u = at
        taps = list(product(*(range(n) for n in size), range(self.columns)))
        sums = {tap: code.variable(code.constant(0)) for tap in taps}
        if self.blocks is None:
            self._block(code, memory, at, size, sums)
        else:
            with code.loop(0, blocks) as block:
                steps = [block * (vectors * code.lanes) for vectors in self.blocks]
                self._block(
                    code, [part.beyond(step) for part, step in zip(memory, steps, strict=False)], at, size, sums
                )
        for m, n, row, v in taps:
            index = (((o + m) * self.x.channels + (c + n)) * self.rows + (u + row)) * self.columns + v
            memory[2].add_total(index, sums[m, n, row, v].get())

    def _block(
        self,
        code: Code,
        memory: list[Memory],
        at: tuple[Number, Number, Number],
        size: tuple[int, int, int],
        sums: dict[tuple[int, ...], Variable],
    ) -> None:
        """One block's share of the sums."""
        (o, c, u), (x, dy, *_) = at, memory
        with code.loop(0, self.dy.height) as i, code.loop(0, self.dy.width) as j:
            top = i * self.stride - self.padding[0] + u * self.dilation[0]
            here = self.x.at(c, top, j * self.stride - self.padding[1])
            slopes = [dy.vector(self.dy.at(o + m, i, j)) for m in range(size[0])]
            for n, row, v in product(*(range(k) for k in (*size[1:], self.columns))):
                tap = row * self.dilation[0] * self.x.row + v * self.dilation[1]
                value = x.vector(here + (n * self.x.channel + tap))
                for m in range(size[0]):
                    sums[m, n, row, v].set(code.fma(value, slopes[m], sums[m, n, row, v].get()))


@dataclass(frozen=True)
class BiasGradient(Kernel):
    """dy → db += Σ over positions and images, a float per channel."""

    dy: Plane

    @property
    def pointers(self) -> int:
        """dy, db."""
        return 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        dy, db = memory
        with code.loop(0, self.dy.channels) as c:
            total = code.variable(code.constant(0))
            with code.loop(0, self.dy.height) as i, code.loop(0, self.dy.width) as j:
                total.set(total.get() + dy.vector(self.dy.at(c, i, j)))
            db.add_total(c, total.get())


@dataclass(frozen=True)
class Grouped(Kernel):
    """A kernel once for each group of channels.

    `vectors` and `floats` say how far it is in each of its buffers from one group's share to the next's.
    """

    kernel: Kernel
    groups: int
    vectors: tuple[int, ...]
    floats: tuple[int, ...]

    @property
    def pointers(self) -> int:
        """As many as the kernel's."""
        return self.kernel.pointers

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:
        """See `Kernel.write`."""
        steps = [vectors * code.lanes + floats for vectors, floats in zip(self.vectors, self.floats, strict=True)]
        with code.loop(0, self.groups) as group:
            shares = [part.beyond(group * step) for part, step in zip(memory, steps, strict=True)]
            self.kernel.write(code, shares, blocks, target)


class Ended(Protocol):
    """How a kernel of `Correlate`'s ends."""

    @property
    def y(self) -> Plane | Phase:
        """Where it writes."""

    @property
    def relu(self) -> bool:
        """See `Correlate`."""

    @property
    def adds(self) -> bool:
        """See `Correlate`."""

    @property
    def mask(self) -> Plane | Phase | None:
        """See `Correlate`."""


def end(
    kernel: Ended, memory: Sequence[Memory], at: tuple[Number | int, Number | int, Number | int], value: Vector
) -> None:
    """Write what was summed for a position; `memory` ends with z, if there is one, and y."""
    *_, z, y = memory
    code, place = value.code, kernel.y.at(*at)
    if kernel.adds:
        value = value + y.vector(place)
    if kernel.relu:
        value = code.maximum(value, code.constant(0))
    if kernel.mask is not None:
        value = code.select(z.vector(kernel.mask.at(*at)) > 0, value, code.constant(0))
    y.put(place, value)


Sums = dict[tuple[int, int], Variable]


def spans(code: Code, length: int, tile: int) -> Iterator[tuple[Number, int]]:
    """Whole tiles in a loop, then the rest as one smaller tile: (where it starts, its size)."""
    whole = length - length % tile
    if whole:
        with code.loop(0, whole, tile) as start:
            yield start, tile
    if whole < length:
        yield Number(code, code.integer(whole)), length - whole
