"""The arms of a table with their scores, and which of them are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from normlab.errors import SpecError, UnknownName
from normlab.stats import estimates
from normlab.tables.layout import Layout
from normlab.tables.runs import Run


@dataclass(frozen=True)
class TableArm:
    """An arm's scores in the order of its seeds; without a seed column `seeds` is empty and scores rise.

    `levels` has one for each column that makes an arm, in the order of these.
    """

    name: str
    levels: tuple[str, ...]
    seeds: tuple[str, ...]
    scores: tuple[float, ...]

    def __repr__(self) -> str:
        return f"TableArm({self.name!r}, mean {self.mean:g} of {len(self.scores)})"

    @property
    def mean(self) -> float:
        """In the unit of the scores."""
        return float(estimates.mean(self.scores))

    @property
    def sd(self) -> float | None:
        """Over seeds; None for one run."""
        spread = estimates.sd(self.scores)
        return None if spread is None else float(spread)

    @property
    def by_seed(self) -> dict[str, float]:
        """The scores by their seeds; empty without seeds."""
        return dict(zip(self.seeds, self.scores, strict=False))


Two = tuple[TableArm, TableArm]


def arms(layout: Layout, runs: Sequence[Run], where: str, notes: Sequence[str] = ()) -> tuple[TableArm, ...]:
    """The arms in the order of their levels, numbers by their value; the order of the rows plays no part.

    Raises `SpecError` for fewer than two; `notes` say what may have been left out.
    """
    found: dict[tuple[str, ...], list[Run]] = defaultdict(list)
    for run in runs:
        found[run.levels].append(run)
    if len(found) < 2:
        only = f"only {_name(layout, next(iter(found)))}" if found else "none"
        also = f" ({'; '.join(notes)})" if notes else ""
        raise SpecError(f"{where}: expected the runs of at least two arms to compare, got {only}{also}")
    return tuple(_arm(layout, levels, found[levels]) for levels in sorted(found, key=_natural))


def compared(known: Sequence[TableArm], baseline: str | None = None) -> list[Two]:
    """Every arm with the baseline, or else every two that differ in one factor alone.

    Raises:
        UnknownName: no arm is called as the baseline.
        SpecError: no two arms differ in one factor alone.
    """
    if baseline is not None:
        base = next((arm for arm in known if arm.name == baseline), None)
        if base is None:
            raise UnknownName("arm", baseline, [arm.name for arm in known])
        return [(arm, base) for arm in known if arm is not base]
    found = [(one, other) for one, other in combinations(known, 2) if len(differing(one, other)) == 1]
    if not found:
        raise SpecError("no two arms differ in one factor alone; --baseline ARM compares all others with one of them")
    return found


def differing(one: TableArm, other: TableArm) -> list[int]:
    """The places of the factors in which two arms differ."""
    return [place for place, pair in enumerate(zip(one.levels, other.levels, strict=True)) if pair[0] != pair[1]]


def _arm(layout: Layout, levels: tuple[str, ...], runs: Sequence[Run]) -> TableArm:
    if any(run.seed is None for run in runs):
        return TableArm(_name(layout, levels), levels, (), tuple(sorted(run.score for run in runs)))
    by_seed = sorted(runs, key=lambda run: _natural((run.seed or "",)))
    return TableArm(
        _name(layout, levels), levels, tuple(run.seed or "" for run in by_seed), tuple(run.score for run in by_seed)
    )


def _name(layout: Layout, levels: tuple[str, ...]) -> str:
    if len(levels) == 1:
        return levels[0]
    return ", ".join(f"{column}={level}" for column, level in zip(layout.arm, levels, strict=True))


def _natural(levels: Sequence[str]) -> list[tuple[int, float, str]]:
    """Numbers by their value, before words."""
    return [_ranked(level) for level in levels]


def _ranked(level: str) -> tuple[int, float, str]:
    try:
        value = float(level)
    except ValueError:
        return 1, 0.0, level
    return (0, value, level) if value == value else (1, 0.0, level)  # noqa: PLR0124 - NaN has no rank
