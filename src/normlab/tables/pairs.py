"""The verdict on each pair of arms: paired by seed where seeds match, by Welch's test where they do not."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from normlab.errors import SpecError
from normlab.show.numbers import listing
from normlab.stats.failures import Counts, Failures, failures, on_shared_seeds, unpaired
from normlab.stats.intervals import Interval
from normlab.stats.looks import Looks
from normlab.stats.paired import differences
from normlab.stats.unpaired import Unpaired
from normlab.stats.verdict import Kind, Rules, Verdict, verdicts
from normlab.stats.withheld import withhold
from normlab.tables.arms import TableArm, Two

NOTHING = sys.float_info.min
"""A margin within which nothing lies: where none is known, no arms are equivalent."""


@dataclass(frozen=True)
class TablePair:
    """Two arms of a table, and the verdict on the first against the second.

    `seeds` are those on which neither failed, where they are `paired`; `runs` the numbers of runs that count of each.
    Differences are first − second in the unit of the score, whichever way is better; `verdict.kind` knows which way
    that is. `failures` has how often each failed.
    """

    first: TableArm
    second: TableArm
    paired: bool
    seeds: tuple[str, ...]
    verdict: Verdict
    failures: Failures

    def __repr__(self) -> str:
        return f"TablePair({self.first.name!r} − {self.second.name!r}: {self.mean:+g}, {self.kind})"

    @property
    def runs(self) -> tuple[int, int]:
        """How many runs of each arm count."""
        return (len(self.seeds),) * 2 if self.paired else (len(self.first.sound), len(self.second.sound))

    @property
    def mean(self) -> float:
        """The mean difference."""
        return self.verdict.mean or 0.0

    @property
    def interval(self) -> Interval | None:
        """Of the mean difference, at this pair's own level among all pairs; None where an arm has one run."""
        return self.verdict.interval

    @property
    def kind(self) -> Kind:
        """What may be said of the first arm."""
        return self.verdict.kind


def judged(pairs: Sequence[Two], margin: float | None, rules: Rules) -> tuple[TablePair, ...]:
    """The verdicts on all pairs, corrected together.

    Args:
        pairs: the arms.
        margin: in the unit of the scores; None where only a difference can be found.
        rules: with that margin, or with `NOTHING`, and which way is better.

    Raises:
        SpecError: a pair of a table that is looked at more than once shares no seeds.
    """
    shared = [common(*pair) for pair in pairs]
    samples = [sample(*pair, seeds) for pair, seeds in zip(pairs, shared, strict=True)]
    if rules.looks is not Looks.once:
        _all_paired(pairs, shared)
    counts = [_counts(*pair, paired=seeds is not None) for pair, seeds in zip(pairs, shared, strict=True)]
    known = verdicts(samples, rules, [any(each.failed) for each in counts])
    found = known if margin is not None else [replace(each, equal=None) for each in known]  # nothing is equal there
    return tuple(
        TablePair(*pair, seeds is not None, seeds or (), withhold(verdict, failed.counts), failed)
        for pair, seeds, verdict, failed in zip(pairs, shared, found, failures(counts, rules), strict=True)
    )


def _counts(first: TableArm, second: TableArm, *, paired: bool) -> Counts:
    """On how many seeds that both ran each failed, or in how many of its runs."""
    if paired:
        return on_shared_seeds(first.ran & second.ran, first.failed, second.failed)
    one, other = (len(arm.scores) + len(arm.lost) for arm in (first, second))
    return unpaired((one, other), (first.failures, second.failures))


def _all_paired(pairs: Sequence[Two], shared: Sequence[tuple[str, ...] | None]) -> None:
    apart = next((pair for pair, seeds in zip(pairs, shared, strict=True) if seeds is None), None)
    if apart is not None:
        names = listing([arm.name for arm in apart])
        raise SpecError(f"a table that has grown is judged by seeds that arms share, and {names} share none")


def common(first: TableArm, second: TableArm) -> tuple[str, ...] | None:
    """The seeds that two arms are paired by, on which neither failed; None where they share too few.

    One seed in common is none, where both arms have more: a single difference would say nothing, and their runs do.
    """
    shared = first.ran & second.ran
    if not shared or len(shared) < min(2, len(first.ran), len(second.ran)):
        return None
    return tuple(seed for seed in first.seeds if seed in shared - first.failed - second.failed)


def sample(first: TableArm, second: TableArm, seeds: tuple[str, ...] | None) -> tuple[float, ...] | Unpaired:
    """Differences by seed, or the scores of both."""
    if seeds is None:
        return Unpaired(first.sound, second.sound)
    one, other = first.by_seed, second.by_seed
    return differences([one[seed] for seed in seeds], [other[seed] for seed in seeds])
