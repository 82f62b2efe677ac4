"""For a test: is what is new shown to be no worse than what was, by more than a margin?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from normlab.errors import SpecError
from normlab.show.numbers import fixed, plural, signed
from normlab.stats import estimates, noninferiority
from normlab.stats.paired import Paired, Sample, differences
from normlab.stats.power import MOST
from normlab.stats.unpaired import Unpaired
from normlab.tables.digits import decimals
from normlab.tables.table import label, number, told

Scores = Sequence[float] | Mapping[Any, float]


@dataclass(frozen=True)
class NoWorse:
    """Whether it is shown, which is also its truth value, and on what that rests; it prints as one line.

    Differences are new − old in the unit of the scores. `bound` is the end of the one-sided interval on the side that
    is worse, None for one run; `seeds` how many in all would show it four times out of five, if the true difference is
    the one observed, None where it is shown or no number would.
    """

    shown: bool
    new: float
    old: float
    difference: float
    bound: float | None
    margin: float
    level: float
    lower_is_better: bool
    paired: bool
    runs: tuple[int, int]
    seeds: int | None = None

    def __bool__(self) -> bool:
        return self.shown

    def __repr__(self) -> str:
        said = "no worse" if self.shown else "not shown to be no worse"
        means = f"new {fixed(self.new, self._digits)}, old {fixed(self.old, self._digits)}"
        return f"<{said} by more than {self.margin:g}: {means}, {self._interval()} ({self._extent()}){self._more()}>"

    __str__ = __repr__

    @property
    def _digits(self) -> int:
        return decimals(max(abs(self.new), abs(self.old)), self.margin)

    def _interval(self) -> str:
        if self.bound is None:
            return f"difference {signed(self.difference, self._digits)}, one run cannot tell"
        side = "at most" if self.lower_is_better else "at least"
        ends = [signed(value, self._digits) for value in (self.difference, self.bound)]
        return f"difference {ends[0]}, {side} {ends[1]} at {100 * self.level:g} %"

    def _extent(self) -> str:
        if self.paired:
            return f"{plural(self.runs[0], 'seed')}, paired"
        return f"{self.runs[0]} and {self.runs[1]} runs, unpaired"

    def _more(self) -> str:
        if self.shown or self.bound is None:
            return ""
        worse = self.difference if self.lower_is_better else -self.difference
        if worse >= self.margin:
            return "; more seeds would not help: the difference itself is beyond the margin"
        if self.bound == self.difference:
            return "; equal differences show no spread"
        what = "seeds" if self.paired else "runs each"
        return f"; about {self.seeds:,} {what} would show it" if self.seeds else f"; even {MOST:,} {what} might not"


def not_worse(
    new: Scores,
    old: Scores,
    margin: float,
    *,
    level: float = 0.95,
    lower_is_better: bool = False,
    paired: bool | None = None,
) -> NoWorse:
    """Whether `new` is shown to be no worse than `old` by more than `margin`: true only where the evidence says so.

    By a one-sided t interval of new − old at `level`: it is shown where all of the interval lies above −margin (below
    +margin, if lower is better). Few seeds, or much scatter, show nothing. Scores that are the same on every seed, two
    or more, are no worse: nothing has changed.

    Args:
        new, old: scores in one unit; by seed as mappings, or in any order as sequences.
        margin: how much worse would not matter, above 0, in that unit.
        level: the confidence, above 0.5 and below 1. A test that is run again on other seeds until it passes has less.
        lower_is_better: for a loss or an error.
        paired: None pairs mappings by the seeds that both have, unless they share too few, and takes sequences as
            unpaired (Welch), since nobody says that their places are seeds. True says so, of sequences of one length.

    Raises:
        SpecError: no scores, one that is no finite number, or what is to be paired and cannot be.
    """
    if not 0 < margin < math.inf or not 0.5 < level < 1:
        raise SpecError(f"expected a margin above 0 and a level between 0.5 and 1, got {margin:g} and {level:g}")
    first, second, together = _matched(_scores("new", new), _scores("old", old), paired)
    sign = -1 if lower_is_better else 1
    gain = _sample(first, second, paired=together) if sign > 0 else _sample(second, first, paired=together)
    lowest = noninferiority.lowest(gain, level)
    shown = _shown(gain, lowest, margin)
    return NoWorse(
        shown=shown,
        new=float(estimates.mean(first)),
        old=float(estimates.mean(second)),
        difference=sign * gain.mean,
        bound=None if lowest is None else sign * lowest,
        margin=margin,
        level=level,
        lower_is_better=lower_is_better,
        paired=together,
        runs=(len(first), len(second)),
        seeds=noninferiority.seeds_to_show(gain.mean, gain.sd, margin, level) if gain.sd and not shown else None,
    )


def _shown(gain: Sample, lowest: float | None, margin: float) -> bool:
    if lowest is None:
        return False
    if not gain.sd:  # equal differences show no spread, but no difference at all is no change
        return isinstance(gain, Paired) and not any(gain.differences)
    return lowest > -margin


def _sample(first: Sequence[float], second: Sequence[float], *, paired: bool) -> Sample:
    return Paired(differences(first, second)) if paired else Unpaired(tuple(first), tuple(second))


def _matched(
    new: Mapping[Any, float], old: Mapping[Any, float], paired: bool | None
) -> tuple[list[float], list[float], bool]:
    """The scores that count of both, seed by seed where they are paired, and whether they are."""
    shared = [seed for seed in new if seed in old]
    by_seed = not (isinstance(new, _Placed) or isinstance(old, _Placed))
    if paired is None:
        paired = by_seed and len(shared) >= min(2, len(new), len(old))  # as of a table: one pair says nothing
    if not paired:
        return [*new.values()], [*old.values()], False
    if not by_seed and len(new) != len(old):
        raise SpecError(f"paired: expected as many scores of new as of old, got {len(new)} and {len(old)}")
    if not shared:
        raise SpecError("paired: new and old share no seed; paired=False compares them as they are")
    return [new[seed] for seed in shared], [old[seed] for seed in shared], True


class _Placed(dict[Any, float]):
    """Scores of a sequence by their places, which are no seeds unless somebody says so."""


def _scores(name: str, given: Any) -> dict[Any, float]:
    if isinstance(given, Mapping):  # the seeds of a file are text: 1 and "1" are one
        found = {label(seed): score for seed, score in given.items()}
    elif isinstance(given, str) or not isinstance(given, Iterable):
        raise SpecError(f"{name}: expected scores by their seeds or in a list, got {told(given)}")
    else:
        found = _Placed(enumerate(given))
    if not found:
        raise SpecError(f"{name}: expected scores, got none")
    for seed, score in found.items():
        value = number(score)
        if value is None or not math.isfinite(value):
            raise SpecError(f"{name}, {seed}: expected a finite number, got {told(score)}")
        found[seed] = value
    return found
