"""What the L1 penalty did to the weights and to the train-test gap, norm by norm."""

from __future__ import annotations

import math
from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.analysis.arms import Estimate
from normlab.analysis.sparsity import SparsityRow
from normlab.records import NEAR_ZERO
from normlab.report.words import scale
from normlab.show.numbers import between, fixed, percent, signed

TOLD = 4
"""Arms with a penalty that have a sentence each; of more, it is said between what their numbers lie."""


def sentences(facts: Facts) -> Iterator[str]:
    """Arms with a penalty beside those without, then what holds for all of them."""
    pairs = _pairs(facts)
    if len(pairs) > TOLD:
        yield _all_beside(pairs, facts.judged_on)
    else:
        yield from (_beside(row, plain, facts.judged_on) for row, plain in pairs)
    if pairs:
        yield from in_all(facts)
        yield from scale.steps(facts, TOLD)


def in_all(facts: Facts) -> Iterator[str]:
    """What holds for all arms with a penalty together."""
    yield from _zeros(facts)
    yield from scale.sentences(facts)


def _pairs(facts: Facts) -> list[tuple[SparsityRow, SparsityRow]]:
    known = {row.arm: row for row in facts.sparsity if row.abs_sum is not None}
    found = [(row, facts.study.plain(arm)) for arm, row in known.items() if arm.recipe.penalty.lam]
    return [(row, known[plain]) for row, plain in found if plain in known]


def _beside(row: SparsityRow, plain: SparsityRow, judged_on: str) -> str:
    return (
        f"{row.arm.name}: Σ|w| is {_mean(row.abs_sum, 1)} ({_mean(plain.abs_sum, 1)} without), "
        f"{_share(row.near_zero)} of the weights are below {NEAR_ZERO:g} in size ({_share(plain.near_zero)}), "
        f"train − {judged_on} accuracy is {_gap(row)} points ({_gap(plain)})."
    )


def _all_beside(pairs: list[tuple[SparsityRow, SparsityRow]], judged_on: str) -> str:
    """Many arms at once; the table of weights has each."""
    sums = [_ratio(row.abs_sum, plain.abs_sum) for row, plain in pairs]
    near = [row.near_zero.mean for row, _ in pairs if row.near_zero]
    gaps = [row.gap.mean - plain.gap.mean for row, plain in pairs if row.gap and plain.gap]
    return (
        f"{len(pairs)} arms with a penalty: Σ|w| is {between(sums, 2)} × that without, {between(near, 1)}% of the "
        f"weights are below {NEAR_ZERO:g} in size, and train − {judged_on} accuracy is {signed(min(gaps), 2)} to "
        f"{signed(max(gaps), 2)} points beside that without."
    )


def _ratio(value: Estimate | None, plain: Estimate | None) -> float:
    return value.mean / plain.mean if value and plain and plain.mean else math.nan


def _zeros(facts: Facts) -> Iterator[str]:
    """Whether a weight is gone for good: only an exact zero is."""
    for label, rows in _by_kind(facts).items():
        shares = [row.zero.mean for row in rows if row.zero is not None]
        if not any(shares):
            yield f"{label}: not one weight is exactly zero; it made weights small but removed none."
        else:
            yield f"{label}: {between(shares, 1)}% of an arm's weights are exactly zero."


def _by_kind(facts: Facts) -> dict[str, list[SparsityRow]]:
    """The arms with a penalty by its kind; γ is no weight, so that penalties on it are left out."""
    kinds: dict[str, list[SparsityRow]] = {}
    for row in facts.sparsity:
        penalty = row.arm.recipe.penalty
        if penalty.lam and penalty.kind != "gamma":
            kinds.setdefault(penalty.label, []).append(row)
    return kinds


def _mean(value: Estimate | None, digits: int) -> str:
    return fixed(None if value is None else value.mean, digits)


def _share(value: Estimate | None) -> str:
    return percent(None if value is None else value.mean, 1)


def _gap(row: SparsityRow) -> str:
    return signed(None if row.gap is None else row.gap.mean, 2)
