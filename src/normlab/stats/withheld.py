"""No verdict in favour of an arm that failed where the other did not: its failures are no part of the differences.

A run that diverged or collapsed is left out of the differences, which then say how good arms are where neither fails.
That alone would reward an arm for every seed on which it fails. So what speaks for such an arm is withheld, and so is
that two arms are equivalent where either failed alone: who is better then depends on what a failure costs, which no
test knows. That an arm is worse, which failures do not contradict, stands. A seed on which both failed says nothing of
their difference.

The other way, to score a failure as chance, would answer in one number: but the mean of a few scores of 99 % and a few
of 10 % is a count of failures in disguise, and its t interval does not hold. The count itself has an exact test
(`stats.failures`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from normlab.stats.failures import Counts
from normlab.stats.verdict import Kind, Verdict


def withhold(verdict: Verdict, counts: Counts) -> Verdict:
    """The verdict, withheld where an arm that it speaks for failed alone; `Verdict.withheld` says what it was."""
    first, second = counts.alone
    against = {Kind.better: first, Kind.worse: second, Kind.equivalent: first + second}
    if not against.get(verdict.kind):
        return verdict
    return replace(verdict, kind=Kind.withheld, withheld=verdict.kind)


def withhold_change(verdict: Verdict, counts: Iterable[Counts]) -> Verdict:
    """The verdict on how a difference changes, withheld where any arm of its pairs failed alone."""
    if not verdict.settled or not any(any(each.alone) for each in counts):
        return verdict
    return replace(verdict, kind=Kind.withheld, withheld=verdict.kind)
