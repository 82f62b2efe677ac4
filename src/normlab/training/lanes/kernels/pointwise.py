"""Kernels that look at one position at a time: relu, sums of branches, dropout, zeros, and sums over lanes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from normlab.training.lanes.code import Code, Memory, Number, Vector
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target


@contextmanager
def positions(code: Code, plane: Plane, step: int = 1) -> Iterator[tuple[Number, Number, Number]]:
    """Every channel, row and column of a plane, `step` columns at a time."""
    with (
        code.loop(0, plane.channels) as c,
        code.loop(0, plane.height) as i,
        code.loop(0, plane.width, step) as j,
    ):
        yield c, i, j


@dataclass(frozen=True)
class Rectify(Kernel):
    """x → y = max(x, 0)."""

    x: Plane
    y: Plane
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, y = memory
        with positions(code, self.x) as at:
            y.put(self.y.at(*at), code.maximum(x.vector(self.x.at(*at)), code.constant(0)))


@dataclass(frozen=True)
class RectifyGradient(Kernel):
    """y, dy → dy where y > 0, else 0, in place."""

    y: Plane
    dy: Plane
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        y, dy = memory
        with positions(code, self.y) as at:
            open_ = y.vector(self.y.at(*at)) > 0
            place = self.dy.at(*at)
            dy.put(place, code.select(open_, dy.vector(place), code.constant(0)))


@dataclass(frozen=True)
class Add(Kernel):
    """a, b → y = a + b, rectified on demand."""

    a: Plane
    b: Plane
    y: Plane
    relu: bool = False
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        a, b, y = memory
        with positions(code, self.y) as at:
            total = a.vector(self.a.at(*at)) + b.vector(self.b.at(*at))
            y.put(self.y.at(*at), code.maximum(total, code.constant(0)) if self.relu else total)


@dataclass(frozen=True)
class Copy(Kernel):
    """x → y, or with `adds` y += x: how a gradient passes on unchanged."""

    x: Plane
    y: Plane
    adds: bool = False
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, y = memory
        with positions(code, self.x) as at:
            value, place = x.vector(self.x.at(*at)), self.y.at(*at)
            y.put(place, value + y.vector(place) if self.adds else value)


@dataclass(frozen=True)
class Drop(Kernel):
    """keys, images, x → y = x · mask; the same for the gradient. See `Mask`."""

    x: Plane
    y: Plane
    threshold: int
    adds: bool = False
    pointers = 4

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        keys, images, x, y = memory
        mask = Mask(code, keys, images, self.x, self.threshold)
        with positions(code, self.x, pace(self.x)) as (c, i, j):
            for k, kept in enumerate(mask.at(c, i, j)):
                value, place = x.vector(self.x.at(c, i, j + k)) * kept, self.y.at(c, i, j + k)
                y.put(place, value + y.vector(place) if self.adds else value)


class Mask:
    """The dropout mask of `normlab.training.dropout`, lane by lane: a hash of (key, image, element), no memory.

    One hash decides on two neighbouring elements, so planes are walked `step` positions at a time.
    """

    def __init__(self, code: Code, keys: Memory, images: Memory, plane: Plane, threshold: int) -> None:
        self.code, self.plane, self.threshold = code, plane, threshold
        self.first, self.second = keys.spread_word(0), keys.spread_word(1)
        self.base = images.words(0) * ((plane.elements + 1) // 2)

    def at(self, c: Number, i: Number, j: Number) -> list[Vector]:
        """0 or 1 / (1 − p) in each lane, for `step` elements of each image from column j on."""
        element = c * self.plane.positions + i * self.plane.width + j
        bits = self._hash(self.base + self.code.spread_number(element.halved))
        if pace(self.plane) == PAIR:
            return [self._kept(bits & 0xFFFF), self._kept(bits >> 16)]
        return [self._kept(self.code.select(self.code.spread_number(element.odd) > 0, bits >> 16, bits & 0xFFFF))]

    def _kept(self, sixteen: Vector) -> Vector:
        scale = self.code.constant(65536 / (65536 - self.threshold))
        return self.code.select(sixteen >= self.threshold, scale, self.code.constant(0))

    def _hash(self, x: Vector) -> Vector:
        x = x ^ self.first
        x = (x ^ (x >> 16)) * 0x7FEB352D
        x = (x ^ (x >> 15)) ^ self.second
        x = x * 0x846CA68B
        return x ^ (x >> 16)


PAIR = 2


def pace(plane: Plane) -> int:
    """How many neighbours of a row share one hash throughout: two where rows have an even width, else one."""
    return PAIR if plane.width % PAIR == 0 else 1


@dataclass(frozen=True)
class Zero(Kernel):
    """x → 0, `count` vectors."""

    count: int
    pointers = 1

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        with code.loop(0, self.count) as i:
            memory[0].put(i, code.constant(0))


@dataclass(frozen=True)
class SumLanes(Kernel):
    """x → y: `count` vectors to as many floats."""

    count: int
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        with code.loop(0, self.count) as i:
            memory[1].put_float(i, memory[0].vector(i).total())
