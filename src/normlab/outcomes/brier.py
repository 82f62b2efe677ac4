"""Brier score: how far probabilities lie from what came true, squared."""

from __future__ import annotations

import numpy as np

from normlab.outcomes.outcome import Outcome
from normlab.outcomes.seen import Seen


def brier(seen: Seen) -> float | None:
    """The mean over images of Σₖ (pₖ − yₖ)², with y 1 for the right class and 0 for the others: 0 to 2.

    Source: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.
    """
    p = seen.probabilities
    if p is None:
        return None
    of_right = p[np.arange(len(p)), seen.labels]
    squares = np.einsum("ij,ij->i", p, p)  # of an image in single precision, over images in double
    return float(1 + np.mean(squares - 2 * of_right, dtype=np.float64))


BRIER = Outcome("brier", "Brier score", "", "", higher=False, digits=4, read=brier)
