"""Convolution by kernels of 3 × 3 with fewer products: Winograd's F(2×2, 3×3).

    Y = Aᵀ [ Σ_c (G w_oc Gᵀ) ⊙ (Bᵀ d_c B) ] A        for each tile d of 4 × 4 inputs and Y of 2 × 2 outputs

Sixteen products in the place of 36, for 32 sums a tile and input channel and 24 a tile and output channel. The kernels
G w Gᵀ are made once a step. Σ_c is, for each of the sixteen places, a convolution of one position, `Correlate`'s own;
what goes in and comes out of it lies in a scratch that stays in cache.

Source: A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016, section 4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from normlab.training.lanes.code import Code, Memory, Number, Vector
from normlab.training.lanes.kernels.convolution import Correlate, WeightGradient, Weights, end
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Phase, Plane
from normlab.training.lanes.target import Target

TAPS, PLACES = 3, 4
"""Rows of a kernel, and of a tile of inputs."""
WORTH = 5
"""Products for each of the sums, inputs × outputs / (inputs + outputs), from which on the products that are saved are
more than the sums cost: at 8 → 8 channels it was 6 % slower, at 8 → 16 it was 3 % faster, at 16 → 16 25 %."""
TOGETHER, MOST = 8, 16
"""Tiles of a row whose places lie in the scratch, about and at most: more share what is read of the kernels, fewer stay
in cache. Of 4, 8 and 16 these were the fastest for 8 to 512 channels."""


def pays(direct: Correlate) -> bool:
    """Whether a convolution is to be computed so."""
    return fits(direct, direct.y) and _together(direct.y.width // 2) > 1


def fits(direct: Correlate | WeightGradient, y: Plane | Phase) -> bool:
    """Whether tiles cover the plane that a convolution makes, or that its slopes lie in, and channels are enough."""
    usual = (direct.rows, direct.columns, direct.stride, direct.dilation) == (TAPS, TAPS, 1, (1, 1))
    even = y.height % 2 == y.width % 2 == 0
    room = max(direct.padding) <= direct.x.border
    inputs, outputs = direct.x.channels, y.channels
    return usual and even and room and inputs * outputs >= WORTH * (inputs + outputs)


@dataclass(frozen=True)
class Winograd(Kernel):
    """x, u, (b,) (z,) → y, with two scratches: for Bᵀ d B, and for what is summed of it; see `Correlate` for the rest.

    u is what `Transformed` makes of the weights.
    """

    x: Plane
    y: Plane | Phase
    padding: tuple[int, int] = (0, 0)
    bias: bool = False
    relu: bool = False
    adds: bool = False
    mask: Plane | Phase | None = None

    @staticmethod
    def of(direct: Correlate) -> Winograd:
        """What computes the same."""
        return Winograd(direct.x, direct.y, direct.padding, direct.bias, direct.relu, direct.adds, direct.mask)

    @property
    def pointers(self) -> int:
        """x, u, b and z if there are any, y, and the two scratches."""
        return 5 + self.bias + (self.mask is not None)

    @property
    def tiles(self) -> int:
        """How many in a row are looked at together."""
        return _together(self.y.width // 2)

    @property
    def spread(self) -> Plane:
        """Bᵀ d B of these tiles, at one of the places."""
        return Plane(self.x.channels, 1, self.tiles)

    @property
    def summed(self) -> Plane:
        """What is summed over input channels, at one of the places."""
        return Plane(self.y.channels, 1, self.tiles)

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:
        """Some tiles of a row at a time."""
        x, u, *_, spread, summed = memory
        kernels = kernels_apart(self.y.channels, self.x.channels)
        each = Correlate(self.spread, self.summed, 1, 1, Weights.forward(self.x.channels, 1, 1))
        with code.loop(0, self.y.height // 2) as i, code.loop(0, self.y.width // 2, self.tiles) as j:
            with code.loop(0, self.x.channels) as c:
                self._spread(x, spread, (c, i, j))
            with code.loop(0, PLACES**2) as place:
                before, behind = at_place(spread, self.spread, place), at_place(summed, self.summed, place)
                each.write(code, [before, u.beyond(place * kernels), behind], blocks, target)
            with code.loop(0, self.y.channels) as o:
                self._gather(memory, (o, i, j))

    def _spread(self, x: Memory, spread: Memory, at: tuple[Number, Number, Number]) -> None:
        """Bᵀ d B of the tiles."""
        (c, i, j), (down, across) = at, self.padding
        start = self.x.at(c, i * 2 - down, j * 2 - across)
        put_places(spread, self.spread.at(c, 0, 0), apart(self.spread), tiles_of(x, start, self.x.row, self.tiles))

    def _gather(self, memory: list[Memory], at: tuple[Number, Number, Number]) -> None:
        """Aᵀ m A of the tiles."""
        (o, i, j), (*around, _, summed) = at, memory
        shift = around[2].spread(o) if self.bias else None
        with summed.code.loop(0, self.tiles) as tile:
            start = self.summed.at(o, 0, tile)
            columns = [
                _sums([summed.vector(start + (k * PLACES + m) * apart(self.summed)) for k in range(PLACES)])
                for m in range(PLACES)
            ]
            for k in range(2):
                for m, value in enumerate(_sums([column[k] for column in columns])):
                    place = o, i * 2 + k, (j + tile) * 2 + m
                    end(self, around, place, value if shift is None else value + shift)


@dataclass(frozen=True)
class Transformed(Kernel):
    """w → u = G w Gᵀ, (16, outputs, inputs)."""

    outputs: int
    inputs: int
    weights: Weights
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """A kernel at a time, the same in every lane: there are few beside the positions that they meet."""
        w, u = memory
        with code.loop(0, self.outputs) as o, code.loop(0, self.inputs) as c:
            start = o * self.weights.output + c * self.weights.input + self.weights.start
            columns = [
                _averages([w.spread(start + (i * self.weights.row + j * self.weights.column)) for i in range(TAPS)])
                for j in range(TAPS)
            ]
            for i in range(PLACES):
                for j, value in enumerate(_averages([column[i] for column in columns])):
                    place = (o * self.inputs + c) + (i * PLACES + j) * kernels_apart(self.outputs, self.inputs)
                    u.put_first(place, value)


def apart(plane: Plane) -> int:
    """Vectors from one place's plane to the next's; an odd number, see `Plane.channel`."""
    return plane.vectors | 1


def at_place(scratch: Memory, plane: Plane, place: Number) -> Memory:
    """The plane of one place."""
    return scratch.beyond(place * (apart(plane) * scratch.code.lanes))


def kernels_apart(outputs: int, inputs: int) -> int:
    """Floats from one place's kernels to the next's: a cache line more than they are, see `Plane.channel`."""
    return outputs * inputs + 16


def _together(tiles: int) -> int:
    """How many tiles of a row are looked at together."""
    return near(tiles, TOGETHER)


def near(count: int, wanted: int) -> int:
    """A whole share of a count, as near to what is wanted as there is one, rather larger; at most `MOST`."""
    shares = (size for size in range(MOST, 0, -1) if count % size == 0)
    return min(shares, key=lambda size: abs(size - wanted))


Places = list[list[Vector]]
"""What a tile has at its sixteen places, row by row."""


def tiles_of(x: Memory, start: Number | int, row: int, count: int) -> list[Places]:
    """Bᵀ d B of tiles side by side, which share two columns; the first begins at a vector of x, whose rows lie so."""
    columns = [differences([x.vector(start + (k * row + m)) for k in range(PLACES)]) for m in range(2 * count + 2)]
    return [
        [differences([column[k] for column in columns[2 * tile : 2 * tile + PLACES]]) for k in range(PLACES)]
        for tile in range(count)
    ]


def put_places(scratch: Memory, start: Number | int, step: int, tiles: list[Places]) -> None:
    """Write tiles side by side, each place `step` vectors behind the one before."""
    for tile, places in enumerate(tiles):
        for k, row in enumerate(places):
            for m, value in enumerate(row):
                scratch.put(start + ((k * PLACES + m) * step + tile), value)


def differences(d: Sequence[Vector]) -> list[Vector]:
    """Bᵀ d of a column."""
    return [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]


def _averages(w: Sequence[Vector]) -> list[Vector]:
    """G w of a column."""
    outer, middle = (w[0] + w[2]) * 0.5, w[1] * 0.5
    return [w[0], outer + middle, outer - middle, w[2]]


def _sums(m: Sequence[Vector]) -> list[Vector]:
    """Aᵀ m of a column."""
    return [m[0] + m[1] + m[2], m[1] - m[2] - m[3]]
