"""The verdict on each pair of claims: Welch's t test over seeds and images, for all pairs by Holm's procedure.

The claims are not paired, since nobody says that they share seeds. A claim of one seed has no scatter of its own:
it never wins, and the scatter that small classifiers usually have says how many seeds would tell. A claim that was
chosen on the test set has no verdict.

A published table gets no more seeds, so all of the error is its own: nothing is kept back for later looks, as it is in
a study that may still grow (`stats.looks`). Whether its authors looked and then went on, no table says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from normlab.claims import luck, scatter
from normlab.claims.claim import Claim
from normlab.stats import multiplicity, power
from normlab.stats.verdict import Kind


@dataclass(frozen=True)
class ClaimPair:
    """Two claims, the one with the higher accuracy first, each with its luck taken off (`claims.luck`).

    `difference` is in percentage points, and so is `images`, the standard error that other test images leave; `p` is
    adjusted for all pairs, None where one of them has a single seed or was chosen on the test set; `seeds` is how many
    each would need for the claimed difference, None beyond `power.MOST`; `chance` the sd over seeds, in points, from
    which on the difference is no evidence.
    """

    first: Claim
    second: Claim
    difference: float
    images: float
    p: float | None
    kind: Kind
    seeds: int | None
    chance: float

    @property
    def told(self) -> bool:
        """Whether a spread over seeds is told of either."""
        return self.first.sd is not None or self.second.sd is not None

    @property
    def spread(self) -> float:
        """The larger sd over seeds that is told of the two, or else the usual one, in points."""
        claims = self.first, self.second
        return max((claim.sd for claim in claims if claim.sd is not None), default=max(c.spread for c in claims))

    @property
    def unusual(self) -> bool:
        """Whether a single run is all that there is, and the difference is more than such a spread makes."""
        return self.kind is Kind.open and self.single and self.chance > self.spread

    @property
    def single(self) -> bool:
        """Whether one of them is a single run."""
        return min(self.first.seeds, self.second.seeds) == 1


def judge(claims: Sequence[Claim], level: float = 0.95, chance: float = 0.8) -> list[ClaimPair]:
    """Every pair of claims of one source: sources in their order, in each the largest difference first.

    Args:
        claims: at least two of one source.
        level: the confidence that all "better" hold together, above 0 and below 1.
        chance: the probability with which the seeds asked for should find the difference.
    """
    claims = [luck.without(claim) for claim in claims]
    pairs = [pair for source in dict.fromkeys(claim.source for claim in claims) for pair in _pairs(claims, source)]
    adjusted = multiplicity.holm(np.array([_p_value(*pair) for pair in pairs]))
    each = multiplicity.bonferroni(level, len(pairs))
    return [
        _pair(pair, float(p), level, seeds=_needed(*pair, each, chance), chance=scatter.to_be_chance(*pair, each))
        for pair, p in zip(pairs, adjusted, strict=True)
    ]


def _pairs(claims: Sequence[Claim], source: str) -> list[tuple[Claim, Claim]]:
    """Two papers train on other recipes and images; between their claims nothing else is equal."""
    ranked = sorted((claim for claim in claims if claim.source == source), key=lambda claim: -claim.accuracy)
    return sorted(combinations(ranked, 2), key=lambda pair: pair[1].accuracy - pair[0].accuracy)


def _p_value(first: Claim, second: Claim) -> float:
    """1 where one was chosen on the test set: nothing is known of how high chance has made it."""
    return 1.0 if first.chosen or second.chosen else scatter.p_value(first, second)


def _pair(pair: tuple[Claim, Claim], p: float, level: float, *, seeds: int | None, chance: float) -> ClaimPair:
    without = any(claim.seeds == 1 or claim.chosen for claim in pair)
    kind = Kind.better if not without and p <= 1 - level else Kind.open
    if any(claim.chosen for claim in pair):
        kind = Kind.withheld
    difference, images = pair[0].accuracy - pair[1].accuracy, scatter.of_images(*pair)
    return ClaimPair(*pair, difference, images, None if without else p, kind, seeds, chance)


def _needed(first: Claim, second: Claim, level: float, chance: float) -> int | None:
    """Seeds of each: as many as a paired test of independent arms needs, a little more than an unpaired one."""
    spread = math.hypot(first.spread, second.spread)
    distance = scatter.distance(first, second)
    if not spread or not distance:
        return None
    return power.seeds_to_find(distance, spread, level, chance, kept=scatter.of_images(first, second))
