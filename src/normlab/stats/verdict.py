"""The verdict on each pair of arms: better, worse, equivalent, or not enough evidence and how many more seeds.

Two claims can be wrong: that arms differ, where they do not, and that they are equivalent, where one is better by the
margin or more. All claims of the first kind together are wrong with at most probability 1 − confidence, and so are all
of the second, by Holm's procedure over the pairs. One seed never makes a claim. Where both can be made, arms differ by
less than matters: they are equivalent, and the interval says by how much they differ.

Where seeds are added after a look, the same holds however often one looks: each pair has a confidence sequence at
1 − (1 − confidence) / pairs (`stats.sequential`), which has to exclude 0, and two one-sided ones, each at that level
(`stats.one_sided`), which have to lie inside ±margin. The confidence is the level's share for such a study
(`stats.looks`), so that all verdicts that a study is ever given hold with the level. Where the last seed was named from
the start, less evidence is enough (`stats.ceiling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.stats import equivalence, one_sided, power, sequential
from normlab.stats.anew import Anew
from normlab.stats.growing import Growing
from normlab.stats.intervals import Interval
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import bonferroni, holm, holm_levels
from normlab.stats.paired import Paired, Sample
from normlab.stats.sequential import Ends
from normlab.stats.unpaired import Unpaired

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """What may be said of the first arm of a pair against the second."""

    better = "better"
    worse = "worse"
    equivalent = "equivalent"
    open = "not enough evidence"
    withheld = "withheld"


@dataclass(frozen=True)
class Rules:
    """How sure a verdict must be, and what difference matters.

    `level` is the confidence of all claims of one kind together, those of every look at the study; `margin` the
    difference below which arms are as good as each other, `power` the chance of settling a pair that the seeds of a new
    study should give. `looks` says which of the rules apply, and `higher` whether the arm with the higher number is the
    better one: differences and intervals are of the numbers, whichever way is better. `most` is the number of seeds
    that a study which is looked at `up_to` it named from the start, and counts nowhere else.
    """

    level: float = 0.95
    margin: float = equivalence.MARGIN
    power: float = 0.8
    looks: Looks = Looks.once
    higher: bool = True
    most: int | None = None

    def __post_init__(self) -> None:
        if not self.margin > 0 or not 0.5 < self.level < 1:
            raise ValueError(f"expected a margin above 0 and a level from 0.5 to 1, got {self.margin} and {self.level}")

    @property
    def confidence(self) -> float:
        """What all claims of one kind that are made by these rules hold with, the level's share for such `looks`."""
        return self.looks.confidence(self.level)

    @property
    def ceiling(self) -> int | None:
        """The last seed at which a claim may be made, where it was named from the start."""
        return self.most if self.looks is Looks.up_to else None


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

    What would settle an open pair is known where its spread is: `growing` says it of seeds beside those it has, by the
    rules for a study that grows, of arms that share seeds; `anew` of a new study that fixes their number, where that of
    this one was. `power.MOST` seeds are the most that either says.

    `different` says that a difference is established, also where it is too small to matter. `withheld` is the claim
    that the differences support, where it would speak for an arm that failed on seeds that are no part of them
    (`stats.withheld`).
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
    growing: Growing | None = None
    anew: Anew | None = None
    different: bool = False
    withheld: Kind | None = None

    @property
    def settled(self) -> bool:
        """Whether further seeds are needed no more: a claim is made, or withheld for what they cannot change."""
        return self.kind is not Kind.open

    @property
    def more(self) -> int | None:
        """Seeds to add that settle an open pair in at least four studies of five: the upper end of the range."""
        return self.growing.range.high if self.growing else None

    @property
    def fresh(self) -> int | None:
        """Seeds of a new study, if the true difference and spread are those observed."""
        return self.anew.seeds_if_so if self.anew else None


def verdicts(
    differences: Sequence[Sequence[float] | Paired | Unpaired], rules: Rules = USUAL, failed: Sequence[bool] = ()
) -> tuple[Verdict, ...]:
    """The verdicts on all pairs of one study.

    Args:
        differences: for each pair first − second on each seed that both have, in the order of the seeds; pairs may have
            different numbers of seeds, none too. Or what is known beside (`Counted`), or the scores of two arms that
            share no seeds (`Unpaired`), where `rules` say that the number of runs was fixed beforehand.
        rules: level and margin.
        failed: of each pair whether a run of it failed, none if left out. Which runs count was then chosen by what they
            reached, and a boundary that uses all of its error up to a last seed has no room for that: those pairs have
            sequences without an end.
    """
    if not differences:
        return ()
    samples = [each if isinstance(each, Paired | Unpaired) else Paired(tuple(each)) for each in differences]
    if rules.looks is Looks.once:
        return _at_once(samples, rules)
    return _over_time(
        samples, [replace(rules, most=None) if each else rules for each in failed or [False] * len(samples)]
    )


def p_values(samples: Sequence[Sample], rules: Rules) -> tuple[Floats, Floats]:
    """Of "no difference" and of "a difference that matters", for each pair, not yet adjusted; 1 without a seed."""
    differs = [sample.differs() for sample in samples]
    equal = [sample.equal(rules.margin) for sample in samples]
    return np.array(differs), np.array(equal)


def decide(differs: Floats, equal: Floats, mean: Floats, rules: Rules) -> NDArray[np.str_]:
    """The kinds of verdict, from adjusted p-values and means of one shape."""
    alpha = 1 - rules.confidence
    more, less = _ways(rules)
    signed = np.where(mean > 0, more, less)
    claimed = np.where(differs <= alpha, signed, Kind.open.value)
    return np.where(equal <= alpha, Kind.equivalent.value, claimed)


def decide_by_interval(differs: Ends, equal: Ends, rules: Rules) -> NDArray[np.str_]:
    """The kinds of verdict, from two-sided confidence sequences and from one-sided ones, of one shape."""
    low, high = differs
    more, less = _ways(rules)
    claimed = np.where(low > 0, more, np.where(high < 0, less, Kind.open.value))
    inside = (equal[0] > -rules.margin) & (equal[1] < rules.margin)
    return np.where(inside, Kind.equivalent.value, claimed)


def over_time(differences: ArrayLike, level: float, rules: Rules) -> tuple[Ends, Ends]:
    """What `decide_by_interval` takes, after each number of seeds, for pairs at `level`; see `sequential.bounds`."""
    last = rules.ceiling
    return sequential.bounds(differences, level, last), one_sided.bounds(differences, level, last)


def _ways(rules: Rules) -> tuple[str, str]:
    """What an arm is whose numbers are higher than the other's, and what one whose are lower."""
    ways = Kind.better.value, Kind.worse.value
    return ways if rules.higher else ways[::-1]


def _at_once(samples: Sequence[Sample], rules: Rules) -> tuple[Verdict, ...]:
    """The verdicts for a number of seeds that was fixed beforehand."""
    differs, equal = p_values(samples, rules)
    # Two one-sided tests at α are an interval at 1 − 2α within the margin.
    levels = holm_levels(differs, rules.confidence), 2 * holm_levels(equal, rules.confidence) - 1
    adjusted = holm(differs), holm(equal)
    # Whoever adds seeds to these has looked.
    onwards = bonferroni(Looks.grown.confidence(rules.level), len(samples))
    return tuple(
        _fixed(sample, level, p, onwards, rules)
        for sample, level, p in zip(samples, np.transpose(levels), np.transpose(adjusted), strict=True)
    )


def _over_time(samples: Sequence[Sample], rules: Sequence[Rules]) -> tuple[Verdict, ...]:
    """The verdicts where seeds are added after a look, each by its own rules."""
    level = bonferroni(rules[0].confidence, len(samples))
    return tuple(_sequential(sample, level, each) for sample, each in zip(samples, rules, strict=True))


def _fixed(sample: Sample, levels: Floats, adjusted: Floats, onwards: float, rules: Rules) -> Verdict:
    """Levels and p-values of (difference, equivalence); `onwards` is the level of the sequence that may follow."""
    if not len(sample):
        return Verdict(Kind.open, 0)
    mean, sd, seeds = sample.mean, sample.sd, len(sample)
    differs, equal = (float(p) for p in adjusted)
    kind = Kind(str(decide(np.array(differs), np.array(equal), np.array(mean), rules)))
    level = float(levels[0])
    wanting = sd if kind is Kind.open else None
    return Verdict(
        **_described(kind, sample, rules),
        interval=sample.interval(float(levels[1]) if kind is Kind.equivalent else level),
        differs=differs,
        equal=equal,
        detectable=power.detectable(sd, seeds, level, rules.power) if sd else None,
        growing=Growing(sample.differences, rules.margin, onwards) if wanting and isinstance(sample, Paired) else None,
        anew=Anew(seeds, mean, wanting, rules.margin, level, rules.power) if wanting else None,
        different=differs <= 1 - rules.confidence,
    )


def _sequential(sample: Sample, level: float, rules: Rules) -> Verdict:
    if not isinstance(sample, Paired):
        raise ValueError("expected differences paired by seed: who looks while runs come in needs pairs")
    if not len(sample):
        return Verdict(Kind.open, 0)
    ends = over_time(sample.differences, level, rules)
    differs, equal = sequential.between(ends[0], level), sequential.between(ends[1], 2 * level - 1)
    kind = Kind(str(decide_by_interval(_ends(differs), _ends(equal), rules)))
    growing = Growing(sample.differences, rules.margin, level, rules.ceiling)
    return Verdict(
        **_described(kind, sample, rules),
        interval=equal if kind is Kind.equivalent else differs,
        growing=growing if kind is Kind.open and sample.sd else None,
        different=differs is not None and differs.width > 0 and differs.excludes(0),
    )


def _ends(interval: Interval | None) -> Ends:
    low, high = (interval.low, interval.high) if interval else (-np.inf, np.inf)
    return np.array(low), np.array(high)


def _described(kind: Kind, sample: Sample, rules: Rules) -> dict[str, Any]:
    return {
        "kind": kind,
        "seeds": len(sample),
        "mean": sample.mean,
        "effect": sample.mean / sample.sd if sample.sd else None,
        "beats": sample.beats if rules.higher else 1 - sample.beats,
    }
