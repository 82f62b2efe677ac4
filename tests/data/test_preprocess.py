from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from normlab.data import Dataset
from normlab.data.preprocess import Standardize

CPU = torch.device("cpu")
MEAN, STD = (0.1307, 0.5), (0.3081, 0.25)


@given(arrays(np.uint8, st.tuples(st.integers(1, 3), st.just(2), st.integers(1, 5), st.integers(1, 5))))
def test_each_channel_is_standardized(pixels: NDArray[np.uint8]) -> None:
    """(x / 255 − mean) / std with each channel's own mean and std, for any pixels."""
    mean, std = (np.array(values)[:, None, None] for values in (MEAN, STD))
    got = Standardize(MEAN, STD, CPU)(torch.from_numpy(pixels).float())
    np.testing.assert_allclose(got, (pixels / 255 - mean) / std, rtol=1e-5, atol=1e-6)


def test_the_input_stays() -> None:
    """Pixels that several arms share are not overwritten."""
    pixels = torch.full((1, 2, 2, 2), 255.0)
    Standardize(MEAN, STD, CPU)(pixels)
    assert (pixels == 255).all()


def test_black_is_the_background_of_the_course() -> None:
    """MNIST's background becomes −0.4242."""
    black = Standardize((0.1307,), (0.3081,), CPU)(torch.zeros(1, 1, 1, 1))
    assert black.item() == pytest.approx(-0.4242, abs=5e-5)


def test_the_training_images_come_out_standard(mnist: Dataset) -> None:
    """Over MNIST's training images the mean is 0 and the standard deviation 1, within the constants' digits."""
    some = np.random.default_rng(0).permutation(60_000)[:6_000]  # not every tenth: MNIST is no random sequence
    pixels = Standardize(mnist.mean, mnist.std, CPU)(torch.from_numpy(mnist.train_images[some]).float())
    assert pixels.mean().item() == pytest.approx(0, abs=0.01)
    assert pixels.std().item() == pytest.approx(1, abs=0.01)
