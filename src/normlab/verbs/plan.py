"""`plan`: what a study could say before it is trained, by how many seeds, and how long that takes here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from normlab.errors import SpecError
from normlab.execution.local import usual
from normlab.outcomes import Outcome, find
from normlab.spec import Judging
from normlab.stats.planning import Chances, Ending, Truth, at_once, seeds_for, until_settled
from normlab.stats.verdict import Rules
from normlab.verbs.pilot import Pilot

SEEDS = (3, 5, 8, 10, 15, 20, 30, 40)
"""Numbers of seeds that are looked at, as far as a study may take so many."""
MARGINS = (0.0, 0.5, 1.0, 2.0, 3.0)
"""True differences that are looked at, in margins."""
APART = 2.0
"""In margins: what should be told from nothing."""


@dataclass(frozen=True)
class Planned:
    """The seeds that a study needs, fixed beforehand, and what it would say.

    `needed` calls equal arms equivalent and finds a difference of two margins, each four times out of five, `at_worst`
    if the spread is as large as it may be; None beyond reach. `fixed` are the chances for each of `seeds` and
    `differences`, `settling` those where seeds are added until all is settled: at most `most`, and no more than are
    `affordable` in the time that there is.
    """

    pilot: Pilot
    outcome: str
    rules: Rules
    workers: int
    most: int
    affordable: int | None
    differences: tuple[float, ...]
    needed: int | None
    at_worst: int | None
    seeds: tuple[int, ...]
    fixed: tuple[tuple[Chances, ...], ...]
    settling: tuple[Ending, ...]

    @property
    def primary(self) -> Outcome:
        """What arms are to be judged by."""
        return find(self.outcome)

    def takes(self, seeds: float) -> float | None:
        """Seconds on this machine for so many seeds of all arms; None where nobody knows what a run takes."""
        known = self.pilot.seconds
        return None if known is None else seeds * self.pilot.a_seed * known / self.workers

    def to_dict(self) -> dict[str, Any]:
        """Plain values; chances are 0 to 1, differences and spreads in the outcome's unit."""
        return asdict(self) | {"rules": asdict(self.rules), "seconds": [self.takes(seeds) for seeds in self.seeds]}


def plan(
    pilot: Pilot, judging: Judging, *, workers: int | None = None, most: int = 40, budget: float | None = None
) -> Planned:
    """What a study of such arms could say, and how long it would take.

    Args:
        pilot: what is known beforehand.
        judging: outcome, level and margin.
        workers: runs at a time, by default one per core, and one on a GPU.
        most: the seeds that a study may take which adds them until all is settled, from 2 to `power.MOST`.
        budget: seconds that it may take at most.

    Raises `SpecError` where nobody knows what a run takes and there is a budget, or that is too small for two seeds.
    """
    rules, at_a_time = Rules(level=judging.level, margin=judging.margin), workers or usual(pilot.device)
    affordable = None if budget is None else _affordable(pilot, budget, at_a_time)
    limit = most if affordable is None else min(most, affordable)
    truths = [Truth(margins * rules.margin, pilot.sd) for margins in MARGINS]
    seeds = tuple(count for count in SEEDS if count <= limit)
    return Planned(
        pilot,
        judging.outcome,
        rules,
        at_a_time,
        most,
        affordable,
        tuple(truth.difference for truth in truths),
        seeds_for(pilot.sd, APART * rules.margin, pilot.pairs, rules),
        None if pilot.largest is None else seeds_for(pilot.largest, APART * rules.margin, pilot.pairs, rules),
        seeds,
        tuple(tuple(at_once(truth, count, pilot.pairs, rules) for truth in truths) for count in seeds),
        tuple(until_settled(truth, limit, pilot.pairs, rules) for truth in truths),
    )


def _affordable(pilot: Pilot, budget: float, workers: int) -> int:
    if pilot.seconds is None:
        raise SpecError("--budget: nobody knows what a run takes: say --seconds, or name a study that has some")
    seeds = int(budget * workers / (pilot.a_seed * pilot.seconds))
    if seeds < 2:
        raise SpecError(f"--budget: there is time for {seeds} of the two seeds that it takes at least")
    return seeds
