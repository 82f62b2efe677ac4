"""The course study's example of image normalization: an image whose levels reach from 20 to 100 only."""

from __future__ import annotations

import numpy as np

EXAMPLE = np.array(
    [
        [
            [20, 20, 20, 30],
            [20, 30, 30, 40],
            [30, 40, 40, 60],
            [40, 60, 80, 100],
        ]
    ],
    dtype=np.uint8,
)
"""Uint8 (1, 4, 4), read-only."""
EXAMPLE.setflags(write=False)
