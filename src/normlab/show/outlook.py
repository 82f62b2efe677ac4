"""How many seeds something takes, as a range in words: it is never known to one seed."""

from __future__ import annotations

from normlab.stats.outlook import Range
from normlab.stats.power import MOST

MANY = 100
"""Seeds beyond which nobody cares how many."""
FEW = 50
"""A range from so few or fewer to more than `MANY` says nothing."""


def vague(found: Range) -> bool:
    """Whether a range is so wide that nothing can be said yet."""
    return found.low is not None and found.low <= FEW and (found.high is None or found.high > MANY)


def span(found: Range) -> str:
    """For instance 4 to 19, 1, 12 to more than 100, or more than 100."""
    if found.low is None or found.low > MANY:
        return f"more than {MANY if found.low is not None else MOST:,}"
    if found.high is None or found.high > MANY:
        return f"{found.low} to more than {MANY}"
    return str(found.low) if found.low == found.high else f"{found.low} to {found.high}"


def more(found: Range) -> str:
    """For instance 4 to 19 more seeds."""
    return f"{span(found)} more {'seed' if found.high == 1 else 'seeds'}"


def farthest(ranges: list[Range]) -> Range:
    """The seeds that settle the last of some pairs, of which there is one at least."""
    lows, highs = [found.low for found in ranges], [found.high for found in ranges]
    return Range(_largest(lows), _largest(highs))


def would_settle(settles: Range, seeds: str, anew: Range | None = None) -> str:
    """What would settle a pair: "4 to 19 more seeds would settle it, or 8 to 30 in a new study".

    Args:
        settles: seeds to add.
        seeds: those that there are, as 3 seeds.
        anew: seeds of a new study, where that is known.
    """
    if vague(settles):
        return f"after {seeds} nobody can say how many more would settle it ({span(settles)})"
    return f"{more(settles)} would settle it" + (f", or {span(anew)} in a new study" if anew else "")


def _largest(ends: list[int | None]) -> int | None:
    """None is beyond all."""
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None
