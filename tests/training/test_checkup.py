from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from normlab.data.split import Split
from normlab.training.checkup import JUDGED, TRAINED, check_up


@pytest.fixture
def images() -> Split:
    """Two classes: dark and bright."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 1200)
    pixels = rng.integers(0, 100, (1200, 2, 6, 6)) + 100 * labels[:, None, None, None]
    return Split(pixels.astype(np.uint8), labels, pixels.astype(np.uint8), labels, (0.4, 0.4), (0.2, 0.2))


def network(mean: float) -> nn.Module:
    """Bright where the normed mean is above 0; its running mean is off by so many standard deviations."""
    norm = nn.BatchNorm2d(2, affine=False)
    norm.running_mean = torch.full((2,), mean)
    last = nn.Linear(2, 2, bias=False)
    last.weight = nn.Parameter(torch.tensor([[-1.0, -1.0], [1.0, 1.0]]))
    return nn.Sequential(norm, nn.AdaptiveAvgPool2d(1), nn.Flatten(), last).eval()


def test_running_statistics_that_are_off_cost_what_estimating_them_again_gives_back(images: Split) -> None:
    """Half of the images are right by a running mean that is far too high, all by that of their batches."""
    found = check_up(network(5.0), images, 100, images.judged_labels == 0)
    assert (found.trained, found.running / TRAINED, found.batch) == (TRAINED, pytest.approx(0.5, abs=0.05), TRAINED)
    assert (found.right / JUDGED, found.recalibrated) == (pytest.approx(0.5, abs=0.05), JUDGED)
    assert found.drift > 1
    assert found.where == "0"


def test_running_statistics_that_are_right_cost_nothing(images: Split) -> None:
    """All are right either way."""
    found = check_up(network(0.0), images, 100, np.ones(1200, bool))
    assert found.running == found.batch == TRAINED
    assert found.recalibrated == found.right == JUDGED


def test_a_last_batch_of_another_size_is_left_out(images: Split) -> None:
    """500 images are seven batches of 64; a batch of one image is never made of more."""
    assert check_up(network(0.0), images, 64, np.ones(1200, bool)).trained == 448
    assert check_up(network(0.0), images, 5000, np.ones(1200, bool)).trained == TRAINED


def test_a_network_without_running_statistics_is_looked_at_for_idle_channels_alone(images: Split) -> None:
    """A silent channel is half of instance norm's groups; nothing else is measured."""
    silent = nn.Conv2d(2, 2, 1)
    silent.weight = nn.Parameter(torch.tensor([[1.0, 0.0], [0.0, 0.0]])[:, :, None, None])
    model = nn.Sequential(silent, nn.InstanceNorm2d(2), nn.Flatten(), nn.Linear(72, 2)).eval()
    found = check_up(model, images, 100, np.ones(1200, bool))
    assert (found.trained, found.where, found.parts, found.idle) == (0, "", 2, 1)
