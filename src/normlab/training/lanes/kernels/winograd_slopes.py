"""The gradient of a 3 × 3 convolution's weights with fewer products, by the same tiles as `winograd`.

    dw_oc = Gᵀ [ Σ (A dY_o Aᵀ) ⊙ (Bᵀ d_c B) ] G        over all tiles d of inputs, and dY of slopes of outputs

Sixteen products a tile in the place of 36. Some tiles at a time lie in a scratch; what is summed of them in registers
is summed over lanes as well, sixteen sums in 45 operations, and added to one float for each weight and place. Gᵀ … G is
made at the end of the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from normlab.training.lanes.code import Code, Memory, Number, Vector
from normlab.training.lanes.kernels.convolution import WeightGradient
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.winograd import (
    PLACES,
    TAPS,
    Places,
    apart,
    at_place,
    fits,
    kernels_apart,
    near,
    put_places,
    tiles_of,
)
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

SIDE = 4
"""Input and output channels come in so many, whose products are summed side by side in registers."""
TOGETHER, ROW = 16, 8
"""Tiles about, and those of a row, whose places lie in the scratch."""
IDLE = 1.2
"""Products, at most, to each that is wanted: channels are rounded up to whole sides; at 1.33 it was no faster."""
FEWEST = 6
"""Tiles up to which summing over lanes costs what is saved."""


def pays(direct: WeightGradient) -> bool:
    """Whether a gradient is to be computed so; see `winograd.pays`."""
    inputs, outputs = direct.x.channels, direct.dy.channels
    few_idle = whole(inputs) * whole(outputs) <= IDLE * inputs * outputs
    at_once = direct.blocks is None and WinogradSlopes.of(direct).tiles >= FEWEST
    return fits(direct, direct.dy) and few_idle and at_once


@dataclass(frozen=True)
class WinogradSlopes(Kernel):
    """x, dy → du += what is summed, a float for each place and weight, with two scratches.

    Channels are rounded up and tiled, du is (16, outputs / s, inputs / t, s, t), by the `side` (s, t).
    """

    x: Plane
    dy: Plane
    padding: tuple[int, int] = (0, 0)
    pointers = 5

    @staticmethod
    def of(direct: WeightGradient) -> WinogradSlopes:
        """What computes the same, up to the last transform."""
        return WinogradSlopes(direct.x, direct.dy, direct.padding)

    @property
    def share(self) -> tuple[int, int]:
        """Rows and columns of tiles that are looked at together."""
        down, across = self.dy.height // 2, self.dy.width // 2
        columns = near(across, ROW)
        return near(down, max(1, TOGETHER // columns)), columns

    @property
    def tiles(self) -> int:
        """How many that are."""
        return self.share[0] * self.share[1]

    @property
    def inputs(self) -> Plane:
        """Bᵀ d B of these tiles, at one of the places; what is rounded up holds anything, and is not returned."""
        return Plane(whole(self.x.channels), 1, self.tiles)

    @property
    def outputs(self) -> Plane:
        """A dY Aᵀ of these tiles, at one of the places."""
        return Plane(whole(self.dy.channels), 1, self.tiles)

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """Some tiles at a time."""
        x, dy, du, inputs, outputs = memory
        rows, columns = self.share
        with (
            code.loop(0, self.dy.height // 2, rows) as i,
            code.loop(0, self.dy.width // 2, columns) as j,
        ):
            with code.loop(0, self.x.channels) as c, code.loop(0, rows) as row:
                self._inputs((x, inputs), (c, i + row, j), row * columns)
            with code.loop(0, self.dy.channels) as o, code.loop(0, rows) as row:
                self._outputs(code, (dy, outputs), (o, i + row, j), row * columns)
            self._sums(code, (inputs, outputs, du), side(target))

    def _inputs(self, memory: tuple[Memory, Memory], at: tuple[Number, Number, Number], first: Number) -> None:
        """Bᵀ d B of a row's tiles."""
        (x, inputs), (c, i, j), (down, across) = memory, at, self.padding
        start = self.x.at(c, i * 2 - down, j * 2 - across)
        tiles = tiles_of(x, start, self.x.row, self.share[1])
        put_places(inputs, self.inputs.at(c, 0, first), apart(self.inputs), tiles)

    def _outputs(
        self, code: Code, memory: tuple[Memory, Memory], at: tuple[Number, Number, Number], first: Number
    ) -> None:
        """A dY Aᵀ of a row's tiles."""
        (dy, outputs), (o, i, j) = memory, at
        zero = code.constant(0)
        start = self.dy.at(o, i * 2, j * 2)
        found: list[Places] = []
        for tile in range(self.share[1]):
            columns = [
                _widened([dy.vector(start + (k * self.dy.row + 2 * tile + m)) for k in range(2)], zero)
                for m in range(2)
            ]
            found.append([_widened([column[k] for column in columns], zero) for k in range(PLACES)])
        put_places(outputs, self.outputs.at(o, 0, first), apart(self.outputs), found)

    def _sums(self, code: Code, memory: tuple[Memory, Memory, Memory], size: tuple[int, int]) -> None:
        """Place by place, some channels by some at a time."""
        inputs, outputs, du = memory
        with code.loop(0, PLACES**2) as place:
            before, behind = at_place(inputs, self.inputs, place), at_place(outputs, self.outputs, place)
            rows, columns = self.outputs.channels, self.inputs.channels
            to = du.beyond(place * kernels_apart(rows, columns))
            with code.loop(0, rows, size[0]) as o, code.loop(0, columns, size[1]) as c:
                self._tile(code, (before, behind), (o, c), size, to.beyond(o * columns + c * size[0]))

    def _tile(
        self,
        code: Code,
        memory: tuple[Memory, Memory],
        at: tuple[Number, Number],
        size: tuple[int, int],
        to: Memory,
    ) -> None:
        (before, behind), (o, c) = memory, at
        pairs = list(product(*map(range, size)))
        sums = {pair: code.variable(code.constant(0)) for pair in pairs}
        with code.loop(0, self.tiles) as t:
            slopes = [behind.vector(self.outputs.at(o + m, 0, t)) for m in range(size[0])]
            for n in range(size[1]):
                value = before.vector(self.inputs.at(c + n, 0, t))
                for m in range(size[0]):
                    sums[m, n].set(code.fma(value, slopes[m], sums[m, n].get()))
        values = [sums[pair].get() for pair in pairs]
        for k in range(0, len(values), code.lanes):
            to.add(k // code.lanes, code.totals(values[k : k + code.lanes]))


@dataclass(frozen=True)
class Returned(Kernel):
    """du → dw += Gᵀ du G, a float per weight in PyTorch's order."""

    outputs: int
    inputs: int
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """A kernel at a time, the same in every lane, in the order in which `WinogradSlopes` leaves them."""
        (du, dw), (down, across) = memory, side(target)
        with (
            code.loop(0, self.outputs, down) as o,
            code.loop(0, self.inputs, across) as c,
            code.loop(0, code.smaller(down, self.outputs - o)) as m,
            code.loop(0, code.smaller(across, self.inputs - c)) as n,
        ):
            found = self._kernel(du.beyond(o * whole(self.inputs) + c * down + m * across + n))
            weight = ((o + m) * self.inputs + (c + n)) * (TAPS * TAPS)
            for tap, value in enumerate(found):
                dw.add_first(weight + tap, value)

    def _kernel(self, du: Memory) -> list[Vector]:
        """Gᵀ du G, tap by tap."""
        step = kernels_apart(whole(self.outputs), whole(self.inputs))
        columns = [_narrowed([du.spread((k * PLACES + m) * step) for k in range(PLACES)]) for m in range(PLACES)]
        return [value for k in range(TAPS) for value in _narrowed([column[k] for column in columns])]


def whole(channels: int) -> int:
    """Channels, rounded up to whole sides."""
    return -(-channels // SIDE) * SIDE


def side(target: Target) -> tuple[int, int]:
    """Output and input channels whose products are summed side by side: a vector's lanes of sums, or more."""
    return (SIDE, SIDE) if target.registers > 16 else (2, SIDE)


def _widened(y: list[Vector], zero: Vector) -> list[Vector]:
    """A y of a column."""
    return [y[0], y[0] + y[1], y[0] - y[1], zero - y[1]]


def _narrowed(u: list[Vector]) -> list[Vector]:
    """Gᵀ u of a column."""
    total, other = (u[1] + u[2]) * 0.5, (u[1] - u[2]) * 0.5
    return [u[0] + total, other, total + u[3]]
