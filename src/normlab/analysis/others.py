"""What else differs: the outcomes that are not the primary one, for each arm, and for each pair that has a verdict.

They are exploratory: corrected together for all outcomes and pairs of the study, a family of their own beside that of
the verdicts, which they do not change. The seeds are those of the verdict, on which neither arm failed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from normlab.analysis.arms import Estimate
from normlab.analysis.contrasts import Contrast
from normlab.outcomes import BESIDE, Outcome, Seen
from normlab.records import Comparison, RunRecord
from normlab.stats.exploratory import Asked, Explored, explore
from normlab.stats.verdict import Rules

Values = Mapping[str, Mapping[int, float]]
"""By the outcome's name and the seed."""


@dataclass(frozen=True)
class Reached:
    """What the finished runs of an arm reached in an outcome, failed ones as well.

    `estimate` is of the runs that recorded it and got there, None where none did; `never` how many never got there,
    `unrecorded` how many do not say.
    """

    arm: str
    outcome: Outcome
    estimate: Estimate | None
    never: int
    unrecorded: int


@dataclass(frozen=True)
class Other:
    """One outcome of a pair: first − second on each seed that has both, in the outcome's own unit.

    A difference is infinite where one arm never got there, and 0 where neither did. `apart` is how many seeds are left
    out because the two runs were made in places that do not compare.
    """

    contrast: Contrast
    outcome: Outcome
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    apart: int
    found: Explored


@dataclass(frozen=True)
class Others:
    """All of a study: arms by outcomes, pairs by outcomes, and with which `confidence` nothing stands by chance."""

    outcomes: tuple[Outcome, ...]
    beside: tuple[Outcome, ...]
    reached: tuple[Reached, ...]
    pairs: tuple[Other, ...]
    confidence: float

    @property
    def standing(self) -> tuple[Other, ...]:
        """Those that stand after correction, the surest first."""
        return tuple(sorted((pair for pair in self.pairs if pair.found.stands), key=lambda pair: pair.found.p))

    def of(self, arm: str, outcome: Outcome) -> Reached:
        """What an arm reached."""
        return next(one for one in self.reached if (one.arm, one.outcome) == (arm, outcome))


def others(
    comparison: Comparison,
    contrasts: Sequence[Contrast],
    rules: Rules,
    wanted: Sequence[Outcome],
    beside: Sequence[Outcome] = BESIDE,
) -> Others:
    """Some outcomes of a study's arms and pairs; of those `beside` nothing is compared."""
    known = {arm.name: _values(comparison, arm.name, (*wanted, *beside)) for arm in comparison.study.arms}
    paired = [
        (contrast, outcome, *_paired(comparison, known, contrast, outcome))
        for contrast in contrasts
        for outcome in wanted
    ]
    found = explore([Asked(differences, outcome.open_ended) for _, outcome, _, differences, _ in paired], rules)
    return Others(
        outcomes=tuple(wanted),
        beside=tuple(beside),
        reached=tuple(_reached(comparison, known, (*wanted, *beside))),
        pairs=tuple(Other(*each, one) for each, one in zip(paired, found, strict=True)),
        confidence=rules.confidence,
    )


def _values(comparison: Comparison, arm: str, wanted: Sequence[Outcome]) -> Values:
    """A run's probabilities are opened once and let go: what stays is a number of each outcome."""
    values = dict[str, dict[int, float]]({outcome.name: {} for outcome in wanted})
    for run in comparison.of(arm):
        seen = Seen(run, comparison.labels)
        for outcome in wanted:
            if (value := outcome.read(seen)) is not None:
                values[outcome.name][run.seed] = value
    return values


def _reached(comparison: Comparison, known: Mapping[str, Values], wanted: Sequence[Outcome]) -> Iterator[Reached]:
    for arm, values in known.items():
        for outcome in wanted:
            there = values[outcome.name].values()
            got = tuple(value for value in there if math.isfinite(value))
            estimate, unrecorded = Estimate(got) if got else None, len(comparison.of(arm)) - len(there)
            yield Reached(arm, outcome, estimate, len(there) - len(got), unrecorded)


def _paired(
    comparison: Comparison, known: Mapping[str, Values], contrast: Contrast, outcome: Outcome
) -> tuple[tuple[int, ...], tuple[float, ...], int]:
    """The seeds of a pair that both arms recorded in one place, their differences, and how many more places differ."""
    first, second = (known[arm][outcome.name] for arm in contrast.arms)
    runs = [_by_seed(comparison.of(arm)) for arm in contrast.arms]
    both = [seed for seed in contrast.seeds if seed in first and seed in second]
    seeds = tuple(s for s in both if outcome.place(runs[0][s]) == outcome.place(runs[1][s]))
    return seeds, tuple(_difference(first[seed], second[seed]) for seed in seeds), len(both) - len(seeds)


def _by_seed(runs: Sequence[RunRecord]) -> dict[int, RunRecord]:
    return {run.seed: run for run in runs}


def _difference(first: float, second: float) -> float:
    """Of two runs that never got there nobody knows which would have been first."""
    return 0.0 if first == second else first - second
