from __future__ import annotations

import numpy as np
from comparisons import left

from normlab.analysis import parts
from normlab.records import Comparison


def test_kernels_are_those_that_training_measured(six: Comparison) -> None:
    """In the order of their names, with their weights; the last epoch's sizes go with them."""
    run = six.runs[0]
    found, _ = parts.split(run)
    assert list(found) == ["block1.conv.weight", "block2.conv.weight", "head.weight"]
    assert [(size.epoch, size.weights) for size in parts.sizes(run)] == [(5, value.size) for value in found.values()]


def test_a_norms_gamma_is_no_kernel_whatever_its_shape(six: Comparison) -> None:
    """The γ (C, H, W) of `ln-chw` are scales, as one γ for each channel is; β, biases and statistics are nothing."""
    weights = {
        "conv.weight": np.ones((2, 1, 3)),  # three axes, as the γ below
        "norm.weight": np.ones((10, 26, 26)),
        "norm.bias": np.zeros((10, 26, 26)),
        "norm2.weight": np.ones(10),
        "norm2.running_var": np.ones(10),
        "head.bias": np.zeros(10),
    }
    run = left(six.runs[0], weights, "conv.weight")
    kernels, scales = parts.split(run)
    assert list(kernels) == ["conv.weight"]
    assert list(scales) == ["norm.weight", "norm2.weight"]
