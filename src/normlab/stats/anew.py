"""How many seeds a new study needs that fixes their number, to claim what it should about a pair that is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from normlab.stats import outlook, power
from normlab.stats.outlook import Floats, Range
from normlab.stats.power import STEPS

SEEDS = STEPS[1:]
"""One seed has no spread."""
BELOW = 0.01
"""The share of what may be so that may lie below a range. A pair of which most studies know by now is open by bad luck:
it looks farther from a verdict than it is, so that fewer seeds may do than nearly all that may be so says."""


@dataclass(frozen=True)
class Anew:
    """A pair that is open.

    Args:
        seeds: of the study that knows of it.
        mean, sd: of its differences, in one unit; `sd` above 0.
        margin: in the same unit, above 0.
        level: the confidence of the pair's claims, above 0 and below 1.
        chance: with which they are to be made, above 0.05 and below 1.
    """

    seeds: int
    mean: float
    sd: float
    margin: float
    level: float
    chance: float

    @property
    def seeds_if_so(self) -> int | None:
        """If the true difference and spread are those observed; None beyond `power.MOST`."""
        claims = (
            power.seeds_to_find(self.mean, self.sd, self.level, self.chance),
            power.seeds_to_equate(self.mean, self.sd, self.margin, self.level, self.chance),
        )
        return min((seeds for seeds in claims if seeds is not None), default=None)

    @cached_property
    def range(self) -> Range:
        """For what may be so as well; see `outlook`. Whichever claim needs fewer seeds counts."""
        difference, sd = outlook.possible(self.seeds, self.mean, self.sd)
        return outlook.middle(np.minimum(self._to_find(difference / sd), self._to_equate(difference, sd)), BELOW)

    def _to_find(self, effect: Floats) -> Floats:
        """See `power.seeds_to_find`; `effect` is in standard deviations."""
        found = _found(self.level, self.chance)
        place = np.searchsorted(-found, -np.abs(effect))  # what so many seeds find falls as they are more
        return np.append(SEEDS, np.inf)[place]

    def _to_equate(self, difference: Floats, sd: Floats) -> Floats:
        """See `power.seeds_to_equate`."""
        chances = power.chance_to_equate(difference[:, None], sd[:, None], self.margin, self.level, SEEDS)
        enough = chances >= self.chance
        return np.where(enough.any(axis=1), SEEDS[enough.argmax(axis=1)], np.inf)


@cache
def _found(level: float, chance: float) -> Floats:
    """The smallest effect that each number of seeds finds."""
    return np.array([power.detectable(1.0, seeds, level, chance) for seeds in SEEDS.tolist()])
