"""The images that a network is made for: their shape, and what becomes of height and width on the way through it."""

from __future__ import annotations

from normlab.errors import NetworkError

Shape = tuple[int, int, int]
"""Of an image: (channels, height, width)."""
MNIST: Shape = (1, 28, 28)
CLASSES = 10


def check_size(model: str, shape: Shape, least: int) -> None:
    """Raise `NetworkError` for images of fewer than `least` rows or columns, of which nothing would be left."""
    _, height, width = shape
    if min(height, width) < least:
        raise NetworkError(
            f"model {model} needs images of at least {least}×{least} pixels, and these have {height}×{width}"
        )


def behind(size: tuple[int, int], kernel: int, stride: int = 1, padding: int = 0) -> tuple[int, int]:
    """(H, W) of a plane behind a window of so many rows and columns."""
    height, width = ((side + 2 * padding - kernel) // stride + 1 for side in size)
    return height, width
