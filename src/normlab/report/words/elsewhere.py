"""For which images verdicts hold, and what differences would lie within on others of the same kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.analysis import Contrast, Facts
from normlab.analysis.evidence import Elsewhere
from normlab.report.words.answers import interval_told
from normlab.report.words.headline import of_kind
from normlab.show.numbers import fixed, listing, plural, signed
from normlab.stats.intervals import Interval
from normlab.stats.verdict import Kind

HEADING, ANCHOR = "For which images?", "for-which-images"
TOLD = 6
"""Pairs that are told one by one; of more, those farthest apart: the table has all."""
NAMED = 3
"""Verdicts that are named at most; more are counted."""
SAID = {Kind.better: "{0} better than {1}", Kind.worse: "{1} better than {0}", Kind.equivalent: "{0} equal to {1}"}

Told = tuple[Contrast, Elsewhere]


def sentences(facts: Facts) -> Iterator[str]:
    """The scope of all verdicts, which of them may not hold on other images, and the other pairs."""
    if not facts.finished or not facts.images:
        return
    told = sorted(_told(facts), key=_weight)
    yield _scope(facts, told)
    yield from _shaken(facts, told)
    for contrast, found in told[1:TOLD]:
        there, here = _spans(contrast, found)
        yield f"{_pair(contrast)}: {there} (here {here})."


def first(facts: Facts) -> str:
    """The scope of all verdicts, in one sentence."""
    return next(sentences(facts), "No run has finished yet.")


def _scope(facts: Facts, told: Sequence[Told]) -> str:
    """The images and seeds that all numbers are about, and the pair farthest apart on other images."""
    these = f"these {plural(facts.images, f'{facts.judged_on} image')}"
    lead = f"{'Verdicts hold' if told else 'Numbers hold'} for {these} and {_seeds(facts.study.seeds)}"
    if not told:
        return f"{lead}; what they would be on others is not known."
    contrast, found = told[0]
    left = fixed(found.images_alone, 3)
    alone = f"; with any number of seeds still ±{left}" if float(left) else ""
    there, here = _spans(contrast, found)
    anew = f"With other images of the same kind, {_pair(contrast)} would be within {there} points (here {here})"
    return f"{lead}. {anew}{alone}."


def _told(facts: Facts) -> Iterator[Told]:
    for contrast in () if facts.paths else facts.contrasts:
        found = facts.elsewhere(contrast)
        if found and interval_told(contrast):
            yield contrast, found


def _weight(one: Told) -> tuple[bool, float]:
    """What is established comes first, and of that what is largest."""
    return one[0].verdict.kind not in (Kind.better, Kind.worse), -abs(one[0].mean or 0.0)


def _pair(contrast: Contrast) -> str:
    return f"{contrast.first} − {contrast.second}"


def _spans(contrast: Contrast, found: Elsewhere) -> tuple[str, str]:
    """The ends of the interval on other images, and of that on these."""
    there = found.interval
    return f"{signed(there.low)} to {signed(there.high)}", interval_told(contrast)


def _shaken(facts: Facts, told: Sequence[Told]) -> Iterator[str]:
    """The claims that the second interval does not support."""
    margin = facts.rules.margin
    made = of_kind([contrast for contrast, _ in told], *SAID)
    fallen = [contrast for contrast, found in told if contrast in made and not _holds(contrast, found.interval, margin)]
    if fallen:
        names = [SAID[each.verdict.kind].format(*each.arms) for each in fallen[:NAMED]]
        left = [f"{len(fallen) - NAMED} more"] if len(fallen) > NAMED else []
        yield f"On other images this need not be so: {listing([*names, *left])}."


def _holds(contrast: Contrast, there: Interval, margin: float) -> bool:
    if contrast.verdict.kind is Kind.equivalent:
        return -margin < there.low and there.high < margin
    return there.excludes(0)


def _seeds(seeds: Sequence[int]) -> str:
    first, count = seeds[0], len(seeds)
    if count == 1:
        return f"seed {first}"
    in_a_row = [*seeds] == [*range(first, first + count)]
    return f"seeds {first} to {seeds[-1]}" if in_a_row else plural(count, "seed")
