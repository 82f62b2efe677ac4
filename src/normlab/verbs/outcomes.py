"""What the outcomes of a function's calls amount to: a verdict, and which arms it leaves open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from normlab.analysis.order import Placed, awaited, in_order
from normlab.calls import Call, Outcome
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
    """Which arms are open, as outcomes come in: all of them until all share two seeds that count.

    A call that is given up is passed over, since its arm would else take all seeds and wait for it.
    """

    judging: Judging
    arms: Collection[str]
    looks: Looks
    seeds: Sequence[int]
    ended: dict[Placed, Outcome | None] = field(default_factory=dict)

    def __call__(self, outcomes: Sequence[Outcome], given_up: Sequence[Call]) -> Collection[str]:
        """The names of those that are open, with these outcomes too."""
        self.ended.update(dict.fromkeys((call.label, call.seed) for call in given_up))
        self.ended.update(placed(outcomes))
        known = [outcome for outcome in in_order(self.ended, self.seeds).values() if outcome is not None]
        seeds = [{each.call.seed for each in known if each.call.label == arm} for arm in self.arms]
        if len(set.intersection(*seeds)) < 2:
            return self.arms
        pairs = self.judging.verdict(known, self.looks).pairs
        return {arm.name for pair in pairs if not pair.verdict.settled for arm in (pair.first, pair.second)}


def placed(outcomes: Sequence[Outcome]) -> dict[Placed, Outcome]:
    """By arm and seed."""
    return {(outcome.call.label, outcome.call.seed): outcome for outcome in outcomes}


def late(outcomes: Sequence[Outcome], seeds: Sequence[int]) -> dict[int, set[int]]:
    """The seeds of what has come and does not count yet, by the seed that they wait for."""
    ended, found = placed(outcomes), dict[int, set[int]]()
    counted = in_order(ended, seeds)
    for arm, seed in ended.keys() - counted.keys():
        missing = awaited(ended, seeds, arm)
        assert missing is not None, "it would count"  # noqa: S101 - an invariant
        found.setdefault(missing, set()).add(seed)
    return found
