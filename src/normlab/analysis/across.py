"""A study on several data sets, judged over all: on each, over these, and whether the ranking depends on them.

Three families, each of whose claims of one kind hold together with the level, as those on pairs and on interactions of
one study do: every pair on every data set, every pair over all data sets, and every change of a pair from one data set
to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from normlab.analysis.contrasts import Contrast, judge, sample
from normlab.analysis.looks import rules as rules_of
from normlab.outcomes import Outcome
from normlab.records import Comparison
from normlab.stats import data_sets
from normlab.stats.beliefs import Beliefs, beliefs
from normlab.stats.failures import Counts, failures
from normlab.stats.intervals import Interval
from normlab.stats.looks import SHARES
from normlab.stats.paired import Paired
from normlab.stats.verdict import Rules, Verdict, verdicts
from normlab.stats.withheld import withhold, withhold_change

Key = tuple[str, str, str]
"""A factor and the two arms of a pair, the same in every study of a suite."""


@dataclass(frozen=True)
class Change:
    """How a pair's difference changes: (on `here`) − (on `there`), on each seed that both have, and the verdict.

    `better` or `worse` say that it depends on the data set, `equivalent` that it does so by less than matters.
    """

    here: str
    there: str
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    verdict: Verdict


@dataclass(frozen=True)
class AcrossPair:
    """A pair on each data set by its label, over `all` of them, and from one to another.

    In `everywhere` the differences are means over the data sets, on the seeds that all have. `like` is the interval on
    data sets like these, at the level of the study by itself. `believed` and `believed_like` are the Bayesian views
    that go with the two, None where an arm failed alone, or where nothing can be told.
    """

    on: Mapping[str, Contrast]
    everywhere: Contrast
    changes: tuple[Change, ...]
    like: Interval | None
    believed: Beliefs | None
    believed_like: Beliefs | None

    @property
    def arms(self) -> tuple[str, str]:
        """Their names."""
        return self.everywhere.arms


@dataclass(frozen=True)
class Across:
    """All pairs of a suite, by which rules they are judged, and what the data sets are called."""

    labels: tuple[str, ...]
    pairs: tuple[AcrossPair, ...]
    rules: Rules
    outcome: Outcome
    arms: tuple[str, ...]


def across(labels: Sequence[str], comparisons: Sequence[Comparison]) -> Across:
    """The studies of a suite judged together: the same arms, questions and seeds, each on another data set."""
    by = _rules(comparisons)
    known = [_by_key(comparison) for comparison in comparisons]
    samples = [
        {key: sample(comparison, contrast) for key, contrast in found.items()}
        for comparison, found in zip(comparisons, known, strict=True)
    ]
    each = _each(known, samples, by)
    overall = _overall(each, samples, by)
    changes = _changes(labels, each, by)
    primary = comparisons[0].study.verdict.primary
    pairs = tuple(
        _pair({label: found[key] for label, found in zip(labels, each, strict=True)}, overall[key], changes[key], by)
        for key in known[0]
    )
    return Across(tuple(labels), pairs, by, primary, tuple(arm.name for arm in comparisons[0].study.arms))


def _rules(comparisons: Sequence[Comparison]) -> Rules:
    """The most cautious of theirs: a look at one data set is a look at what they say together."""
    each = [rules_of(comparison.study, comparison.looks) for comparison in comparisons]
    return min(each, key=lambda by: SHARES[by.looks])


def _by_key(comparison: Comparison) -> dict[Key, Contrast]:
    found = [contrast for question in judge(comparison) for contrast in question.contrasts]
    return {(contrast.factor, *contrast.arms): contrast for contrast in found}


Samples = Sequence[Mapping[Key, Paired]]
Known = Sequence[Mapping[Key, Contrast]]


def _each(known: Known, samples: Samples, by: Rules) -> list[dict[Key, Contrast]]:
    """The contrasts with verdicts of one family: every pair on every data set."""
    every = [contrast for found in known for contrast in found.values()]
    failed = [any(contrast.failures.counts.failed) for contrast in every]
    judged = iter(verdicts([one for found in samples for one in found.values()], by, failed))
    return [
        {key: replace(one, verdict=withhold(next(judged), one.failures.counts)) for key, one in found.items()}
        for found in known
    ]


def _overall(each: Known, samples: Samples, by: Rules) -> dict[Key, Contrast]:
    """Each pair over all data sets, on the seeds that all of them have."""
    keys = list(each[0])
    of = {key: [found[key] for found in each] for key in keys}
    shared = {key: _shared(of[key]) for key in keys}
    pooled = [_pooled([found[key] for found in samples], of[key], shared[key]) for key in keys]
    counts = [_together([one.failures.counts for one in of[key]]) for key in keys]
    judged = verdicts(pooled, by, [any(one.failed) for one in counts])
    told = failures(counts, by)
    return {
        key: replace(
            of[key][0],
            seeds=shared[key],
            differences=one.differences,
            verdict=withhold(verdict, count),
            failures=failed,
            waiting=(),
            awaited=None,
        )
        for key, one, verdict, count, failed in zip(keys, pooled, judged, counts, told, strict=True)
    }


def _shared(contrasts: Sequence[Contrast]) -> tuple[int, ...]:
    return tuple(seed for seed in contrasts[0].seeds if all(seed in one.seeds for one in contrasts))


def _pooled(samples: Sequence[Paired], contrasts: Sequence[Contrast], seeds: Sequence[int]) -> Paired:
    if not seeds:
        return Paired(())
    pairs = zip(samples, contrasts, strict=True)
    return data_sets.over([one.at([contrast.seeds.index(seed) for seed in seeds]) for one, contrast in pairs])


def _together(counts: Sequence[Counts]) -> Counts:
    """Of all data sets: a run on each is a run."""
    runs, failed, alone = (
        (sum(getattr(one, name)[0] for one in counts), sum(getattr(one, name)[1] for one in counts))
        for name in ("runs", "failed", "alone")
    )
    return Counts(runs, failed, alone)


def _changes(labels: Sequence[str], each: Known, by: Rules) -> dict[Key, tuple[Change, ...]]:
    """How each pair changes between any two data sets, as interactions of two factors are judged."""
    found = [(key, *two) for key in each[0] for two in combinations(range(len(labels)), 2)]
    ends = [(each[here][key], each[there][key]) for key, here, there in found]
    paired = [_apart(*two) for two in ends]
    counts = [[one.failures.counts for one in two] for two in ends]
    judged = verdicts([apart for _, apart in paired], by, [any(any(one.failed) for one in two) for two in counts])
    made: dict[Key, list[Change]] = {key: [] for key in each[0]}
    for (key, here, there), (seeds, apart), verdict, count in zip(found, paired, judged, counts, strict=True):
        made[key].append(Change(labels[here], labels[there], seeds, apart, withhold_change(verdict, count)))
    return {key: tuple(several) for key, several in made.items()}


def _apart(here: Contrast, there: Contrast) -> tuple[tuple[int, ...], tuple[float, ...]]:
    one, other = (dict(zip(each.seeds, each.differences, strict=True)) for each in (here, there))
    seeds = tuple(seed for seed in one if seed in other)
    return seeds, tuple(one[seed] - other[seed] for seed in seeds)


def _pair(on: Mapping[str, Contrast], everywhere: Contrast, changes: tuple[Change, ...], by: Rules) -> AcrossPair:
    means = [*_means(on)]
    alone, whole = any(everywhere.failures.counts.alone), len(means) == len(on)
    like = data_sets.like(means, everywhere.differences, by.level) if whole and everywhere.seeds else None
    views = _views(everywhere.differences, means if like else (), by) if not alone else (None, None)
    return AcrossPair(on, everywhere, changes, like, *views)


def _means(on: Mapping[str, Contrast]) -> Iterator[float]:
    yield from (one.mean for one in on.values() if one.mean is not None)


def _views(by_seed: Sequence[float], by_data: Sequence[float], by: Rules) -> tuple[Beliefs | None, Beliefs | None]:
    """Of the mean over these data sets, and over those like them."""
    one, other = (beliefs(each, by.margin, higher=by.higher) for each in (by_seed, by_data))
    return one, other
