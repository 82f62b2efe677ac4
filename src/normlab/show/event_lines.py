"""Events in words, each on a line."""

from __future__ import annotations

from normlab.events import (
    CacheIgnored,
    EngineChosen,
    FaultFound,
    FileRefused,
    ImagesNoted,
    LambdaTried,
    Planned,
    Rehearsed,
    RunLost,
    RunSaved,
    StudyBegun,
    WorkerRefused,
)
from normlab.records import RunRecord
from normlab.show.numbers import plural, roughly


def planned_line(planned: Planned) -> str:
    """How many runs are there, and how many are to be trained."""
    if planned.owed is None:
        return f"{planned.kept} kept, seeds are added until every pair is settled"
    return f"{planned.kept} kept, {planned.owed} to train"


Found = (
    LambdaTried
    | FaultFound
    | EngineChosen
    | ImagesNoted
    | CacheIgnored
    | Rehearsed
    | WorkerRefused
    | FileRefused
    | StudyBegun
)
"""What may have to be known of a study, beside how far it is."""


def line(event: Found) -> str:  # noqa: PLR0911 - a line for each
    """What was found, on one line; of a fault `normlab lint` says more."""
    match event:
        case LambdaTried():
            left = f"{100 * event.left:.1f}% of the sparsest layer"
            return f"{event.kind}: λ = {event.lam:g} leaves {left} after a short run"
        case ImagesNoted() | StudyBegun():
            return _lead(event)
        case CacheIgnored():
            return f"cache not used: {event.why}"
        case WorkerRefused() | FileRefused():
            return _refused(event)
        case FaultFound():
            return f"{event.severity}: {event.line}"
        case EngineChosen():
            return f"engine {event.engine}" + (f": {event.why}" if event.why else "")
        case Rehearsed():
            seconds = event.seconds / min(event.runs, event.processes)
            together = f", {event.processes} at a time" if event.processes > 1 else ""
            memory = f", up to {event.memory / 1e9:.1f} GB each" if event.memory else ""
            disk = f", {event.disk / 1e6:,.0f} MB of disk" if event.disk >= 1e6 else ""
            runs = plural(event.runs, "run")
            return f"{'at most ' if event.most else ''}{runs}: about {roughly(seconds)}{together}{memory}{disk}"


def _lead(event: ImagesNoted | StudyBegun) -> str:
    return (
        f"images: {event.line}"
        if isinstance(event, ImagesNoted)
        else f"{event.number} of {event.studies}: {event.name}"
    )


def _refused(event: WorkerRefused | FileRefused) -> str:
    if isinstance(event, WorkerRefused):
        return f"worker {event.worker} gets no runs: {event.why}"
    return f"left in the spool, not kept: {event.key:.12} ({event.why})"


def ending(record: RunRecord) -> str:
    """A finished run in a few words."""
    if record.diverged_at is not None:
        return f"diverged in epoch {record.diverged_at}"
    epochs = plural(len(record.epochs), "epoch")
    return f"{record.final.judged_accuracy:.2f} % after {epochs}, {record.seconds:.0f} s"


def interruption(event: RunLost | RunSaved) -> str:
    """What happened to a run under way, on one line."""
    match event:
        case RunLost():
            return f"{event.run}: {event.why}" + (", it is begun again" if event.again else "")
        case RunSaved():
            return f"{event.run}: saved in epoch {event.epoch} of {event.epochs}"
