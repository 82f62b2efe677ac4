"""Batch norm's memory: the running mean and variance after a batch, and what eval mode makes of them.

    m ← (1 − 0.1) · m + 0.1 · μ_c,   v ← (1 − 0.1) · v + 0.1 · s²_c,   y = γ · (x − m) / √(v + ε) + β

from m = 0 and v = 1. s² is the *unbiased* variance, n/(n − 1) times the biased one that training divides by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from normlab.explanation.worked import Array, Worked

MOMENTUM = 0.1
"""The share of the new batch in the running averages, PyTorch's default."""


@dataclass(frozen=True, eq=False)
class Running:
    """What batch norm remembers of one batch, each (C,), and its output in eval mode, (N, C, H, W)."""

    unbiased: Array
    mean: Array
    variance: Array
    y: Array


def remember(worked: Worked) -> Running:
    """The memory of a batch norm that has seen one batch of `worked`."""
    count = worked.x[:, 0].size
    unbiased = worked.spread * count / (count - 1)
    mean, variance = MOMENTUM * worked.centre, (1 - MOMENTUM) + MOMENTUM * unbiased
    return Running(unbiased, mean, variance, by_channel(worked, mean, variance))


def by_channel(worked: Worked, mean: Array, variance: Array) -> Array:
    """What becomes of the tensor, (N, C, H, W), by one mean and variance for each channel, (C,), as in eval mode."""
    columns = (-1, 1, 1)
    normalized = (worked.x - mean.reshape(columns)) / np.sqrt(variance + worked.eps).reshape(columns)
    y: Array = worked.gamma * normalized + worked.beta
    return y
