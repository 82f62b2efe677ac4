"""Images that are nearly another one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from normlab.data import Dataset, alike
from normlab.data.alike import Alike
from normlab.data.catalog import MNIST

Pixels = NDArray[np.uint8]
COPIES = 200


def noisy(images: Pixels) -> Pixels:
    """Other by up to 6 of 255 levels."""
    noise = np.random.default_rng(0).integers(-6, 7, images.shape)
    return np.clip(images.astype(int) + noise, 0, 255).astype(np.uint8)


def paler(images: Pixels) -> Pixels:
    """Less contrast, and brighter."""
    return np.clip(0.8 * images + 20, 0, 255).astype(np.uint8)


def saved(images: Pixels) -> Pixels:
    """Through JPEG."""
    return np.stack([_saved(image[0]) for image in images])[:, None]


def _saved(image: Pixels) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=80)
    return np.asarray(Image.open(file))


def mirrored(images: Pixels) -> Pixels:
    """Left is right."""
    return np.flip(images, axis=-1)


def moved(images: Pixels) -> Pixels:
    """By a pixel to the right, with another edge."""
    return np.pad(images, ((0, 0), (0, 0), (0, 0), (1, 0)), mode="edge")[..., :-1]


@pytest.mark.parametrize("copy", [noisy, paler, saved, mirrored, moved])
@pytest.mark.slow
def test_a_copy_with_small_changes_is_nearly_the_same(mnist: Dataset, copy: object) -> None:
    """Noise, brightness, JPEG, a mirror, a pixel's way; a test image that is copied within the test set counts once."""
    assert callable(copy)
    train, test = mnist.train_images[:3000], mnist.test_images[:1000]
    across = alike.alike(train, np.concatenate([copy(train[:COPIES]), test]))
    within = alike.alike(train, np.concatenate([test, copy(test[:COPIES])]))
    assert across.within == within.across == 0
    assert min(across.across, within.within) > 0.95 * COPIES


@pytest.mark.long
def test_what_the_catalog_says_of_mnist_is_counted(mnist: Dataset) -> None:
    """Two handwritten digits are never so alike."""
    assert alike.alike(mnist.train_images, mnist.test_images) == MNIST.alike == Alike(0, 0) == mnist.known_alike


def test_exact_copies_and_empty_images_are_none_of_these(mnist: Dataset) -> None:
    """The first are told by themselves, the others show nothing."""
    some, empty = mnist.test_images[:100], np.zeros((50, 1, 28, 28), np.uint8)
    assert alike.alike(some, some) == Alike(0, 0)
    assert alike.alike(empty, empty + np.eye(28, dtype=np.uint8)) == Alike(0, 0)
    assert alike.alike(empty[:0], some) == Alike(0, 0)


def test_colours_and_sizes_are_any() -> None:
    """Three channels and rows that five does not divide."""
    images = np.random.default_rng(1).integers(0, 256, (60, 3, 17, 4), dtype=np.uint8)
    assert alike.alike(images, paler(images[:20])) == Alike(20, 0)


def test_of_large_sets_some_images_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """At even distances, so that it takes a second or two whatever there is."""
    images = np.random.default_rng(1).integers(0, 256, (60, 1, 25, 25), dtype=np.uint8)
    monkeypatch.setattr(alike, "MOST_BYTES", 30 * images[0].size)
    assert alike.alike(images, paler(images)) == Alike(30, 0)
