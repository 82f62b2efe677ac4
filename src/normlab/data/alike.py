"""Images that are nearly another one: the same picture with some noise, another brightness, saved once more.

    inside ─▶ 5 × 5 means, centred, of length 1 ─▶ the nearest of the others within `NEAR` ─▶ correlation of all pixels

It is also looked for mirrored, and moved by a pixel each way. Exact copies are `normlab.data.twins`' and are not
counted here; nor are images without contrast, which all look alike, nor copies that are moved further, turned or cut.

Source: B. Barz and J. Denzler, Do we train on test data? Purging CIFAR of near-duplicates, Journal of Imaging 6, 2020,
arXiv 1902.00423.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Move = Callable[[Pixels], Pixels]

ACROSS = 5
"""Means along each side of an image."""
NEAR = 0.05
"""How far the means of copies lie apart at most: those of JPEG's, or with noise of 10 of 255 levels, lie nearer."""
ALIKE = 0.99
"""Correlation of the pixels of copies; of MNIST's test images none has so much with a training image."""
FLAT = 2.0
"""Standard deviation, in levels of 255, below which an image shows nothing."""
MOST_BYTES = 160_000_000
"""Of each of the two sets; of more, images at even distances are looked at. A second or two of a core, MNIST 0.6 s."""
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
    learned, judged = cKDTree(_means(train, _inner)), cKDTree(_means(test, _inner))
    across, within = set[int](), set[int]()
    for moved in MOVED:
        means = _means(test, moved)
        near = [(one, other) for one, other in _near(means, learned) if one not in across]
        across |= {one for one, other in near if _copies(test[one], train[other], moved)}
        earlier = [(one, other) for one, other in _near(means, judged, 2) if other < one and one not in within]
        within |= {one for one, other in earlier if _copies(test[one], test[other], moved)}
    return Alike(len(across), len(within))


def _some(images: Pixels) -> Pixels:
    step = -(-len(images) * math.prod(images.shape[1:]) // MOST_BYTES)
    return images[::step] if step > 1 else images


def _inner(images: Pixels, down: int = 1, right: int = 1, step: int = 1) -> Pixels:
    """Images without their border, moved or mirrored; all of one that is hardly more than a border."""
    rows, columns = (size - 2 for size in images.shape[-2:])
    if min(rows, columns) < ACROSS:
        return images[..., ::step]
    return images[..., down : down + rows, right : right + columns][..., ::step]


MOVED: tuple[Move, ...] = (
    _inner,
    partial(_inner, step=-1),
    *(partial(_inner, down=down, right=right) for down, right in ((0, 1), (2, 1), (1, 0), (1, 2))),
)
"""What lies inside of images, mirrored, and moved by a pixel each way."""


def _near(means: Floats, tree: cKDTree, nearest: int = 1) -> Iterator[tuple[int, int]]:
    """Each image with the nearest ones of a tree that are near enough, by their numbers."""
    k = range(1, nearest + 1)
    far, near = (np.asarray(found) for found in tree.query(means, k=k, distance_upper_bound=NEAR))
    rows, places = np.nonzero(np.asarray(np.isfinite(far) & means.any(axis=1, keepdims=True)))
    yield from zip(rows.tolist(), near[rows, places].tolist(), strict=True)


def _copies(image: Pixels, other: Pixels, moved: Move) -> bool:
    """Whether an image (C, H, W), once moved, shows what lies inside of another; the same pixels do not count."""
    first, second = (part.astype(np.float64).ravel() - part.mean() for part in (moved(image), _inner(other)))
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) >= ALIKE * length > 0 and not np.array_equal(image, other)


def _means(images: Pixels, moved: Move) -> Floats:
    """Means of `ACROSS` × `ACROSS` parts, centred and of length 1, (N, parts); 0 for images without contrast."""
    found = np.concatenate([*_pooled(images, moved)])
    found -= found.mean(axis=1, keepdims=True)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    scaled: Floats = np.where(length > FLAT * ACROSS, found / np.maximum(length, 1e-9), 0)
    return scaled


def _pooled(images: Pixels, moved: Move) -> Iterator[Floats]:
    """As a product with a matrix, which is several times faster than adding up."""
    pool = _pool(*moved(images[:1]).shape[1:])
    for start in range(0, len(images), AT_ONCE):
        part = moved(images[start : start + AT_ONCE])
        yield part.reshape(len(part), -1).astype(np.float32) @ pool


def _pool(channels: int, rows: int, columns: int) -> Floats:
    """What makes means of an image's values, (C·H·W, parts); small images have fewer parts."""
    down, right = (np.arange(size) * ACROSS // size for size in (rows, columns))
    part = np.tile((down[:, None] * ACROSS + right).ravel(), channels)
    chosen = np.eye(ACROSS**2, dtype=np.float32)[part]
    counts = chosen.sum(axis=0)
    means: Floats = (chosen / np.maximum(counts, 1))[:, counts > 0]
    return means
