"""Colour images of 32 × 32, as CIFAR's, and all of augmentation, through every engine."""

from __future__ import annotations

import numpy as np
import pytest
from recipes import recipe
from torch import nn

from normlab import training
from normlab.data import Dataset
from normlab.models.registry import MODELS
from normlab.records import Job, RunRecord

pytestmark = pytest.mark.training

AUGMENT = {"rotation": 5, "shift": 1, "scale": 0.1, "flip": 0.5, "crop": 4, "cutout": 8}


def network(*_: object, **__: object) -> nn.Module:
    """Two convolutions, the second of half the size."""
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(8 * 8 * 8, 4)),
    )


@pytest.fixture(scope="module")
def coloured() -> Dataset:
    """Noise that is redder, greener, bluer or neither: four classes that a mirror does not move."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 700)
    images = rng.integers(0, 160, (700, 3, 32, 32), dtype=np.uint8)
    for channel in range(3):
        images[labels == channel, channel] += 12
    mean, std = ((images / 255).astype(np.float32)[:500].mean((0, 2, 3)), (images / 255)[:500].std((0, 2, 3)))
    return Dataset(
        name="coloured",
        train_images=images[:500],
        train_labels=labels[:500],
        test_images=images[500:],
        test_labels=labels[500:],
        classes=("red", "green", "blue", "grey"),
        mean=tuple(mean.tolist()),
        std=tuple(std.tolist()),
        digest="made up",
    )


@pytest.fixture
def trained(coloured: Dataset, monkeypatch: pytest.MonkeyPatch) -> dict[str, RunRecord]:
    """The same run by each engine."""
    monkeypatch.setitem(MODELS, "hand-built", network)
    settings = {"preset": "lean", "model": "hand-built", "epochs": 2, "batch_size": 50, "augment": AUGMENT}
    how = recipe("bn", **settings, optimizer={"lr": 0.005}, schedule={"kind": "constant"})
    return {name: training.train(Job(how, 0, 0, "cpu", name), coloured) for name in ("reference", "eager", "lanes")}


@pytest.mark.long
def test_colour_images_train_alike_in_every_engine(trained: dict[str, RunRecord]) -> None:
    """Flipped, cropped, turned and hidden in part: the losses of all epochs are the plain loop's, and it learns."""
    plain = trained.pop("reference")
    for name, fast in trained.items():
        for one, other in zip(fast.epochs, plain.epochs, strict=True):
            assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4), name
            assert one.judged_loss == pytest.approx(other.judged_loss, rel=1e-3), name
    assert plain.final.judged_correct > 0.8 * plain.final.judged_images
