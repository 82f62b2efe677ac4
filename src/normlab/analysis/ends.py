"""What became of each run of an arm: sound, collapsed, or diverged. The last two are failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from normlab.analysis.scores import Scores
from normlab.records import RunRecord
from normlab.stats.collapse import collapsed


class Final(Protocol):
    """The judged images at a run's last epoch, see `records.Epoch`."""

    @property
    def judged_correct(self) -> int:
        """How many were right."""

    @property
    def judged_images(self) -> int:
        """Of how many."""

    @property
    def judged_accuracy(self) -> float:
        """In percent."""


Finals = Mapping[tuple[str, int], Final | None]
"""The final epoch of every run that has ended, by (arm, seed); None where it diverged."""


@dataclass(frozen=True)
class Ends:
    """The runs of an arm by their seeds.

    `sound` has the final epochs of those that did not fail, `collapsed` of those that ended far below the arm's others,
    `diverged` the seeds of those whose loss, or what they are judged by, is no number.
    """

    sound: Mapping[int, Final] = field(default_factory=dict)
    collapsed: Mapping[int, Final] = field(default_factory=dict)
    diverged: frozenset[int] = frozenset()

    @property
    def failed(self) -> frozenset[int]:
        """The seeds on which the arm failed, either way."""
        return self.diverged | self.collapsed.keys()

    @property
    def seeds(self) -> frozenset[int]:
        """Those of all runs that have ended."""
        return self.failed | self.sound.keys()


def finals(runs: Iterable[RunRecord], scores: Scores | None = None) -> dict[tuple[str, int], Final | None]:
    """The ends of runs; one that has no number among the `scores` has failed, as one that diverged."""
    return {(run.arm, run.seed): run.final if _ended(run, scores) else None for run in runs}


def ends(known: Finals, margin: float) -> dict[str, Ends]:
    """Those of every arm that has a run; a run that lost less than `margin`, in points, has not collapsed."""
    by_arm: dict[str, dict[int, Final | None]] = {}
    for (arm, seed), end in sorted(known.items()):
        by_arm.setdefault(arm, {})[seed] = end
    return {arm: _of(ended, margin) for arm, ended in by_arm.items()}


def _ended(run: RunRecord, scores: Scores | None) -> bool:
    return run.diverged_at is None and (scores is None or (run.arm, run.seed) in scores)


def _of(ended: Mapping[int, Final | None], margin: float) -> Ends:
    reached = {seed: end for seed, end in ended.items() if end is not None}
    told = collapsed([end.judged_accuracy for end in reached.values()], margin) if reached else ()
    low = {seed for seed, is_low in zip(reached, told, strict=True) if is_low}
    return Ends(
        sound={seed: end for seed, end in reached.items() if seed not in low},
        collapsed={seed: end for seed, end in reached.items() if seed in low},
        diverged=frozenset(ended.keys() - reached.keys()),
    )
