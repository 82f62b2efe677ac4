"""How activations lie in memory: (channels, height, width, lanes), one plane of vectors per channel.

A vector holds one position of one channel for as many images as the processor has lanes. A plane may have a border of
zeros, so that a convolution never asks whether it is at an edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

from normlab.training.lanes.code import Number


@dataclass(frozen=True)
class Plane:
    """Geometry in vectors: the positions, and `border` zeros around them."""

    channels: int
    height: int
    width: int
    border: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        return self.channels, self.height, self.width

    @property
    def row(self) -> int:
        """Vectors from one stored row to the next."""
        return self.width + 2 * self.border

    @property
    def channel(self) -> int:
        """Vectors from one channel to the next: an odd number, since multiples of 4,096 bytes share a cache set."""
        return (self.height + 2 * self.border) * self.row | 1

    @property
    def vectors(self) -> int:
        """The whole plane's size."""
        return self.channels * self.channel

    @property
    def positions(self) -> int:
        """Height × width."""
        return self.height * self.width

    @property
    def elements(self) -> int:
        """Values per image."""
        return self.channels * self.positions

    @property
    def bare(self) -> Plane:
        """The same positions without border."""
        return Plane(self.channels, self.height, self.width)

    @overload
    def at(self, c: int, i: int, j: int) -> int: ...
    @overload
    def at(self, c: Number | int, i: Number | int, j: Number | int) -> Number | int: ...
    def at(self, c: Number | int, i: Number | int, j: Number | int) -> Number | int:
        """The vector at channel c, row i, column j; rows and columns from −border on."""
        return c * self.channel + (i + self.border) * self.row + (j + self.border)


@dataclass(frozen=True)
class Phase:
    """Every so many positions of a plane, `step` down and across, from `first` on."""

    whole: Plane
    height: int
    width: int
    first: tuple[int, int]
    step: tuple[int, int]

    @property
    def channels(self) -> int:
        """All of the plane's."""
        return self.whole.channels

    @property
    def plain(self) -> Plane | Phase:
        """The plane, where it is all of it."""
        return self.whole if self.step == (1, 1) else self

    def at(self, c: Number | int, i: Number | int, j: Number | int) -> Number | int:
        """The vector at channel c of its row i, column j; see `Plane.at`."""
        (down, across), (top, left) = self.step, self.first
        return self.whole.at(c, i * down + top, j * across + left)
