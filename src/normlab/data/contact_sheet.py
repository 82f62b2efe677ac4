"""A contact sheet: some training images of each class in a row, as PNG.

Rows are in the order of the classes, up to `MOST_ROWS` of them; images of a class are taken evenly from all of it.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from normlab.data.datasets import Dataset

COLUMNS = 12
MOST_ROWS = 100
GAP = 2
"""Pixels between images."""
SMALL = 48
"""The side that smaller images are enlarged to, by whole numbers."""
PAPER = 255


def contact_sheet(data: Dataset) -> bytes:
    """The training images of each class in a row, a PNG."""
    rows = [_row(data, label) for label in range(min(len(data.classes), MOST_ROWS))]
    pixels = np.concatenate([np.pad(row, ((0, GAP), (0, 0), (0, 0)), constant_values=PAPER) for row in rows])
    image = Image.fromarray(np.ascontiguousarray(pixels))
    times = max(1, SMALL // data.train_images.shape[2])
    stream = io.BytesIO()
    image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST).save(stream, "PNG")
    return stream.getvalue()


def _row(data: Dataset, label: int) -> NDArray[np.uint8]:
    """Images of a class side by side in colours, (H, W, 3); paper where there are fewer."""
    members = np.flatnonzero(data.train_labels == label)
    chosen = members[np.linspace(0, len(members) - 1, min(COLUMNS, len(members)), dtype=int)]
    _, _, height, width = data.train_images.shape
    row = np.full((height, COLUMNS * (width + GAP) + GAP, 3), PAPER, np.uint8)
    for place, image in enumerate(data.train_images[chosen]):
        start = place * (width + GAP) + GAP
        row[:, start : start + width] = image.transpose(1, 2, 0)
    return row
