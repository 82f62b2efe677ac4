"""A path: arms that differ only in λ, from the smallest up, each from the final weights of the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from normlab.execution.plan import job
from normlab.records import Job, RunRecord
from normlab.spec import Arm, Study


@dataclass
class _Chain:
    """The arms of one path on one seed that are still owed, and the last finished run before them."""

    seed: int
    owed: list[Arm]
    under_way: str = ""
    last: RunRecord | None = field(default=None, repr=False)


class Warming:
    """The jobs of a study with `warm_start`.

    A run that leaves no record ends its chain; one that diverged is passed over.

    Args:
        study: with `warm_start`.
        runs: what is in the store already.
        engine: what to train with.
    """

    def __init__(self, study: Study, runs: Sequence[RunRecord], engine: str) -> None:
        self.study, self.engine = study, engine
        done = {(run.arm, run.seed): run for run in runs}
        alone = [[arm] for arm in study.arms if not arm.penalty]
        self.chains = [_chain(arms, seed, done) for seed in study.seeds for arms in [*study.paths, *alone]]

    @property
    def owed(self) -> int:
        """How many runs are still owed."""
        return sum(len(chain.owed) for chain in self.chains)

    def keep(self, record: RunRecord) -> None:
        """A run is done: the next of its chain may start."""
        for chain in self.chains:
            if (chain.under_way, chain.seed) == (record.arm, record.seed):
                chain.under_way = ""
                chain.last = chain.last if record.diverged_at is not None else record

    def jobs(self) -> Iterator[Job | None]:
        """The next run that can start, of the chain that is furthest behind; None while all wait for one under way."""
        while self.owed:
            ready = [chain for chain in self.chains if chain.owed and not chain.under_way]
            yield self._start(max(ready, key=lambda chain: len(chain.owed))) if ready else None

    def _start(self, chain: _Chain) -> Job:
        arm = chain.owed.pop(0)
        chain.under_way = arm.name
        start = chain.last.weights if chain.last else None
        return replace(job(self.study, arm, chain.seed, self.engine), start=start)


def _chain(arms: Sequence[Arm], seed: int, done: Mapping[tuple[str, int], RunRecord]) -> _Chain:
    known = [done[arm.name, seed] for arm in arms if (arm.name, seed) in done]
    finished = [run for run in known if run.diverged_at is None]
    owed = [arm for arm in arms if (arm.name, seed) not in done]
    return _Chain(seed, owed, last=finished[-1] if finished else None)
