"""npz: a zip of four arrays, changed as a whole, or one array changed and zipped again."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from random import Random

import numpy as np
from harness import Parser

from normlab.data.layouts import arrays

ARRAYS = {
    "train_images": np.arange(72, dtype=np.uint8).reshape(6, 3, 4),
    "train_labels": np.array([0, 1, 2, 0, 1, 2]),
    "test_images": np.arange(36, dtype=np.uint8).reshape(3, 3, 4),
    "test_labels": np.array([[0], [1], [2]]),
}


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _zipped(members: dict[str, bytes], how: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as opened:
        for name, content in members.items():
            opened.writestr(f"{name}.npy", content)
    return file.getvalue()


WHOLE = {name: _npy(array) for name, array in ARRAYS.items()}


def seeds() -> list[bytes]:
    """Single arrays, and whole files."""
    return [*WHOLE.values(), _zipped(WHOLE, zipfile.ZIP_STORED), _zipped(WHOLE, zipfile.ZIP_DEFLATED)]


def dressed(draw: Random, content: bytes) -> bytes:
    """What is no zip takes the place of an array in one."""
    if content[:2] == b"PK":
        return content
    return _zipped(
        {**WHOLE, draw.choice(list(WHOLE)): content}, draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    )


def read(case: bytes, folder: Path) -> int:
    """All images and labels."""
    path = folder / "images.npz"
    path.write_bytes(case)
    found = arrays.recognise(path)
    parts = found.parts.values() if found else ()
    return sum(len(part.labels()) + sum(len(some) for some in part.chunks()) for part in parts)


PARSER = Parser("npz", seeds, read, dressed)
