"""Images as addresses that a page or a chart can hold."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray


def data_uri(image: NDArray[np.uint8], scale: int = 1) -> str:
    """An image, uint8 (channels, height, width) with 1 or 3 channels, as a `data:` address of a PNG.

    `scale` repeats each pixel, which keeps edges crisp where the viewer would blur them.
    """
    from PIL import Image

    enlarged = image.repeat(scale, axis=1).repeat(scale, axis=2)
    pixels = enlarged[0] if len(enlarged) == 1 else np.moveaxis(enlarged, 0, -1)
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
