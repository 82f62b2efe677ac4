"""Runs that several processes do together: who takes which, and what the others have finished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from normlab.records import Job, RunRecord


class Share(Protocol):
    """A part in work that others may be doing too."""

    def take(self, job: Job) -> bool:
        """Whether the run is this one's to make now; not where another has it, or it is made."""

    def give_back(self, job: Job) -> None:
        """The run is kept or given up; whoever likes may take it."""

    def renew(self) -> None:
        """Whoever takes runs is still there; called each second or so."""

    def news(self, jobs: Sequence[Job]) -> Sequence[RunRecord]:
        """Those of these runs that others have finished."""


class Alone:
    """Nobody else works on anything."""

    def take(self, job: Job) -> bool:  # noqa: ARG002 - whatever it is
        """See `Share.take`."""
        return True

    def give_back(self, job: Job) -> None:
        """See `Share.give_back`."""

    def renew(self) -> None:
        """See `Share.renew`."""

    def news(self, jobs: Sequence[Job]) -> Sequence[RunRecord]:  # noqa: ARG002 - there is nobody
        """See `Share.news`."""
        return ()
