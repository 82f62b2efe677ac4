"""How long a run took."""

from __future__ import annotations

from collections.abc import Hashable

from normlab.outcomes.outcome import Outcome
from normlab.outcomes.seen import Run, Seen


def seconds(seen: Seen) -> float:
    """Wall time of training and judging, with whatever else the machine did meanwhile."""
    return seen.run.seconds


def place(run: Run) -> Hashable:
    """The machine, its software, the engine and the threads: seconds of two of them are not comparable."""
    return run.environment


SECONDS = Outcome(
    "seconds",
    "seconds a run",
    "",
    "seconds",
    higher=False,
    digits=1,
    read=seconds,
    unfit="seconds are of the machine, and of what else it did, as much as of the arm",
    place=place,
)
