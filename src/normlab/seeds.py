"""The only owner of randomness: (study, purpose, seed) -> generator.

Every stream is named by what it is for, so drawing more numbers for one purpose never shifts another, and two arms
with the same seed see the same initial weights, batch order, augmentation and dropout masks whatever else differs.

Source: NumPy's `SeedSequence` (M. E. O'Neill's seed_seq design) hashes the whole path into independent streams.
"""

from __future__ import annotations

import zlib
from typing import Literal

import numpy as np

Purpose = Literal[
    "init",
    "order",
    "augment",
    "flip",
    "crop",
    "cutout",
    "dropout",
    "holdout",
    "test split",
    "torch",
    "checkup",
    "flow",
    "tuning",
    "corrupt",
]


def sequence(study: int, purpose: Purpose, seed: int, *path: int) -> np.random.SeedSequence:
    """The seed sequence of one stream.

    Args:
        study: the study's root, `Study.root` (non-negative).
        purpose: what the numbers are for.
        seed: the replicate; the same in every arm (non-negative).
        path: further coordinates, for instance the epoch or a layer's index.
    """
    return np.random.SeedSequence(study, spawn_key=(zlib.crc32(purpose.encode()), seed, *path))


def generator(study: int, purpose: Purpose, seed: int, *path: int) -> np.random.Generator:
    """A fresh generator for one stream: the same arguments give the same numbers, always.

    SFC64 because masks and angles are drawn by the million and it is NumPy's fastest.
    """
    return np.random.Generator(np.random.SFC64(sequence(study, purpose, seed, *path)))


def integer(study: int, purpose: Purpose, seed: int, *path: int) -> int:
    """One 63-bit seed for a library that wants an integer, such as `torch.manual_seed`."""
    return int(sequence(study, purpose, seed, *path).generate_state(1, np.uint64)[0] >> 1)
