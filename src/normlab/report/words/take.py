"""Which arm to take where one must be taken today, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow
from normlab.report.words import amounts
from normlab.report.words.amounts import most
from normlab.report.words.headline import of_kind
from normlab.show.numbers import MISSING, estimate, percent, roughly
from normlab.stats.verdict import Kind

FASTER = 0.9
"""An arm is called the fastest where its run takes at most this share of the next one's time."""


def take(facts: Facts) -> str:
    """The arm to take where one must be taken today, and why."""
    if max(len(contrast.seeds) for contrast in facts.contrasts) < 2:
        return ""
    sound, beaten = _sound(facts), _beaten(facts)
    left = [row for row in sound if row.name not in beaten] or sound
    best = _best(left, facts)
    if len(left) == 1:
        return _only(best, facts, beaten)
    if all(_equal(facts, best, row) for row in left if row is not best):
        return _of_equals(left, facts)
    return f"{best.name}, for now: {most(facts.outcome)} ({_reached(best, facts)}), not proven better."


def of_paths(facts: Facts) -> str:
    """The sparsest of the networks that the paths chose."""
    path = max(facts.paths, key=lambda each: each.chosen.zero.mean)
    zero = percent(path.chosen.zero.mean, 1)
    told = f"{path.choice.chosen.name}: {zero} of its weights exactly zero, within one standard error of the best λ"
    if path.tested is None:
        return f"{told}."
    right, plain = estimate(path.tested.chosen), estimate(path.tested.plain)
    return f"{told}; {right}% of test images right, {plain}% without a penalty."


def _only(best: ArmRow, facts: Facts, beaten: Collection[str]) -> str:
    """Why one arm alone comes into question: the others are beaten, or did not always learn."""
    others = [row.name for row in facts.arms if row is not best]
    if all(name in beaten for name in others):
        return f"{best.name}: every other arm is shown to be worse ({_named(best, facts)})."
    return f"{best.name}: no arm is shown to be better, and every run of it learned ({_named(best, facts)})."


def _sound(facts: Facts) -> list[ArmRow]:
    """The arms of which every run ended well, if there are any; else all that have an end."""
    ended = [row for row in facts.arms if row.score is not None]
    return [row for row in ended if not row.failed and not row.at_chance] or ended


def _beaten(facts: Facts) -> set[str]:
    """The arms that another is shown to be better than."""
    return {
        contrast.second if contrast.verdict.kind is Kind.better else contrast.first
        for contrast in of_kind(facts.contrasts, Kind.better, Kind.worse)
    }


def _of_equals(rows: Sequence[ArmRow], facts: Facts) -> str:
    within = f"equal to the others within {amounts.within(facts.study.verdict.margin, facts.outcome)}"
    sizes = sorted({row.parameters for row in rows if row.parameters is not None})
    if len(sizes) > 1:
        small = min(rows, key=lambda row: row.parameters or 0)
        return f"{small.name}: {within}, and the smallest ({sizes[0]:,} parameters)."
    timed = sorted((row for row in rows if row.seconds), key=_seconds)
    if len(timed) == len(rows) and _seconds(timed[0]) <= FASTER * _seconds(timed[1]):
        return f"{timed[0].name}: {within}, and the fastest ({roughly(_seconds(timed[0]))} a run)."
    best = _best(rows, facts)
    reached = f"{most(facts.outcome)} ({_reached(best, facts)})"
    return f"{best.name}: {within}, of the same size and speed, with the {reached}."


def _equal(facts: Facts, one: ArmRow, other: ArmRow) -> bool:
    pairs = [contrast for contrast in facts.contrasts if {*contrast.arms} == {one.name, other.name}]
    return any(contrast.verdict.kind is Kind.equivalent for contrast in pairs)


def _best(rows: Sequence[ArmRow], facts: Facts) -> ArmRow:
    """The arm with the best mean, the first of several; each has one."""
    means = [row.score.mean for row in rows if row.score]
    return rows[means.index(facts.outcome.best(means))]


def _seconds(row: ArmRow) -> float:
    return row.seconds.mean if row.seconds else 0.0


def _reached(row: ArmRow, facts: Facts) -> str:
    return amounts.value(row.score.mean if row.score else None, facts.outcome)


def _named(row: ArmRow, facts: Facts) -> str:
    """With the outcome's name, where nothing else has it."""
    return amounts.values([row.score.mean], facts.outcome) if row.score else MISSING
