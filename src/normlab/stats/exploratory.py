"""Many comparisons that nobody has asked for beforehand: which of them stand, corrected all together.

Each has the paired t test of no difference, and its interval; where one may look while runs come in, the p-value that
holds however often one looks, and the confidence sequence. Where some differences are infinite, for runs that are known
to take longer than they were given, there is no mean: Wilcoxon's test takes each as larger than all that are known. Who
looks at such a number cannot know whether one will come, and has the likelihood ratio of a fair coin for the signs,
from the first seed to the last. All p-values of a study are corrected together by Holm's procedure, so that with the
rules' confidence none stands where arms are alike. What stands is a hint to be tested on seeds of its own, not a
verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.stats import difference, estimates, intervals, proportion, sequential
from normlab.stats.intervals import Interval
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import holm, holm_levels
from normlab.stats.verdict import Rules

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Explored:
    """What the seeds say of one difference, in its own unit.

    `mean` and `interval` are None without a seed, and where differences are infinite; `interval` also for one seed, in
    a confidence sequence until something is ruled out, and where signs alone are looked at. It is at the comparison's
    own step of Holm's procedure: where there is one, it excludes 0 if the difference `stands`. `p` is adjusted for all
    comparisons. `ahead` is on how many seeds the first arm has the higher number, and on how many the second.
    """

    mean: float | None
    interval: Interval | None
    p: float
    stands: bool
    ahead: tuple[int, int]

    @property
    def higher(self) -> bool:
        """Whether the first arm has the higher number, on average or, without a mean, on more seeds."""
        return self.mean > 0 if self.mean is not None else self.ahead[0] > self.ahead[1]


@dataclass(frozen=True)
class Asked:
    """First − second on each seed, in the order of the seeds; `open_ended` if runs may be beyond what is known.

    Infinite where one arm is known to be beyond the other and nobody knows how far.
    """

    differences: tuple[float, ...]
    open_ended: bool = False


def explore(asked: Sequence[Asked], rules: Rules) -> tuple[Explored, ...]:
    """What stands of all comparisons of a study.

    Args:
        asked: every comparison; one without a difference counts as well.
        rules: the confidence, and whether somebody looks while runs come in.
    """
    if not asked:
        return ()
    p = np.array([_p_value(each, rules.looks) for each in asked])
    levels, adjusted = holm_levels(p, rules.confidence), holm(p)
    return tuple(
        _one(each, float(level), float(corrected), rules)
        for each, level, corrected in zip(asked, levels, adjusted, strict=True)
    )


def _by_signs(asked: Asked, looks: Looks) -> bool:
    """Whether its mean plays no part: which test is made must not depend on when one looks."""
    if looks is Looks.once:
        return not np.isfinite(asked.differences).all()
    return asked.open_ended


def _p_value(asked: Asked, looks: Looks) -> float:
    """Of no difference, two-sided, not yet corrected; 1 for fewer than two seeds."""
    values = np.asarray(asked.differences, dtype=np.float64)
    if values.size < 2:
        return 1.0
    if not _by_signs(asked, looks):
        return float(difference.t_test(values)) if looks is Looks.once else sequential.p_value(values)
    if looks is Looks.once:
        return difference.wilcoxon(values)
    higher, lower = _ahead(values)
    return min(1.0, 1 / proportion.evidence_of_a_coin(higher, higher + lower))


def _one(asked: Asked, level: float, p: float, rules: Rules) -> Explored:
    values = np.asarray(asked.differences, dtype=np.float64)
    known = values.size > 0 and bool(np.isfinite(values).all())
    between = intervals.paired_t if rules.looks is Looks.once else sequential.sequence
    return Explored(
        mean=float(estimates.mean(values)) if known else None,
        interval=between(values, level) if known and not _by_signs(asked, rules.looks) else None,
        p=p,
        stands=p <= 1 - rules.confidence,
        ahead=_ahead(values),
    )


def _ahead(values: Floats) -> tuple[int, int]:
    return int((values > 0).sum()), int((values < 0).sum())
