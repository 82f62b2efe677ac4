"""How far a study is, gathered from its events: what the page asks for each second."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

from normlab.events import (
    BatchDone,
    CacheIgnored,
    Decoded,
    EngineChosen,
    EpochDone,
    Event,
    FaultFound,
    Fetched,
    FileRefused,
    ImagesNoted,
    Planned,
    Rehearsed,
    ReportWritten,
    RunKept,
    RunLost,
    RunSaved,
    WorkerRefused,
)
from normlab.progress.curves import Curves
from normlab.records import RunRecord
from normlab.show.event_lines import Found, ending, interruption, line, planned_line
from normlab.show.numbers import roughly
from normlab.show.theme import Stroke

LAST = 5
"""Finished runs that are told."""
SURE = 0.05
"""Of the work done, from which on the time it took tells what is left; until then it is what was rehearsed."""


class Phase(StrEnum):
    """Where a study is."""

    preparing = "preparing"
    training = "training"
    stopped = "stopped"
    done = "done"
    failed = "failed"


OVER = frozenset({Phase.done, Phase.failed})
"""Where nothing more will come."""


@dataclass
class UnderWay:
    """A run that is being trained: how much of it is done, 0 to 1, and its last epoch in words."""

    share: float = 0.0
    told: str = ""


@dataclass
class Progress:
    """What the page shows; written by the thread that trains and read by those that answer.

    Args:
        name: the study's.
        strokes: how the curve of each arm is drawn, in the study's order.
    """

    name: str
    strokes: Mapping[str, Stroke]
    phase: Phase = Phase.preparing
    why: str = ""
    doing: str = ""
    report: Path | None = None
    writes: int = 0
    planned: Planned | None = None
    trained: int = 0
    rehearsed: float = 0.0
    start: float = 0.0
    notes: list[str] = field(default_factory=list)
    runs: dict[str, UnderWay] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.curves = Curves([*self.strokes])
        self._lock = Lock()

    def tell(self, event: Event) -> None:
        """Take in what happened."""
        with self._lock:
            self._take(event)

    def enter(self, phase: Phase, why: str = "", report: Path | None = None) -> None:
        """Nothing is under way any more, or not yet again."""
        with self._lock:
            self.phase, self.why = phase, why
            self.runs.clear()
            self.curves.drop()
            if report is not None:
                self._written(report)

    def picture(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        with self._lock:
            return {
                "name": self.name,
                "phase": self.phase.value,
                "why": self.why,
                "doing": self.doing,
                "notes": [*self.notes],
                "done": self.trained + (self.planned.kept if self.planned else 0),
                "total": self._total,
                "share": self._share,
                "left": self._left,
                "runs": [{"name": name, "share": run.share, "told": run.told} for name, run in self.runs.items()],
                "finished": self.finished[-LAST:],
                "strokes": {name: stroke._asdict() for name, stroke in self.strokes.items()},
                "curves": self.curves.picture(),
                "report": self.writes,
                "file": str(self.report or ""),
            }

    def _take(self, event: Event) -> None:
        match event:
            case Fetched() | Decoded():
                self.doing = _reading(event)
            case (
                FaultFound()
                | EngineChosen()
                | ImagesNoted()
                | CacheIgnored()
                | Rehearsed()
                | WorkerRefused()
                | FileRefused()
            ):
                self._note(event)
            case Planned():
                self.planned, self.trained, self.doing = event, 0, planned_line(event)
            case BatchDone() | EpochDone():
                self._move(event)
            case RunKept():
                self._keep(event.record)
            case RunLost() | RunSaved():
                self.runs.pop(event.run, None)
                self.notes.append(interruption(event))
            case ReportWritten():
                self._written(event.page)

    def _note(self, event: Found) -> None:
        if isinstance(event, Rehearsed):
            self.rehearsed = event.seconds / min(event.runs, event.processes)
        if (text := line(event)) not in self.notes:  # a study that goes on says it again
            self.notes.append(text)

    def _move(self, event: BatchDone | EpochDone) -> None:
        if self.phase != Phase.training:
            self.phase, self.start = Phase.training, time.monotonic()
        run = self.runs.setdefault(event.run, UnderWay())
        if isinstance(event, BatchDone):
            run.share = (event.epoch - 1 + event.batch / event.batches) / event.epochs
            return
        epoch, accuracy = event.epoch.epoch, event.epoch.judged_accuracy
        run.share, run.told = epoch / event.epochs, f"epoch {epoch} of {event.epochs}: {accuracy:.2f} %"
        self.curves.grow(event.run, epoch, accuracy)

    def _keep(self, record: RunRecord) -> None:
        name = record.job.name
        self.trained += 1
        self.runs.pop(name, None)
        self.finished.append(f"{name}: {ending(record)}")
        self.curves.keep(name, record.job.label, [epoch.judged_accuracy for epoch in record.epochs])

    def _written(self, report: Path) -> None:
        self.report, self.writes = report, self.writes + 1

    @property
    def _total(self) -> int | None:
        if self.planned is None or self.planned.owed is None:
            return None
        return self.planned.kept + self.planned.owed

    @property
    def _share(self) -> float | None:
        """Of what was owed, 0 to 1; None while nobody knows how much that is."""
        if self.planned is None or self.planned.owed is None:
            return None
        done = self.trained + sum(run.share for run in self.runs.values())
        return done / self.planned.owed if self.planned.owed else 1.0

    @property
    def _left(self) -> str:
        """How long the rest will take; empty while nobody can say."""
        share = self._share
        if share is None or share >= 1 or self.phase != Phase.training:
            return ""
        whole = (time.monotonic() - self.start) / share if share > SURE else self.rehearsed
        return roughly(whole * (1 - share)) if whole else ""


def _reading(event: Fetched | Decoded) -> str:
    match event:
        case Fetched(what, done, total):
            return f"fetching {what}: {done / 1e6:.1f}" + (f" of {total / 1e6:.1f} MB" if total else " MB")
        case Decoded(what, done, total):
            return f"reading {what}: {done:,} of {total:,}"
