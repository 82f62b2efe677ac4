"""What the L1 penalty did to the weights and to the train-test gap, norm by norm."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.report.facts import Facts
from normlab.report.facts.arms import Estimate
from normlab.report.facts.sparsity import NEAR_ZERO, SparsityRow
from normlab.report.words.numbers import between, fixed, percent, signed


def sentences(facts: Facts) -> Iterator[str]:
    """One sentence for each arm with a penalty that has a finished partner without, then what holds for all."""
    told = [_beside(row, plain, facts.judged_on) for row, plain in _pairs(facts)]
    yield from told
    if told:
        yield from _zeros(facts)
        yield from _scale(facts)


def _pairs(facts: Facts) -> list[tuple[SparsityRow, SparsityRow]]:
    plain = {row.arm.norm: row for row in facts.sparsity if not row.arm.penalty and row.abs_sum is not None}
    rows = [row for row in facts.sparsity if row.arm.penalty and row.abs_sum is not None]
    return [(row, plain[row.arm.norm]) for row in rows if row.arm.norm in plain]


def _beside(row: SparsityRow, plain: SparsityRow, judged_on: str) -> str:
    return (
        f"{row.arm.name}: Σ|w| is {_mean(row.abs_sum, 1)} ({_mean(plain.abs_sum, 1)} without), "
        f"{_share(row.near_zero)} of the weights are below {NEAR_ZERO:g} in size ({_share(plain.near_zero)}), "
        f"train − {judged_on} accuracy is {_gap(row)} points ({_gap(plain)})."
    )


def _zeros(facts: Facts) -> Iterator[str]:
    """Whether a weight is gone for good: only an exact zero is."""
    shares = [row.zero.mean for row in facts.sparsity if row.arm.penalty and row.zero is not None]
    if not any(shares):
        yield "Not one weight is exactly zero: this penalty made weights small but removed none."
    else:
        yield f"With L1, {between(shares)}% of an arm's weights are exactly zero."


def _scale(facts: Facts) -> Iterator[str]:
    if any(row.arm.norm != "none" for row in facts.sparsity):
        yield (
            "A norm divides away the scale of the weights before it, so a smaller Σ|w| "
            "does not by itself mean a simpler function."
        )


def _mean(value: Estimate | None, digits: int) -> str:
    return fixed(None if value is None else value.mean, digits)


def _share(value: Estimate | None) -> str:
    return percent(None if value is None else value.mean, 1)


def _gap(row: SparsityRow) -> str:
    return signed(None if row.gap is None else row.gap.mean, 2)
