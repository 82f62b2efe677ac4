"""How probable it is that an arm is better, practically equal or worse: a view beside the verdict, and not the verdict.

Under the reference prior p(μ, σ) ∝ 1/σ, the mean difference of n independent trainings has the posterior

    μ | d  ~  d̄ + (s / √n)·T,   T from Student's t with n − 1 degrees of freedom,

and ±margin is the region of practical equivalence. Seeds are trainings of their own, so there is no correction for
folds that share images. Nothing of this knows how often somebody looked, how many pairs there are, or which runs
failed.

Source: A. Benavoli, G. Corani, J. Demšar and M. Zaffalon, Time for a Change: a Tutorial for Comparing Multiple
Classifiers Through Bayesian Analysis, Journal of Machine Learning Research 18:77, 2017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from normlab.stats import estimates


@dataclass(frozen=True)
class Beliefs:
    """Probabilities, 0 to 1, that sum to 1: of the first arm against the second."""

    better: float
    equal: float
    worse: float


def beliefs(differences: Sequence[float], margin: float, *, higher: bool = True) -> Beliefs | None:
    """What the posterior of the mean difference has beyond ±margin and within.

    Args:
        differences: shape (seeds,), first − second, in any unit.
        margin: above 0, in the same unit: what is practically equal.
        higher: whether the arm with the higher number is the better one.

    Returns:
        None for fewer than two seeds, and for equal differences: they show no spread, so there is no posterior.
    """
    from scipy.special import stdtr

    values = np.asarray(differences, dtype=np.float64)
    spread = estimates.sd(values) if values.size else None
    if not spread:
        return None
    freedom, error, middle = values.size - 1, float(spread) / math.sqrt(values.size), float(estimates.mean(values))
    above, below = (float(stdtr(freedom, (side * middle - margin) / error)) for side in (1, -1))
    return Beliefs(*((above, 1 - above - below, below) if higher else (below, 1 - above - below, above)))
