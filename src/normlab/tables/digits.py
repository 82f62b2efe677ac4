"""How many decimals numbers of any unit are told with."""

from __future__ import annotations

import math


def decimals(largest: float, widest: float) -> int:
    """Those of a difference: five digits of the largest score, 3 for 99.31, or three of the largest spread.

    Args:
        largest, widest: in one unit, 0 or above; 0 says nothing.
    """
    known = [(digits, size) for digits, size in ((4, largest), (2, widest)) if 0 < size < math.inf]
    places = [digits - math.floor(math.log10(size)) for digits, size in known]
    return min(8, max(0, min(places, default=2)))
