"""How many seeds would settle a pair that is open, if its true difference were the one observed."""

from __future__ import annotations

from normlab.stats import power, sequential


def more(have: int, mean: float, sd: float, margin: float, level: float) -> int | None:
    """Seeds to add to `have` until a confidence sequence excludes 0 or lies within ±`margin`.

    At least one, since what is there settles nothing; None beyond `power.MOST`.

    Args:
        have: paired differences so far.
        mean, sd, margin: of the paired differences, in one unit; `sd` and `margin` above 0.
        level: the confidence of the pair's sequence, above 0 and below 1.
    """
    needed = sequential.seeds_to_reach(max(abs(mean), margin - abs(mean)), sd, level)
    return None if needed is None else max(1, needed - have)


def fresh(mean: float, sd: float, margin: float, level: float, chance: float) -> int | None:
    """Seeds of a new study that fixes their number, until the t test or the two one-sided ones claim what they should.

    Whichever comes first; None beyond `power.MOST`.

    Args:
        mean, sd, margin: see `more`.
        level: the confidence of the pair's claims, above 0 and below 1.
        chance: with which they are made, above 0.05 and below 1.
    """
    claims = (
        power.seeds_to_find(mean, sd, level, chance),
        power.seeds_to_equate(mean, sd, margin, level, chance),
    )
    return min((seeds for seeds in claims if seeds is not None), default=None)
