"""A study in TensorBoard while it trains: whoever is told of events writes them down."""

from __future__ import annotations

import math
import re
import time
from pathlib import Path

from normlab.errors import StoreError
from normlab.events import EpochDone, Event, RunKept, Tell
from normlab.records import RunRecord
from normlab.report.exports.runs import SCORE, measured
from normlab.wire.reading import Scalar
from normlab.wire.writing import event_file, more


def log_to_tensorboard(folder: str | Path) -> Tell:
    """What to hand a verb as `tell`, so that every epoch is in TensorBoard as it ends: a folder a run.

    Runs that are in the store already are not trained, so nothing is told of them; `export_numbers` writes all. Each
    call has files of its own, and none that is there is written over.

    Args:
        folder: where to; made if it is not there.

    Raises:
        StoreError: when an epoch comes and the folder cannot be written.
    """
    files = dict[str, Path]()

    def tell(event: Event) -> None:
        run, scalars = _said(event)
        if not scalars:
            return
        try:
            if run not in files:
                files[run] = _begun(Path(folder), run, taken={path.parent.name for path in files.values()})
            with files[run].open("ab") as file:
                file.write(more(scalars, time.time()))
        except OSError as error:
            raise StoreError(f"cannot write to {folder}: {error.strerror or error}") from None

    return tell


def _said(event: Event) -> tuple[str, list[Scalar]]:
    """A run and what it has measured; of one that diverged that its score is no number."""
    match event:
        case EpochDone(run=run, epoch=epoch):
            return run, [Scalar(tag, epoch.epoch, value) for tag, value in measured(epoch).items()]
        case RunKept(record=RunRecord(diverged_at=int(epoch)) as record):
            return record.job.name, [Scalar(SCORE, epoch, math.nan)]
        case _:
            return "", []


def _begun(folder: Path, run: str, taken: set[str]) -> Path:
    """A new event file, in a folder that no other run of this call has."""
    name = re.sub(r"[^A-Za-z0-9.=-]+", "-", run)
    while name in taken:
        name += "-"
    now = time.time()
    path = folder / name / f"events.out.tfevents.{now:.6f}.normlab"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(event_file([], {}, [], now))
    return path
