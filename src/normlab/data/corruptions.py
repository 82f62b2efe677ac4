"""Images made worse on the fly, the same for every network: shifted, rotated, noisy, blurred.

After MNIST-C, whose corruptions leave a digit readable for people; their strengths here are our own, and grow with the
images' size, so that numbers are not those of its files. What is drawn for an image depends on its place alone: neither
on how many images there are nor on the study, its seeds or its arms.

Source: N. Mu and J. Gilmer, MNIST-C: A Robustness Benchmark for Computer Vision, arXiv 1906.02337.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.data.augment import draw, warp
from normlab.seeds import generator
from normlab.spec import Augment

Images = NDArray[np.uint8]

TURN, STEP, NOISE, BLUR = 30.0, 1 / 7, 0.25, 1 / 20
"""Turned by up to ± degrees and moved by up to ± of the shorter side, uniformly; normal noise with a standard deviation
of so much of the range of levels; blurred by a Gaussian with one of so much of the shorter side."""


def corrupted(images: Images, kind: str) -> Images:
    """The images (N, C, H, W) made worse by a kind of `CORRUPTIONS`, as levels 0 to 255."""
    rng = generator(0, "corrupt", [*CORRUPTIONS].index(kind))
    levels = CORRUPTIONS[kind](images.astype(np.float32), rng)
    return np.rint(levels).clip(0, 255).astype(np.uint8)


Floats = NDArray[np.float32]


def _shifted(images: Floats, rng: np.random.Generator) -> Floats:
    return _moved(images, Augment(shift=min(64.0, STEP * min(images.shape[2:]))), rng)


def _rotated(images: Floats, rng: np.random.Generator) -> Floats:
    return _moved(images, Augment(rotation=TURN), rng)


def _moved(images: Floats, augment: Augment, rng: np.random.Generator) -> Floats:
    """By affine maps; what comes in from outside is the background, 0."""
    changes = draw(augment, len(images), images.shape[2:], lambda _: rng)
    assert changes.maps is not None, "it moves"  # noqa: S101 - an invariant
    return warp(torch.from_numpy(images), torch.from_numpy(changes.maps)).numpy()


def _noisy(images: Floats, rng: np.random.Generator) -> Floats:
    noise = rng.standard_normal(images.shape, dtype=np.float32)
    return images + np.float32(255 * NOISE) * noise


def _blurred(images: Floats, _: np.random.Generator) -> Floats:
    from scipy.ndimage import gaussian_filter

    sigma = BLUR * min(images.shape[2:])
    return np.asarray(gaussian_filter(images, (0, 0, sigma, sigma), mode="nearest"), dtype=np.float32)


CORRUPTIONS: Mapping[str, Callable[[Floats, np.random.Generator], Floats]] = {
    "shifted": _shifted,
    "rotated": _rotated,
    "noisy": _noisy,
    "blurred": _blurred,
}
"""Each takes levels 0 to 255 and the numbers that are its own; new ones go to the end, where they shift none."""
