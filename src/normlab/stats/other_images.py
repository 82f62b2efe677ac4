"""How far a difference may be on other images of the same kind: seeds crossed with images, both drawn anew.

An interval over seeds holds for the images at hand. The difference of two arms on seed i and image j is −1, 0 or 1, and

    d_ij = μ + a_i + b_j + e_ij,    Var(d̄) = σ²_a / n + σ²_b / m + σ²_e / (n·m)

for n seeds and m images that are all drawn by chance. Given the images, d̄ scatters over seeds around μ + b̄: that is
what the first interval is of. What images add, σ²_b / m, no number of seeds removes; the mean squares of the two-way
layout estimate it, (MS_b − MS_e) / (n·m).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from normlab.stats.images import Right
from normlab.stats.intervals import Interval


@dataclass(frozen=True)
class Crossed:
    """The mean squares of two arms' paired differences over `seeds` × `images`, in squared percentage points.

    `between` images has the expectation n·σ²_b + σ²_e, the `rest` σ²_e.
    """

    seeds: int
    images: int
    between: float
    rest: float

    @property
    def images_alone(self) -> float:
        """σ²_b / m, the estimated variance of the mean difference that images leave however many seeds there are."""
        return max(0.0, self.between - self.rest) / (self.seeds * self.images)

    @property
    def least(self) -> float:
        """σ²_e / (n·m): what the luck of single images in single runs leaves at the least."""
        return self.rest / (self.seeds * self.images)


def crossed(first: Right, second: Right, images: int | None = None) -> Crossed | None:
    """The mean squares of two arms.

    Args:
        first, second: bool (seeds, images), which images each run gets right: the same seeds and the same images.
        images: how many there are, where those that every run gets right are left out of both; at least as many.

    Returns:
        None for one seed or one image, of which nothing can be told apart.

    Source: S. R. Searle, G. Casella, C. E. McCulloch, Variance Components, Wiley 1992, chapter 4.
    """
    seeds, images = len(first), first.shape[1] if images is None else images
    if seeds < 2 or images < 2:
        return None
    by_image = first.sum(axis=0, dtype=np.int64) - second.sum(axis=0, dtype=np.int64)
    by_seed = first.sum(axis=1, dtype=np.int64) - second.sum(axis=1, dtype=np.int64)
    middle = int(by_seed.sum()) ** 2 / (seeds * images)
    of_images = int((by_image**2).sum()) / seeds - middle
    of_seeds = int((by_seed**2).sum()) / images - middle
    rest = max(0.0, int((first ^ second).sum()) - middle - of_images - of_seeds)  # rounding may be below 0
    return Crossed(seeds, images, 1e4 * of_images / (images - 1), 1e4 * rest / ((seeds - 1) * (images - 1)))


def left_by_images(found: Crossed, level: float) -> float:
    """To each side, in points, what no number of seeds removes: t(m − 1) · √(σ²_b / m)."""
    return _quantile(found, level) * math.sqrt(found.images_alone)


def on_other_images(on_these: Interval, found: Crossed) -> Interval:
    """The interval of a mean difference where images are drawn anew as well as seeds, at the level of the first.

    Half its width is h² = max(h₁², t²·σ²_e / (n·m)) + t²·σ²_b / m, with h₁ of the first interval and t of m − 1
    degrees of freedom: each variance with a quantile of its own, which for normal effects covers at least with the
    level, however few seeds there are. So it is never narrower than the first interval, nor than that of images alone,
    and many seeds make it exact.

    Args:
        on_these: over seeds, for the images at hand; a t interval or a confidence sequence, in points.
        found: the mean squares on these seeds and images.

    Sources: S. K. Banerjee, Approximate confidence interval for linear functions of means of k populations when the
    population variances are not equal, Sankhyā 22, 1960; A. B. Owen, The pigeonhole bootstrap, Annals of Applied
    Statistics 1, 2007, for seeds crossed with images.
    """
    middle, first = (on_these.low + on_these.high) / 2, on_these.width / 2
    luck = _quantile(found, on_these.level) ** 2 * found.least
    half = math.sqrt(max(first**2, luck) + left_by_images(found, on_these.level) ** 2)
    # Written with the first interval's ends, so that rounding never makes it narrower.
    return Interval(min(on_these.low, middle - half), max(on_these.high, middle + half), on_these.level)


def _quantile(found: Crossed, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(found.images - 1, (1 + level) / 2))
