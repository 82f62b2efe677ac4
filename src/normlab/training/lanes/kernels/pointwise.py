"""Kernels that look at one position at a time: relu, sums of branches, dropout, zeros, and sums over lanes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from normlab.models.graph.dropping import Unit
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
class Own(Kernel):
    """x, p → y = x · p, or x + p where it `shifts`, by a parameter.

    `strides` are how far apart its numbers are from one channel, row and column to the next, 0 where it is the same.
    """

    x: Plane
    y: Plane
    shifts: bool
    strides: tuple[int, int, int]
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, p, y = memory
        with positions(code, self.x) as at:
            value, own = x.vector(self.x.at(*at)), p.spread(_number(self.strides, at))
            y.put(self.y.at(*at), value + own if self.shifts else value * own)


@dataclass(frozen=True)
class OwnGradient(Kernel):
    """x, p, dy → dp (added to), dx, or with `adds` dx += it."""

    x: Plane
    dy: Plane
    dx: Plane
    shifts: bool
    strides: tuple[int, int, int]
    adds: bool = False
    pointers = 5

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, p, dy, dp, dx = memory
        here = any(self.strides[1:])  # whether each position has a number of its own
        with code.loop(0, self.x.channels) as c:
            summed = code.variable(code.constant(0))
            with code.loop(0, self.x.height) as i, code.loop(0, self.x.width) as j:
                slope, place, which = dy.vector(self.dy.at(c, i, j)), self.dx.at(c, i, j), (c, i, j)
                part = slope if self.shifts else slope * x.vector(self.x.at(c, i, j))
                if here:
                    dp.add(_number(self.strides, which), part)
                else:
                    summed.set(summed.get() + part)
                slope = slope if self.shifts else slope * p.spread(_number(self.strides, which))
                dx.put(place, slope + dx.vector(place) if self.adds else slope)
            if not here:
                dp.add(_number(self.strides, (c, 0, 0)), summed.get())


@dataclass(frozen=True)
class Learned(Kernel):
    """p → y, the same for every image; `strides` as in `Own`."""

    y: Plane
    strides: tuple[int, int, int]
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        p, y = memory
        with positions(code, self.y) as at:
            y.put(self.y.at(*at), p.spread(_number(self.strides, at)))


@dataclass(frozen=True)
class LearnedGradient(Kernel):
    """dy → dp (added to)."""

    dy: Plane
    strides: tuple[int, int, int]
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        dy, dp = memory
        with positions(code, self.dy) as at:
            dp.add(_number(self.strides, at), dy.vector(self.dy.at(*at)))


def _number(strides: tuple[int, int, int], at: tuple[Number | int, Number | int, Number | int]) -> Number | int:
    """Which of a parameter's numbers acts at a position."""
    place: Number | int = 0
    for each, stride in zip(at, strides, strict=True):
        place = each * stride + place if stride else place
    return place


@dataclass(frozen=True)
class Multiply(Kernel):
    """a, b → y = a · b, where either may have 1 in the place of channels, rows or columns."""

    a: Plane
    b: Plane
    y: Plane
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        a, b, y = memory
        with positions(code, self.y) as at:
            y.put(self.y.at(*at), a.vector(spread(self.a, at)) * b.vector(spread(self.b, at)))


@dataclass(frozen=True)
class MultiplyGradient(Kernel):
    """b, dy → da = b · dy, or with `adds` da += it: necessary where a has one of something, over which it is summed."""

    b: Plane
    dy: Plane
    da: Plane
    adds: bool = False
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        b, dy, da = memory
        with positions(code, self.dy) as at:
            value, place = b.vector(spread(self.b, at)) * dy.vector(self.dy.at(*at)), spread(self.da, at)
            da.put(place, value + da.vector(place) if self.adds else value)


def spread(plane: Plane, at: tuple[Number, Number, Number]) -> Number | int:
    """The vector of a plane that stands for a position of a larger one: where it has one of a kind, always that."""
    c, i, j = (k if size > 1 else 0 for k, size in zip(at, plane.shape, strict=True))
    return plane.at(c, i, j)


@dataclass(frozen=True)
class Drop(Kernel):
    """keys, images, x → y = x · mask; the same for the gradient. See `Mask`; for `order`, `Node`."""

    x: Plane
    y: Plane
    threshold: int
    unit: Unit = "value"
    order: tuple[int, int, int] | None = None
    adds: bool = False
    pointers = 4

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        keys, images, x, y = memory
        mask = Mask(code, keys, images, self.x, self)
        if self.order:
            with positions(code, self.x) as at:
                value, place = x.vector(self.x.at(*at)) * mask.single(_number(self.order, at)), self.y.at(*at)
                y.put(place, value + y.vector(place) if self.adds else value)
            return
        with positions(code, self.x, pace(self.x)) as (c, i, j):
            for k, kept in enumerate(mask.at(c, i, j)):
                value, place = x.vector(self.x.at(c, i, j + k)) * kept, self.y.at(c, i, j + k)
                y.put(place, value + y.vector(place) if self.adds else value)


class Dropping(Protocol):
    """A kernel that drops."""

    @property
    def threshold(self) -> int:
        """Of 2¹⁶, how many are dropped."""

    @property
    def unit(self) -> Unit:
        """What it drops as one."""


class Mask:
    """The dropout mask of `normlab.training.dropout`, lane by lane: a hash of (key, image, element), no memory.

    One hash decides on two neighbouring elements, so planes are walked `step` positions at a time. Where channels or
    images are dropped as one, they are the elements.
    """

    def __init__(self, code: Code, keys: Memory, images: Memory, plane: Plane, dropout: Dropping) -> None:
        self.code, self.plane, self.threshold, self.unit = code, plane, dropout.threshold, dropout.unit
        self.first, self.second = keys.spread_word(0), keys.spread_word(1)
        elements = {"value": plane.elements, "channel": plane.channels, "image": 1}[self.unit]
        self.base = images.words(0) * ((elements + 1) // 2)

    def at(self, c: Number, i: Number, j: Number) -> list[Vector]:
        """0 or 1 / (1 − p) in each lane, for `step` elements of each image from column j on."""
        if self.unit != "value":
            return [self.single(c if self.unit == "channel" else 0)] * pace(self.plane)
        element = c * self.plane.positions + i * self.plane.width + j
        if pace(self.plane) == PAIR:
            bits = self._hash(self.base + self.code.spread_number(element.halved))
            return [self._kept(bits & 0xFFFF), self._kept(bits >> 16)]
        return [self.single(element)]

    def single(self, element: Number | int) -> Vector:
        """0 or 1 / (1 − p) in each lane, for one element of each image."""
        element = element if isinstance(element, Number) else Number(self.code, self.code.integer(element))
        bits = self._hash(self.base + self.code.spread_number(element.halved))
        return self._kept(self.code.select(self.code.spread_number(element.odd) > 0, bits >> 16, bits & 0xFFFF))

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
class Border(Kernel):
    """x → x with zeros wherever no position is, for one block or for all that are `together`."""

    x: Plane
    together: bool = False
    pointers = 1

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        with (
            code.loop(0, blocks if self.together else 1) as b,
            code.loop(0, self.x.channels) as c,
        ):
            channel = memory[0].beyond((b * self.x.vectors + c * self.x.channel) * code.lanes)
            for start, stop in self._free(code):
                with code.loop(start, stop) as k:
                    channel.put(k, code.constant(0))

    def _free(self, code: Code) -> Iterator[tuple[Number | int, Number | int]]:
        """From which vector of a channel to which there is none: between rows, and before and behind them."""
        x = self.x
        yield 0, x.at(0, 0, 0)
        with code.loop(1, x.height) as i:
            yield (i - 1) * x.row + x.at(0, 0, x.width), i * x.row + x.at(0, 0, 0)
        yield x.at(0, x.height - 1, x.width), x.channel


@dataclass(frozen=True)
class SumLanes(Kernel):
    """x → y: `count` vectors, summed over lanes, to as many floats."""

    count: int
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        with code.loop(0, self.count) as i:
            memory[1].add_total(i, memory[0].vector(i))
