"""A project whose runs several processes make together."""

from __future__ import annotations

from collections.abc import Sequence

from normlab.calls import Call, CallRecord
from normlab.events import FileRefused, Tell
from normlab.plans.plan import Work
from normlab.records import Job, RunRecord
from normlab.store import Leases, Store, Wanting


class _Leased:
    """What is common to all: leases say who makes which run."""

    def __init__(self, store: Store) -> None:
        self.store, self.leases = store, Leases(store.project)

    def take(self, job: Work) -> bool:
        """See `Share.take`; what was kept a moment ago is not made again."""
        if not self.leases.take(job.key):
            return False
        if self.made(job.key):
            self.leases.give_back(job.key)
            return False
        return True

    def made(self, key: str) -> bool:
        """Whether the run is in the store."""
        return bool(self.store.have([key]))

    def give_back(self, job: Work) -> None:
        """See `Share.give_back`."""
        self.leases.give_back(job.key)

    def renew(self) -> None:
        """See `Share.renew`."""
        self.leases.renew()


class Shared(_Leased):
    """An `execution.Share` of a project's runs: leases say who makes them, the store what is made.

    With `wanting`, others hear through it what is wanted next, for as long as this is renewed.
    """

    def __init__(self, store: Store, tell: Tell, wanting: Wanting | None = None) -> None:
        super().__init__(store)
        self.tell, self.told, self.wanting = tell, dict[str, str](), wanting

    def renew(self) -> None:
        """See `Share.renew`."""
        super().renew()
        if self.wanting:
            self.wanting.renew()

    def made(self, key: str) -> bool:
        """Whether the run is in the store, or a worker on another machine has left it a moment ago.

        The spool is looked at first: what is merged meanwhile is in the store when that is asked.
        """
        waits = self.store.spool.has(key)
        if super().made(key):
            return True
        if waits:
            self.merge()
        return waits and super().made(key)

    def merge(self) -> None:
        """Keep what workers on other machines have left; of a file that cannot be kept it is said once why."""
        for key, why in self.store.merge_spool().damaged.items():
            if self.told.get(key) != why:
                self.told[key] = why
                self.tell(FileRefused(key, why))

    def news(self, jobs: Sequence[Job]) -> Sequence[RunRecord]:
        """See `Share.news`; what workers on other machines have left is kept first."""
        self.merge()
        have = self.store.have([job.key for job in jobs])
        return self.store.runs([job for job in jobs if job.key in have]) if have else []


class SharedCalls(_Leased):
    """The same of runs of functions of one's own."""

    def made(self, key: str) -> bool:
        """Whether the run is in the store."""
        return bool(self.store.have_calls([key]))

    def news(self, jobs: Sequence[Call]) -> Sequence[CallRecord]:
        """See `Share.news`."""
        return self.store.call_records(jobs)
