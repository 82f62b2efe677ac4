"""How far a study is: a bar for the whole of it and one for each run under way, or plain lines without a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from normlab.study import StudyWatch
from normlab.training import BatchDone, Choice, EpochDone, Event

if TYPE_CHECKING:
    from normlab.faults import Finding
    from normlab.records import Job, RunRecord


@contextmanager
def study_display(epochs: int, *, faults: bool = True) -> Iterator[StudyWatch]:
    """A display on stderr for runs of `epochs` epochs each, with the faults of the study or without."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(console, faults=faults)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[status]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        yield Bars(bars, epochs, faults=faults)


class Bars(StudyWatch):
    """Rich bars: a run is `epochs` long, the study as long as the runs it still owes."""

    def __init__(self, bars: Progress, epochs: int, *, faults: bool) -> None:
        self.bars, self.epochs, self.faults = bars, epochs, faults
        self.runs: dict[str, TaskID] = {}
        self.finished = 0
        self.total: int | None = 0

    def linted(self, findings: Sequence[Finding]) -> None:
        """See `StudyWatch.linted`."""
        for finding in findings if self.faults else ():
            self.bars.console.print(fault_line(finding), highlight=False, markup=False, soft_wrap=True)

    def chosen(self, choice: Choice) -> None:
        """See `StudyWatch.chosen`."""
        self.bars.console.print(engine_line(choice), highlight=False, markup=False, soft_wrap=True)

    def begin(self, stored: int, owed: int | None) -> None:
        """See `StudyWatch.begin`."""
        self.finished, self.total = stored, None if owed is None else stored + owed
        length = None if owed is None else owed * self.epochs
        self.whole = self.bars.add_task("study", total=length, status=self._runs_done())

    def tell(self, job: Job, event: Event) -> None:
        """See `StudyWatch.tell`."""
        if job.name not in self.runs:
            self.runs[job.name] = self.bars.add_task(job.name, total=self.epochs, status="")
        task = self.runs[job.name]
        if isinstance(event, EpochDone):
            done, accuracy, kind = float(event.epoch.epoch), event.epoch.judged_accuracy, "judged"
        else:
            done, accuracy, kind = _share(event), 100 * event.correct / event.seen, "train"
        status = f"epoch {min(int(done) + 1, self.epochs)}/{self.epochs}  {kind} {accuracy:5.2f} %"
        self.bars.update(task, completed=done, status=status)
        self._move_whole()

    def kept(self, record: RunRecord) -> None:
        """See `StudyWatch.kept`."""
        self.finished += 1
        name = f"{record.arm} seed {record.seed}"
        if name in self.runs:
            self.bars.update(self.runs[name], completed=self.epochs, visible=False)
        self._move_whole()
        self.bars.console.print(f"{name:<28} {outcome(record)}", highlight=False)

    def _move_whole(self) -> None:
        done = sum(task.completed for task in self.bars.tasks if task.id != self.whole)
        self.bars.update(self.whole, completed=done, status=self._runs_done())

    def _runs_done(self) -> str:
        if self.total is None:
            return f"{self.finished} runs done, until settled"
        return f"{self.finished} of {self.total} runs done"


class Lines(StudyWatch):
    """A line for each finished run, for logs."""

    def __init__(self, console: Console, *, faults: bool) -> None:
        self.console, self.start, self.faults = console, time.monotonic(), faults
        self.finished = self.before = 0
        self.total: int | None = 0

    def linted(self, findings: Sequence[Finding]) -> None:
        """See `StudyWatch.linted`."""
        for finding in findings if self.faults else ():
            self._say(fault_line(finding))

    def chosen(self, choice: Choice) -> None:
        """See `StudyWatch.chosen`."""
        self._say(engine_line(choice))

    def begin(self, stored: int, owed: int | None) -> None:
        """See `StudyWatch.begin`."""
        self.finished = self.before = stored
        self.total = None if owed is None else stored + owed
        if self.total is None:
            self._say(f"{stored} runs are in the store, seeds are added until every pair is settled")
        else:
            self._say(f"{stored} of {self.total} runs are in the store, {owed} to train")

    def kept(self, record: RunRecord) -> None:
        """See `StudyWatch.kept`."""
        self.finished += 1
        told = f"{record.arm} seed {record.seed}: {outcome(record)}"
        if self.total is None:
            self._say(f"[{self.finished}] {told}")
            return
        made, left = self.finished - self.before, self.total - self.finished
        seconds = (time.monotonic() - self.start) / made * left
        self._say(f"[{self.finished}/{self.total}] {told}{_left(seconds)}")

    def _say(self, line: str) -> None:
        self.console.print(line, soft_wrap=True, markup=False, highlight=False)


def fault_line(finding: Finding) -> str:
    """A fault of the study, on one line; `normlab lint` says more."""
    return f"{finding.severity.value}: {finding.what} ({finding.where}); {finding.fix}"


def engine_line(choice: Choice) -> str:
    """Which engine trains, and why it is not the fastest."""
    return f"engine {choice.engine}" + (f": {choice.why}" if choice.why else "")


def outcome(record: RunRecord) -> str:
    """A finished run in a few words."""
    if record.diverged_at is not None:
        return f"diverged in epoch {record.diverged_at}"
    return f"{record.final.judged_accuracy:.2f} % after {len(record.epochs)} epochs, {record.seconds:.0f} s"


def _share(event: BatchDone) -> float:
    return event.epoch - 1 + event.batch / event.batches


def _left(seconds: float) -> str:
    return f"; about {seconds / 60:.1f} min left" if seconds else ""
