"""Means and spreads over seeds. The last axis is always the seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Scores = NDArray[np.float64]


def mean(scores: ArrayLike) -> Scores:
    """The mean over seeds.

    Args:
        scores: shape (..., seeds), at least one seed, in any unit.

    Returns:
        shape (...), in the same unit; equal scores give exactly that score.
    """
    values = _scores(scores)
    # Summing distances from the first score keeps equal scores equal: mean([0.1] * 3) is not 0.1 in floating point.
    first = values[..., 0]
    return np.asarray(first + (values - first[..., None]).mean(axis=-1))


def sd(scores: ArrayLike) -> Scores | None:
    """The sample standard deviation over seeds, √(Σ(x − x̄)² / (n − 1)).

    Args:
        scores: shape (..., seeds), at least one seed, in any unit.

    Returns:
        shape (...), in the same unit, exactly 0 for equal scores; None for one seed, which has no spread.
    """
    values = _scores(scores)
    if values.shape[-1] < 2:
        return None
    return np.asarray((values - values[..., :1]).std(axis=-1, ddof=1))


def interquartile_mean(scores: ArrayLike) -> Scores:
    """The mean of the middle half of the seeds: a lucky or an unlucky quarter moves it no further.

    A quarter of the seeds is left out at each end, by weight where their number is not a multiple of four, so that
    three seeds count too (R. Agarwal et al., Deep RL at the edge of the statistical precipice, NeurIPS 2021).

    Args:
        scores: shape (..., seeds), at least one seed, in any unit.

    Returns:
        shape (...), in the same unit.
    """
    values = np.sort(_scores(scores), axis=-1)
    n = values.shape[-1]
    edges = np.arange(n + 1) / n
    weights = np.clip(np.minimum(edges[1:], 0.75) - np.maximum(edges[:-1], 0.25), 0, None)
    first = values[..., :1]
    return np.asarray(first[..., 0] + ((values - first) * weights).sum(axis=-1) / weights.sum())


def beats(differences: ArrayLike) -> Scores:
    """The share of seeds on which the first arm is ahead, ties counted half: the chance that it wins on one more seed.

    Args:
        differences: shape (..., seeds), first − second, at least one seed, in any unit.

    Returns:
        shape (...), 0 to 1.
    """
    values = _scores(differences)
    return np.asarray(((values > 0) + 0.5 * (values == 0)).mean(axis=-1))


def fluctuation(curves: ArrayLike) -> Scores | None:
    """How much a score jumps from one epoch to the next: the sd of its successive differences, averaged over seeds.

    A steady rise has equal differences and hence no fluctuation; a score that jumps about a level with standard
    deviation σ has √2·σ (after J. von Neumann's mean square successive difference, 1941).

    Args:
        curves: shape (..., seeds, epochs), at least one seed, in any unit.

    Returns:
        shape (...), in the same unit; None for fewer than three epochs, which have fewer than two differences.
    """
    values = _scores(curves)
    if values.shape[-1] < 3:
        return None
    jumps = sd(np.diff(values, axis=-1))
    return None if jumps is None else mean(jumps)


def _scores(given: ArrayLike) -> NDArray[Any]:
    values = np.asarray(given, dtype=np.float64)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise ValueError(f"expected scores of at least one seed, got shape {values.shape}")
    return values
