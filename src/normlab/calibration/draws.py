"""Studies drawn from a pool: each run stands in at most one arm, so arms are exchangeable and none is better."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from normlab.calibration.pool import Pool

ARMS = 3
"""Arms of a drawn study: the norms of the course."""
PAIRS = tuple(combinations(range(ARMS), 2))


def runs(pool: Pool, studies: int, seeds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which runs stand in for each arm and seed: shape (studies, ARMS, seeds); the pool has at least ARMS × seeds."""
    shuffled = rng.permuted(np.tile(np.arange(pool.runs), (studies, 1)), axis=1)
    return shuffled[:, : ARMS * seeds].reshape(studies, ARMS, seeds)


def differences(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of every pair of arms: (studies, ARMS, seeds) to (studies, pairs, seeds)."""
    return np.stack([scores[:, a] - scores[:, b] for a, b in PAIRS], axis=1)


def equal_arms(pool: Pool, studies: int, seeds: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Differences in points of studies whose arms are alike: (studies, pairs, seeds)."""
    return differences(pool.accuracies[runs(pool, studies, seeds, rng)])


def first_better(points: float) -> NDArray[np.float64]:
    """What to add to the pairs of equal arms so that the first and the third are better than the second: (pairs, 1)."""
    better = (points, 0.0, points)
    return np.array([[better[a] - better[b]] for a, b in PAIRS])


def apart(margin: float) -> NDArray[np.float64]:
    """What to add to the pairs of equal arms so that each arm is a margin better than the next: (pairs, 1)."""
    return np.array([[(b - a) * margin] for a, b in PAIRS])
