"""How often something happens: intervals for a share, for trials fixed beforehand and for any number of looks.

Where one looks after every trial, the interval inverts a likelihood ratio whose expected value is 1 at any time, of
shares drawn from Uniform(0, 1) against the share p, after k hits in n trials:

    E(p) = B(k + 1, n − k + 1) / (p^k (1 − p)^(n − k))

so that E ≥ 1 / (1 − level) happens ever with at most probability 1 − level (Ville's inequality).

Sources: C. J. Clopper and E. S. Pearson, Biometrika 26, 1934; H. Robbins, Annals of Mathematical Statistics 41, 1970.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from normlab.stats.intervals import Interval

HALVINGS = 60
"""Of the distance in which an end is looked for: as many as a float has digits."""


def exact(hits: int, trials: int, level: float = 0.95) -> Interval:
    """Clopper and Pearson's interval for a share, 0 to 1; all of that without a trial.

    Args:
        hits, trials: counts, `hits` at most `trials`.
        level: the confidence, above 0 and below 1.
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - tail)) if hits < trials else 1.0
    return Interval(low, high, level)


def always(hits: int, trials: int, level: float = 0.95) -> Interval:
    """The interval for a share that holds however often one looks; see `exact`."""
    observed = hits / trials if trials else 0.5

    def inside(share: float) -> bool:
        return _evidence(hits, trials, share) < -math.log1p(-level)

    low = _edge(observed, 0.0, inside) if hits else 0.0
    high = _edge(observed, 1.0, inside) if hits < trials else 1.0
    return Interval(low, high, level)


def evidence_of_a_coin(hits: int, trials: int) -> float:
    """How many times likelier the hits are by shares drawn from Uniform(0, 1) than by a fair coin: E(1/2)."""
    return math.exp(_evidence(hits, trials, 0.5))


def _evidence(hits: int, trials: int, share: float) -> float:
    """The logarithm of E(share), for a share above 0 and below 1 wherever there are hits, or misses."""
    misses = trials - hits
    mixed = math.lgamma(hits + 1) + math.lgamma(misses + 1) - math.lgamma(trials + 2)
    return mixed - (hits * math.log(share) if hits else 0.0) - (misses * math.log1p(-share) if misses else 0.0)


def _edge(inside: float, outside: float, holds: Callable[[float], bool]) -> float:
    """Where `holds` ends between a place where it holds and one where it does not."""
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return outside
