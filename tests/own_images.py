"""Small images of a person's own, and those of a split that a layout has found."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from normlab.data.layouts import Found, Stored


@dataclass(frozen=True)
class Arrays:
    """Images (N, C, H, W) and labels of two splits; every class is in both."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray


def noise(channels: int = 1, side: int = 8, classes: int = 3) -> Arrays:
    """Images that are all different, and never flat or symmetric."""
    rng = np.random.default_rng(0)
    shape = (channels, side, side + 2)
    return Arrays(
        rng.integers(0, 256, (4 * classes, *shape), np.uint8),
        np.arange(4 * classes) % classes,
        rng.integers(0, 256, (2 * classes, *shape), np.uint8),
        np.arange(2 * classes) % classes,
    )


def pixels(found: Found, split: str) -> np.ndarray:
    """All images of a stored split."""
    part = found.parts[split]  # type: ignore[index]
    assert isinstance(part, Stored)
    images = np.concatenate([*part.chunks()])
    assert images.shape == part.shape
    return images


def write_folders(folder: Path, arrays: Arrays, *, split: bool = True) -> Path:
    """The images as PNG, a folder a class, in the order of their numbers; both splits, or the training images alone."""
    splits = [("train", arrays.train, arrays.train_labels), ("test", arrays.test, arrays.test_labels)]
    for name, images, labels in splits if split else splits[:1]:
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            path = (folder / name if split else folder) / f"class {label}" / f"{number:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            save(path, image)
    return folder


def save(path: Path, image: np.ndarray) -> None:
    """An image (C, H, W) as a file."""
    Image.fromarray(image[0] if len(image) == 1 else np.ascontiguousarray(image.transpose(1, 2, 0))).save(path)
