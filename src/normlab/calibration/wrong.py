"""How often studies claim what is not so."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.calibration.rates import Rate, rate
from normlab.calibration.said import Said
from normlab.stats.verdict import Kind


@dataclass(frozen=True)
class Wrong:
    """Studies that are wrong on any pair at any look.

    `winner`: those of equal arms that call one better or worse; `difference`: those of equal arms that claim a
    difference, also one that is too small to matter. `equivalence`: those whose arms all differ by the margin or more,
    and that call any equivalent.
    """

    winner: Rate
    difference: Rate
    equivalence: Rate


def wrong(of_equal: Said, of_unequal: Said) -> Wrong:
    """From what is said of studies of equal arms, and of those whose arms are a margin apart."""
    won = (of_equal.kinds == Kind.better) | (of_equal.kinds == Kind.worse)
    equated = of_unequal.kinds == Kind.equivalent
    return Wrong(*(rate(claims.any(axis=(1, 2))) for claims in (won, of_equal.different, equated)))
