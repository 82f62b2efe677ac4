"""Is one arm no worse than another by more than a margin? One side of what `stats.equivalence` asks.

The claim is made where the lower end of the one-sided interval of first − second, higher being better, lies above
−margin; that is the lower end of the two-sided interval at 2·level − 1.

Source: S. Wellek, Testing Statistical Hypotheses of Equivalence and Noninferiority, 2nd edition, 2010, chapter 2.
"""

from __future__ import annotations

import math

from normlab.stats import power
from normlab.stats.paired import Sample


def lowest(sample: Sample, level: float = 0.95) -> float | None:
    """The lower end of the one-sided interval of first − second; None for one seed.

    Args:
        sample: in any unit, higher being better.
        level: the confidence, above 0.5 and below 1.
    """
    found = sample.interval(2 * level - 1)
    return None if found is None else found.low


def seeds_to_show(mean: float, sd: float, margin: float, level: float = 0.95, chance: float = 0.8) -> int | None:
    """How many seeds it takes to show so with probability `chance`, if `mean` is the true difference.

    By the normal approximation with t quantiles for the test. None where the difference is itself beyond the margin, or
    beyond `power.MOST`.

    Args:
        mean, sd, margin: in one unit; `sd` and `margin` above 0, `sd` that of a single difference.
        level, chance: above 0.5 and below 1.
    """
    from scipy.special import ndtr, stdtrit

    def probable(n: int) -> float:
        return float(ndtr((mean + margin) * math.sqrt(n) / sd - stdtrit(n - 1, level)))

    return power.first(lambda n: probable(n) >= chance) if mean > -margin else None
