"""What the outcomes of a function's calls amount to: a verdict, and which arms it leaves open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from normlab.calls import Outcome
from normlab.stats.looks import Looks
from normlab.tables import Judgement
from normlab.tables.judge import Criteria
from normlab.verbs.functions import Maker

SEED = "seed"
"""The column of a call's seed."""


@dataclass(frozen=True)
class Judging:
    """How outcomes become a verdict: by what, and who knows the score."""

    criteria: Criteria
    maker: Maker

    def verdict(self, outcomes: Sequence[Outcome], looks: Looks) -> Judgement:
        """On the runs that are there."""
        return replace(self.criteria, looks=looks).judged([self._row(outcome) for outcome in outcomes])

    def _row(self, outcome: Outcome) -> dict[str, Any]:
        call = outcome.call
        levels = {factor: str(call.config[factor]) for factor in self.criteria.arm}
        return {**levels, SEED: call.seed, self.maker.score: self.maker.number(outcome.record)}


@dataclass
class OpenArms:
    """Which arms are open, as outcomes come in: all of them until all share two seeds."""

    judging: Judging
    arms: Collection[str]
    looks: Looks
    known: list[Outcome] = field(default_factory=list)

    def __call__(self, outcomes: Sequence[Outcome]) -> Collection[str]:
        """The names of those that are open, with these outcomes too."""
        self.known += outcomes
        seeds = [{each.call.seed for each in self.known if each.call.label == arm} for arm in self.arms]
        if len(set.intersection(*seeds)) < 2:
            return self.arms
        pairs = self.judging.verdict(self.known, self.looks).pairs
        return {arm.name for pair in pairs if not pair.verdict.settled for arm in (pair.first, pair.second)}
