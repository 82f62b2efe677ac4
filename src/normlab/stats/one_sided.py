"""One-sided bounds that stay true however often one looks: what "equivalent" needs, as TOST does of fixed numbers.

That a mean lies within ±margin is two claims, "it is less than the margin" and "it is more than −margin", of which at
most one can be wrong. So each may have all of the error of the pair, and needs no bound that could be crossed on the
other side too. A bound leaves out every mean against which the likelihood ratio E₁ of `stats.evidence` says enough,
as `stats.sequential` does by E. If the mean lies beyond one that is left out, every t is less than it would be were it
there, as the spread stays what it is, and so is E₁: what is true of an edge is true of all that lies beyond it.

A bound at 1 − α is nearer than the end of a two-sided interval at 1 − α, and never nearer than that of one at 1 − 2α.
So a pair is wrong with at most probability α in whatever it claims. Take a true difference δ ≥ 0: "equivalent", where
δ is the margin or more, needs an upper bound below the margin and hence below δ; "worse" needs the upper end of the
two-sided interval below 0, and then the bound, which is nearer, is below δ too. Both happen only where the upper bound
misses δ. Where δ ≤ 0 the lower bound does the same for "better". ("Better" and "worse" of equal arms together are what
the two-sided interval is for.)

Sources: D. J. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15, 1987, for two one-sided tests; T. L. Lai, Annals
of Statistics 4, 1976.
"""

from __future__ import annotations

import math
from functools import cache

from numpy.typing import ArrayLike

from normlab.stats import ceiling, evidence, sequential
from normlab.stats.sequential import Ends


@cache
def reach(seeds: int, level: float, most: int | None = None) -> float:
    """How many standard deviations of the differences a bound lies from their mean; infinite for few seeds.

    Args:
        seeds: paired differences so far, at least 1 and at most `most`.
        level: the confidence of one bound, above 0 and below 1.
        most: the last number of seeds, where it was named from the start.
    """
    from scipy.optimize import brentq

    enough, wide = ceiling.enough(level, most, one_sided=True), math.log(evidence.spread(seeds))
    # E is N^(−1/2) where t is 0 and N^((n − 1)/2) where it is infinite; to ask more of E than of E₁ is too much.
    least, largest = -wide / 2, min(enough, (seeds - 1) * wide / 2)
    if evidence.one_sided(largest, seeds) < enough:
        return math.inf
    of_both = brentq(lambda known: float(evidence.one_sided(known, seeds)) - enough, least, largest)
    return evidence.distance(float(of_both), seeds)


def bounds(differences: ArrayLike, level: float = 0.95, most: int | None = None) -> Ends:
    """The lower and the upper bound after each number of seeds, each by itself at `level`; see `sequential.bounds`."""
    return sequential.moving(differences, lambda seeds: reach(seeds, level, most))
