"""What an executor needs to know of a study: what may start, and that it is told what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from normlab.records import Job, RunRecord


class Plan(Protocol):
    """Jobs in the order in which they should start; those under way stay among them until they are kept or dropped."""

    def ready(self) -> Sequence[Job]:
        """What may start now, or has started; empty when nothing more will come."""

    def keep(self, record: RunRecord) -> None:
        """A run came in; that may make others ready, or needless."""

    def drop(self, job: Job, why: str) -> None:
        """A run left no record and is not tried again."""
