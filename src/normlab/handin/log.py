"""The training log of a run, as `normlab train` prints it."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.records import RunRecord
from normlab.show.log import test_line, train_line


def log(record: RunRecord) -> Iterator[str]:
    """Two lines an epoch, and one that says where its loss stopped being a number."""
    for epoch in record.epochs:
        yield train_line(epoch, record.job.recipe.epochs)
        yield test_line(epoch)
    if record.diverged_at is not None:
        yield f"Epoch {record.diverged_at}: the loss stopped being a number"
