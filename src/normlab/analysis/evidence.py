"""The numbers behind each verdict that a referee may ask for: other tests, other intervals, and the images' own say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.analysis.contrasts import Contrast, Question
from normlab.records import Comparison
from normlab.stats import difference, images, intervals
from normlab.stats.intervals import Interval

Right = NDArray[np.bool_]
ENTROPY = 2026
"""Where all draws come from, so that the same study has the same figures."""


@dataclass(frozen=True)
class Evidence:
    """Beside a contrast's verdict, none of it corrected for other pairs; None where there are too few seeds.

    `sign_flip` and `wilcoxon` are p-values over seeds, `bca` a 95 % bootstrap interval of the mean difference;
    `mcnemar` is the p-value that these very runs differ on other images, `both` the 95 % interval over other seeds
    and images.
    """

    contrast: Contrast
    sign_flip: float | None
    wilcoxon: float | None
    bca: Interval | None
    mcnemar: float | None
    both: Interval | None


def evidence(comparison: Comparison, questions: tuple[Question, ...]) -> tuple[Evidence, ...]:
    """The evidence on every pair that has a seed in common."""
    rng = np.random.default_rng(ENTROPY)
    contrasts = [contrast for question in questions for contrast in question.contrasts if contrast.seeds]
    if not contrasts:
        return ()
    arms = list(dict.fromkeys(name for contrast in contrasts for name in (contrast.first, contrast.second)))
    right = {arm: {run.seed: run.predictions == comparison.labels for run in comparison.of(arm)} for arm in arms}
    stacked = [np.stack([right[arm][seed] for seed in sorted(right[arm])]) for arm in arms]
    resampled = dict(zip(arms, images.resampled(stacked, rng), strict=True))
    return tuple(_one(contrast, right, resampled, rng) for contrast in contrasts)


def _one(
    contrast: Contrast,
    right: dict[str, dict[int, Right]],
    resampled: dict[str, NDArray[np.float64]],
    rng: np.random.Generator,
) -> Evidence:
    several = len(contrast.seeds) > 1
    arms = (contrast.first, contrast.second)
    pair = [np.stack([right[arm][seed] for seed in contrast.seeds]) for arm in arms]
    drawn = [resampled[arm][:, np.searchsorted(sorted(right[arm]), contrast.seeds)] for arm in arms]
    return Evidence(
        contrast=contrast,
        sign_flip=difference.sign_flip(contrast.differences, rng) if several else None,
        wilcoxon=difference.wilcoxon(contrast.differences) if several else None,
        bca=intervals.bca(contrast.differences, rng),
        mcnemar=images.mcnemar_over_seeds(*pair),
        both=images.over_seeds_and_images(drawn[0], drawn[1], rng),
    )
