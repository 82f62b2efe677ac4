"""How many seeds a pair that is open takes until it is settled, where they are added to those that it has.

Each draw of what may be so (`outlook.possible`) gets seeds to come, from Normal(δ, σ²), and is followed to the first at
which the pair's confidence sequence excludes 0 or its one-sided ones lie within ±margin, what is ruled out already
included. So this is the power of the boundary itself; a number of seeds at which the expected interval is narrow enough
is an even chance. After the last seed that was named from the start the study goes on by the rules of one that grew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from normlab.stats import one_sided, outlook, sequential
from normlab.stats.looks import onwards
from normlab.stats.outlook import DRAWS, ENTROPY, Floats, Range
from normlab.stats.paired import Paired
from normlab.stats.power import MOST, STEPS
from normlab.stats.sequential import Ends

Reach = Callable[[int, float, int | None], float]
"""To each side, after some seeds at some level, up to a last one."""


@dataclass(frozen=True)
class Growing:
    """A pair that is open.

    Args:
        differences: first − second on the seeds that it has, in their order, in any unit; not all are equal.
        margin: in the same unit, above 0.
        level: the confidence of each of its sequences, above 0 and below 1.
        most: the last seed, where it was named from the start.
    """

    differences: tuple[float, ...]
    margin: float
    level: float
    most: int | None = None

    @cached_property
    def needed(self) -> Floats:
        """Seeds to add, one number for each draw of what may be so; infinite beyond `power.MOST`."""
        lower, upper = self._ends(sequential.reach)
        different = np.minimum(_first(lower > 0), _first(upper < 0))
        low, high = one_sided.bounds(self.differences, self.level, self.most)
        lower, upper = self._ends(one_sided.reach)
        above = _first((lower > -self.margin) | (low[-1] > -self.margin))
        below = _first((upper < self.margin) | (high[-1] < self.margin))
        return np.minimum(different, np.maximum(above, below))

    @cached_property
    def range(self) -> Range:
        """Seeds to add, at least one, since those that are there settle nothing; see `outlook`."""
        return outlook.middle(self.needed)

    def within(self, seeds: int) -> float:
        """The chance that it is settled by the time so many were added, 0 to 1."""
        return float(np.mean(self.needed <= seeds))

    def _ends(self, reach: Reach) -> Ends:
        """The interval's after each number of seeds in `STEPS` was added, (draws, steps)."""
        there = Paired(self.differences)
        have, sd = len(there), there.sd or 0.0
        delta, sigma = outlook.possible(have, there.mean, sd)
        means, squares = _to_come()
        # What comes has a mean that lies so far off that of what is there.
        off = (delta - there.mean)[:, None] + sigma[:, None] * means
        every = have + STEPS
        middle = there.mean + off * (STEPS / every)
        spread = (have - 1) * sd**2 + sigma[:, None] ** 2 * squares + off**2 * (have * STEPS / every)
        half = np.sqrt(spread / (every - 1)) * _reach(reach, have, self.level, self.most)
        return middle - half, middle + half


def _first(enough: NDArray[np.bool_]) -> Floats:
    """The first of `STEPS` that is enough, for each draw."""
    return np.where(enough.any(axis=1), STEPS[enough.argmax(axis=1)], np.inf)


@cache
def _reach(reach: Reach, have: int, level: float, most: int | None) -> Floats:
    every = [have + step for step in STEPS.tolist()]
    planned = [most is None or seeds <= most for seeds in every]
    ways = ((level, most) if so else (onwards(level), None) for so in planned)
    return np.array([reach(seeds, *way) for seeds, way in zip(every, ways, strict=True)])


@cache
def _to_come() -> tuple[Floats, Floats]:
    """Of seeds to come, in standard deviations from the truth: means and sums of squares about them, (draws, steps)."""
    values = np.random.default_rng([ENTROPY, 1]).standard_normal((DRAWS, MOST))
    means = values.cumsum(axis=1)[:, STEPS - 1] / STEPS
    squares = np.square(values).cumsum(axis=1)[:, STEPS - 1] - STEPS * means**2
    return means, np.maximum(squares, 0)
