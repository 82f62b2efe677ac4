"""Whether the answer to one question depends on another factor: differences of differences, paired by seed.

    (p − q) at one level of the other factor  −  (r − s) at another

for four arms that are two levels of each of two factors and equal in all others. Interactions are a family of verdicts
of their own: those on pairs stay as they are, however many factors are crossed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from normlab.analysis.contrasts import Question
from normlab.analysis.questions import Inquiry, Pair, place
from normlab.spec import Study
from normlab.stats.verdict import Rules, Verdict, verdicts
from normlab.stats.withheld import withhold_change

BySeed = Mapping[Pair, Mapping[int, float]]
"""The differences of each pair, in the outcome's unit by seed."""


@dataclass(frozen=True)
class Crossing:
    """Two pairs of arms that differ in `factor`: `here` at one level of `other`, `there` at another."""

    factor: str
    other: str
    here: Pair
    there: Pair


@dataclass(frozen=True)
class Interaction:
    """A crossing with (here − there) in the outcome's unit on each seed that all four arms have, and the verdict.

    `better` or `worse` say that the difference depends on the other factor, `equivalent` that it does so by less than
    matters; either is withheld where an arm of a pair failed alone.
    """

    crossing: Crossing
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    verdict: Verdict


def interactions(study: Study, questions: Sequence[Question], rules: Rules) -> tuple[Interaction, ...]:
    """Every interaction of two factors that the study asks about, from the differences that its questions found."""
    contrasts = {pair.arms: pair for question in questions for pair in question.contrasts}
    known = {arms: dict(zip(pair.seeds, pair.differences, strict=True)) for arms, pair in contrasts.items()}
    found = tuple(crossings(study, questions))
    paired = [_paired(known, crossing) for crossing in found]
    counts = [[contrasts[pair].failures.counts for pair in (crossing.here, crossing.there)] for crossing in found]
    failed = [any(any(each.failed) for each in of_both) for of_both in counts]
    judged = map(withhold_change, verdicts([each for _, each in paired], rules, failed), counts)
    return tuple(
        Interaction(crossing, seeds, differences, verdict)
        for crossing, (seeds, differences), verdict in zip(found, paired, judged, strict=True)
    )


def crossings(study: Study, questions: Iterable[Inquiry | Question]) -> Iterator[Crossing]:
    """Of each two factors whose pairs are all asked about, the fours of arms; none where all are held to a baseline."""
    if study.baseline:
        return
    pairs: dict[str, list[Pair]] = {}
    for question in questions:
        pairs.setdefault(question.factor, []).extend(question.pairs)
    for one, other in combinations(pairs, 2):
        yield from _crossings(study, one, pairs[one], other, pairs[other])


def _crossings(study: Study, one: str, ones: list[Pair], other: str, others: list[Pair]) -> Iterator[Crossing]:
    """Turned as the other factor's own pairs are: `here` at the first arm's level, `there` at the second's."""
    places = {arm.name: place(study, arm) for arm in study.arms}
    steps = set(others)
    for first, second in ones:
        for high, low in others:
            if high != first:
                continue
            for there in (pair for pair in ones if pair[0] == low):
                if (second, there[1]) in steps and places[second].get(one) == places[there[1]].get(one):
                    yield Crossing(one, other, (first, second), there)


def _paired(known: BySeed, crossing: Crossing) -> tuple[tuple[int, ...], tuple[float, ...]]:
    here, there = known[crossing.here], known[crossing.there]
    seeds = tuple(seed for seed in here if seed in there)  # in the study's order, as those of each pair are
    return seeds, tuple(here[seed] - there[seed] for seed in seeds)
