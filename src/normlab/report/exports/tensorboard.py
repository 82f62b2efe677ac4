"""Event files for TensorBoard, a folder a run: measures by epoch, and what the run was made with as hyperparameters.

TensorBoard keeps float32: seven digits of each number.
"""

from __future__ import annotations

import time
from pathlib import Path

from normlab.records import Comparison
from normlab.report.exports.runs import SCORE, LoggedRun, logged
from normlab.wire.reading import Scalar
from normlab.wire.writing import event_file

FILE = "events.out.tfevents.0.normlab"


def write(comparison: Comparison, folder: Path) -> None:
    """`NAME/events.out.tfevents…` for each run."""
    now = time.time()
    for run in logged(comparison):
        (folder / run.name).mkdir()
        (folder / run.name / FILE).write_bytes(event_file(_scalars(run), run.config, [SCORE], now))


def _scalars(run: LoggedRun) -> list[Scalar]:
    return [Scalar(tag, epoch, value) for epoch, measured in run.epochs.items() for tag, value in measured.items()]
