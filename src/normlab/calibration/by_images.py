"""What the images say of arms that are alike: McNemar's test over seeds, and the interval over seeds and images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from normlab.calibration import draws
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats import images

STUDIES, BOTH_STUDIES = 2000, 400
"""The most pairs that are drawn for either: they take longer than tests of accuracies."""
RESAMPLES = 1000


@dataclass(frozen=True)
class ByImages:
    """Single pairs of equal arms with `seeds` seeds.

    `mcnemar` is the share that McNemar's test over seeds tells apart at the rules' level. It takes the very runs that
    are there as given, so runs of equal arms differ for it more often than the level says. `both` is the share whose
    interval over seeds and images excludes 0.
    """

    seeds: int
    mcnemar: Rate
    both: Rate


def by_images(pool: Pool, seeds: int, studies: int, level: float, rng: np.random.Generator) -> ByImages:
    """Simulate `studies` pairs, as far as the limits above go."""
    right = ~pool.wrong
    pairs = [(right[first], right[second]) for first, second, _ in draws.runs(pool, min(studies, STUDIES), seeds, rng)]
    found = [images.mcnemar_over_seeds(first, second) for first, second in pairs]
    apart = [_apart(first, second, level, rng) for first, second in pairs[:BOTH_STUDIES]]
    return ByImages(seeds, rate(np.array(found) <= 1 - level), rate(np.array(apart)))


def _apart(first: images.Right, second: images.Right, level: float, rng: np.random.Generator) -> bool:
    """Whether the interval over seeds and images excludes 0; its unit does not matter for that."""
    one, other = images.resampled([first, second], rng, RESAMPLES)
    interval = images.over_seeds_and_images(one, other, rng, level)
    return interval is not None and interval.excludes(0)
