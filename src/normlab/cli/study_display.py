"""How far a study is: a bar for the whole of it and one for each run under way, or plain lines without a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer
from rich.progress import Progress, TaskID

from normlab.cli.bars import Downloads, bars
from normlab.cli.console import Sturdy, mute, say
from normlab.cli.endings import ended_by_signals, exit_code
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
    LambdaTried,
    Planned,
    Rehearsed,
    RunKept,
    RunLost,
    RunSaved,
    StudyBegun,
    Tell,
    WorkerRefused,
)
from normlab.records import RunRecord
from normlab.show.event_lines import ending, interruption, line, planned_line
from normlab.show.numbers import plural, roughly
from normlab.show.sparkline import sparkline
from normlab.spec.problems import one_line


@contextmanager
def watched(project: Path, *, faults: bool = True) -> Iterator[Tell]:
    """A display on stderr, with the faults of the study or without.

    Ctrl-C, SIGTERM and SIGHUP end the command with the way to go on, once the runs under way are saved.
    """
    try:
        with ended_by_signals(), study_display(faults=faults) as tell:
            yield tell
    except KeyboardInterrupt as end:
        with suppress(OSError):
            say(f"stopped; what is finished is kept in {project}, the same command continues", err=True)
        raise typer.Exit(exit_code(end)) from None


@contextmanager
def study_display(*, faults: bool = True) -> Iterator[Tell]:
    """A display on stderr, with the faults of the study or without. Where stderr fails, training goes on unseen."""
    console = Sturdy(stderr=True)
    drawn = bars(console)
    display = Bars(drawn, faults=faults) if console.is_terminal else Lines(drawn, faults=faults)
    with suppress(OSError):
        drawn.start()
    try:
        yield while_it_can(display.tell)
    finally:
        with suppress(OSError):
            drawn.stop()


def while_it_can(tell: Tell) -> Tell:
    """Tells until the stream fails that it writes to: a full disk, or a reader who has gone."""
    fails = False

    def told(event: Event) -> None:
        nonlocal fails
        if not fails:
            try:
                tell(event)
            except OSError:
                fails = True
                mute(sys.stderr)

    return told


class Display:
    """What bars and lines have in common: what is found before anything is trained, each on a line."""

    def __init__(self, drawn: Progress, *, faults: bool) -> None:
        self.bars, self.console, self.faults = drawn, drawn.console, faults
        self.downloads = Downloads(drawn)
        self.finished = 0
        self.total: int | None = 0

    def tell(self, event: Event) -> None:
        """Show what happened."""
        match event:
            case Fetched() | Decoded():
                self.downloads.tell(event)
            case FaultFound() if not self.faults:
                pass
            case (
                LambdaTried()
                | FaultFound()
                | EngineChosen()
                | ImagesNoted()
                | CacheIgnored()
                | Rehearsed()
                | WorkerRefused()
                | FileRefused()
                | StudyBegun()
            ):
                self.say(line(event))
            case RunLost() | RunSaved():
                self.say(interruption(event))
            case Planned():
                self.say(planned_line(event))
                self.finished = event.kept
                self.total = None if event.owed is None else event.kept + event.owed
                self.begin(event)
            case RunKept():
                self.finished += 1
                self.keep(event.record)
            case _:
                self.move(event)

    def begin(self, planned: Planned) -> None:
        """Training begins."""

    def move(self, event: Event) -> None:
        """A batch or an epoch is done."""

    def keep(self, record: RunRecord) -> None:
        """A run is finished."""

    def say(self, text: str) -> None:
        """A line that stays."""
        self.console.print(one_line(text), soft_wrap=True, markup=False, highlight=False)


class Bars(Display):
    """Rich bars: the study is as long as the runs that it still owes, and a run counts by its share of epochs."""

    def __init__(self, drawn: Progress, *, faults: bool) -> None:
        super().__init__(drawn, faults=faults)
        self.runs: dict[str, TaskID] = {}
        self.curves: dict[str, list[float]] = {}
        self.whole: TaskID | None = None
        self.waiting: TaskID | None = drawn.add_task("preparing", total=None, status="")

    def begin(self, planned: Planned) -> None:
        """The bar of the whole study; of one after another, in the place of the one before."""
        if self.whole is not None:
            self.bars.remove_task(self.whole)
        self.runs = {}
        self.whole = self.bars.add_task("study", total=planned.owed, status=self._runs_done())

    def move(self, event: Event) -> None:
        """The bar of one run."""
        match event:
            case BatchDone():
                accuracy = 100 * event.correct / event.images
                self._move(event.run, event.epoch - 1 + event.batch / event.batches, event.epochs, "train", accuracy)
            case EpochDone():
                done, accuracy = event.epoch.epoch, event.epoch.judged_accuracy
                self.curves.setdefault(event.run, []).append(accuracy)
                self._move(event.run, done, event.epochs, "judged", accuracy)

    def _move(self, run: str, done: float, epochs: int, kind: str, accuracy: float) -> None:
        self._begun()
        if run not in self.runs:
            self.runs[run] = self.bars.add_task(run, total=1, status="")
        curve = sparkline(self.curves.get(run, ()))
        status = f"epoch {min(int(done) + 1, epochs)}/{epochs}  {kind} {accuracy:5.2f} %  {curve}"
        self.bars.update(self.runs[run], completed=done / epochs, status=status)
        self._move_whole()

    def keep(self, record: RunRecord) -> None:
        """Its bar becomes a line."""
        name = record.job.name
        if name in self.runs:
            self.bars.update(self.runs[name], completed=1, visible=False)
        self._move_whole()
        self.say(f"{name:<28} {ending(record)}")

    def _begun(self) -> None:
        """Something trains: nobody waits for it any more."""
        if self.waiting is not None:
            self.bars.remove_task(self.waiting)
            self.waiting = None

    def _move_whole(self) -> None:
        if self.whole is not None:
            done = sum(task.completed for task in self.bars.tasks if task.id in self.runs.values())
            self.bars.update(self.whole, completed=done, status=self._runs_done())

    def _runs_done(self) -> str:
        if self.total is None:
            return f"{plural(self.finished, 'run')} done, until settled"
        return f"{self.finished} of {plural(self.total, 'run')} done"


class Lines(Display):
    """A line for each finished run, for logs."""

    def begin(self, planned: Planned) -> None:
        """From here on time tells how much is left."""
        self.start, self.before = time.monotonic(), planned.kept

    def keep(self, record: RunRecord) -> None:
        """How it ended, and how long the others will take."""
        told = f"{record.job.name}: {ending(record)}"
        if self.total is None:
            self.say(f"[{self.finished}] {told}")
            return
        made, left = self.finished - self.before, self.total - self.finished
        seconds = (time.monotonic() - self.start) / made * left
        self.say(f"[{self.finished}/{self.total}] {told}{_left(seconds)}")


def _left(seconds: float) -> str:
    return f"; about {roughly(seconds)} left" if seconds else ""
