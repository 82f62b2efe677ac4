"""Random changes of images, drawn for a whole epoch at once and applied a batch at a time.

An image with zeros all around is rotated, scaled and shifted, moved by whole pixels (a crop of what was padded) and
mirrored: all of that is one affine map, so a pixel is sampled once. Images are moved *before* they are standardized, so
what comes in from outside is the background (0) and not mid-grey. Then a square of what comes out is hidden: it is 0
*after* standardizing, the mean of the training images, as in the paper.

`warp` and `hide` are the batched ways. Beside `warp` stands the plain one, `warp_one`; a test holds them together.

Source of the hidden square: T. DeVries and G. W. Taylor, Improved regularization of convolutional neural networks with
cutout, arXiv 1708.04552. Its centre is uniform over the pixels, so that part of it may lie outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from normlab.spec import Augment

Floats = NDArray[np.float32]
Stream = Callable[[Literal["augment", "flip", "crop", "cutout"]], np.random.Generator]
"""The random numbers for each purpose, so that switching one on does not shift another's."""


@dataclass(frozen=True, eq=False)
class Changes:
    """What is done to each of some images.

    `maps` are affine, float32 (N, 2, 3), from output to input in `grid_sample`'s −1..1 coordinates; None where nothing
    moves. `holes` are the top, left, bottom and right of what is hidden, int32 (N, 4), ends excluded and within the
    image; None where nothing is.
    """

    maps: Floats | None = None
    holes: NDArray[np.int32] | None = None

    def of(self, images: NDArray[np.int64] | slice) -> Changes:
        """Those of some of the images, by their places."""
        return Changes(
            None if self.maps is None else self.maps[images], None if self.holes is None else self.holes[images]
        )


STILL = Changes()
"""Images as they are."""


def draw(augment: Augment, images: int, size: tuple[int, int], stream: Stream) -> Changes:
    """What is done to each of `images` images.

    Args:
        size: (H, W) of the images in pixels.
        stream: gives each purpose a generator of its own.
    """
    maps = _maps(augment, images, size, stream) if augment.moving else None
    return Changes(maps, _holes(augment.cutout, images, size, stream("cutout")) if augment.cutout else None)


def _maps(augment: Augment, images: int, size: tuple[int, int], stream: Stream) -> Floats:
    """A mirror and a step by whole pixels go before the similarity, for maps lead from output to input."""
    maps = _similarities(augment, images, size, stream("augment"))
    if augment.crop:
        steps = stream("crop").integers(-augment.crop, augment.crop, (images, 2, 1), endpoint=True)
        maps[:, :, 2:] += maps[:, :, :2] @ (2 * steps / np.reshape(size[::-1], (2, 1))).astype(np.float32)
    if augment.flip:
        maps[stream("flip").random(images) < augment.flip, :, 0] *= -1
    return maps


def _similarities(augment: Augment, images: int, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Rotations, scales and shifts: four uniform numbers per image, whatever the settings, in a fixed order."""
    u = rng.random((images, 4), dtype=np.float32) * 2 - 1
    angle = np.deg2rad(augment.rotation) * u[:, 0]
    zoom = 1 / (1 + augment.scale * u[:, 1])
    height, width = size
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    maps = np.empty((images, 2, 3), dtype=np.float32)
    maps[:, 0, 0], maps[:, 0, 1], maps[:, 0, 2] = cos, -sin * height / width, 2 * augment.shift * u[:, 2] / width
    maps[:, 1, 0], maps[:, 1, 1], maps[:, 1, 2] = sin * width / height, cos, 2 * augment.shift * u[:, 3] / height
    return maps


def _holes(side: int, images: int, size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.int32]:
    centres = rng.integers(0, size, (images, 2))
    start = centres - side // 2
    return np.hstack([start, start + side]).clip(0, [*size, *size]).astype(np.int32)


def warp(images: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Bilinear samples of float images (N, C, H, W) under maps (N, 2, 3); outside is 0."""
    return F.grid_sample(images, _grid(maps, *images.shape[2:]), "bilinear", "zeros", align_corners=False)


def hide(images: torch.Tensor, holes: torch.Tensor) -> torch.Tensor:
    """Standardized images (N, C, H, W) with 0 in their holes, int (N, 4)."""
    height, width = images.shape[2:]
    top, left, bottom, right = holes.view(-1, 4, 1, 1).unbind(1)
    down = torch.arange(height, device=images.device).view(-1, 1)
    across = torch.arange(width, device=images.device)
    hidden = (down >= top) & (down < bottom) & (across >= left) & (across < right)
    return images.masked_fill(hidden.unsqueeze(1), 0)


def _grid(maps: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Where each output pixel comes from, (N, H, W, 2): `F.affine_grid` by broadcasting, several times its speed."""
    across = (torch.arange(width, device=maps.device) * 2 + 1 - width) / width
    down = (torch.arange(height, device=maps.device) * 2 + 1 - height) / height
    along_x, along_y, constant = (part.view(-1, 1, 1, 2) for part in maps.unbind(2))
    return along_x * across.view(1, 1, -1, 1) + (along_y * down.view(1, -1, 1, 1) + constant)


def warp_one(image: Floats, to_input: Floats) -> Floats:
    """What `warp` does, for one image (C, H, W) and one map (2, 3), with scipy and in pixels."""
    from scipy.ndimage import affine_transform

    size = np.array(image.shape[1:], dtype=np.float64)  # (H, W)
    flip = to_input[::-1].astype(np.float64)  # rows and columns instead of x and y
    linear = flip[:, 1::-1] * size[:, None] / size[None, :]
    centre = (size - 1) / 2
    offset = centre + flip[:, 2] * size / 2 - linear @ centre
    moved = [affine_transform(c, linear, offset, order=1, mode="grid-constant", cval=0) for c in image]
    return np.stack(moved).astype(np.float32)
