"""The arms of a table with their scores, and which of them are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from normlab.errors import SpecError, UnknownName
from normlab.stats import estimates
from normlab.stats.collapse import collapsed
from normlab.tables.layout import Layout
from normlab.tables.runs import Run


@dataclass(frozen=True)
class TableArm:
    """An arm's scores in the order of its seeds; without a seed column `seeds` is empty and scores rise.

    `levels` has one for each column that makes an arm, in the order of these. `lost` are the seeds of runs that have no
    finite score, each empty without a seed column; `collapsed` says of each score whether it is far worse than the
    arm's others. Both are failures.
    """

    name: str
    levels: tuple[str, ...]
    seeds: tuple[str, ...]
    scores: tuple[float, ...]
    lost: tuple[str, ...] = ()
    collapsed: tuple[bool, ...] = ()

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

    @property
    def sound(self) -> tuple[float, ...]:
        """The scores of runs that did not fail."""
        return tuple(score for score, low in zip(self.scores, self._low, strict=True) if not low)

    @property
    def failures(self) -> int:
        """How many runs failed."""
        return len(self.lost) + sum(self._low)

    @property
    def failed(self) -> frozenset[str]:
        """The seeds on which it failed; none without seeds."""
        low = (seed for seed, is_low in zip(self.seeds, self._low, strict=False) if is_low)
        return frozenset([*self.lost, *low]) - {""}

    @property
    def ran(self) -> frozenset[str]:
        """All of its seeds; none without seeds."""
        return self.failed.union(self.seeds)

    @property
    def _low(self) -> tuple[bool, ...]:
        return self.collapsed or (False,) * len(self.scores)


Two = tuple[TableArm, TableArm]


def with_collapses(arm: TableArm, margin: float | None, *, lower: bool) -> TableArm:
    """The arm, told which of its runs collapsed; see `stats.collapse`.

    `margin` is the least that such a run loses, None where nobody says which difference matters; `lower` whether lower
    scores are better.
    """
    higher = [-score for score in arm.scores] if lower else arm.scores
    return replace(arm, collapsed=tuple(collapsed(higher, margin or 0.0).tolist()))


def arms(layout: Layout, runs: Sequence[Run], where: str, notes: Sequence[str] = ()) -> tuple[TableArm, ...]:
    """The arms in the order of their levels, numbers by their value; the order of the rows plays no part.

    Those of which every run failed have nothing to compare. Raises `SpecError` for fewer than two others; `notes` say
    what may have been left out.
    """
    found: dict[tuple[str, ...], list[Run]] = defaultdict(list)
    for run in runs:
        found[run.levels].append(run)
    found = {levels: each for levels, each in found.items() if not all(run.failed for run in each)}
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


def without_score(layout: Layout, runs: Sequence[Run]) -> list[str]:
    """What is said of arms of which every run failed."""
    levels = {run.levels for run in runs} - {run.levels for run in runs if not run.failed}
    return [f"every run of {_name(layout, each)} failed: there is no score to compare" for each in sorted(levels)]


def _arm(layout: Layout, levels: tuple[str, ...], runs: Sequence[Run]) -> TableArm:
    name, ended = _name(layout, levels), [run for run in runs if not run.failed]
    lost = tuple(run.seed or "" for run in runs if run.failed)
    if any(run.seed is None for run in runs):
        return TableArm(name, levels, (), tuple(sorted(run.score for run in ended)), lost)
    by_seed = sorted(ended, key=lambda run: _natural((run.seed or "",)))
    seeds = tuple(run.seed or "" for run in by_seed)
    return TableArm(name, levels, seeds, tuple(run.score for run in by_seed), lost)


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
