"""Tests on images: how often they tell arms apart that are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from normlab.calibration import draws
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats import images


@dataclass(frozen=True)
class ByImages:
    """Single pairs of equal arms with `seeds` seeds that McNemar's test over seeds tells apart at the rules' level."""

    seeds: int
    false_difference: Rate


def by_images(pool: Pool, seeds: int, studies: int, level: float, rng: np.random.Generator) -> ByImages:
    """Simulate `studies` pairs."""
    right = ~pool.wrong
    chosen = draws.runs(pool, studies, seeds, rng)
    found = [images.mcnemar_over_seeds(right[first], right[second]) for first, second, _ in chosen]
    return ByImages(seeds, rate(np.array(found) <= 1 - level))
