"""Random rotation, shift and scale of images, drawn for a whole epoch at once and applied a batch at a time.

Images are moved *before* they are standardized, so what comes in from outside is the background (0) and not mid-grey.
`warp` is the batched way, `warp_one` the plain one beside it; a test holds them together.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from normlab.spec import Augment


def draw(augment: Augment, images: int, size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """One affine map per image, float32 (images, 2, 3), from output to input in `grid_sample`'s −1..1 coordinates.

    Args:
        size: (H, W) of the images in pixels.
        rng: four uniform numbers per image are drawn from it, whatever the settings, in a fixed order.
    """
    u = rng.random((images, 4), dtype=np.float32) * 2 - 1
    angle = np.deg2rad(augment.rotation) * u[:, 0]
    zoom = 1 / (1 + augment.scale * u[:, 1])
    height, width = size
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    maps = np.empty((images, 2, 3), dtype=np.float32)
    maps[:, 0, 0], maps[:, 0, 1], maps[:, 0, 2] = cos, -sin * height / width, 2 * augment.shift * u[:, 2] / width
    maps[:, 1, 0], maps[:, 1, 1], maps[:, 1, 2] = sin * width / height, cos, 2 * augment.shift * u[:, 3] / height
    return maps


def warp(images: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Bilinear samples of float images (N, C, H, W) under maps (N, 2, 3); outside is 0."""
    return F.grid_sample(images, _grid(maps, *images.shape[2:]), "bilinear", "zeros", align_corners=False)


def _grid(maps: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Where each output pixel comes from, (N, H, W, 2): `F.affine_grid` by broadcasting, several times its speed."""
    across = (torch.arange(width, device=maps.device) * 2 + 1 - width) / width
    down = (torch.arange(height, device=maps.device) * 2 + 1 - height) / height
    along_x, along_y, constant = (part.view(-1, 1, 1, 2) for part in maps.unbind(2))
    return along_x * across.view(1, 1, -1, 1) + (along_y * down.view(1, -1, 1, 1) + constant)


def warp_one(image: NDArray[np.float32], to_input: NDArray[np.float32]) -> NDArray[np.float32]:
    """What `warp` does, for one image (C, H, W) and one map (2, 3), with scipy and in pixels."""
    from scipy.ndimage import affine_transform

    size = np.array(image.shape[1:], dtype=np.float64)  # (H, W)
    flip = to_input[::-1].astype(np.float64)  # rows and columns instead of x and y
    linear = flip[:, 1::-1] * size[:, None] / size[None, :]
    centre = (size - 1) / 2
    offset = centre + flip[:, 2] * size / 2 - linear @ centre
    moved = [affine_transform(c, linear, offset, order=1, mode="grid-constant", cval=0) for c in image]
    return np.stack(moved).astype(np.float32)
