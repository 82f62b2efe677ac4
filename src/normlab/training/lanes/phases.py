"""The gradient of a convolution's input: for each phase of its stride an ordinary convolution of the slopes.

    dx[c, s·m + a] = Σ_{o, u : s divides a + p − u·d} w[o, c, u] · dy[o, m + (a + p − u·d) / s]    down, across alike

Positions s apart meet the same taps, every (s / gcd(s, d))-th, turned around; those of a phase that meets none get
nothing. So no zero is multiplied: a kernel of 3 × 3 with a stride of 2 has four phases of 1, 2, 2 and 4 taps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import gcd

from normlab.training.lanes.kernels.convolution import Correlate, Weights
from normlab.training.lanes.plane import Phase, Plane


@dataclass(frozen=True)
class Side:
    """What a convolution is along one side: positions of its input, taps, and how they are laid."""

    size: int
    taps: int
    stride: int
    dilation: int
    padding: int

    @property
    def step(self) -> int:
        """Taps from one that a position meets to the next."""
        return self.stride // gcd(self.stride, self.dilation)

    @property
    def apart(self) -> int:
        """How far apart these taps meet the slopes."""
        return self.dilation // gcd(self.stride, self.dilation)

    def phases(self) -> Iterator[Met]:
        """What the positions of each phase meet, if anything."""
        for first in range(min(self.stride, self.size)):
            met = [u for u in range(self.taps) if not (first + self.padding - u * self.dilation) % self.stride]
            if met:
                before = (met[-1] * self.dilation - first - self.padding) // self.stride
                yield Met(first, -(-(self.size - first) // self.stride), met[-1], len(met), before)

    def reach(self, slopes: int) -> int:
        """How far beyond an edge of so many slopes the phases read."""
        ends = [(met.before, met.size + (met.taps - 1) * self.apart - met.before - slopes) for met in self.phases()]
        return max(0, *(end for both in ends for end in both)) if ends else 0


@dataclass(frozen=True)
class Met:
    """A phase: its `first` position and how many there are, the `last` of its taps, which comes first, how many.

    The first of its positions meets slopes from `before` ones in front of the plane on.
    """

    first: int
    size: int
    last: int
    taps: int
    before: int


def through(
    dy: Plane, dx: Plane, sides: tuple[Side, Side], adds: bool, mask: Plane | None = None
) -> tuple[Correlate, ...]:
    """dy, w, (z,) → dx: a kernel for each phase that meets a tap; see `Correlate` for the mask."""
    down, across = sides
    return tuple(_kernel((dy, dx, mask), sides, met, adds) for met in product(down.phases(), across.phases()))


def all_meet(sides: tuple[Side, Side]) -> bool:
    """Whether every position meets a tap."""
    return all(len([*side.phases()]) == min(side.stride, side.size) for side in sides)


def _kernel(
    planes: tuple[Plane, Plane, Plane | None], sides: tuple[Side, Side], met: tuple[Met, Met], adds: bool
) -> Correlate:
    (dy, dx, z), (down, across), (i, j) = planes, sides, met
    every = down.taps * across.taps
    weights = Weights(i.last * across.taps + j.last, every, dx.channels * every, -down.step * across.taps, -across.step)
    of = partial(Phase, height=i.size, width=j.size, first=(i.first, j.first), step=(down.stride, across.stride))
    return Correlate(
        *(dy, of(dx).plain, i.taps, j.taps, weights, 1),
        *((i.before, j.before), (down.apart, across.apart)),
        adds=adds,
        mask=of(z).plain if z else None,
    )
