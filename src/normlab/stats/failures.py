"""How often two arms fail, and whether one of them does so more often: a question beside that of how good they are.

A run fails where it diverged or collapsed. On the seeds that both arms ran, those on which both failed, or neither, say
nothing of which fails more often. Of the others, as many should have failed in the first arm alone as in the second,
were the arms alike: a fair coin for each (McNemar's exact test). Where runs share no seeds, Fisher's exact test
compares the two shares. Who looks while runs come in has the coin's likelihood ratio at any time instead
(`stats.proportion`), whose reciprocal is a p-value that holds however often one looks.

The p-values of all pairs are corrected together by Holm's procedure, apart from those on how good arms are.

Sources: Q. McNemar, Psychometrika 12, 1947; R. A. Fisher, The logic of inductive inference, 1935; V. Vovk and R. Wang,
E-values, Annals of Statistics 49, 2021.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from normlab.stats import proportion
from normlab.stats.intervals import Interval
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import holm
from normlab.stats.verdict import Rules


class Often(StrEnum):
    """What may be said of the first arm of a pair against the second."""

    more = "fails more often"
    less = "fails less often"
    open = "not enough evidence"


@dataclass(frozen=True)
class Counts:
    """Of the runs of two arms, how many `failed`; `alone` on how many seeds one failed and the other did not.

    Each has the first arm's number and the second's. Of arms that share no seeds, every failure is one alone.
    """

    runs: tuple[int, int]
    failed: tuple[int, int]
    alone: tuple[int, int]
    paired: bool = True


@dataclass(frozen=True)
class Failures:
    """What the counts say: `p` is adjusted for all pairs, `rates` are the arms' shares of failures, 0 to 1.

    The intervals of the rates are at the confidence of the rules, each by itself.
    """

    counts: Counts
    often: Often
    p: float
    rates: tuple[Interval, Interval]


def on_shared_seeds(ran: Collection[object], first: Collection[object], second: Collection[object]) -> Counts:
    """The counts of two arms on the seeds that both ran, from those on which each failed."""
    one, other = set(ran).intersection(first), set(ran).intersection(second)
    return Counts((len(ran), len(ran)), (len(one), len(other)), (len(one - other), len(other - one)))


def unpaired(runs: tuple[int, int], failed: tuple[int, int]) -> Counts:
    """The counts of two arms that share no seeds."""
    return Counts(runs, failed, failed, paired=False)


def failures(counts: Sequence[Counts], rules: Rules) -> tuple[Failures, ...]:
    """Whether an arm of each pair fails more often; all pairs of a study together.

    Raises `ValueError` for arms that share no seeds where one looks while runs come in.
    """
    adjusted = holm(np.array([_p_value(each, rules.looks) for each in counts]))
    return tuple(_judged(each, float(p), rules) for each, p in zip(counts, adjusted, strict=True))


def _judged(counts: Counts, p: float, rules: Rules) -> Failures:
    between = proportion.exact if rules.looks is Looks.once else proportion.always
    one, other = zip(counts.failed, counts.runs, strict=True)
    rates = between(*one, rules.confidence), between(*other, rules.confidence)
    return Failures(counts, _often(counts, sure=p <= 1 - rules.confidence), p, rates)


def _often(counts: Counts, *, sure: bool) -> Often:
    first, second = (failed / max(1, runs) for failed, runs in zip(counts.failed, counts.runs, strict=True))
    return Often.open if not sure else Often.more if first > second else Often.less


def _p_value(counts: Counts, looks: Looks) -> float:
    """Two-sided, that the arms fail as often."""
    first, second = counts.alone
    if looks is not Looks.once:
        if not counts.paired:
            raise ValueError("expected failures paired by seed: who looks while runs come in needs pairs")
        return min(1.0, 1 / proportion.evidence_of_a_coin(min(first, second), first + second))
    return _coin(first, second) if counts.paired else _fisher(counts)


def _coin(first: int, second: int) -> float:
    """The chance that a fair coin is as far from even, both ways."""
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(first, second), first + second, 0.5)))


def _fisher(counts: Counts) -> float:
    from scipy.stats import fisher_exact

    table = np.array([[failed, runs - failed] for failed, runs in zip(counts.failed, counts.runs, strict=True)])
    return min(1.0, float(fisher_exact(table)[1]))
