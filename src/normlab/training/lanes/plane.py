"""How activations lie in memory: (channels, height, width, lanes), one plane of vectors per channel.

A vector holds one position of one channel for as many images as the processor has lanes. A plane may have a border of
zeros, so that a convolution never asks whether it is at an edge, and a gap between neighbours, so that the gradient of
a strided convolution is an ordinary one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import overload

from normlab.training.lanes.code import Number


@dataclass(frozen=True)
class Plane:
    """Geometry in vectors: the positions, `border` zeros around them, and `gap` from one to the next."""

    channels: int
    height: int
    width: int
    border: int = 0
    gap: int = 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        return self.channels, self.height, self.width

    @property
    def row(self) -> int:
        """Vectors from one stored row to the next."""
        return (self.width - 1) * self.gap + 1 + 2 * self.border

    @property
    def channel(self) -> int:
        """Vectors from one channel to the next: an odd number, since multiples of 4,096 bytes share a cache set."""
        return ((self.height - 1) * self.gap + 1 + 2 * self.border) * self.row | 1

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
    def dense(self) -> Plane:
        """The same memory with the gaps' zeros as positions of their own."""
        height, width = (self.height - 1) * self.gap + 1, (self.width - 1) * self.gap + 1
        return replace(self, height=height, width=width, gap=1)

    @property
    def bare(self) -> Plane:
        """The same positions without border or gaps."""
        return Plane(self.channels, self.height, self.width)

    @overload
    def at(self, c: int, i: int, j: int) -> int: ...
    @overload
    def at(self, c: Number | int, i: Number | int, j: Number | int) -> Number | int: ...
    def at(self, c: Number | int, i: Number | int, j: Number | int) -> Number | int:
        """The vector at channel c, row i, column j; rows and columns from −border on."""
        return c * self.channel + (i * self.gap + self.border) * self.row + (j * self.gap + self.border)
