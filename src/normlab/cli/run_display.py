"""What `normlab train` shows: the model, a bar for each epoch, and the original's line after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from normlab.cli.bars import Downloads, bars
from normlab.events import (
    BatchDone,
    CacheIgnored,
    Decoded,
    EngineChosen,
    EpochDone,
    Event,
    Fetched,
    ImagesNoted,
    NetworkBuilt,
    Tell,
)
from normlab.show.event_lines import line
from normlab.show.log import test_line, train_line


@contextmanager
def run_display(epochs: int) -> Iterator[Tell]:
    """A display on stdout for a run of `epochs` epochs; without a terminal the bars are left out."""
    with bars(Console()) as drawn:
        yield RunDisplay(drawn, epochs).tell


class RunDisplay:
    """Loss, batch and running accuracy while an epoch runs, then its two lines."""

    def __init__(self, drawn: Progress, epochs: int) -> None:
        self.bars, self.epochs, self.downloads = drawn, epochs, Downloads(drawn)
        self.epoch = 0
        self.task = drawn.add_task("", total=None, status="", visible=False)

    def tell(self, event: Event) -> None:
        """A batch moves the bar, an epoch prints its lines; the model is shown before, and the engine if it matters."""
        match event:
            case Fetched() | Decoded():
                self.downloads.tell(event)
            case NetworkBuilt():
                self._print(event.summary)
            case ImagesNoted() | CacheIgnored():
                self._print(line(event))
            case EngineChosen() if event.why:
                self._print(f"engine {event.engine}: {event.why}")
            case BatchDone():
                self._move(event)
            case EpochDone():
                self.bars.update(self.task, visible=False)
                self._print(train_line(event.epoch, self.epochs))
                self._print(test_line(event.epoch))

    def _move(self, event: BatchDone) -> None:
        accuracy = 100 * event.correct / event.images
        status = f"Loss={event.loss:.4f} Batch_id={event.batch - 1} Accuracy={accuracy:.2f}"
        if event.epoch != self.epoch:
            self.bars.reset(self.task)
            self.epoch = event.epoch
        description = f"Epoch {event.epoch}/{self.epochs}"
        self.bars.update(
            self.task,
            description=description,
            completed=event.batch,
            total=event.batches,
            status=status,
            visible=True,
        )

    def _print(self, text: str) -> None:
        self.bars.console.print(text, soft_wrap=True, markup=False, highlight=False)
