"""The answer to each question, a sentence for each pair of arms: its verdict, by how much, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from normlab.analysis import Contrast, Facts, Question
from normlab.outcomes import Outcome
from normlab.report.words.amounts import amount, difference, ends, value, within
from normlab.show import failing
from normlab.show.numbers import fixed, listing, plural, signed
from normlab.show.outlook import would_settle
from normlab.show.waiting import waits
from normlab.stats.verdict import Kind

ORDER = (Kind.better, Kind.worse, Kind.equivalent, Kind.withheld, Kind.open)
"""What is established comes first."""
TOO_FEW = 2
"""Seeds whose interval says nothing where nothing is settled."""
TOLD = 6
"""Pairs of one factor, open or equivalent, that are told one by one; more are told together."""


@dataclass(frozen=True)
class Better:
    """A pair with a winner, turned so that the difference is positive."""

    better: str
    worse: str
    difference: float
    low: float
    high: float
    outcome: Outcome


def better(contrast: Contrast) -> Better:
    """The arm that is ahead and by how much, for a pair whose interval excludes 0."""
    if contrast.interval is None or contrast.mean is None:
        raise ValueError(f"{contrast.first} and {contrast.second} have no interval and hence no winner")
    low, high, outcome = contrast.interval.low, contrast.interval.high, contrast.outcome
    names = contrast.arms if (contrast.mean > 0) == outcome.higher else contrast.arms[::-1]
    if contrast.mean > 0:
        return Better(*names, contrast.mean, low, high, outcome)
    return Better(*names, -contrast.mean, -high, -low, outcome)


def sentences(facts: Facts, factor: str) -> Iterator[str]:
    """Every question about one factor: what is established first, then the rest."""
    asked = [question for question in facts.questions if question.factor == factor and facts.finished]
    alone = [question for question in asked if _shares_one_seed(facts, question)]
    compared = [contrast for question in asked if question not in alone for contrast in question.contrasts]
    told = 0
    for kind in ORDER:
        pairs = [contrast for contrast in compared if contrast.verdict.kind is kind]
        yield from _of_one_kind(pairs, facts.study.verdict.margin, first=not told)
        told += len(pairs)
    yield from (_one_seed(facts, question) for question in alone)


def _of_one_kind(pairs: Sequence[Contrast], margin: float, *, first: bool) -> Iterator[str]:
    """Pairs with one kind of verdict, many of them together."""
    if len(pairs) > TOLD and pairs[0].verdict.withheld:
        yield f"{len(pairs)} pairs have no verdict: an arm failed on seeds where the other did not."
        return
    many = [contrast for contrast in pairs if _alike_or_open(contrast)]
    apart = [contrast for contrast in pairs if not _alike_or_open(contrast)] if len(many) > TOLD else pairs
    yield from (_sentence(contrast, margin) for contrast in apart)
    if len(many) > TOLD:
        said = "other pairs" if apart or not first else "pairs"
        alike = many[0].verdict.kind is Kind.equivalent
        yield _alike(many, said, margin) if alike else _undecided(many, said)


def _sentence(contrast: Contrast, margin: float) -> str:
    verdict, pair = contrast.verdict, f"{contrast.first} against {contrast.second}"
    if contrast.mean is None and contrast.awaited is not None:
        return f"{pair}: {waits({contrast.awaited: contrast.waiting})}, so they cannot be compared yet."
    if contrast.mean is None:
        return f"{pair}: no seed has finished in both, so they cannot be compared."
    if verdict.seeds == 1:
        return f"{pair}: {difference(contrast.mean, contrast.outcome)}; one seed cannot tell these apart."
    if verdict.kind is Kind.open:
        return f"{pair}: {_open(contrast)}"
    return _withheld(contrast, margin) if verdict.withheld else _claim(contrast, margin)


def _claim(contrast: Contrast, margin: float) -> str:
    return _equivalent(contrast, margin) if contrast.verdict.kind is Kind.equivalent else _better(contrast)


def _withheld(contrast: Contrast, margin: float) -> str:
    """What would be claimed of the seeds on which neither failed, why it is not, and the way out."""
    told = replace(contrast, verdict=replace(contrast.verdict, kind=contrast.verdict.withheld or Kind.open))
    why = failing.reason(*contrast.arms, contrast.failures.counts)
    return (
        f"{contrast.first} against {contrast.second}: no verdict. Where neither failed, "
        f"{_claim(told, margin).removesuffix('.')}; but {why}. Which to take depends on what a failure costs; more "
        "seeds do not change that, a recipe that fails less does."
    )


def _better(contrast: Contrast) -> str:
    won = better(contrast)
    return f"{won.better} is better than {won.worse} by {_by(won)} {_span(won, contrast)}."


def _equivalent(contrast: Contrast, margin: float) -> str:
    lead = f"{contrast.first} and {contrast.second} are equivalent"
    if contrast.verdict.different and contrast.interval is not None and contrast.interval.excludes(0):
        won = better(contrast)
        ahead = f"{won.better} is ahead by {_by(won)} {_span(won, contrast)}"
        return f"{lead}: {ahead}, less than the {margin:g} that matter."
    outcome, seeds = contrast.outcome, plural(len(contrast.seeds), "seed")
    if contrast.interval is None:
        return f"{lead}: they differ by less than {within(margin, outcome)} ({seeds})."
    span = ends(contrast.interval.low, contrast.interval.high, outcome)
    mean = signed(contrast.mean, outcome.finer)
    return f"{lead}: they differ by less than {within(margin, outcome)} ({mean}, {span}, {seeds})."


def interval_told(contrast: Contrast) -> str:
    """The ends of a pair's interval; empty where it has none that means something: two seeds may give ±170 points."""
    known = contrast.interval
    if known is None or (not contrast.verdict.settled and len(contrast.seeds) <= TOO_FEW):
        return ""
    outcome = contrast.outcome
    return ends(known.low, known.high, outcome) if max(-known.low, known.high) < outcome.widest else ""


def _open(contrast: Contrast) -> str:
    seeds, found = plural(len(contrast.seeds), "seed"), contrast.interval
    apart = difference(contrast.mean, contrast.outcome)
    if found is not None and not found.width:
        # Whole images are counted, so a few seeds may well differ by the same number of them.
        same = f"the same {apart} in {seeds}, which does not show their spread"
        return f"{same}: not enough evidence."
    if not interval_told(contrast):
        return f"{apart}; {seeds} cannot tell; {_more(contrast)}."
    span = f"{interval_told(contrast)}, {seeds}"
    return f"{apart} ({span}), not enough evidence; {_more(contrast)}."


def _alike_or_open(contrast: Contrast) -> bool:
    """Whether a pair says no more than others of its verdict; each has its row in the numbers behind the verdicts."""
    verdict = contrast.verdict
    alike = verdict.kind is Kind.equivalent and not verdict.different
    return len(contrast.seeds) > 1 and (verdict.kind is Kind.open or alike)


def _alike(contrasts: Sequence[Contrast], pairs: str, margin: float) -> str:
    widest = max(contrasts, key=lambda contrast: abs(contrast.mean or 0))
    apart = within(margin, widest.outcome)
    lead = f"{len(contrasts)} {pairs} are equivalent: they differ by less than {apart}"
    return f"{lead}. Farthest apart: {_pair(widest)}."


def _undecided(contrasts: Sequence[Contrast], pairs: str) -> str:
    rising = sorted(contrasts, key=lambda contrast: contrast.verdict.more or math.inf)
    near, far = rising[0], rising[-1]
    lead = f"{len(contrasts)} {pairs}: not enough evidence"
    return f"{lead}. Nearest to a verdict: {_pair(near)}; {_more(near)}. Farthest: {_pair(far)}; {_more(far)}."


def _pair(contrast: Contrast) -> str:
    return f"{contrast.first} against {contrast.second}, {difference(contrast.mean, contrast.outcome)}"


def _more(contrast: Contrast) -> str:
    """How far it is to a verdict."""
    growing, anew = contrast.verdict.growing, contrast.verdict.anew
    if growing is None:
        return "their spread is not known yet"
    return would_settle(growing.range, plural(len(contrast.seeds), "seed"), anew.range if anew else None)


def _by(won: Better) -> str:
    return amount(won.difference, won.outcome)


def _span(won: Better, contrast: Contrast) -> str:
    low, high = (fixed(end, won.outcome.finer) for end in (won.low, won.high))
    return f"({low} to {high}, {plural(len(contrast.seeds), 'seed')})"


def _shares_one_seed(facts: Facts, question: Question) -> bool:
    finished = [row.seeds for row in facts.arms if row.name in question.arms]
    return len(finished[0]) == 1 and all(seeds == finished[0] for seeds in finished)


def _one_seed(facts: Facts, question: Question) -> str:
    scores = {row.name: row.score.mean for row in facts.arms if row.score is not None}
    reached = [f"{name} {value(scores.get(name), facts.outcome)}" for name in question.arms]
    return f"One seed cannot tell these apart: {listing(reached)}."
