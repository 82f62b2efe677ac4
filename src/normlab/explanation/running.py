"""Batch norm's memory: the running mean and variance after a batch, and what eval mode makes of them.

    m ← (1 − 0.1) · m + 0.1 · μ_c,   v ← (1 − 0.1) · v + 0.1 · s²_c,   y = γ · (x − m) / √(v + ε) + β

from m = 0 and v = 1. s² is the *unbiased* variance, n/(n − 1) times the biased one that training divides by. Ghost
batch norm takes in one chunk after the other so; batch renormalization remembers what batch norm does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from normlab.explanation.worked import Array, Worked

MOMENTUM = 0.1
"""The share of the new batch in the running averages, PyTorch's default."""


@dataclass(frozen=True, eq=False)
class Running:
    """What a norm remembers of one batch.

    Args:
        unbiased: the variance of each set, (sets,).
        means, variances: the running ones after each chunk, (chunks + 1, C); the first are those before the batch.
        y: its output in eval mode, (N, C, H, W).
    """

    unbiased: Array
    means: Array
    variances: Array
    y: Array

    @property
    def mean(self) -> Array:
        """The running mean after the batch, (C,)."""
        last: Array = self.means[-1]
        return last

    @property
    def variance(self) -> Array:
        """The running variance after the batch, (C,)."""
        last: Array = self.variances[-1]
        return last


def remember(worked: Worked) -> Running:
    """The memory of a norm that has seen one batch of `worked`."""
    count = np.bincount(worked.sets.ravel())
    unbiased = worked.spread * count / (count - 1)
    channels = worked.x.shape[1]
    means, variances = (_followed(*each, channels) for each in ((0.0, worked.centre), (1.0, unbiased)))
    return Running(unbiased, means, variances, by_channel(worked, means[-1], variances[-1]))


def _followed(start: float, seen: Array, channels: int) -> Array:
    """A running average before the batch and after each chunk, (chunks + 1, C)."""
    averages = [np.full(channels, start)]
    for chunk in seen.reshape(-1, channels):
        averages.append((1 - MOMENTUM) * averages[-1] + MOMENTUM * chunk)
    return np.stack(averages)


def by_channel(worked: Worked, mean: Array, variance: Array) -> Array:
    """What becomes of the tensor, (N, C, H, W), by one mean and variance for each channel, (C,), as in eval mode."""
    columns = (-1, 1, 1)
    normalized = (worked.x - mean.reshape(columns)) / np.sqrt(variance + worked.eps).reshape(columns)
    y: Array = worked.gamma * normalized + worked.beta
    return y
