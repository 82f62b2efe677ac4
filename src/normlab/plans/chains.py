"""A path: arms that differ only in λ, from the smallest up, each from the final weights of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from normlab.plans.jobs import Maker
from normlab.records import Job, RunRecord


@dataclass
class _Chain:
    """The runs of one path on one seed by rising λ, and what came of those that are done."""

    jobs: Sequence[Job]
    done: dict[str, RunRecord]
    broken: bool = False

    @property
    def owed(self) -> list[Job]:
        """What is still to be trained."""
        return [] if self.broken else [job for job in self.jobs if job.key not in self.done]

    def next(self) -> Job:
        """The first that is owed, from the weights of the last before it that did not diverge."""
        job = self.owed[0]
        before = [self.done[each.key] for each in self.jobs[: self.jobs.index(job)]]
        sound = [run for run in before if run.diverged_at is None]
        return replace(job, start=sound[-1].weights, origin=sound[-1].key) if sound else job


class Chains:
    """The jobs of a study with `warm_start`.

    A run that leaves no record ends its chain; one that diverged is passed over, and the next starts from the one
    before it.

    Args:
        maker: of a study with `warm_start`.
        runs: what is in the store already.
    """

    def __init__(self, maker: Maker, runs: Sequence[RunRecord]) -> None:
        study, done = maker.study, {run.key: run for run in runs}
        alone = [[arm] for arm in study.arms if not arm.recipe.penalty.lam]
        jobs = [[maker.job(arm, seed) for arm in arms] for seed in study.seeds for arms in [*study.paths, *alone]]
        self.chains = [_Chain(each, {job.key: done[job.key] for job in each if job.key in done}) for each in jobs]

    def ready(self) -> Sequence[Job]:
        """The next of each chain, that of the longest chain first; see `Plan.ready`."""
        waiting = [chain for chain in self.chains if chain.owed]
        return tuple(chain.next() for chain in sorted(waiting, key=lambda chain: -len(chain.owed)))

    def keep(self, record: RunRecord) -> None:
        """A run is done: the next of its chain may start."""
        for chain in self._with(record.key):
            chain.done[record.key] = record

    def drop(self, job: Job, why: str) -> None:  # noqa: ARG002 - what comes after it cannot start, whatever the reason
        """The rest of its chain has nothing to start from."""
        for chain in self._with(job.key):
            chain.broken = True

    def _with(self, key: str) -> list[_Chain]:
        return [chain for chain in self.chains if any(job.key == key for job in chain.jobs)]
