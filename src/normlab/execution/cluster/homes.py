"""Where the scheduler and its workers are: with somebody, or in processes that are started here for a while."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Protocol

from normlab.errors import ClusterError
from normlab.execution.cluster import processes
from normlab.execution.cluster.address import Address
from normlab.execution.spawn import get_ready, start

START = 60.0
"""Seconds that a scheduler has to start here: a loaded machine may take long to import the library."""


class Home(Protocol):
    """That of a cluster."""

    def scheduler(self) -> str:
        """The address of the scheduler, started if it is to be started here and is not there."""

    def mend(self) -> None:
        """Replace workers that are lost, where they were started here."""

    def stop(self) -> None:
        """End what was started here, now."""


@dataclass(frozen=True)
class Theirs:
    """A cluster that somebody runs, and of which nothing is started or ended here."""

    address: str

    def scheduler(self) -> str:
        """See `Home.scheduler`."""
        return self.address

    def mend(self) -> None:
        """See `Home.mend`: whoever started a worker does."""

    def stop(self) -> None:
        """See `Home.stop`."""


Process = tuple[BaseProcess, Connection]


@dataclass
class Ours:
    """A cluster of `size` workers on this machine."""

    size: int
    head: Process | None = None
    address: str = ""
    workers: list[Process] = field(default_factory=list)

    def scheduler(self) -> str:
        """See `Home.scheduler`; the workers of one that is lost end with it, and others are started."""
        if self.head is None or not self.head[0].is_alive():
            self.stop()
            get_ready("distributed")
            self.head = start(processes.scheduler)
            self.address = _heard(self.head[1])
        self.mend()
        return self.address

    def mend(self) -> None:
        """See `Home.mend`."""
        gone = [each for each in self.workers if not each[0].is_alive()]
        for each in gone:
            _end(each)
            self.workers.remove(each)
        while len(self.workers) < self.size:
            self.workers.append(start(processes.worker))
            with suppress(OSError):  # it ended at once: another look will see to that
                self.workers[-1][1].send(self.address)

    def stop(self) -> None:
        """See `Home.stop`."""
        for each in [*self.workers, *([self.head] if self.head else [])]:
            _end(each)
        self.workers.clear()
        self.head = None


def home_of(address: Address) -> Home:
    """Where a cluster is."""
    return Theirs(address.text) if address.local is None else Ours(address.local)


def _heard(pipe: Connection) -> str:
    try:
        if pipe.poll(START):
            return str(pipe.recv())
    except (EOFError, OSError):
        pass
    raise ClusterError("--cluster: a scheduler could not be started here; --workers does without one")


def _end(process: Process) -> None:
    process[0].kill()
    process[0].join()
    process[1].close()
