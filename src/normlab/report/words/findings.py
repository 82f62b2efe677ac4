"""What the numbers carry, in sentences, and nothing that they do not carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from normlab.analysis import Facts, Interaction
from normlab.analysis.arms import ArmRow
from normlab.outcomes import Outcome
from normlab.records import Comparison
from normlab.report.words import (
    answers,
    caution,
    crossed,
    failures,
    health,
    path,
    penalty,
    registered,
    settling,
    sources,
    trials,
)
from normlab.report.words.cards import anchor
from normlab.report.words.headings import depends, heading
from normlab.show.numbers import estimate, listing, plural
from normlab.show.waiting import waits

NAMED = 5
"""Damaged runs that are named; the others are counted."""
PENALTY = "What the penalty does to the weights"


@dataclass(frozen=True)
class Chapter:
    """Sentences under one heading; `anchor` is what it is called in a page's address where a card leads to it.

    What only few readers need is `aside`; an `alarm` is what everybody has to know before trusting a number.
    """

    heading: str
    sentences: tuple[str, ...]
    anchor: str = ""
    aside: bool = False
    alarm: bool = False


def chapters(facts: Facts) -> tuple[Chapter, ...]:
    """What a reader should take away, most important first; headings without a sentence are left out."""
    told = _of_paths(facts) if facts.paths else _of_questions(facts)
    return tuple(chapter for chapter in told if chapter.sentences)


def _of_paths(facts: Facts) -> Iterator[Chapter]:
    yield _registered(facts)
    yield Chapter("What is missing", tuple(_missing(facts)), alarm=True)
    yield Chapter("How sparse for free?", tuple(path.sentences(facts)))
    yield Chapter(PENALTY, tuple(penalty.in_all(facts)), aside=True)


def _of_questions(facts: Facts) -> Iterator[Chapter]:
    yield _registered(facts)
    yield Chapter("What is missing", tuple(_missing(facts)), alarm=True)
    yield Chapter("What ended at chance", tuple(_stuck(facts)), alarm=True)
    yield Chapter("What collapsed", tuple(failures.collapsed(facts)), alarm=True)
    for factor in dict.fromkeys(question.factor for question in facts.questions):
        yield Chapter(heading(facts.study, factor), tuple(answers.sentences(facts, factor)), anchor(factor))
    for two, found in crossed.together(facts).items():
        yield Chapter(depends(*two), tuple(_whether(facts, found)), anchor(*two))
    yield Chapter(trials.HEADING, tuple(trials.sentences(facts)), trials.ANCHOR)
    yield Chapter(failures.HEADING, tuple(failures.sentences(facts)), failures.ANCHOR)
    yield Chapter(sources.HEADING, tuple(sources.sentences(facts)), sources.ANCHOR, aside=True)
    yield Chapter(PENALTY, tuple(penalty.sentences(facts)), aside=True)
    yield Chapter("Are the norms well?", tuple(health.sentences(facts)), alarm=True)
    yield Chapter("How far to trust this", tuple(caution.sentences(facts)), aside=True)


def _registered(facts: Facts) -> Chapter:
    told = registered.sentence(facts.comparison.registered)
    return Chapter("Is it as it was registered?", (told,) if told else (), alarm=True)


def _whether(facts: Facts, found: Sequence[Interaction]) -> Iterator[str]:
    told = crossed.answer(facts, found)
    yield from [told] if told else []


def _missing(facts: Facts) -> Iterator[str]:
    if facts.owed and facts.study.until_settled:
        runs = plural(facts.owed, "more run")
        yield f"Not settled yet: up to {runs} may be added by the same command{settling.by_the_last(facts)}."
    elif facts.owed:
        yield f"Still missing: {facts.owed} of {plural(facts.planned, 'run')}; every number here may change."
    if facts.late:
        yield f"Seeds count in their order, so that what is settled stays settled: {waits(facts.late)}."
    for row in facts.arms:
        if row.diverged:
            yield _diverged(row)
        if row.unscored:
            yield _unscored(row, facts.outcome)
    if facts.comparison.damaged:
        yield _damaged(facts.comparison)


def _stuck(facts: Facts) -> Iterator[str]:
    """Arms with a run at chance: one such run outweighs all that norms differ by."""
    for row in facts.arms:
        if len(row.at_chance) == len(row.seeds) > 0:
            yield f"{row.name} ended at chance in every run: {estimate(row.final)}%, as one answer for all images gets."
        elif row.at_chance:
            where = listing([f"seed {run.seed} at {run.accuracy:.2f}%" for run in row.at_chance])
            counted = (
                f"{row.name} ended at chance in {len(row.at_chance)} of {plural(len(row.seeds), 'run')} ({where})."
            )
            yield f"{counted} {_counted(row)}"


def _counted(row: ArmRow) -> str:
    """What the runs at chance are part of: where most of an arm's others learned, they collapsed."""
    if not row.stuck:
        return "Its means count that; its differences leave such seeds out."
    told = "they say how often it fails, not how well it does otherwise."
    return f"Its means and intervals count that, as they should: {told}"


def _damaged(comparison: Comparison) -> str:
    """Accuracies are kept apart from weights, and stand."""
    named = [
        f"{run.job.name} ({comparison.damaged[run.key]})" for run in comparison.runs if run.key in comparison.damaged
    ]
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return (
        f"Damaged in the store: {', '.join(named[:NAMED])}{more}. What is said of weights leaves them out, accuracies "
        "stand; the study's command with --repair trains them anew."
    )


def _unscored(row: ArmRow, outcome: Outcome) -> str:
    """Runs that finished, and have nothing to be judged by."""
    runs, where = plural(len(row.seeds), "run"), listing([f"seed {seed}" for seed in row.unscored])
    return f"{row.name}: the {outcome.title} of {len(row.unscored)} of {runs} is no number ({where}): a failure."


def _diverged(row: ArmRow) -> str:
    where = listing([f"seed {run.seed} in epoch {run.epoch}" for run in row.diverged])
    if not row.seeds:
        return f"{row.name} diverged in every run so far ({where}): there is no accuracy to compare."
    ended = len(row.seeds) + len(row.diverged)
    return (
        f"{row.name} diverged in {len(row.diverged)} of {plural(ended, 'run')} ({where}). "
        "Its means leave these out, which flatters it; no verdict does."
    )
