"""CIFAR-10 and CIFAR-100 in their binary version, whose records `normlab.data.cifar` describes.

    CIFAR-10     data_batch_1.bin … data_batch_5.bin, test_batch.bin
    CIFAR-100    train.bin, test.bin

The names of the classes stand in `batches.meta.txt` and `fine_label_names.txt`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.data import cifar
from normlab.data.cifar import PIXELS, PLANES
from normlab.data.layouts import streams
from normlab.data.layouts.found import AT_ONCE, Found, Pixels, Split, Stored
from normlab.errors import CorruptData


@dataclass(frozen=True)
class Kind:
    """One of the two: its files, the labels in a record, and the file with the names of its classes."""

    layout: str
    files: Mapping[Split, str]
    labels: int
    names: str


KINDS = (
    Kind("CIFAR-10 binary", {"train": "data_batch_*.bin", "test": "test_batch.bin"}, 1, "batches.meta.txt"),
    Kind("CIFAR-100 binary", {"train": "train.bin", "test": "test.bin"}, 2, "fine_label_names.txt"),
)


def recognise(path: Path) -> Found | None:
    """A folder with such files; raises `CorruptData` where one is not made of whole records."""
    return next((found for kind in KINDS if (found := _found(path, kind))), None) if path.is_dir() else None


def _found(folder: Path, kind: Kind) -> Found | None:
    files = {split: sorted(folder.glob(pattern)) for split, pattern in kind.files.items()}
    if not files["train"]:
        return None
    parts = {split: _part(paths, kind.labels) for split, paths in files.items() if paths}
    every = [path for paths in files.values() for path in paths]
    return Found(kind.layout, parts, every, streams.lines(folder / kind.names))


def _part(paths: Sequence[Path], labels: int) -> Stored:
    count = sum(_count(path, labels + PIXELS) for path in paths)
    return Stored((count, *PLANES), partial(_labels, paths, labels), partial(_images, paths, labels))


def _count(path: Path, record: int) -> int:
    size = path.stat().st_size
    if size % record or not size:
        raise CorruptData(f"{path}: expected records of {record:,} bytes, got {size:,} bytes, which is no whole number")
    return size // record


def _labels(paths: Sequence[Path], labels: int) -> NDArray[np.int64]:
    return np.concatenate([cifar.labels(_records(path, labels)) for path in paths])


def _images(paths: Sequence[Path], labels: int) -> Iterator[Pixels]:
    for path in paths:
        records = _records(path, labels)
        for start in range(0, len(records), AT_ONCE):
            yield cifar.images(records[start : start + AT_ONCE])


def _records(path: Path, labels: int) -> NDArray[np.uint8]:
    return np.memmap(path, np.uint8, "r").reshape(-1, labels + PIXELS)
