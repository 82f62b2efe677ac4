"""What happens while a verb works, told as it happens: one stream of frozen values, for whoever shows or logs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from normlab.calls import CallRecord
from normlab.records import Epoch, RunRecord


@dataclass(frozen=True)
class BatchDone:
    """One batch of an epoch is done; `run` is the job's name, `epochs` how many it will have.

    `loss` is the mean over the epoch's `images` so far, of which `correct` were right.
    """

    run: str
    epochs: int
    epoch: int
    batch: int  # from 1
    batches: int
    loss: float
    correct: int
    images: int


@dataclass(frozen=True)
class EpochDone:
    """An epoch and its evaluation are done; `run` is the job's name, `epochs` how many it will have."""

    run: str
    epochs: int
    epoch: Epoch


@dataclass(frozen=True)
class Fetched:
    """So much of a file has come; `what` names it, `total_bytes` is 0 while it is not known."""

    what: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Decoded:
    """So many images of a place are read; `what` names it and what is read of them."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class LambdaTried:
    """A short run of the search for a path's largest λ, and the share, 0 to 1, that its sparsest layer has left."""

    kind: str
    lam: float
    left: float


@dataclass(frozen=True)
class StudyBegun:
    """One of several studies that a verb carries out, one after the other."""

    name: str
    number: int  # from 1
    studies: int


@dataclass(frozen=True)
class NetworkBuilt:
    """A network is about to be trained; `summary` is it on paper."""

    summary: str


@dataclass(frozen=True)
class FaultFound:
    """The study has a fault, told on one line before anything is trained."""

    severity: str
    line: str


@dataclass(frozen=True)
class ImagesNoted:
    """What people should know of how their images are read, on one line."""

    line: str


@dataclass(frozen=True)
class CacheIgnored:
    """A folder of what was made before is not used, for somebody else could have written it; why, on one line."""

    why: str


@dataclass(frozen=True)
class EngineChosen:
    """What will train the runs that are owed, and why; empty where it was asked for, or nothing need be said."""

    engine: str
    why: str


@dataclass(frozen=True)
class Planned:
    """How many of a study's runs are there, and how many are to be trained; None until all is settled."""

    kept: int
    owed: int | None


@dataclass(frozen=True)
class Rehearsed:
    """What all runs that are owed will take: `seconds` on one core or device, and bytes.

    About so many of `memory` are held by each run, and of `disk` by all of them together. Nothing is kept of a
    rehearsal; `processes` work at a time. With `most` there may be fewer runs.
    """

    runs: int
    seconds: float
    processes: int
    memory: int
    disk: int = 0
    most: bool = False


@dataclass(frozen=True)
class RunKept:
    """A run is finished and in the store."""

    record: RunRecord


@dataclass(frozen=True)
class CallKept:
    """A run of a function of one's own is finished and in the store."""

    record: CallRecord


@dataclass(frozen=True)
class RunLost:
    """The process of a run is gone, and why; whether the run is begun again, from its last checkpoint."""

    run: str
    why: str
    again: bool


@dataclass(frozen=True)
class RunSaved:
    """A run that is interrupted is saved, in which of how many epochs; the next time it goes on from there."""

    run: str
    epoch: int
    epochs: int


@dataclass(frozen=True)
class WorkerRefused:
    """A worker of a cluster gets no runs, for it would not make the same ones; why, on one line."""

    worker: str
    why: str


@dataclass(frozen=True)
class FileRefused:
    """A file that a worker has left is not merged, and stays; the key of its run, and why, on one line."""

    key: str
    why: str


@dataclass(frozen=True)
class ReportWritten:
    """A study's report shows what has come so far; it will be written again."""

    page: Path


Event = (
    Fetched
    | Decoded
    | LambdaTried
    | StudyBegun
    | NetworkBuilt
    | ImagesNoted
    | CacheIgnored
    | FaultFound
    | EngineChosen
    | Planned
    | Rehearsed
    | BatchDone
    | EpochDone
    | RunKept
    | CallKept
    | RunLost
    | RunSaved
    | WorkerRefused
    | FileRefused
    | ReportWritten
)
Tell = Callable[[Event], None]


def silent(event: Event) -> None:
    """Whom nothing need be told."""
