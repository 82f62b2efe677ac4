"""Kernels that walk along several planes by legs: copies in any order, products of matrices, parameters beside values.

    copy:  y[to] = x[from]        product:  y[g, i, j] = factor · Σ_k a[g, i, k] · b[g, k, j]
    beside:  y[at] = x[at] · p[own], or + p[own]

A copy moves 8 bytes a value, 12 where it adds. A product keeps a tile of sums over k in registers: of 4 × 4 it loads 8
vectors for 16 multiply-adds. Its gradients are products too, with i, j and k in other roles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from normlab.models.graph.legs import Leg
from normlab.training.lanes.code import Code, Memory, Number
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

Walk = tuple[Leg, ...]
Places = tuple[Number | int, ...]
"""The vector in each plane."""
MANY = 32
"""Registers with which a tile is of 4 × 4 sums; of 2 × 4 with fewer."""


def vectors(plane: Plane, by: tuple[int, int]) -> int:
    """From one step of a leg to the next."""
    place, stride = by
    return (0, plane.channel, plane.row, 1)[place] * stride


@contextmanager
def walked(code: Code, legs: Sequence[Leg], planes: Sequence[Plane], at: Places) -> Iterator[Places]:
    """Every step of some legs within each other, from places on."""
    with ExitStack() as loops:
        for leg in legs:
            k = loops.enter_context(code.loop(0, leg.size))
            at = moved(at, k, leg, planes)
        yield at


def moved(at: Places, steps: Number | int, leg: Leg, planes: Sequence[Plane]) -> Places:
    """Some steps of a leg further on."""
    return tuple(
        place if not (each := vectors(plane, by)) else steps * each + place
        for place, plane, by in zip(at, planes, leg.by, strict=True)
    )


@dataclass(frozen=True)
class Copy(Kernel):
    """x → y along legs, x from a `start` on, or with `adds` y += x; `back` the other way, from y to x's places."""

    x: Plane
    y: Plane
    legs: Walk
    start: tuple[int, int, int] = (0, 0, 0)
    adds: bool = False
    back: bool = False
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        first = self.x.at(*self.start), self.y.at(0, 0, 0)
        with walked(code, self.legs, (self.x, self.y), first) as at:
            source, to = (1, 0) if self.back else (0, 1)
            value = memory[source].vector(at[source])
            memory[to].put(at[to], value + memory[to].vector(at[to]) if self.adds else value)


@dataclass(frozen=True)
class Contract(Kernel):
    """a, b → y, the products of matrices, times a factor; or with `adds` y += them."""

    planes: tuple[Plane, Plane, Plane]
    g: Walk
    i: Walk
    j: Walk
    k: Walk
    factor: float = 1.0
    adds: bool = False
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        tall, wide = (4 if target.registers >= MANY else 2), 4
        start = tuple(plane.at(0, 0, 0) for plane in self.planes)
        *rows, row = self.i or (Leg(1, ((0, 0),) * 3),)
        *columns, column = self.j or (Leg(1, ((0, 0),) * 3),)
        with walked(code, (*self.g, *rows, *columns), self.planes, start) as at:
            for down, from_row in _cuts(code, row, tall):
                with from_row as i:
                    for across, from_column in _cuts(code, column, wide):
                        with from_column as j:
                            first = moved(moved(at, i, row, self.planes), j, column, self.planes)
                            self._tile(code, memory, first, [(row, down), (column, across)])

    def _tile(self, code: Code, memory: list[Memory], at: Places, sides: list[tuple[Leg, int]]) -> None:
        """The sums of some rows and columns."""
        a, b, y = memory
        (row, down), (column, across) = sides
        places = [
            [moved(moved(at, i, row, self.planes), j, column, self.planes) for j in range(across)] for i in range(down)
        ]
        sums = [[code.variable(code.constant(0)) for _ in range(across)] for _ in range(down)]
        with walked(code, self.k, self.planes, (0, 0, 0)) as k:
            left = [a.vector(k[0] + line[0][0]) for line in places]
            right = [b.vector(k[1] + place[1]) for place in places[0]]
            for i, one in enumerate(left):
                for j, other in enumerate(right):
                    sums[i][j].set(code.fma(one, other, sums[i][j].get()))
        for line, found in zip(places, sums, strict=True):
            for place, each in zip(line, found, strict=True):
                value = each.get() if self.factor == 1 else each.get() * self.factor
                y.put(place[2], value + y.vector(place[2]) if self.adds else value)


def _cuts(code: Code, leg: Leg, tile: int) -> Iterator[tuple[int, AbstractContextManager[Number | int]]]:
    """The steps of a leg in tiles: how many each has, and a loop over where they begin; then the rest."""
    whole, rest = divmod(leg.size, tile)
    if whole:
        yield tile, code.loop(0, whole * tile, tile)
    if rest:
        yield rest, _once(whole * tile)


@contextmanager
def _once(start: int) -> Iterator[int]:
    yield start


@dataclass(frozen=True)
class Beside(Kernel):
    """x, p → y = x · p, or x + p where it `shifts`, by legs of x and of the parameter's `count` numbers."""

    x: Plane
    y: Plane
    legs: Walk
    count: int
    shifts: bool
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, p, y = memory
        planes, legs = (self.x, Plane(self.count, 1, 1), self.y), reordered(self.legs, (0, 1, 0))
        with walked(code, legs, planes, tuple(plane.at(0, 0, 0) for plane in planes)) as at:
            value, own = x.vector(at[0]), p.spread(at[1])
            y.put(at[2], value + own if self.shifts else value * own)


@dataclass(frozen=True)
class BesideGradient(Kernel):
    """x, p, dy → dp (added to), dx, or with `adds` dx += it."""

    x: Plane
    dy: Plane
    dx: Plane
    legs: Walk
    count: int
    shifts: bool
    adds: bool = False
    pointers = 5

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, p, dy, dp, dx = memory
        planes, legs = (self.x, Plane(self.count, 1, 1), self.dy, self.dx), reordered(self.legs, (0, 1, 0, 0))
        with walked(code, legs, planes, tuple(plane.at(0, 0, 0) for plane in planes)) as at:
            slope = dy.vector(at[2])
            dp.add(at[1], slope if self.shifts else slope * x.vector(at[0]))
            slope = slope if self.shifts else slope * p.spread(at[1])
            dx.put(at[3], slope + dx.vector(at[3]) if self.adds else slope)


def reordered(legs: Walk, order: Sequence[int]) -> Walk:
    """The legs with a step for each of several planes, by which of theirs it is."""
    return tuple(Leg(leg.size, tuple(leg.by[which] for which in order)) for leg in legs)
