"""Many comparisons at once: how sure each must be so that all together are."""

from __future__ import annotations


def bonferroni(level: float, comparisons: int) -> float:
    """The level of each of several intervals so that all hold together with at least the family's `level`.

    1 − (1 − level) / m, by Bonferroni's inequality, however the comparisons depend on each other.

    Args:
        level: the family-wise confidence, above 0 and below 1.
        comparisons: how many intervals, at least 1.
    """
    if comparisons < 1 or not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1 and a comparison, got {level} and {comparisons}")
    return 1 - (1 - level) / comparisons
