"""A curve in a few letters: ▁▅▇█."""

from __future__ import annotations

import math
from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
MOST = 12
"""Letters at most: of a longer curve the last ones."""


def sparkline(values: Sequence[float]) -> str:
    """The last values between their lowest and highest; a gap where one is no finite number, empty for one value."""
    told = values[-MOST:]
    finite = [value for value in told if math.isfinite(value)]
    if len(told) < 2 or not finite:
        return ""
    low, high = min(finite), max(finite)
    return "".join(_bar((value - low) / ((high - low) or 1)) if math.isfinite(value) else " " for value in told)


def _bar(share: float) -> str:
    return BARS[round(share * (len(BARS) - 1))]
