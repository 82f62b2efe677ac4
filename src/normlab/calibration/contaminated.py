"""Pairs of arms some of whose runs collapse: drawn from a pool, with what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import draws
from normlab.calibration.pool import Pool
from normlab.stats.collapse import collapsed

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """A `share` of an arm's runs, 0 to 1, that lose `loss` points of accuracy."""

    share: float
    loss: float

    @property
    def mean(self) -> float:
        """The points that the arm loses on average."""
        return self.share * self.loss

    @property
    def collapse(self) -> bool:
        """Whether such runs are far enough below the others to be no part of how good an arm is."""
        return self.loss >= COLLAPSE


COLLAPSE = 1.0
"""Points that a run of the pool loses at least where verdicts are promised to be about the others."""
CASES = (Case(0.0, 1.0), *(Case(share, loss) for loss in (1.0, 0.3) for share in (0.02, 0.05, 0.1, 0.2)))
"""A point is seventeen standard deviations of the pool that comes along, 0.3 points are five."""


@dataclass(frozen=True)
class Pairs:
    """Accuracies in points of two arms, (pairs, 2, seeds), that are alike where they do not collapse.

    `low` says which runs do. The second arm has some only where both were asked to.
    """

    scores: Floats
    low: Bools

    @property
    def differences(self) -> Floats:
        """The first arm − the second: (pairs, seeds)."""
        return np.asarray(self.scores[:, 0] - self.scores[:, 1])

    def failed(self, margin: float, seeds: int | None = None) -> Bools:
        """Which of the first `seeds` runs are told to have collapsed: (pairs, 2, seeds)."""
        return collapsed(self.scores[..., :seeds], margin)


def pairs(pool: Pool, seeds: int, studies: int, case: Case, rng: np.random.Generator, *, both: bool = False) -> Pairs:
    """Draw `studies` pairs; `both` arms collapse alike, or the first alone."""
    scores = pool.accuracies[draws.runs(pool, studies, seeds, rng)[:, :2]]
    low = rng.random(scores.shape) < np.array([[case.share], [case.share if both else 0.0]])
    return Pairs(scores - case.loss * low, low)


def alone(failed: Bools) -> tuple[Bools, Bools]:
    """Whether the first arm failed on a seed on which the second did not, and the other way round: each (pairs,)."""
    first, second = (np.asarray(failed & ~failed[:, ::-1])[:, arm].any(axis=-1) for arm in (0, 1))
    return np.asarray(first), np.asarray(second)


def sound(failed: Bools) -> Bools:
    """The seeds on which neither arm failed: (pairs, 2, seeds) to (pairs, seeds)."""
    return np.asarray(~failed.any(axis=1))


def kept(differences: Floats, on: Bools) -> Iterator[tuple[Bools, Floats]]:
    """The differences on some seeds, by how many these are, at least two: which pairs, and theirs (pairs, count)."""
    counts = on.sum(axis=-1)
    for count in np.unique(counts[counts > 1]):
        rows = np.asarray(counts == count)
        yield rows, differences[rows][on[rows]].reshape(-1, count)
