"""The verdict on each pair of arms: better, worse, equivalent, or not enough evidence and how many more seeds.

Two claims can be wrong: that arms differ, where they do not, and that they are equivalent, where one is better by the
margin or more. All claims of the first kind together are wrong with at most probability 1 − level, and so are all of
the second, by Holm's procedure over the pairs. One seed never makes a claim. Where both can be made, arms differ by
less than matters: they are equivalent, and the interval says by how much they differ.

With `sequential`, the same holds however often one looks while seeds are added: each pair has a confidence sequence at
1 − (1 − level) / pairs (`stats.sequential`), which has to exclude 0, or to lie inside ±margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normlab.stats import difference, equivalence, estimates, intervals, multiplicity, power, sequential
from normlab.stats.intervals import Interval

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

    `level` is the confidence of all claims of one kind together, `margin` the difference below which arms are as good
    as each other, `power` the chance of settling a pair that the seeds asked for should give. `sequential` allows to
    look after every seed.
    """

    level: float = 0.95
    margin: float = equivalence.MARGIN
    power: float = 0.8
    sequential: bool = False

    def __post_init__(self) -> None:
        if not self.margin > 0 or not 0.5 < self.level < 1:
            raise ValueError(f"expected a margin above 0 and a level from 0.5 to 1, got {self.margin} and {self.level}")


USUAL = Rules()


@dataclass(frozen=True)
class Verdict:
    """What the seeds say of a pair, and the numbers behind it, in the unit of the differences.

    `interval` is at the confidence of the pair's own step among all pairs, for the claim that is made: it excludes 0
    where arms differ, and lies within ±margin where they are equivalent; None for one seed, and in a sequential study
    until something is ruled out. `differs` and `equal` are the p-values of the two claims, adjusted for all pairs; None
    in a sequential study, which decides by intervals alone. `effect` is the mean difference in standard deviations of
    the differences, `beats` the share of seeds on which the first arm was ahead, `detectable` the true difference that
    so many seeds find with the rules' power. `more` says how many further seeds would settle the pair if its true
    difference were the one observed; None where it is settled, where no spread is known, or beyond `power.MOST`.
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
    if rules.sequential:
        level = multiplicity.bonferroni(rules.level, len(differences))
        return tuple(_over_time(values, level, rules) for values in differences)
    differs, equal = p_values(differences, rules)
    # Two one-sided tests at α are an interval at 1 − 2α within the margin.
    levels = multiplicity.holm_levels(differs, rules.level), 2 * multiplicity.holm_levels(equal, rules.level) - 1
    adjusted = multiplicity.holm(differs), multiplicity.holm(equal)
    return tuple(
        _at_once(values, level, p, rules)
        for values, level, p in zip(differences, np.transpose(levels), np.transpose(adjusted), strict=True)
    )


def p_values(differences: Sequence[Sequence[float]], rules: Rules) -> tuple[Floats, Floats]:
    """Of "no difference" and of "a difference that matters", for each pair, not yet adjusted; 1 without a seed."""
    differs = [float(difference.t_test(values)) if len(values) else 1.0 for values in differences]
    equal = [float(equivalence.tost(values, rules.margin)) if len(values) else 1.0 for values in differences]
    return np.array(differs), np.array(equal)


def decide(differs: Floats, equal: Floats, mean: Floats, rules: Rules) -> NDArray[np.str_]:
    """The kinds of verdict, from adjusted p-values and means of one shape."""
    alpha = 1 - rules.level
    signed = np.where(mean > 0, Kind.better.value, Kind.worse.value)
    claimed = np.where(differs <= alpha, signed, Kind.open.value)
    return np.where(equal <= alpha, Kind.equivalent.value, claimed)


def decide_by_interval(low: Floats, high: Floats, rules: Rules) -> NDArray[np.str_]:
    """The kinds of verdict, from the ends of confidence sequences of one shape."""
    claimed = np.where(low > 0, Kind.better.value, np.where(high < 0, Kind.worse.value, Kind.open.value))
    inside = (low > -rules.margin) & (high < rules.margin)
    return np.where(inside, Kind.equivalent.value, claimed)


def _at_once(values: Sequence[float], levels: Floats, adjusted: Floats, rules: Rules) -> Verdict:
    """The verdict for a number of seeds that was fixed beforehand; levels and p-values of (difference, equivalence)."""
    if not len(values):
        return Verdict(Kind.open, 0)
    mean, sd = float(estimates.mean(values)), _sd(values)
    differs, equal = (float(p) for p in adjusted)
    kind = Kind(str(decide(np.array(differs), np.array(equal), np.array(mean), rules)))
    level = float(levels[0])
    more = None
    if kind is Kind.open and sd:
        more = _further(len(values), _needed(mean, sd, level, rules))
    return Verdict(
        **_described(kind, values, mean, sd),
        interval=intervals.paired_t(values, float(levels[1]) if kind is Kind.equivalent else level),
        differs=differs,
        equal=equal,
        detectable=power.detectable(sd, len(values), level, rules.power) if sd else None,
        more=more,
        different=differs <= 1 - rules.level,
    )


def _over_time(values: Sequence[float], level: float, rules: Rules) -> Verdict:
    """The verdict where somebody looked after every seed."""
    if not len(values):
        return Verdict(Kind.open, 0)
    mean, sd = float(estimates.mean(values)), _sd(values)
    interval = sequential.sequence(values, level)
    kind = Kind.open
    if interval is not None:
        kind = Kind(str(decide_by_interval(np.array(interval.low), np.array(interval.high), rules)))
    room = max(abs(mean), rules.margin - abs(mean))
    more = _further(len(values), sequential.seeds_to_reach(room, sd, level)) if kind is Kind.open and sd else None
    different = interval is not None and interval.width > 0 and interval.excludes(0)
    return Verdict(**_described(kind, values, mean, sd), interval=interval, more=more, different=different)


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


def _needed(mean: float, sd: float, level: float, rules: Rules) -> int | None:
    """Seeds in all for whichever claim comes first; equivalence is tested at the family's one-sided level."""
    claims = (
        power.seeds_to_find(mean, sd, level, rules.power),
        power.seeds_to_equate(mean, sd, rules.margin, level, rules.power),
    )
    return min((seeds for seeds in claims if seeds is not None), default=None)


def _further(have: int, needed: int | None) -> int | None:
    """At least one more: what has not been settled by `have` seeds is not settled by them."""
    return None if needed is None else max(1, needed - have)
