"""What a training loop tells while it works, for whoever draws the progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from normlab.records import Epoch


@dataclass(frozen=True)
class BatchDone:
    """One batch of an epoch is done: its mean loss, and how many of the epoch's images so far were right."""

    epoch: int
    batch: int  # from 1
    batches: int
    loss: float
    correct: int
    seen: int


@dataclass(frozen=True)
class EpochDone:
    """An epoch and its evaluation are done."""

    epoch: Epoch


Event = BatchDone | EpochDone
Watch = Callable[[Event], None]


def silent(event: Event) -> None:
    """A watch that looks away."""
