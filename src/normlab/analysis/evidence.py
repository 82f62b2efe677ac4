"""The numbers behind each verdict that a referee may ask for: other tests, other intervals, and the images' own say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.analysis.contrasts import Contrast, Question
from normlab.outcomes import ACCURACY
from normlab.records import Comparison
from normlab.stats import difference, images, intervals
from normlab.stats.intervals import Interval
from normlab.stats.other_images import Crossed, crossed, left_by_images, on_other_images

Right = NDArray[np.bool_]
ENTROPY = 2026
"""Where all draws come from, so that the same study has the same figures."""


@dataclass(frozen=True)
class Elsewhere:
    """A pair's `interval` on other images of the same kind and other seeds, at the level of its first interval.

    `images_alone` is what no number of seeds removes of it, to each side, in percentage points.
    """

    interval: Interval
    images_alone: float


@dataclass(frozen=True)
class Evidence:
    """Beside a contrast's verdict; None where there are too few seeds.

    `sign_flip` and `wilcoxon` are p-values over seeds, `bca` a 95 % bootstrap interval of the mean difference;
    `mcnemar` is the p-value that these very runs differ on other images. None of these is corrected for other pairs.
    `elsewhere` is None too where the pair's own interval says nothing. These two are about which images are right: None
    where arms are not judged by accuracy.
    """

    contrast: Contrast
    sign_flip: float | None
    wilcoxon: float | None
    bca: Interval | None
    mcnemar: float | None
    elsewhere: Elsewhere | None


def evidence(comparison: Comparison, questions: tuple[Question, ...]) -> tuple[Evidence, ...]:
    """The evidence on every pair that has a seed in common."""
    rng = np.random.default_rng(ENTROPY)
    contrasts = [contrast for question in questions for contrast in question.contrasts if contrast.seeds]
    arms = dict.fromkeys(name for contrast in contrasts for name in contrast.arms)
    right = {arm: _right(comparison, arm) for arm in arms}
    return tuple(_one(contrast, right, rng) for contrast in contrasts)


def _right(comparison: Comparison, arm: str) -> dict[int, Right]:
    """Which images each finished run of an arm gets right, by seed."""
    return {run.seed: run.predictions == comparison.labels for run in comparison.of(arm)}


def _one(contrast: Contrast, right: dict[str, dict[int, Right]], rng: np.random.Generator) -> Evidence:
    several = len(contrast.seeds) > 1
    first, second = (np.stack([right[arm][seed] for seed in contrast.seeds]) for arm in contrast.arms)
    by_images = contrast.outcome is ACCURACY
    return Evidence(
        contrast=contrast,
        sign_flip=difference.sign_flip(contrast.differences, rng) if several else None,
        wilcoxon=difference.wilcoxon(contrast.differences) if several else None,
        bca=intervals.bca(contrast.differences, rng),
        mcnemar=images.mcnemar_over_seeds(first, second) if by_images else None,
        elsewhere=_elsewhere(contrast.interval, crossed(first, second)) if by_images else None,
    )


def _elsewhere(on_these: Interval | None, found: Crossed | None) -> Elsewhere | None:
    """Equal differences in a few seeds have an interval without width, which says nothing of other images either."""
    if on_these is None or found is None or not on_these.width:
        return None
    return Elsewhere(on_other_images(on_these, found), left_by_images(found, on_these.level))
