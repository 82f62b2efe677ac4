"""How often something happens in simulated studies, with the interval that so many of them leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rate:
    """`hits` of `trials`; `low` and `high` are its exact 95 % interval, 0 to 1.

    Source: C. J. Clopper and E. S. Pearson, Biometrika 26, 1934.
    """

    hits: int
    trials: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """0 to 1."""
        return self.hits / self.trials


def rate(happened: NDArray[np.bool_] | np.bool_) -> Rate:
    """Of any shape."""
    from scipy.stats import binomtest

    hits, trials = int(happened.sum()), int(happened.size)
    interval = binomtest(hits, trials).proportion_ci(0.95, method="exact")
    return Rate(hits, trials, float(interval.low), float(interval.high))
