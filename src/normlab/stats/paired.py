"""Two arms on the same seeds: what a verdict asks of their differences, as `stats.unpaired` answers it for others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from normlab.stats import difference, equivalence, estimates, intervals
from normlab.stats.intervals import Interval

EXACT = 12
"""Digits of a score that a difference is taken to: beyond them 0.3 − 0.2 is not 0.2 − 0.1."""


class Sample(Protocol):
    """Two arms' scores, in one unit; its length is the number of seeds, or of runs of the smaller arm."""

    def __len__(self) -> int: ...

    @property
    def mean(self) -> float:
        """Of first − second."""

    @property
    def sd(self) -> float | None:
        """The spread of such a difference; None for one seed."""

    @property
    def beats(self) -> float:
        """How often the first arm has the higher score, 0 to 1."""

    def differs(self) -> float:
        """P-value that the means differ."""

    def equal(self, margin: float) -> float:
        """P-value that they are less than `margin` apart."""

    def interval(self, level: float) -> Interval | None:
        """Of the difference in means; None for one seed."""


@dataclass(frozen=True)
class Paired:
    """Differences first − second, one a seed; at least one wherever more than their number is asked."""

    differences: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.differences)

    def at(self, places: Sequence[int]) -> Paired:
        """The same pair on some of the seeds, by their places."""
        return Paired(tuple(self.differences[place] for place in places))

    @property
    def mean(self) -> float:
        """The mean difference."""
        return float(estimates.mean(self.differences))

    @property
    def sd(self) -> float | None:
        """Of the differences; None for one seed."""
        spread = estimates.sd(self.differences)
        return None if spread is None else float(spread)

    @property
    def beats(self) -> float:
        """See `estimates.beats`."""
        return float(estimates.beats(self.differences))

    def differs(self) -> float:
        """See `difference.t_test`; 1 without a seed."""
        return float(difference.t_test(self.differences)) if self.differences else 1.0

    def equal(self, margin: float) -> float:
        """See `equivalence.tost`; 1 without a seed."""
        return float(equivalence.tost(self.differences, margin)) if self.differences else 1.0

    def interval(self, level: float) -> Interval | None:
        """See `intervals.paired_t`."""
        return intervals.paired_t(self.differences, level)


def differences(first: Sequence[float], second: Sequence[float]) -> tuple[float, ...]:
    """The first minus the second, rounded so that equal ones are equal: their spread would else be the floats'."""
    largest = max(map(abs, [*first, *second]), default=0)
    digits = EXACT - math.ceil(math.log10(largest)) if largest else 0
    return tuple(round(one - other, digits) for one, other in zip(first, second, strict=True))
