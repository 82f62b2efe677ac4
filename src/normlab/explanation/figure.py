"""The worked figure of the course study: 2 images of 3 channels of 2×2."""

from __future__ import annotations

import numpy as np

FIGURE = np.array(
    [
        [[[4, 4], [3, 5]], [[-2, 2], [4, 6]], [[1, 1], [-1, 2]]],
        [[[2, 4], [1, 3]], [[1, 1], [4, 5]], [[0, 1], [-1, 0]]],
    ],
    dtype=np.float64,
)
"""Float64 (2, 3, 2, 2), read-only."""
FIGURE.setflags(write=False)
