"""Images that are nearly another one: the same picture with some noise, another brightness, saved once more.

    image ─▶ 5 × 5 means, centred, of length 1 ─▶ the nearest of the others within `NEAR` ─▶ correlation of all pixels

Exact copies are `normlab.data.twins`' and are not counted here; nor are moved or mirrored ones, nor images without
contrast, which all look alike.

Source: B. Barz and J. Denzler, Do we train on test data? Purging CIFAR of near-duplicates, Journal of Imaging 6, 2020,
arXiv 1902.00423.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

ACROSS = 5
"""Means along each side of an image."""
NEAR = 0.05
"""How far the means of copies lie apart at most: those of JPEG's, or with noise of 10 of 255 levels, lie nearer."""
ALIKE = 0.99
"""Correlation of the pixels of copies; of MNIST's test images none has so much with a training image."""
FLAT = 2.0
"""Standard deviation, in levels of 255, below which an image shows nothing."""
MOST_BYTES = 160_000_000
"""Of each of the two sets; of more, images at even distances are looked at. A second or two of a core."""
AT_ONCE = 2000


@dataclass(frozen=True)
class Alike:
    """How many test images are nearly a training image, and how many nearly a test image that stands before them."""

    across: int
    within: int


def alike(train: Pixels, test: Pixels) -> Alike:
    """Of images (N, C, H, W) of one shape."""
    from scipy.spatial import cKDTree

    if not (len(train) and len(test)):
        return Alike(0, 0)
    train, test = _some(train), _some(test)
    learned, judged = _means(train), _means(test)
    across = _copies(test, judged, train, cKDTree(learned))
    return Alike(len(across), len(_copies(test, judged, test, cKDTree(judged), itself=True)))


def _some(images: Pixels) -> Pixels:
    step = -(-len(images) * math.prod(images.shape[1:]) // MOST_BYTES)
    return images[::step] if step > 1 else images


def _copies(some: Pixels, means: Floats, others: Pixels, tree: cKDTree, *, itself: bool = False) -> NDArray[np.intp]:
    """Which of some images are nearly one of others; where these are the same, one that stands before it."""
    far, near = (np.asarray(each)[:, -1] for each in tree.query(means, k=[1, 1 + itself], distance_upper_bound=NEAR))
    found = np.flatnonzero(np.isfinite(far) & means.any(axis=1))
    near = near[found]
    found, near = (found[near < found], near[near < found]) if itself else (found, near)
    chosen = [pair for pair in zip(found, near, strict=True) if _alike(some[pair[0]], others[pair[1]])]
    return np.array([first for first, _ in chosen], np.intp)


def _alike(one: Pixels, other: Pixels) -> bool:
    """Whether two images (C, H, W) are one picture, and not the same pixels."""
    first, second = (image.astype(np.float64).ravel() - image.mean() for image in (one, other))
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return not np.array_equal(one, other) and float(first @ second) >= ALIKE * length > 0


def _means(images: Pixels) -> Floats:
    """Means of `ACROSS` × `ACROSS` parts, centred and of length 1, (N, parts); 0 for images without contrast."""
    found = np.concatenate([*_pooled(images)])
    found -= found.mean(axis=1, keepdims=True)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    scaled: Floats = np.where(length > FLAT * ACROSS, found / np.maximum(length, 1e-9), 0)
    return scaled


def _pooled(images: Pixels) -> Iterator[Floats]:
    """As a product with a matrix, which is several times faster than adding up."""
    pool = _pool(*images.shape[1:])
    for start in range(0, len(images), AT_ONCE):
        part = images[start : start + AT_ONCE]
        yield part.reshape(len(part), -1).astype(np.float32) @ pool


def _pool(channels: int, rows: int, columns: int) -> Floats:
    """What makes means of an image's values, (C·H·W, parts); small images have fewer parts."""
    down, right = (np.arange(size) * ACROSS // size for size in (rows, columns))
    part = np.tile((down[:, None] * ACROSS + right).ravel(), channels)
    chosen = np.eye(ACROSS**2, dtype=np.float32)[part]
    counts = chosen.sum(axis=0)
    means: Floats = (chosen / np.maximum(counts, 1))[:, counts > 0]
    return means
