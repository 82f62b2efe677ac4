"""Images that took long to make, kept among the data sets: `<root>/prepared/<what>-<of what>-<checksum>.npy`.

The name says what they were made of, by which scikit-image, and their own checksum, so that a file that is not whole or
not of these images is never used. Where the folder cannot be written, they are made again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

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
    found = _found(stem)
    if found is not None and found.shape == images.shape:
        return found
    made = make(images)
    _keep(stem, made)
    return made


def _folder() -> Path:
    return cache.root() / "prepared"


def _found(stem: str) -> Pixels | None:
    """The array in the first file of this name whose content is what its name says."""
    for path in _folder().glob(f"{stem}-*.npy"):
        with suppress(OSError, ValueError, EOFError):
            array = np.load(path, allow_pickle=False)
            if array.dtype == np.uint8 and path.stem == f"{stem}-{_digest(array)}":
                return np.asarray(array, np.uint8)
    return None


def _keep(stem: str, array: Pixels) -> None:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    with suppress(OSError):
        files.write(_folder() / f"{stem}-{_digest(array)}.npy", content.getvalue(), durable=False)


def _digest(*parts: bytes | Pixels) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).data)
    return digest.hexdigest()[:16]
