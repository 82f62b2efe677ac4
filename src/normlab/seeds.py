"""The only owner of randomness: (study, purpose, seed) -> generator.

Every stream is named by what it is for, so drawing more numbers for one purpose never shifts another, and two arms
with the same seed see the same initial weights, batch order, augmentation and dropout masks whatever else differs.

Source: NumPy's `SeedSequence` (M. E. O'Neill's seed_seq design) hashes the whole path into independent streams.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
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
Source = Literal["init", "order", "augment", "dropout", "split"]
"""What runs of one recipe may differ by: initial weights, the order of batches, augmentation, what the network drops or
draws by itself, and which images are trained on or held out."""

SOURCES: Mapping[Source, tuple[Purpose, ...]] = {
    "init": ("init",),
    "order": ("order",),
    "augment": ("augment", "flip", "crop", "cutout"),
    "dropout": ("dropout", "torch"),
    "split": ("holdout",),
}
"""The streams that each is made of."""
HELD = 0
"""The seed of all streams that are held while one source varies: the same whatever seeds a study has, so that it may
grow."""


@dataclass(frozen=True)
class Only:
    """A seed that the streams of one source alone follow, while all others are those of the seed `HELD`."""

    source: Source
    seed: int

    def of(self, purpose: Purpose) -> int:
        """The seed of a stream."""
        return self.seed if purpose in SOURCES[self.source] else HELD


def source(name: str) -> Source | Literal[""]:
    """The source that is called so, or empty of none; raises `ValueError` of another."""
    if not name:
        return ""
    found: Source | None = next((each for each in SOURCES if each == name), None)
    if found is None:
        raise ValueError(f"expected a source of variance, {', '.join(SOURCES)}, got {name!r}")
    return found


Replicate = int | Only
"""A seed that all streams follow, or those of one source."""


def followed(seed: Replicate, purpose: Purpose) -> int:
    """The seed that a purpose's stream follows."""
    return seed.of(purpose) if isinstance(seed, Only) else seed


def sequence(study: int, purpose: Purpose, seed: Replicate, *path: int) -> np.random.SeedSequence:
    """The seed sequence of one stream.

    Args:
        study: the study's root, `Study.root` (non-negative).
        purpose: what the numbers are for.
        seed: the replicate; the same in every arm (non-negative), or what of it is followed.
        path: further coordinates, for instance the epoch or a layer's index.
    """
    return np.random.SeedSequence(study, spawn_key=(zlib.crc32(purpose.encode()), followed(seed, purpose), *path))


def generator(study: int, purpose: Purpose, seed: Replicate, *path: int) -> np.random.Generator:
    """A fresh generator for one stream: the same arguments give the same numbers, always.

    SFC64 because masks and angles are drawn by the million and it is NumPy's fastest.
    """
    return np.random.Generator(np.random.SFC64(sequence(study, purpose, seed, *path)))


def integer(study: int, purpose: Purpose, seed: Replicate, *path: int) -> int:
    """One 63-bit seed for a library that wants an integer, such as `torch.manual_seed`."""
    return int(sequence(study, purpose, seed, *path).generate_state(1, np.uint64)[0] >> 1)
