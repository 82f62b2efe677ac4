"""Images that took long to make, kept among the data sets: `<root>/prepared/<what>-<of what>-<checksum>.npy`.

The name says what they were made of and by which scikit-image, and has their own checksum; see `files.made_once`.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from normlab import files
from normlab.data import cache

Pixels = NDArray[np.uint8]

MANY = 5000
"""Fewer images are made faster than a person would notice."""


def prepared_once(what: str, make: Callable[[Pixels], Pixels], images: Pixels) -> Pixels:
    """`make(images)`, uint8 of the same shape, from the folder where it is there.

    Args:
        what: a name for what is made; another one for other settings.
        make: makes it, with scikit-image.
        images: what it is made of, uint8 (N, C, H, W).
    """
    if len(images) < MANY:
        return make(images)
    stem = f"{what}-{_digest(repr(images.shape).encode(), images, version('scikit-image').encode())}"
    content = files.made_once(cache.root() / "prepared", stem, ".npy", lambda: _stored(make(images)))
    return np.asarray(np.load(io.BytesIO(content), allow_pickle=False), np.uint8)


def _stored(array: Pixels) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def _digest(*parts: bytes | Pixels) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).data)
    return digest.hexdigest()[:16]
