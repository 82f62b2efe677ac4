"""What gets the runs of a plan done, wherever that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from normlab.events import Tell
from normlab.plans import Plan
from normlab.plans.plan import Work
from normlab.records import RunRecord


@dataclass(frozen=True)
class Failure:
    """A run that left no record, and why; `cause` is the error where it came from this process."""

    job: Work
    message: str
    details: str = ""
    cause: Exception | None = field(default=None, compare=False, repr=False)


class Executor(Protocol):
    """Does the runs of a plan."""

    def run(self, plan: Plan, keep: Callable[[RunRecord], object], tell: Tell) -> Sequence[Failure]:
        """Until the plan has nothing ready; gives the runs that failed.

        `keep` is called in this process with each record as soon as it is there, and before the plan is told of it;
        what it raises ends everything. `tell` is called in this process with what happens meanwhile.
        """
