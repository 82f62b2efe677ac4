"""Arms that get next to no image wrong: what a reader has to know of differences of so few errors."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.show.numbers import listing
from normlab.stats.counted import FEW
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind

UNTIL_SETTLED = "6 to 8"
"""Percent of pairs with so few errors that are wrongly called equivalent, by `normlab calibrate`."""


def arms(facts: Facts) -> list[str]:
    """Those of equivalent pairs whose runs get fewer than `FEW` images wrong in the mean."""
    if not facts.study.verdict.usual:
        return []
    equal = {arm for each in facts.contrasts if each.verdict.kind is Kind.equivalent for arm in each.arms}
    ends = [(row.name, row.final.mean) for row in facts.arms if row.final is not None and row.name in equal]
    return [name for name, accuracy in ends if (100 - accuracy) / 100 * facts.images < FEW]


def caution(facts: Facts) -> Iterator[str]:
    """What the verdicts on them need, or that no test of means is exact there."""
    if few := arms(facts):
        lead = f"Runs of {listing(few)} get fewer than {FEW:g} images wrong, and differences of so few are skewed"
        yield f"{lead}: {_need(facts)}."


def _need(facts: Facts) -> str:
    if facts.rules.looks is Looks.once:
        return "“equivalent” needs a test of the counts here too, and holds as promised if they scatter as counts do"
    allowed = f"{100 * (1 - facts.rules.confidence):.2g}%"
    worse = "an arm that is a margin worse is called equivalent"
    if facts.rules.looks is Looks.up_to:
        return f"{worse} in {UNTIL_SETTLED}% of pairs, not in {allowed}"
    return f"{worse} more often than in {allowed} of pairs"
