"""The λ of a path: two in each decade, from where a penalty does nothing up to where nothing is left."""

from __future__ import annotations

import math

from normlab.errors import SpecError

NO_EFFECT = 1e-5
"""The smallest λ that the course tried, and saw about no effect of."""


def ladder(top: float, points: int | None = None) -> list[float]:
    """1 and 3 times powers of ten, rising; the last is the first that is at least `top`.

    There are `points` of them, or as many as it takes from `NO_EFFECT` on. Round numbers make paths of different
    networks comparable, and the course's λ are among them.
    """
    if points is not None and points < 2:
        raise SpecError(f"--points: a path needs at least 2, got {points}")
    last = _first_rung(top)
    first = min(_first_rung(NO_EFFECT), last - 1) if points is None else last - points + 1
    return [value(rung) for rung in range(first, last + 1)]


def _first_rung(lam: float) -> int:
    """The first rung that is at least λ."""
    rung = math.floor(2 * math.log10(lam)) - 1
    while value(rung) < lam * (1 - 1e-9):
        rung += 1
    return rung


def value(rung: int) -> float:
    """The λ of a rung: 0.3 of rung −1, 1 of rung 0, 3 of rung 1, 10 of rung 2."""
    return float(f"{3 if rung % 2 else 1}e{rung // 2}")
