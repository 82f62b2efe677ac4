"""Many comparisons at once: how sure each must be so that all together are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


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


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """P-values adjusted so that rejecting those up to α is wrong anywhere with at most probability α.

    The k-th smallest of m is multiplied by m − k + 1 and may not fall below the ones before it (S. Holm, 1979).
    However the comparisons depend on each other.

    Args:
        p: shape (..., comparisons), 0 to 1.

    Returns:
        the same shape, 0 to 1.
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, axis=-1, kind="stable")
    scaled = np.take_along_axis(values, order, axis=-1) * np.arange(values.shape[-1], 0, -1)
    raised = np.minimum(np.maximum.accumulate(scaled, axis=-1), 1)
    adjusted = np.empty_like(values)
    np.put_along_axis(adjusted, order, raised, axis=-1)
    return adjusted


def holm_levels(p: ArrayLike, level: float) -> NDArray[np.float64]:
    """The confidence of each comparison's interval that excludes 0 exactly where Holm's procedure rejects.

    Steps that are reached have 1 − (1 − level) / (m − k + 1); those after the first that fails have that one's.

    Args:
        p: shape (..., comparisons), the p-values that go with the intervals.
        level: the family-wise confidence, above 0 and below 1.
    """
    values = np.asarray(p, dtype=np.float64)
    count = values.shape[-1]
    order = np.argsort(values, axis=-1, kind="stable")
    steps = (1 - level) / np.arange(count, 0, -1)
    failed = np.take_along_axis(values, order, axis=-1) > steps
    first = np.where(failed.any(axis=-1), failed.argmax(axis=-1), count)[..., None]
    reached = np.minimum(np.arange(count), first)
    levels = np.empty_like(values)
    np.put_along_axis(levels, order, 1 - steps[reached], axis=-1)
    return levels
