"""How often the interval on other images holds: seeds crossed with images, both drawn anew in each study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.calibration.rates import Rate, rate
from normlab.stats import intervals
from normlab.stats.images import Right
from normlab.stats.other_images import crossed, on_other_images

STUDIES = 2000
"""The most pairs of each kind: an interval takes all images of all runs."""
IMAGES = 2000
HARD = 0.05, 2.45
"""Of the beta distribution of how often an image is missed: 2 % on average, most of it by few images."""
LUCK = 0.1
"""A seed's luck: its run misses every image up to so much more or less often, relatively."""


@dataclass(frozen=True)
class Kind:
    """Arms that find the same images hard but for a share that is `apart`; the first misses `times` as many."""

    apart: float
    times: float = 1.0

    @property
    def difference(self) -> float:
        """The true one of first − second, in points, over all images of the kind and all seeds."""
        a, b = HARD
        return -100 * (self.times - 1) * a / (a + b) / _most(self.times)


KINDS = (Kind(0.0), Kind(0.1), Kind(1.0), Kind(1.0, 2.0))


@dataclass(frozen=True)
class OtherImages:
    """Single pairs with `seeds` seeds: how often either interval has the true difference, both at the rules' level.

    `these` is the t interval over seeds, which promises no more than the difference on the images at hand; `others` is
    the one where images are drawn anew. `wider` is how much, on average.
    """

    kind: Kind
    seeds: int
    these: Rate
    others: Rate
    wider: float


def other_images(seeds: int, studies: int, level: float, rng: np.random.Generator) -> tuple[OtherImages, ...]:
    """Simulate as many pairs of each kind, as far as the limit above goes."""
    return tuple(_of_kind(kind, seeds, min(studies, STUDIES), level, rng) for kind in KINDS)


def _of_kind(kind: Kind, seeds: int, studies: int, level: float, rng: np.random.Generator) -> OtherImages:
    found = np.array([_ends(first, second, level) for first, second in _pairs(kind, seeds, studies, rng)])
    low, high = found[..., 0], found[..., 1]
    held = (low <= kind.difference) & (kind.difference <= high)
    widths = (high - low).mean(axis=0)
    return OtherImages(kind, seeds, rate(held[:, 0]), rate(held[:, 1]), float(widths[1] / widths[0]) - 1)


def _ends(first: Right, second: Right, level: float) -> NDArray[np.float64]:
    """Of the interval on these images and of that on others, (2, 2)."""
    on_these = intervals.paired_t(100 * (first.mean(axis=1) - second.mean(axis=1)), level)
    found = crossed(first, second)
    if on_these is None or found is None:
        raise ValueError(f"expected at least 2 seeds and 2 images, got {first.shape}")
    on_others = on_other_images(on_these, found)
    return np.array([[each.low, each.high] for each in (on_these, on_others)])


def _pairs(kind: Kind, seeds: int, studies: int, rng: np.random.Generator) -> Iterator[tuple[Right, Right]]:
    """Which images the runs of two arms get right, (seeds, images) each; a seed's luck is its run's own."""
    for _ in range(studies):
        chance = rng.beta(*HARD, (2, IMAGES))
        same = rng.random(IMAGES) >= kind.apart
        chance[1, same] = chance[0, same]
        chance[0] *= kind.times
        chance /= _most(kind.times)
        luck = rng.uniform(1 - LUCK, 1 + LUCK, (2, seeds, 1))
        first, second = rng.random((2, seeds, IMAGES), dtype=np.float32) >= luck * chance[:, None]
        yield first, second


def _most(times: float) -> float:
    """What chances are divided by so that none is above 1."""
    return times * (1 + LUCK)
