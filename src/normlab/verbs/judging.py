"""What the records of a function's calls amount to: a verdict, and which arms it leaves open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from normlab.analysis.order import Placed, awaited, in_order
from normlab.calls import Call, CallRecord
from normlab.stats.looks import Looks
from normlab.tables import Judgement
from normlab.tables.judge import Criteria
from normlab.verbs.functions import Maker

SEED = "seed"
"""The column of a call's seed."""


@dataclass(frozen=True)
class Judging:
    """How records become a verdict: by what, and who knows the score."""

    criteria: Criteria
    maker: Maker

    def verdict(self, records: Sequence[CallRecord], looks: Looks) -> Judgement:
        """On the runs that are there."""
        return replace(self.criteria, looks=looks).judged([self._row(record) for record in records])

    def _row(self, record: CallRecord) -> dict[str, Any]:
        call = record.call
        levels = {factor: str(call.config[factor]) for factor in self.criteria.arm}
        return {**levels, SEED: call.seed, self.maker.score: self.maker.number(record.gave)}


@dataclass
class OpenArms:
    """Which arms are open, as records come in: all of them until all share two seeds that count.

    A call that is given up is passed over, since its arm would else take all seeds and wait for it.
    """

    judging: Judging
    arms: Collection[str]
    looks: Looks
    seeds: Sequence[int]
    ended: dict[Placed, CallRecord | None] = field(default_factory=dict)

    def __call__(self, records: Sequence[CallRecord], given_up: Sequence[Call]) -> Collection[str]:
        """The names of those that are open, with these records too."""
        self.ended.update(dict.fromkeys((call.label, call.seed) for call in given_up))
        self.ended.update(placed(records))
        known = [record for record in in_order(self.ended, self.seeds).values() if record is not None]
        seeds = [{each.call.seed for each in known if each.call.label == arm} for arm in self.arms]
        if len(set.intersection(*seeds)) < 2:
            return self.arms
        pairs = self.judging.verdict(known, self.looks).pairs
        return {arm.name for pair in pairs if not pair.verdict.settled for arm in (pair.first, pair.second)}


def placed(records: Sequence[CallRecord]) -> dict[Placed, CallRecord]:
    """By arm and seed."""
    return {(record.call.label, record.call.seed): record for record in records}


def late(records: Sequence[CallRecord], seeds: Sequence[int]) -> dict[int, set[int]]:
    """The seeds of what has come and does not count yet, by the seed that they wait for."""
    ended, found = placed(records), dict[int, set[int]]()
    counted = in_order(ended, seeds)
    for arm, seed in ended.keys() - counted.keys():
        missing = awaited(ended, seeds, arm)
        assert missing is not None, "it would count"  # noqa: S101 - an invariant
        found.setdefault(missing, set()).add(seed)
    return found
