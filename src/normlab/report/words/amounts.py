"""Numbers of an outcome in words: with its decimals, its unit, and which way is better."""

from __future__ import annotations

from normlab.analysis import Facts
from normlab.outcomes import ACCURACY, Outcome
from normlab.show.numbers import between, fixed, signed


def value(number: float | None, outcome: Outcome) -> str:
    """What an arm reached: `99.31%`, or `0.0312 nats`."""
    return fixed(number, outcome.digits) + _unit(outcome)


def values(numbers: list[float], outcome: Outcome) -> str:
    """From the lowest to the highest of several: `99.20 to 99.31%`, or `cross-entropy 0.0301 to 0.0312 nats`."""
    told = between(numbers, outcome.digits) + _unit(outcome)
    return told if outcome is ACCURACY else f"{outcome.title} {told}"


def amount(number: float, outcome: Outcome) -> str:
    """How far two arms are apart: `0.123 points`."""
    return fixed(number, outcome.finer) + outcome.behind


def difference(number: float | None, outcome: Outcome) -> str:
    """The same with its sign."""
    return signed(number, outcome.finer) + outcome.behind


def ends(low: float, high: float, outcome: Outcome) -> str:
    """Of an interval, with their signs."""
    return f"{signed(low, outcome.finer)} to {signed(high, outcome.finer)}"


def within(margin: float, outcome: Outcome) -> str:
    """What does not matter: `0.1 points`."""
    return f"{margin:g}{outcome.behind}"


def measured(facts: Facts) -> str:
    """What differences are in: `percentage points of final test accuracy`."""
    outcome = facts.outcome
    lead = f"{unit(outcome)} of final {facts.judged_on} {outcome.title}" if outcome.apart else outcome.title
    return lead if outcome.higher else f"{lead}, of which lower is better"


def unit(outcome: Outcome) -> str:
    """That of differences, written out: `percentage points`, or `nats`; empty where there is none."""
    return "percentage points" if outcome.apart == "points" else outcome.apart


def axis(outcome: Outcome, lead: str = "") -> str:
    """Of a chart: `accuracy (%)`."""
    told = f"{lead}{outcome.title}"
    return f"{told} ({outcome.unit})" if outcome.unit else told


def most(outcome: Outcome) -> str:
    """What the best mean is: `highest mean`, or `lowest mean cross-entropy`."""
    if outcome is ACCURACY:
        return "highest mean"
    return f"{'highest' if outcome.higher else 'lowest'} mean {outcome.title}"


def _unit(outcome: Outcome) -> str:
    return outcome.unit if outcome.unit in ("%", "") else f" {outcome.unit}"
