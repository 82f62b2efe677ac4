"""IDX files as MNIST, Fashion-MNIST and EMNIST have them: four of them, plain or gzip, with any prefix.

EMNIST's images lie on their side: rows and columns are turned where the names begin with `emnist-`.

Source: G. Cohen et al., EMNIST: an extension of MNIST to handwritten letters, arXiv 1702.05373.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from normlab.data import idx
from normlab.data.layouts import streams
from normlab.data.layouts.found import SPLITS, Found, Pixels, Split, Stored
from normlab.errors import CorruptData, DataError

NAME = re.compile(r"(?P<prefix>.*?)(?P<split>train|t10k|test)[-._](?P<what>images|labels)[-.]idx[13][-.]ubyte(\.gz)?")
MOST_LABELS = 1 << 26
Files = Mapping[Split, Mapping[str, Path]]
"""Images and labels of each split."""


def recognise(path: Path) -> Found | None:
    """Four IDX files in a folder, or those that have the prefix of this one.

    Raises `DataError` where a folder has several sets, or the named one has nothing to train on; `CorruptData` where a
    header is none.
    """
    asked = NAME.fullmatch(path.name) if path.is_file() else None
    sets = _sets(path.parent if asked else path) if asked or path.is_dir() else {}
    if asked:
        sets = {prefix: files for prefix, files in sets.items() if prefix == asked["prefix"]}
    if asked and not sets:
        raise DataError(
            f"{path}: expected {asked['prefix']}train-images-idx3-ubyte and {asked['prefix']}train-labels-idx1-ubyte "
            "(or both with .gz) beside it, got no such pair"
        )
    if not sets:
        return None
    if len(sets) > 1:
        every = ", ".join(sorted(path.name for files in sets.values() for path in [files["train"]["images"]]))
        raise DataError(f"{path}: it has several sets of images: name one by its file of training images: {every}")
    ((prefix, files),) = sets.items()
    turned = prefix.startswith("emnist-")
    parts = {split: _part(pair["images"], pair["labels"], turned=turned) for split, pair in files.items()}
    return Found("EMNIST IDX" if turned else "IDX", parts, [path for pair in files.values() for path in pair.values()])


def _sets(folder: Path) -> dict[str, Files]:
    """The files by prefix; sets without training images and labels are none."""
    found: dict[str, dict[Split, dict[str, Path]]] = {}
    for path in sorted(folder.iterdir(), reverse=True):  # a plain file goes before a gzip one
        if (name := NAME.fullmatch(path.name)) and path.is_file():
            found.setdefault(name["prefix"], {}).setdefault(SPLITS[name["split"]], {})[name["what"]] = path
    whole = {prefix: {s: pair for s, pair in files.items() if len(pair) == 2} for prefix, files in found.items()}
    return {prefix: files for prefix, files in whole.items() if "train" in files}


def _part(images: Path, labels: Path, *, turned: bool) -> Stored:
    shape, count = _shape(images, 3), _shape(labels, 1)
    if count[0] > MOST_LABELS:
        raise CorruptData(f"{labels}: expected at most {MOST_LABELS:,} labels, got {count[0]:,}")
    if shape[0] != count[0]:
        raise CorruptData(f"{labels}: expected {shape[0]:,} labels, one an image, got {count[0]:,}")
    streams.plane_shape(shape, str(images))
    _, height, width = shape
    size = (width, height) if turned else (height, width)
    return Stored((shape[0], 1, *size), partial(_labels, labels), partial(_images, images, shape, turned=turned))


def _images(path: Path, shape: tuple[int, ...], *, turned: bool) -> Iterator[Pixels]:
    for some in streams.images(partial(_values, path, len(shape)), shape, str(path)):
        yield some.transpose(0, 1, 3, 2) if turned else some


def _labels(path: Path) -> NDArray[np.int64]:
    (count,) = _shape(path, 1)
    with _values(path, 1) as stream:
        return np.frombuffer(streams.read(stream, count, str(path)), np.uint8).astype(np.int64)


def _shape(path: Path, dimensions: int) -> tuple[int, ...]:
    """What the header says; a plain file must be as long as it says. Raises `CorruptData`."""
    with _opened(path) as stream:
        shape = idx.stated(stream.read(idx.length(dimensions)), dimensions, str(path))
    wanted = idx.length(dimensions) + int(np.prod(shape, dtype=object))
    if path.suffix != ".gz" and path.stat().st_size != wanted:
        raise CorruptData(f"{path}: expected {wanted:,} bytes of the shape {shape}, got {path.stat().st_size:,}")
    return shape


@contextmanager
def _values(path: Path, dimensions: int) -> Iterator[IO[bytes]]:
    with _opened(path) as stream:
        stream.read(idx.length(dimensions))
        yield stream


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as stream:
            yield cast(IO[bytes], gzip.GzipFile(fileobj=stream)) if path.suffix == ".gz" else stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CorruptData(f"{path}: expected a whole gzip file: {error}") from None
