"""What an executor needs to know of a study: what may start, and that it is told what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from normlab.records import Job, RunRecord


class Work(Protocol):
    """A run that is to be made: what it is known by, and what people call it and its arm."""

    @property
    def label(self) -> str:
        """What its arm is called."""

    @property
    def key(self) -> str:
        """A digest of all that decides its numbers."""

    @property
    def name(self) -> str:
        """Its arm and its seed."""


class Done(Protocol):
    """What a run left."""

    @property
    def key(self) -> str:
        """That of its `Work`."""


W = TypeVar("W", bound=Work)
D = TypeVar("D", bound=Done)
D_contra = TypeVar("D_contra", bound=Done, contravariant=True)


class PlanOf(Protocol[W, D_contra]):
    """Runs in the order in which they should start; those under way stay among them until they are kept or dropped."""

    def ready(self) -> Sequence[W]:
        """What may start now, or has started; empty when nothing more will come."""

    def keep(self, record: D_contra) -> None:
        """A run came in; that may make others ready, or needless."""

    def drop(self, job: W, why: str) -> None:
        """A run left no record and is not tried again."""


Plan = PlanOf[Job, RunRecord]
