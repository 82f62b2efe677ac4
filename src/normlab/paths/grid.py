"""The λ of a path: two in each decade, from where a penalty does nothing up to where nothing is left."""

from __future__ import annotations

import math

from normlab.errors import SpecError


def ladder(top: float, points: int) -> list[float]:
    """`points` values of 1 and 3 times powers of ten, rising; the last is the first that is at least `top`.

    Round numbers make paths of different networks comparable, and the course's λ are among them.
    """
    if points < 2:
        raise SpecError(f"--points: a path needs at least 2, got {points}")
    rung = math.floor(2 * math.log10(top)) - 1
    while value(rung) < top * (1 - 1e-9):
        rung += 1
    return [value(each) for each in range(rung - points + 1, rung + 1)]


def value(rung: int) -> float:
    """The λ of a rung: 0.3 of rung −1, 1 of rung 0, 3 of rung 1, 10 of rung 2."""
    return float(f"{3 if rung % 2 else 1}e{rung // 2}")
