"""npy: one's own tensor, as `normlab explain --values` reads it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from harness import Parser

from normlab.explanation import written


def seeds() -> list[bytes]:
    """Numbers of several kinds in four dimensions."""
    made = []
    for kind in (np.float64, np.float16, np.uint8, np.int64, np.bool_):
        file = io.BytesIO()
        np.save(file, np.arange(24).reshape(2, 3, 2, 2).astype(kind))
        made.append(file.getvalue())
    return made


def read(case: bytes, folder: Path) -> object:
    """The tensor, float64."""
    path = folder / "x.npy"
    path.write_bytes(case)
    return written.read(str(path), None)


PARSER = Parser("npy", seeds, read)
