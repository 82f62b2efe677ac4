"""The verdict on each pair of arms: better, worse, equivalent, or not enough evidence and how many more seeds.

Two claims can be wrong: that arms differ, where they do not, and that they are equivalent, where one is better by the
margin or more. All claims of the first kind together are wrong with at most probability 1 − confidence, and so are all
of the second, by Holm's procedure over the pairs. One seed never makes a claim. Where both can be made, arms differ by
less than matters: they are equivalent, and the interval says by how much they differ.

Where seeds are added after a look, the same holds however often one looks: each pair has a confidence sequence at
1 − (1 − confidence) / pairs (`stats.sequential`), which has to exclude 0, or to lie inside ±margin. The confidence is
the level's share for such a study (`stats.looks`), so that all verdicts that a study is ever given hold with the level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normlab.stats import difference, equivalence, estimates, intervals, outlook, power, sequential
from normlab.stats.intervals import Interval
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import bonferroni, holm, holm_levels

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """What may be said of the first arm of a pair against the second."""

    better = "better"
    worse = "worse"
    equivalent = "equivalent"
    open = "not enough evidence"


@dataclass(frozen=True)
class Rules:
    """How sure a verdict must be, and what difference matters.

    `level` is the confidence of all claims of one kind together, those of every look at the study; `margin` the
    difference below which arms are as good as each other, `power` the chance of settling a pair that the seeds of a new
    study should give. `looks` says which of the rules apply.
    """

    level: float = 0.95
    margin: float = equivalence.MARGIN
    power: float = 0.8
    looks: Looks = Looks.once

    def __post_init__(self) -> None:
        if not self.margin > 0 or not 0.5 < self.level < 1:
            raise ValueError(f"expected a margin above 0 and a level from 0.5 to 1, got {self.margin} and {self.level}")

    @property
    def confidence(self) -> float:
        """What all claims of one kind that are made by these rules hold with, the level's share for such `looks`."""
        return self.looks.confidence(self.level)


USUAL = Rules()


@dataclass(frozen=True)
class Verdict:
    """What the seeds say of a pair, and the numbers behind it, in the unit of the differences.

    `interval` is at the confidence of the pair's own step among all pairs, for the claim that is made: it excludes 0
    where arms differ, and lies within ±margin where they are equivalent; None for one seed, and in a confidence
    sequence until something is ruled out. `differs` and `equal` are the p-values of the two claims, adjusted for all
    pairs; None where confidence sequences decide. `effect` is the mean difference in standard deviations of the
    differences, `beats` the share of seeds on which the first arm was ahead, `detectable` the true difference that so
    many seeds find with the rules' power.

    Two numbers say what would settle an open pair if its true difference were the one observed: `more` seeds beside
    those it has, by the rules for a study that grows, or a new study that fixes `fresh` seeds beforehand. None where
    the pair is settled, where no spread is known, or beyond `power.MOST`; `fresh` only where the number was fixed.

    `different` says that a difference is established, also where it is too small to matter.
    """

    kind: Kind
    seeds: int
    mean: float | None = None
    interval: Interval | None = None
    differs: float | None = None
    equal: float | None = None
    effect: float | None = None
    beats: float | None = None
    detectable: float | None = None
    more: int | None = None
    fresh: int | None = None
    different: bool = False

    @property
    def settled(self) -> bool:
        """Whether a claim is made."""
        return self.kind is not Kind.open


def verdicts(differences: Sequence[Sequence[float]], rules: Rules = USUAL) -> tuple[Verdict, ...]:
    """The verdicts on all pairs of one study.

    Args:
        differences: for each pair first − second on each seed that both have, in the order of the seeds; pairs may have
            different numbers of seeds, none too.
        rules: level and margin.
    """
    if not differences:
        return ()
    return _at_once(differences, rules) if rules.looks is Looks.once else _over_time(differences, rules)


def p_values(differences: Sequence[Sequence[float]], rules: Rules) -> tuple[Floats, Floats]:
    """Of "no difference" and of "a difference that matters", for each pair, not yet adjusted; 1 without a seed."""
    differs = [float(difference.t_test(values)) if len(values) else 1.0 for values in differences]
    equal = [float(equivalence.tost(values, rules.margin)) if len(values) else 1.0 for values in differences]
    return np.array(differs), np.array(equal)


def decide(differs: Floats, equal: Floats, mean: Floats, rules: Rules) -> NDArray[np.str_]:
    """The kinds of verdict, from adjusted p-values and means of one shape."""
    alpha = 1 - rules.confidence
    signed = np.where(mean > 0, Kind.better.value, Kind.worse.value)
    claimed = np.where(differs <= alpha, signed, Kind.open.value)
    return np.where(equal <= alpha, Kind.equivalent.value, claimed)


def decide_by_interval(low: Floats, high: Floats, rules: Rules) -> NDArray[np.str_]:
    """The kinds of verdict, from the ends of confidence sequences of one shape."""
    claimed = np.where(low > 0, Kind.better.value, np.where(high < 0, Kind.worse.value, Kind.open.value))
    inside = (low > -rules.margin) & (high < rules.margin)
    return np.where(inside, Kind.equivalent.value, claimed)


def _at_once(differences: Sequence[Sequence[float]], rules: Rules) -> tuple[Verdict, ...]:
    """The verdicts for a number of seeds that was fixed beforehand."""
    differs, equal = p_values(differences, rules)
    # Two one-sided tests at α are an interval at 1 − 2α within the margin.
    levels = holm_levels(differs, rules.confidence), 2 * holm_levels(equal, rules.confidence) - 1
    adjusted = holm(differs), holm(equal)
    # Whoever adds seeds to these has looked.
    onwards = bonferroni(Looks.grown.confidence(rules.level), len(differences))
    return tuple(
        _fixed(values, level, p, onwards, rules)
        for values, level, p in zip(differences, np.transpose(levels), np.transpose(adjusted), strict=True)
    )


def _over_time(differences: Sequence[Sequence[float]], rules: Rules) -> tuple[Verdict, ...]:
    """The verdicts where seeds are added after a look."""
    level = bonferroni(rules.confidence, len(differences))
    return tuple(_sequential(values, level, rules) for values in differences)


def _fixed(values: Sequence[float], levels: Floats, adjusted: Floats, onwards: float, rules: Rules) -> Verdict:
    """Levels and p-values of (difference, equivalence); `onwards` is the level of the sequence that may follow."""
    if not len(values):
        return Verdict(Kind.open, 0)
    mean, sd = float(estimates.mean(values)), _sd(values)
    differs, equal = (float(p) for p in adjusted)
    kind = Kind(str(decide(np.array(differs), np.array(equal), np.array(mean), rules)))
    level = float(levels[0])
    wanting = sd if kind is Kind.open else None
    return Verdict(
        **_described(kind, values, mean, sd),
        interval=intervals.paired_t(values, float(levels[1]) if kind is Kind.equivalent else level),
        differs=differs,
        equal=equal,
        detectable=power.detectable(sd, len(values), level, rules.power) if sd else None,
        more=outlook.more(len(values), mean, wanting, rules.margin, onwards) if wanting else None,
        fresh=outlook.fresh(mean, wanting, rules.margin, level, rules.power) if wanting else None,
        different=differs <= 1 - rules.confidence,
    )


def _sequential(values: Sequence[float], level: float, rules: Rules) -> Verdict:
    if not len(values):
        return Verdict(Kind.open, 0)
    mean, sd = float(estimates.mean(values)), _sd(values)
    interval = sequential.sequence(values, level)
    kind = Kind.open
    if interval is not None:
        kind = Kind(str(decide_by_interval(np.array(interval.low), np.array(interval.high), rules)))
    return Verdict(
        **_described(kind, values, mean, sd),
        interval=interval,
        more=outlook.more(len(values), mean, sd, rules.margin, level) if kind is Kind.open and sd else None,
        different=interval is not None and interval.width > 0 and interval.excludes(0),
    )


def _described(kind: Kind, values: Sequence[float], mean: float, sd: float | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "seeds": len(values),
        "mean": mean,
        "effect": mean / sd if sd else None,
        "beats": float(estimates.beats(values)),
    }


def _sd(values: Sequence[float]) -> float | None:
    spread = estimates.sd(values)
    return None if spread is None else float(spread)
