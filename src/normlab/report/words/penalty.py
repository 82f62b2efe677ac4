"""What the L1 penalty did to the weights and to the train-test gap, norm by norm."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.analysis.arms import Estimate
from normlab.analysis.sparsity import SparsityRow
from normlab.records import NEAR_ZERO
from normlab.report.words import scale
from normlab.show.numbers import between, fixed, percent, signed


def sentences(facts: Facts) -> Iterator[str]:
    """One sentence for each arm with a penalty that has a finished partner without, then what holds for all."""
    told = [_beside(row, plain, facts.judged_on) for row, plain in _pairs(facts)]
    yield from told
    if told:
        yield from in_all(facts)
        yield from scale.steps(facts)


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
