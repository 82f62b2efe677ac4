"""The connection to a scheduler: which workers there are, tasks for them, and what comes back, in one queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from operator import call
from pkgutil import resolve_name
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from normlab.events import Event
from normlab.execution.cluster.reports import LEFT, SAID, event_of
from normlab.execution.cluster.task import Reply, make
from normlab.execution.cluster.terms import Terms

if TYPE_CHECKING:
    from distributed import Client, Future

SILENT = 30.0
"""Seconds after which a scheduler that does not answer is taken for lost: it may have been stopped."""
CODE = f"{make.__module__}:{make.__qualname__}"
"""What a worker is asked to find and call: whoever has no normlab, a scheduler too, could not read a task of ours."""
CLOSING = 1.0
"""Seconds that a connection has to be closed in good manners."""


class SchedulerLost(Exception):
    """The scheduler does not answer any more, or never did."""


@dataclass(frozen=True)
class Ended:
    """A task came to its end: what became of its orders.

    Otherwise it was `lost` together with the scheduler, its worker `died`, or it could not be begun there: an `error`.
    """

    task: str
    replies: Sequence[Reply] = ()
    lost: bool = False
    died: bool = False
    error: str = ""


@dataclass(frozen=True)
class Left:
    """A task was cancelled, and is left by its worker."""

    task: str


Said = Ended | Left | Event


@dataclass
class Link:
    """A client of dask's, and what its workers say."""

    client: Client
    terms: Terms
    inbox: SimpleQueue[Said] = field(default_factory=SimpleQueue)
    numbers: count[int] = field(default_factory=count)

    @classmethod
    def to(cls, address: str, terms: Terms, seconds: float) -> Link:
        """A connection to the scheduler at an address; raises `SchedulerLost` where there is none in time."""
        from distributed import Client

        try:
            client = Client(address, timeout=seconds, set_as_default=False, name="normlab")
        except (OSError, ValueError) as error:  # a name that nobody knows; a scheduler that wants TLS
            raise SchedulerLost(str(error)) from error
        link = cls(client, terms)
        client.subscribe_topic(terms.topic, link._hear)
        return link

    def workers(self) -> set[str]:
        """The addresses of the workers that are there now; raises `SchedulerLost`."""
        if self.client.status != "running":
            raise SchedulerLost
        scheduler: Any = self.client.scheduler
        try:
            return {*self.client.sync(scheduler.ncores, callback_timeout=SILENT)}
        except (OSError, RuntimeError, ValueError, AttributeError) as error:
            raise SchedulerLost(str(error)) from error

    def submit(self, orders: Sequence[bytes], worker: str) -> Task:
        """Have a worker make some runs, and no other worker."""
        name = f"{self.terms.topic}-{next(self.numbers)}"
        where: dict[str, Any] = {"workers": [worker], "allow_other_workers": False, "pure": False, "retries": 0}
        try:
            code = self.client.submit(resolve_name, CODE, key=f"{name}-code", **where)
            future = self.client.submit(call, code, [*orders], vars(self.terms), key=name, **where)
        except Exception as error:  # the library has no class for a client that was closed meanwhile
            raise SchedulerLost(str(error)) from error
        future.add_done_callback(self._take)
        return Task(name, worker, future)

    def next(self, seconds: float) -> Said | None:
        """What is said next; None where nothing is so long."""
        try:
            return self.inbox.get(timeout=seconds)
        except Empty:
            return None

    def cancel(self, tasks: Iterable[Task]) -> None:
        """Nobody wants them any more: they are left in their next step, and saved where that can be."""
        if futures := [task.future for task in tasks]:
            _in_time(lambda: self.client.cancel(futures, force=True), CLOSING)

    def close(self) -> None:
        """Let go of the scheduler; of one that is gone nobody waits for."""
        _in_time(lambda: self.client.close(timeout=CLOSING), CLOSING)

    def _take(self, future: Future[Any]) -> None:
        """In a thread of the library's: what came of a task, fetched from its worker."""
        from distributed.scheduler import KilledWorker

        name = str(future.key)
        try:
            found = Ended(name, [Reply(*each) for each in future.result()])
        except KilledWorker:
            found = Ended(name, died=True)
        except BaseException as error:  # noqa: BLE001 - whatever was raised there, or by the library here
            found = Ended(name, lost=future.cancelled(), error=f"{type(error).__name__}: {error}")
        self.inbox.put(found)

    def _hear(self, said: tuple[float, Any]) -> None:
        table = said[1][SAID]
        self.inbox.put(Left(table[LEFT]) if LEFT in table else event_of(table))


@dataclass(frozen=True)
class Task:
    """Some runs that a worker makes."""

    name: str
    worker: str
    future: Future[Any]


def _in_time(do: Callable[[], object], seconds: float) -> None:
    """Have something done that may wait for a scheduler which is gone, and go on after a while."""

    def quietly() -> None:
        with suppress(Exception):  # what is let go of cannot be helped any more
            do()

    thread = Thread(target=quietly, daemon=True)
    thread.start()
    thread.join(seconds)
