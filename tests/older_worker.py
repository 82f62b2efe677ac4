"""Workers of a cluster that have another normlab, or none."""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection

from normlab.execution.cluster import processes


def serve(pipe: Connection) -> None:
    """As `processes.worker`, of an older method."""
    from normlab.execution.cluster import terms

    terms.METHOD = 0
    processes.worker(pipe)


def without(pipe: Connection) -> None:
    """As `processes.worker`, of a normlab that knows no clusters."""
    sys.modules["normlab.execution.cluster.task"] = None  # type: ignore[assignment]
    processes.worker(pipe)
