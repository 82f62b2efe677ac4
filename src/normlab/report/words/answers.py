"""The answer to each question, a sentence for each pair of arms: a winner with its interval, or not enough evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from normlab.report.facts import Facts
from normlab.report.facts.contrasts import About, Contrast, Question
from normlab.report.words.numbers import fixed, listing, percent, plural, signed
from normlab.stats.intervals import Interval


@dataclass(frozen=True)
class Better:
    """A conclusive contrast, turned so that the difference in points is positive."""

    better: str
    worse: str
    difference: float
    low: float
    high: float


def better(contrast: Contrast) -> Better:
    """The winner of a conclusive contrast."""
    if contrast.interval is None or contrast.mean is None:
        raise ValueError(f"{contrast.first} and {contrast.second} have no interval and hence no winner")
    low, high = contrast.interval.low, contrast.interval.high
    if contrast.mean > 0:
        return Better(contrast.first, contrast.second, contrast.mean, low, high)
    return Better(contrast.second, contrast.first, -contrast.mean, -high, -low)


def sentences(facts: Facts, about: About) -> Iterator[str]:
    """Every question about norms, or about L1: what is established first, then the rest."""
    asked = [question for question in facts.questions if question.about == about and facts.finished]
    alone = [question for question in asked if _shares_one_seed(facts, question)]
    compared = [contrast for question in asked if question not in alone for contrast in question.contrasts]
    yield from (_sentence(contrast) for contrast in sorted(compared, key=lambda contrast: not contrast.conclusive))
    yield from (_one_seed(facts, question) for question in alone)


def _sentence(contrast: Contrast) -> str:
    pair = f"{contrast.first} against {contrast.second}"
    if contrast.mean is None:
        return f"{pair}: no seed has finished in both, so they cannot be compared."
    if contrast.interval is None:
        return f"{pair}: {signed(contrast.mean)} points; one seed cannot tell these apart."
    return _conclusive(contrast) if contrast.conclusive else f"{pair}: {_inconclusive(contrast, contrast.interval)}"


def _conclusive(contrast: Contrast) -> str:
    won = better(contrast)
    return (
        f"{won.better} is better than {won.worse} by {fixed(won.difference, 3)} points "
        f"({fixed(won.low, 3)} to {fixed(won.high, 3)}, {plural(len(contrast.seeds), 'seed')})."
    )


def _inconclusive(contrast: Contrast, interval: Interval) -> str:
    seeds = plural(len(contrast.seeds), "seed")
    if interval.width:
        span = f"{signed(interval.low)} to {signed(interval.high)}, {seeds}"
        return f"{signed(contrast.mean)} points ({span}), not enough evidence."
    # Whole images are counted, so a few seeds may well differ by the same number of them.
    return f"the same {signed(contrast.mean)} points in {seeds}, which does not show their spread: not enough evidence."


def _shares_one_seed(facts: Facts, question: Question) -> bool:
    finished = [row.seeds for row in facts.arms if row.name in question.arms]
    return len(finished[0]) == 1 and all(seeds == finished[0] for seeds in finished)


def _one_seed(facts: Facts, question: Question) -> str:
    finals = {row.name: row.final.mean for row in facts.arms if row.final is not None}
    reached = [f"{name} {percent(finals[name])}" for name in question.arms]
    return f"One seed cannot tell these apart: {listing(reached)}."
