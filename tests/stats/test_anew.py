"""How many seeds a new study needs: the number if the truth is what was observed, and a range for what else may be."""

from __future__ import annotations

import numpy as np
import pytest

from normlab.stats import power
from normlab.stats.anew import Anew
from normlab.stats.verdict import verdicts

MARGIN, LEVEL, CHANCE = 0.1, 0.98, 0.8


@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_the_number_that_is_needed_lies_in_the_range(seeds: int) -> None:
    """In four of five pairs that are open, of 100 each whose true differences are 0 to two margins."""
    rng, inside = np.random.default_rng(seeds), list[bool]()
    for difference in (0.0, 0.05, 0.08, 0.15, 0.2):
        needed = Anew(2, difference, 0.08, MARGIN, 0.955, CHANCE).seeds_if_so
        assert needed is not None
        known = [verdicts([study.tolist()])[0].anew for study in rng.normal(difference, 0.08, (100, seeds))]
        told = [each.range for each in known if each is not None]
        inside += [(each.low or np.inf) <= needed <= (each.high or np.inf) for each in told]
    assert np.mean(inside) > 0.8


def test_many_seeds_leave_little_open() -> None:
    """The range closes on the number for the truth that is observed, and both are those of the power calculation."""
    known = Anew(2000, 0.15, 0.08, MARGIN, LEVEL, CHANCE)
    needed = power.seeds_to_find(0.15, 0.08, LEVEL, CHANCE)
    assert needed == known.seeds_if_so
    assert known.range.low is not None
    assert known.range.high is not None
    assert needed is not None
    assert needed - 1 <= known.range.low <= needed <= known.range.high <= needed + 1


def test_the_claim_that_takes_fewer_seeds_counts() -> None:
    """Equivalence of what is nearly equal, a difference of what is far apart."""
    alike = Anew(2000, 0.01, 0.08, MARGIN, LEVEL, CHANCE)
    assert alike.seeds_if_so == power.seeds_to_equate(0.01, 0.08, MARGIN, LEVEL, CHANCE)
    assert alike.range.high is not None
    assert alike.range.high <= alike.seeds_if_so + 2


def test_what_no_study_settles_is_beyond_reach() -> None:
    """A difference of nothing has no number where nothing is equivalent."""
    assert Anew(2000, 0.0, 1.0, 1e-9, LEVEL, CHANCE).seeds_if_so is None
    assert Anew(50, 0.0, 1.0, 1e-9, LEVEL, CHANCE).range.high is None
