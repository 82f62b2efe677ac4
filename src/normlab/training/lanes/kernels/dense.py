"""Linear layers that read a whole plane: forward, the gradient of their input, and of their weights.

    y[o] = b[o] + Σ_e w[o, e] · x[e]        dx[e] = Σ_o w[o, e] · dy[o]        dw[o, e] = Σ_n dy[o, n] · x[e, n]

with e for a channel, row and column. A weight serves one vector of images, so whoever goes block by block reads all
weights for every block. `together` that is done for some blocks at a time: a tile of weights × blocks stays in
registers, and of 6 × 4 there are 10 loads for 24 multiply-adds. The slopes of weights have weights on their lanes in
the place of images, so that nothing is summed over lanes; for that, inputs are `Turned` first, 8 bytes a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

from normlab.training.lanes.code import Code, Memory, Number, Variable, Vector
from normlab.training.lanes.kernels.convolution import spans
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

WIDE = 4
"""Blocks of images in a tile, or vectors of weights."""
SPARE = 3
"""Registers that hold none of a tile's sums or vectors."""


@dataclass(frozen=True)
class Linear(Kernel):
    """x, w, (b,) → y. With `relu` the output is rectified; `together` for the whole batch, else for one block."""

    x: Plane
    y: Plane
    bias: bool = False
    relu: bool = False
    together: bool = False

    @property
    def pointers(self) -> int:
        """x, w, b if there is one, y."""
        return 3 + self.bias

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:
        """See `Kernel.write`."""
        for b, wide in _blocks(code, blocks if self.together else 1):
            x, y = _of_blocks(memory[0], self.x, b, wide), _of_blocks(memory[-1], self.y, b, wide)
            for o, tall in spans(code, self.y.channels, _tall(wide, target)):
                weights = [memory[1].beyond((o + m) * self.x.elements) for m in range(tall)]
                sums = [
                    [code.variable(memory[2].spread(o + m) if self.bias else code.constant(0)) for _ in range(wide)]
                    for m in range(tall)
                ]
                with _elements(code, self.x) as (e, place):
                    _multiply(code, sums, [w.spread(e) for w in weights], [each.vector(place) for each in x])
                for m, n in product(range(tall), range(wide)):
                    value = sums[m][n].get()
                    y[n].put(self.y.at(o + m, 0, 0), code.maximum(value, code.constant(0)) if self.relu else value)


@dataclass(frozen=True)
class LinearGradient(Kernel):
    """dy, w → dx, or with `adds` dx += it; `together` for the whole batch, else for one block."""

    dy: Plane
    dx: Plane
    adds: bool = False
    together: bool = False
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:
        """See `Kernel.write`."""
        for b, wide in _blocks(code, blocks if self.together else 1):
            dy, dx = _of_blocks(memory[0], self.dy, b, wide), _of_blocks(memory[2], self.dx, b, wide)
            for e, places in _runs(code, self.dx, _tall(wide, target)):
                sums = [[code.variable(code.constant(0)) for _ in range(wide)] for _ in places]
                with code.loop(0, self.dy.channels) as o:
                    row = o * self.dx.elements + e
                    weights = [memory[1].spread(row + m) for m in range(len(places))]
                    _multiply(code, sums, weights, [each.vector(self.dy.at(o, 0, 0)) for each in dy])
                for m, n in product(range(len(places)), range(wide)):
                    value = sums[m][n].get()
                    dx[n].put(places[m], value + dx[n].vector(places[m]) if self.adds else value)


@dataclass(frozen=True)
class Turned(Kernel):
    """x → t, of the whole batch: a row of floats for each image, with zeros behind up to `width(x)` vectors."""

    x: Plane
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        whole, rest = divmod(self.x.elements, code.lanes)
        with code.loop(0, blocks) as b:
            x, t = memory[0].beyond(b * (self.x.vectors * code.lanes)), b * (code.lanes * width(self.x, code.lanes))
            with code.loop(0, whole) as group:
                self._group(code, (x, memory[1]), (group * code.lanes, t + group), code.lanes)
            if rest:
                self._group(code, (x, memory[1]), (Number(code, code.integer(whole * code.lanes)), t + whole), rest)

    def _group(self, code: Code, memory: tuple[Memory, Memory], at: tuple[Number, Number], count: int) -> None:
        """As many elements as there are lanes, or the `count` that are left."""
        (x, t), (e, to) = memory, at
        elements = [x.vector(_place(self.x, e + k)) for k in range(count)]
        elements += [code.constant(0)] * (code.lanes - count)
        for image, value in enumerate(code.turned(elements)):
            t.put(to + image * width(self.x, code.lanes), value)


@dataclass(frozen=True)
class LinearSlopes(Kernel):
    """t, dy → dw += Σ over images, a float per weight in PyTorch's order; t is x `Turned`."""

    x: Plane
    dy: Plane
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:
        """See `Kernel.write`."""
        whole, rest = divmod(self.x.elements, code.lanes)
        for g, wide in spans(code, whole, WIDE) if whole else ():
            self._columns(code, memory, blocks, (g, wide, code.lanes), target)
        if rest:
            self._columns(code, memory, blocks, (Number(code, code.integer(whole)), 1, rest), target)

    def _columns(
        self, code: Code, memory: list[Memory], blocks: Number, columns: tuple[Number, int, int], target: Target
    ) -> None:
        """The slopes of some vectors of inputs; of the last, `count` lanes count."""
        (t, dy, dw), (g, wide, count) = memory, columns
        for o, tall in spans(code, self.dy.channels, _tall(wide, target)):
            sums = [[code.variable(code.constant(0)) for _ in range(wide)] for _ in range(tall)]
            with code.loop(0, blocks) as b, code.loop(0, code.lanes) as image:
                row = (b * code.lanes + image) * width(self.x, code.lanes) + g
                slope = (b * self.dy.vectors + self.dy.at(o, 0, 0)) * code.lanes + image
                apart = self.dy.channel * code.lanes
                slopes = [dy.spread(slope + m * apart) for m in range(tall)]
                _multiply(code, sums, slopes, [t.vector(row + n) for n in range(wide)])
            for m, n in product(range(tall), range(wide)):
                to = dw.beyond((o + m) * self.x.elements + (g + n) * code.lanes)
                if count == code.lanes:
                    to.add(0, sums[m][n].get())
                else:
                    to.add_lanes(sums[m][n].get(), count)


def width(x: Plane, lanes: int) -> int:
    """Vectors from one image's row of `Turned` to the next's: an odd number, see `Plane.channel`."""
    return -(-x.elements // lanes) | 1


Sums = Sequence[Sequence[Variable]]


def _multiply(code: Code, sums: Sums, spread: Sequence[Vector], vectors: Sequence[Vector]) -> None:
    """Every product to its own sum."""
    for one, line in zip(spread, sums, strict=True):
        for vector, each in zip(vectors, line, strict=True):
            each.set(code.fma(vector, one, each.get()))


def _tall(wide: int, target: Target) -> int:
    """Rows of a tile that is so wide."""
    return (target.registers - SPARE - wide) // wide


def _blocks(code: Code, blocks: Number | int) -> Iterator[tuple[Number, int]]:
    """Whole tiles of blocks, then single ones: (where it starts, how many)."""
    if isinstance(blocks, int):
        yield Number(code, code.integer(0)), blocks
        return
    whole = blocks - blocks % WIDE
    with code.loop(0, whole, WIDE) as b:
        yield b, WIDE
    with code.loop(whole, blocks) as b:
        yield b, 1


def _of_blocks(memory: Memory, plane: Plane, b: Number, count: int) -> list[Memory]:
    """A plane of some blocks."""
    return [memory.beyond((b + n) * (plane.vectors * memory.code.lanes)) for n in range(count)]


@contextmanager
def _elements(code: Code, plane: Plane) -> Iterator[tuple[Number | int, Number | int]]:
    """Every element of a plane in order, and its vector."""
    with code.loop(0, plane.channels) as c, code.loop(0, plane.height) as i, code.loop(0, plane.width) as j:
        yield ((c * plane.height + i) * plane.width + j if plane.positions > 1 else c), plane.at(c, i, j)


def _runs(code: Code, plane: Plane, tile: int) -> Iterator[tuple[Number | int, list[Number | int]]]:
    """Elements that follow each other: where they start, and the vector of each."""
    if plane.positions == 1:
        for c, count in spans(code, plane.channels, tile):
            yield c, [plane.at(c + m, 0, 0) for m in range(count)]
        return
    even = -(-plane.width // -(-plane.width // tile))
    with code.loop(0, plane.channels) as c, code.loop(0, plane.height) as i:
        for j, count in spans(code, plane.width, even):
            start = (c * plane.height + i) * plane.width + j
            yield start, [plane.at(c, i, j + m) for m in range(count)]


def _place(plane: Plane, e: Number) -> Number | int:
    """The vector of an element."""
    if plane.positions == 1:
        return plane.at(e, 0, 0)
    position = e % plane.positions
    return plane.at(e // plane.positions, position // plane.width, position % plane.width)
