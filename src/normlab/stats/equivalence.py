"""Are two arms as good as each other, within a margin that somebody cares about?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.stats import estimates

MARGIN = 0.1
"""Percentage points of accuracy below which a difference does not matter, unless the user says otherwise."""


def tost(differences: ArrayLike, margin: float = MARGIN) -> NDArray[np.float64]:
    """P-value of two one-sided paired t tests that the mean difference is at least `margin` away from 0.

    A small p shows that −margin < difference < margin. Equal differences show no spread and hence nothing: p = 1. One
    seed likewise.

    Args:
        differences: shape (..., seeds), first − second, in any unit.
        margin: above 0, in the same unit.

    Returns:
        shape (...), above 0 and at most 1.

    Source: D. J. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15, 1987.
    """
    from scipy.special import stdtr

    if not margin > 0:
        raise ValueError(f"expected a margin above 0, got {margin}")
    values = np.asarray(differences, dtype=np.float64)
    spread = estimates.sd(values)
    if spread is None:
        return np.ones(values.shape[:-1])
    n = values.shape[-1]
    room = margin - np.abs(estimates.mean(values))  # to the nearer edge: the larger of the two p-values
    error = spread / math.sqrt(n)
    t = np.divide(room, error, out=np.full_like(room, -np.inf), where=error > 0)
    return np.asarray(stdtr(n - 1, -t))
