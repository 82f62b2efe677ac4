"""A project whose runs several processes make together."""

from __future__ import annotations

from collections.abc import Sequence

from normlab.records import Job, RunRecord
from normlab.store import Leases, Store


class Shared:
    """An `execution.Share` of a project's runs: leases say who makes them, the store what is made."""

    def __init__(self, store: Store) -> None:
        self.store, self.leases = store, Leases(store.project)

    def take(self, job: Job) -> bool:
        """See `Share.take`; what was kept a moment ago is not made again."""
        if not self.leases.take(job.key):
            return False
        if self.store.have([job.key]):
            self.leases.give_back(job.key)
            return False
        return True

    def give_back(self, job: Job) -> None:
        """See `Share.give_back`."""
        self.leases.give_back(job.key)

    def renew(self) -> None:
        """See `Share.renew`."""
        self.leases.renew()

    def news(self, jobs: Sequence[Job]) -> Sequence[RunRecord]:
        """See `Share.news`; what workers on other machines have left is kept first."""
        self.store.merge_spool()
        have = self.store.have([job.key for job in jobs])
        return self.store.runs([job for job in jobs if job.key in have]) if have else []
