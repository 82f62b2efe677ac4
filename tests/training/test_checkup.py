from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from recipes import recipe
from torch import nn

from normlab.data.split import Split
from normlab.records import Job
from normlab.training.checkup import JUDGED, PIXELS, TRAINED, check_up

ALL = np.ones(1200, bool)


def job(batch_size: int = 100) -> Job:
    still = {"rotation": 0, "shift": 0, "scale": 0}
    return Job(recipe("bn", batch_size=batch_size, augment=still), 0)


@pytest.fixture
def images() -> Split:
    """Two classes, dark and bright, all of the one before all of the other as in folders."""
    rng = np.random.default_rng(0)
    labels = np.sort(rng.integers(0, 2, 1200))
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
    found = check_up(network(5.0), images, job(), images.judged_labels == 0)
    assert (found.trained, found.running / TRAINED, found.batch) == (TRAINED, pytest.approx(0.5, abs=0.07), TRAINED)
    assert (found.right / JUDGED, found.recalibrated) == (pytest.approx(0.5, abs=0.07), JUDGED)
    assert found.drift > 1
    assert found.where == "0"


@pytest.mark.parametrize("batch_size", [50, 100, 500])
def test_running_statistics_that_are_right_cost_nothing(images: Split, batch_size: int) -> None:
    """All are right either way, though images of one class lie together: batches are the run's own, in its order."""
    found = check_up(network(0.0), images, job(batch_size), ALL)
    assert found.running == found.trained
    assert found.batch == found.trained
    assert found.recalibrated == found.right == JUDGED


def test_batches_are_as_large_as_the_runs(images: Split) -> None:
    """Whole ones until there are enough; one at least, which may be all images."""
    assert check_up(network(0.0), images, job(64), ALL).trained == 512
    assert check_up(network(0.0), images, job(700), ALL).trained == 700
    assert check_up(network(0.0), images, job(5000), ALL).trained == 1200


def test_of_large_images_fewer_are_looked_at(images: Split) -> None:
    """So that no more pixels are held at a time than a run held."""
    side = int((PIXELS / 40) ** 0.5)
    large = np.zeros((100, 2, side, side), np.uint8)
    few = replace(images, train_images=large, train_labels=np.zeros(100, np.int64), judged_images=large)
    few = replace(few, judged_labels=np.zeros(100, np.int64))
    found = check_up(network(0.0), few, job(8), np.ones(100, bool))
    assert (found.trained, found.judged) == (40, 80)


def test_a_network_without_running_statistics_is_looked_at_for_idle_channels_alone(images: Split) -> None:
    """A silent channel is half of instance norm's groups; nothing else is measured."""
    silent = nn.Conv2d(2, 2, 1)
    silent.weight = nn.Parameter(torch.tensor([[1.0, 0.0], [0.0, 0.0]])[:, :, None, None])
    model = nn.Sequential(silent, nn.InstanceNorm2d(2), nn.Flatten(), nn.Linear(72, 2)).eval()
    found = check_up(model, images, job(), ALL)
    assert (found.trained, found.where, found.parts, found.idle) == (0, "", 2, 1)
