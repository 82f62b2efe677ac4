"""Which λ of a path to take, on held-out images: the largest within one standard error of the best.

Accuracies close to the best are as good as it; of these, the sparsest network is the simplest. Source: L. Breiman et
al., Classification and regression trees, 1984, §3.4.3; T. Hastie, R. Tibshirani and J. Friedman, The elements of
statistical learning, 2009, §7.10.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from normlab.records import Comparison
from normlab.spec import Arm, Study
from normlab.stats import estimates


@dataclass(frozen=True)
class Choice:
    """The choice on one path.

    `kind` is what the path's penalty is called, after the norm and the arm's own preprocessing where a study has
    several. `arms` are those with a finished run by rising λ, without a penalty first; `best` has the highest mean
    accuracy,
    `error` is its standard error in percentage points, and `chosen` the arm with the largest λ that is at least
    `best` − `error`.
    """

    kind: str
    arms: tuple[Arm, ...]
    best: Arm
    error: float
    chosen: Arm


def choices(comparison: Comparison) -> tuple[Choice, ...]:
    """The choice on every path of a study whose arms form paths and are judged on held-out images."""
    if not (comparison.study.warm_start and comparison.study.recipe.holdout):
        return ()
    study = comparison.study
    found = (_choice([*filter(None, [study.plain(arms[0])]), *arms], comparison) for arms in study.paths)
    return tuple(choice for choice in found if choice)


def one_standard_error(scores: Sequence[Sequence[float]], images: int) -> tuple[int, float, int]:
    """The best, its standard error, and the last that is within it of the best.

    Args:
        scores: accuracies in percent of each candidate by seed, the simplest candidate last.
        images: how many images each accuracy is of; they alone tell the error where there is one seed.
    """
    means = [float(estimates.mean(values)) for values in scores]
    best = max(range(len(means)), key=lambda index: means[index])
    error = _error(scores[best], images)
    return best, error, max(index for index, value in enumerate(means) if value >= means[best] - error)


def _error(values: Sequence[float], images: int) -> float:
    spread = estimates.sd(values)
    if spread is None:
        share = values[0] / 100
        return 100 * math.sqrt(share * (1 - share) / images)
    return float(spread) / math.sqrt(len(values))


def _choice(arms: Sequence[Arm], comparison: Comparison) -> Choice | None:
    known = [arm for arm in arms if comparison.of(arm.name)]
    if not any(arm.recipe.penalty.lam for arm in known):
        return None
    scores = [[run.final.judged_accuracy for run in comparison.of(arm.name)] for arm in known]
    best, error, chosen = one_standard_error(scores, len(comparison.labels))
    return Choice(_kind(arms[-1], comparison.study), tuple(known), known[best], error, known[chosen])


def _kind(arm: Arm, study: Study) -> str:
    """What the path of an arm is called among those of its study."""
    family = arm.recipe.penalty.family if arm.recipe.penalty.lam else ""
    several = len({each.base for each in study.arms}) > 1
    return f"{arm.base} {family}" if several else family


def to_test(picked: Sequence[Choice]) -> list[Arm]:
    """The chosen arms and those without a penalty beside them, each once: all that test images are looked at for."""
    arms = [arm for choice in picked for arm in (choice.arms[0], choice.chosen)]
    return list({arm.name: arm for arm in arms}.values())
