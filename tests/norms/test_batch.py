from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from torch import from_numpy, nn

from normlab.norms import Slot, resolve

BATCHES = arrays(np.float64, (2, 3, 4, 5, 2), elements=st.floats(-100, 100), fill=st.floats(-100, 100))
"""Two batches of three images with four channels."""


def norm() -> nn.Module:
    return resolve("bn")(Slot("norm", 4, (5, 2), groups=2)).double()


@given(BATCHES)
@settings(max_examples=25)
def test_running_statistics_follow_with_momentum_a_tenth(batches: NDArray[np.float64]) -> None:
    """After each batch, running ← 0.9 · running + 0.1 · the batch's mean, and its unbiased variance, from 0 and 1."""
    module, mean, variance = norm(), np.zeros(4), np.ones(4)
    for x in batches:
        module(from_numpy(x))
        mean = 0.9 * mean + 0.1 * x.mean(axis=(0, 2, 3))
        variance = 0.9 * variance + 0.1 * x.var(axis=(0, 2, 3), ddof=1)
    np.testing.assert_allclose(module.running_mean, mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(module.running_var, variance, rtol=1e-9, atol=1e-9)


@given(BATCHES)
@settings(max_examples=25)
def test_evaluation_uses_the_running_statistics(batches: NDArray[np.float64]) -> None:
    """In evaluation an image's output depends on the averages kept, not on the images beside it, and they stay."""
    trained_on, judged = batches
    module = norm()
    module(from_numpy(trained_on))
    kept = {key: value.clone() for key, value in module.state_dict().items()}
    y = module.eval()(from_numpy(judged)).detach().numpy()
    mean, variance = (kept[key].numpy()[:, None, None] for key in ("running_mean", "running_var"))
    np.testing.assert_allclose(y, (judged - mean) / np.sqrt(variance + 1e-5), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(y[:1], module(from_numpy(judged[:1])).detach(), rtol=1e-9, atol=1e-9)
    assert all((value == kept[key]).all() for key, value in module.state_dict().items())
