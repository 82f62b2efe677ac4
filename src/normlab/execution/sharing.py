"""Runs that several processes do together: who takes which, and what the others have finished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from normlab.plans.plan import Work
from normlab.records import Job, RunRecord

W_contra = TypeVar("W_contra", bound=Work, contravariant=True)
D_co = TypeVar("D_co", covariant=True)


class ShareOf(Protocol[W_contra, D_co]):
    """A part in work that others may be doing too."""

    def take(self, job: W_contra) -> bool:
        """Whether the run is this one's to make now; not where another has it, or it is made."""

    def give_back(self, job: W_contra) -> None:
        """The run is kept or given up; whoever likes may take it."""

    def renew(self) -> None:
        """Whoever takes runs is still there; called each second or so."""

    def news(self, jobs: Sequence[W_contra]) -> Sequence[D_co]:
        """Those of these runs that others have finished."""


Share = ShareOf[Job, RunRecord]


class Alone:
    """Nobody else works on anything."""

    def take(self, job: Any) -> bool:  # noqa: ARG002 - whatever it is
        """See `Share.take`."""
        return True

    def give_back(self, job: Any) -> None:
        """See `Share.give_back`."""

    def renew(self) -> None:
        """See `Share.renew`."""

    def news(self, jobs: Sequence[Any]) -> Sequence[Any]:  # noqa: ARG002 - there is nobody
        """See `Share.news`."""
        return ()
