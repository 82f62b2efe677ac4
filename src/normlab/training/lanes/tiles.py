"""Which tile of a convolution stays in registers: as many products as the registers allow, for few loads.

The model: a processor does one fused multiply-add and one load a cycle, and a register that is added to in every
cycle waits for itself, so at least `CHAINS` sums must run at once. It picks among tiles; it predicts no times.
"""

from __future__ import annotations

from functools import cache

CHAINS = 8
"""Sums that must run side by side to hide a multiply-add's latency (4 cycles, up to two started a cycle)."""


@cache
def outputs_by_positions(outputs: int, width: int, taps: int, stride: int, registers: int) -> tuple[int, int]:
    """The (output channels, positions of a row) whose sums are kept in registers while inputs stream by."""

    def cost(tile: tuple[int, int]) -> float:
        return sum(
            times * _cycles(o * p * taps, (p - 1) * stride + taps + o * taps, o * p)
            for o, a in _cut(outputs, tile[0])
            for p, b in _cut(width, tile[1])
            for times in (a * b,)
        )

    fitting = [
        (o, p)
        for o in range(1, min(outputs, registers) + 1)
        for p in range(1, min(width, registers) + 1)
        if o * p + p + 2 <= registers
    ]
    return min(fitting, key=cost)


@cache
def outputs_by_inputs(outputs: int, inputs: int, taps: int, registers: int) -> tuple[int, int]:
    """The (output channels, input channels) of a kernel's gradient whose sums over all positions are in registers."""

    def cost(tile: tuple[int, int]) -> float:
        o, c = tile
        return outputs / o * inputs / c * _cycles(o * c * taps, o + c * taps, o * c * taps)

    fitting = [
        (o, c)
        for o in range(1, outputs + 1)
        for c in range(1, inputs + 1)
        if outputs % o == 0 and inputs % c == 0 and (o * c * taps + o + 1 <= registers or o * c == 1)
    ]
    return min(fitting, key=cost)


def _cut(length: int, tile: int) -> list[tuple[int, int]]:
    """How many whole tiles, and the rest as a smaller one: (size, times)."""
    whole, rest = divmod(length, tile)
    return [(tile, whole)] * bool(whole) + [(rest, 1)] * bool(rest)


def _cycles(products: int, loads: int, sums: int) -> float:
    """Cycles of one pass through a tile."""
    return max(products, loads, products * CHAINS / sums if sums < CHAINS else 0) + 0.25 * loads
