"""What is done to the grey levels of an image before a network sees it: stretch, equalize or CLAHE.

Each maps stored pixels to stored pixels, uint8 (N, C, H, W), every channel of every image on its own, and keeps 256
levels: the darkest of an image becomes 0, so that 0 is its background, also where a rotation brings it in; the
brightest becomes 255. A channel with one level only becomes 0.

    stretch     v = (x − min) / (max − min)
    equalize    v = (F(x) − F(min)) / (1 − F(min)),   F(x) the share of the image's pixels that are at most x
    clahe       the same with an F for each place, mixed of those of the tiles around it. The histograms that they come
                from are clipped and what is clipped is spread over all levels, so that no F is more than CLIP · 256
                times as steep as `stretch` (or than one pixel of a tile makes it).

`stretch` changes nothing about an image that has black and white in it. `equalize` and `clahe` are scikit-image's, an
optional dependency.

Sources: R. C. Gonzalez and R. E. Woods, Digital image processing, §3.3 (equalization); S. M. Pizer et al., Adaptive
histogram equalization and its variations, Computer Vision, Graphics, and Image Processing 39, 1987; K. Zuiderveld,
Contrast limited adaptive histogram equalization, Graphics Gems IV, 1994.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from normlab.errors import DataError

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

CLIP = 0.02
"""What a level may have of a tile's pixels. Of 14×14 that is 3: F rises at most 3.9 times as fast as `stretch`."""
TILES = 2
"""Tiles down and across. A quarter of MNIST's images has 196 pixels; less would say little of 256 levels."""
AT_ONCE = 5000
"""Images whose levels are held as floats at a time: 31 MB of MNIST's."""
TIE = 1e-6
"""Halves are rounded up whatever rounding has made of them; no quotient of pixel counts is closer to a half."""


def need() -> None:
    """Raise `DataError` unless scikit-image is there."""
    if importlib.util.find_spec("skimage") is None:
        raise DataError('equalize and clahe need scikit-image, which is not installed: pip install "normlab[images]"')


def stretch(images: Pixels) -> Pixels:
    """Each image's darkest level to 0 and its brightest to 255, uint8 (N, C, H, W)."""
    return _by_channel(images, lambda some: some)


def equalize(images: Pixels) -> Pixels:
    """Each image's levels spread so that they are about equally frequent, uint8 (N, C, H, W).

    Raises `DataError` without scikit-image.
    """
    need()
    from skimage.exposure import equalize_hist

    return _by_channel(images, lambda some: np.stack([equalize_hist(image, nbins=256) for image in some]))


def clahe(images: Pixels) -> Pixels:
    """Each image's levels equalized by what is around them, with limited contrast, uint8 (N, C, H, W).

    Raises `DataError` without scikit-image.
    """
    need()
    from skimage.exposure import equalize_adapthist

    tile = [max(1, side // TILES) for side in images.shape[2:]]
    return _by_channel(images, lambda some: np.stack([equalize_adapthist(image, tile, CLIP, 256) for image in some]))


def _by_channel(images: Pixels, shown: Callable[[Pixels], NDArray[np.number]]) -> Pixels:
    """The images with levels from 0 to 255 after `shown` has had its turn at channels, (n, H, W)."""
    flat = images.reshape(-1, *images.shape[2:])
    done = np.empty_like(flat)
    for start in range(0, len(flat), AT_ONCE):
        some = flat[start : start + AT_ONCE]
        done[start : start + AT_ONCE] = _levels(some, np.asarray(shown(some), np.float64))
    return np.reshape(done, images.shape)


def _levels(before: Pixels, after: Floats) -> Pixels:
    """The nearest levels, 0 where an image was darkest before and 255 where it is brightest after; all (n, H, W).

    Where tiles differ in what they make of the darkest level, the brightest of that counts as 0.
    """
    over = (1, 2)
    darkest = before == before.min(over, keepdims=True)
    low = np.where(darkest, after, -np.inf).max(over, keepdims=True)
    span = after.max(over, keepdims=True) - low
    share = np.divide(after - low, span, out=np.zeros_like(after), where=span > 0)
    return np.asarray(np.floor(255 * share.clip(0, 1) + 0.5 + TIE), np.uint8)
