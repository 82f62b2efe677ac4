"""What is large of a run: opened when it is asked for, seen right, and not kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from normlab.records import Job
from normlab.store import checksums, weights
from normlab.store.rows import Row, damaged, understood
from normlab.store.shelf import Shelf
from normlab.store.trouble import plain_errors


@dataclass(frozen=True)
class Stored:
    """A run's contents in a project's store; holds no file open, and may go to another process.

    `row` is the run's as it was read: what is opened later has to be what belonged to it then. `shelf` has its
    probabilities, and those of runs that were read with it.
    """

    project: Path
    job: Job
    row: Row
    shelf: Shelf = field(compare=False, repr=False)

    def probabilities(self) -> NDArray[np.float32]:
        """Float32 (evaluation images, classes); raises `DamagedRun`."""
        blob = self.shelf.take(self.job.key, 4 * self.row.images * self.row.classes)
        if blob is None or checksums.of_bytes(blob) != self.row.probabilities_sha:
            raise damaged(self.job, "its probabilities were changed")
        with understood(self.job, "its probabilities"):
            shape = self.row.images, self.row.classes
            return np.frombuffer(blob, "<f4").reshape(shape if min(shape) >= 0 else ())

    def weights(self) -> Mapping[str, NDArray[Any]]:
        """By state-dict names; raises `DamagedRun`."""
        with plain_errors(self.project):
            if why := weights.trouble(self.project, self.job.key):
                raise damaged(self.job, why)
            payload = weights.read(self.project, self.job.key)
        if checksums.of_bytes(payload) != self.row.weights_sha:
            raise damaged(self.job, "its weights were changed")
        with understood(self.job, "its weights"):
            return _loaded(payload)


def _loaded(payload: bytes) -> Mapping[str, NDArray[Any]]:
    try:
        return load(payload)
    except SafetensorError as error:
        raise ValueError(str(error)) from None
