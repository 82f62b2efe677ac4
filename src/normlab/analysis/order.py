"""Which runs count where one may look while runs come in: those of which all earlier seeds of their arm have ended.

With several runs in flight a later seed may end first. An interval that holds at all numbers of seeds holds for one
order of them; whoever looks at seeds as they arrive looks at another order each time, and what one has settled the next
may open again. In the study's own order what is known only grows, so that what is settled stays settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
Placed = tuple[str, int]
"""An arm and a seed."""


def in_order(ended: Mapping[Placed, T], seeds: Sequence[int]) -> dict[Placed, T]:
    """Those that count of the runs that have `ended`, by the order of their seeds.

    Args:
        ended: what became of each run that is over, whether it has an accuracy or not: none is waited for twice.
        seeds: the study's, in its order.
    """
    counted = dict[Placed, T]()
    for arm in dict.fromkeys(arm for arm, _ in ended):
        missing = awaited(ended, seeds, arm)
        before = seeds if missing is None else seeds[: seeds.index(missing)]
        counted |= {(arm, seed): ended[arm, seed] for seed in before}
    return counted


def awaited(ended: Mapping[Placed, T], seeds: Sequence[int], *arms: str) -> int | None:
    """The first seed that has not ended in all of some arms; None where every one has."""
    return next((seed for seed in seeds if any((arm, seed) not in ended for arm in arms)), None)
