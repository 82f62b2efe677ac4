"""What is known of a study that is only planned: from one that has runs, or from whoever plans it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import comb, sqrt
from pathlib import Path
from typing import Unpack

from normlab.analysis import judge
from normlab.errors import SpecError
from normlab.records import Comparison
from normlab.spec import Options, Study, design
from normlab.stats import estimates
from normlab.verbs.reopen import opened

SURE = 0.9
"""How sure it is that the spread is no larger than the largest that is told."""


@dataclass(frozen=True)
class Pilot:
    """What is known beforehand: arms and pairs, the spread of a pair's differences as the margin, and seconds a run.

    `largest` is what the spread may be as far as the study knows that it is from. Both are None where nobody knows.
    `alone` is how many runs more a seed has, in which one source of variance alone follows it.
    """

    arms: int
    pairs: int
    sd: float
    seconds: float | None = None
    largest: float | None = None
    device: str = "cpu"
    alone: int = 0

    @property
    def a_seed(self) -> int:
        """The runs of a seed."""
        return self.arms + self.alone


def of_numbers(sd: float, arms: int = 3, seconds: float | None = None) -> Pilot:
    """What somebody says beforehand: every two of the arms are compared. Raises `SpecError` for what cannot be."""
    if not 0 < sd < float("inf"):
        raise SpecError(f"--sd: expected a number above 0, got {sd:g}")
    if seconds is not None and not 0 < seconds < float("inf"):
        raise SpecError(f"--seconds: expected what a run takes, above 0, got {seconds:g}")
    return Pilot(arms, comb(arms, 2), sd, seconds)


def of_study(study: str | Path, out: str | Path = "normlab-out", **judged: Unpack[Options]) -> tuple[Pilot, Study]:
    """What a study knows that is there, and the study, if it is `judged` so; raises as `of_comparison` and `opened`."""
    there = opened(study, out)
    comparison = replace(there, study=design(there.study, **judged))
    return of_comparison(comparison), comparison.study


def of_comparison(comparison: Comparison) -> Pilot:
    """Its spread and its seconds, and none of its differences.

    Raises `SpecError` where no pair shares two seeds, or all differences of each are equal.
    """
    study, contrasts = comparison.study, [each for question in judge(comparison) for each in question.contrasts]
    found = spread([each.differences for each in contrasts], len(study.arms))
    if found is None:
        raise SpecError(f"{study.name} shows no spread: it takes a pair of arms that differ on two seeds at least")
    sd, largest = found
    return Pilot(len(study.arms), len(contrasts), sd, _seconds(comparison), largest, study.device, _alone(comparison))


def spread(differences: Iterable[Sequence[float]], arms: int) -> tuple[float, float] | None:
    """The standard deviation of a pair's differences, over all pairs, and how large it may be; None where none is seen.

    By the χ² interval of a variance, with (arms − 1) × (seeds − 1) degrees of freedom: pairs share their arms.

    Args:
        differences: of each pair, one a seed, in any unit.
        arms: of the study, at least 2.
    """
    from scipy.special import chdtri

    several = [values for values in differences if len(values) > 1]
    squares = sum((len(values) - 1) * float(estimates.sd(values) or 0.0) ** 2 for values in several)
    if not squares:
        return None
    sd = sqrt(squares / sum(len(values) - 1 for values in several))
    freedom = (arms - 1) * (max(map(len, several)) - 1)
    return sd, sd * sqrt(freedom / float(chdtri(freedom, SURE)))


def _alone(comparison: Comparison) -> int:
    """Of each source the arms that have it."""
    return sum(len({run.arm for run in each.runs}) for each in comparison.alone)


def _seconds(comparison: Comparison) -> float:
    return sum(run.seconds for run in comparison.runs) / len(comparison.runs)
