"""What the images say of arms that are alike: McNemar's test over seeds, and the interval on other images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from normlab.calibration import draws
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats import images, intervals
from normlab.stats.other_images import crossed, on_other_images

STUDIES = 2000
"""The most pairs that are drawn: they take longer than tests of accuracies."""


@dataclass(frozen=True)
class ByImages:
    """Single pairs of equal arms with `seeds` seeds.

    `mcnemar` is the share that McNemar's test over seeds tells apart at the rules' level. It takes the very runs that
    are there as given, so runs of equal arms differ for it more often than the level says. `both` is the share whose
    interval on other images, seeds and images drawn anew, excludes 0.
    """

    seeds: int
    mcnemar: Rate
    both: Rate


def by_images(pool: Pool, seeds: int, studies: int, level: float, rng: np.random.Generator) -> ByImages:
    """Simulate `studies` pairs, as far as the limit above goes."""
    right = ~pool.wrong
    pairs = [(right[first], right[second]) for first, second, _ in draws.runs(pool, min(studies, STUDIES), seeds, rng)]
    found = [images.mcnemar_over_seeds(first, second) for first, second in pairs]
    apart = [_apart(first, second, pool.images, level) for first, second in pairs]
    return ByImages(seeds, rate(np.array(found) <= 1 - level), rate(np.array(apart)))


def _apart(first: images.Right, second: images.Right, judged: int, level: float) -> bool:
    """Whether the interval on other images excludes 0; `judged` counts also the images that every run gets right."""
    found = crossed(first, second, judged)
    on_these = intervals.paired_t(100 * (first.sum(axis=1, dtype=int) - second.sum(axis=1, dtype=int)) / judged, level)
    return bool(found and on_these and on_other_images(on_these, found).excludes(0))
