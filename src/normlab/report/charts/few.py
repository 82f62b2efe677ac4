"""Of many arms those that a chart shows: the best and the last, and of their pairs those that say most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from normlab.analysis import Contrast, Facts
from normlab.analysis.arms import ArmRow, best_first
from normlab.outcomes import Outcome
from normlab.stats.verdict import Kind

MOST, PAIRS = 30, 24
"""Arms, and pairs, that a chart has at most: more are no longer read."""
ORDER = (Kind.better, Kind.worse, Kind.equivalent, Kind.withheld, Kind.open)


def few(facts: Facts) -> Facts:
    """The facts that charts show; all of them where there are few."""
    names = {row.name for row in _ends(facts.arms, facts.outcome)}
    pairs = [each for each in facts.contrasts if names.issuperset(each.arms)]
    if len(names) == len(facts.arms) and len(pairs) <= PAIRS:
        return facts
    told = {(each.factor, each.arms) for each in sorted(pairs, key=_weight)[:PAIRS]}
    questions = (
        replace(question, contrasts=tuple(each for each in question.contrasts if (each.factor, each.arms) in told))
        for question in facts.questions
    )
    return replace(
        facts,
        arms=tuple(row for row in facts.arms if row.name in names),
        questions=tuple(question for question in questions if question.contrasts),
        curves=tuple(curve for curve in facts.curves if curve.arm in names),
    )


def left_out(facts: Facts) -> str:
    """A sentence that says which arms are shown, empty where all are."""
    of, half = len(facts.study.arms), MOST // 2
    return f"Of {of} arms the {half} best and the {half} last are shown." if of > MOST else ""


def _ends(rows: Sequence[ArmRow], outcome: Outcome) -> Sequence[ArmRow]:
    """The arms with the best and the worst mean."""
    if len(rows) <= MOST:
        return rows
    first = best_first(rows, outcome)
    return [*first[: MOST // 2], *first[-(MOST // 2) :]]


def _weight(contrast: Contrast) -> tuple[int, float]:
    """What is established comes first, and of that what is largest."""
    return ORDER.index(contrast.verdict.kind), -abs(contrast.mean or 0.0)
