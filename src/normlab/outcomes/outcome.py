"""An outcome: what one number says of a finished run, in which unit, and which way is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from normlab.outcomes.seen import Run, Seen


def anywhere(_: Run) -> Hashable:
    """Of runs that can be compared wherever they were made."""
    return None


@dataclass(frozen=True)
class Outcome:
    """One number of a finished run.

    Args:
        name: how studies and options call it.
        title: how sentences and tables do.
        unit: of its values, empty where it has none.
        apart: the unit of a difference of two values, as words behind a number have it.
        higher: whether more of it is better.
        digits: decimals that a value is shown with; differences have one more.
        read: the number, infinite where a run never got there, None where the run did not record it.
        perfect: the best that there is.
        widest: how far two values can be apart.
        margin: a difference that does not matter, where there is a usual one.
        open_ended: whether runs may never get there.
        unfit: why no verdict can be on it; empty where one can.
        place: runs of two arms are compared where this is the same of both.
    """

    name: str
    title: str
    unit: str
    apart: str
    higher: bool
    digits: int
    read: Callable[[Seen], float | None]
    perfect: float = 0.0
    widest: float = math.inf
    margin: float | None = None
    open_ended: bool = False
    unfit: str = ""
    place: Callable[[Run], Hashable] = anywhere

    @property
    def better(self) -> str:
        """What is better: "higher" or "lower"."""
        return "higher" if self.higher else "lower"

    @property
    def best(self) -> Callable[[Iterable[float]], float]:
        """What takes the best of several values."""
        return max if self.higher else min

    @property
    def finer(self) -> int:
        """Decimals of a difference."""
        return self.digits + 1

    @property
    def behind(self) -> str:
        """What stands behind the number of a difference: a space and its unit, nothing where it has none."""
        return f" {self.apart}" if self.apart else ""

    @property
    def heading(self) -> str:
        """Of a column: the title, and the unit if there is one."""
        return f"{self.title}, {self.unit}" if self.unit else self.title
