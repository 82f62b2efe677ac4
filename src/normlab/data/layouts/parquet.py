"""Parquet as Hugging Face has it: images as a struct of `bytes` and `path`, labels as numbers or texts.

The split is what a file, or a folder around it, is called: `train-00000-of-00001.parquet`, `test/0000.parquet`. The
names of the classes stand in the schema's metadata under `huggingface`.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from normlab.data.layouts.found import SPLITS, Encoded, Found, Picture, Split
from normlab.errors import CorruptData, DataError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

ROWS = 256
"""Images that are in memory as files at a time."""
IMAGE = ("image", "img", "images", "pixels")
LABEL = ("label", "labels", "fine_label", "class", "target", "digit")


def recognise(path: Path) -> Found | None:
    """A file, or a folder with such files.

    Raises `DataError` where pyarrow is missing or a folder has several data sets, `CorruptData` for a file that is no
    Parquet or has no images and labels.
    """
    inside = path.rglob("*.parquet") if path.is_dir() else [path] if path.suffix == ".parquet" else []
    files = sorted(file for file in inside if file.is_file())
    if not files:
        return None
    if importlib.util.find_spec("pyarrow") is None:
        raise DataError(f'{path}: Parquet needs pyarrow, which is not installed: pip install "normlab[parquet]"')
    shards: dict[Split, list[Path]] = {}
    for file in files:
        shards.setdefault(_split(file.relative_to(path) if path.is_dir() else Path(file.name)), []).append(file)
    first = _opened(files[0])
    with _whole(files[0]):
        image, label = _columns(first, files[0])
        names = _names(first, label)
    parts = {split: _part(some, image, label) for split, some in shards.items()}
    return Found("Hugging Face Parquet", parts, files, names)


def _split(path: Path) -> Split:
    """The first word of a folder or file that is one of a split; a file without one is to train on."""
    words = [re.split(r"[-_.]", part.lower())[0] for part in path.parts]
    return next((SPLITS[word] for word in reversed(words) if word in SPLITS), "train")


def _part(files: Sequence[Path], image: str, label: str) -> Encoded:
    count = sum(_opened(file).metadata.num_rows for file in files)
    return Encoded(count, partial(_labels, files, label, count), partial(_chunks, files, image))


def _labels(files: Sequence[Path], label: str, count: int) -> NDArray[Any]:
    columns = [_column(file, label) for file in files]
    missing = count - sum(len(column) - column.null_count for column in columns)
    if missing:
        raise CorruptData(f"{files[0].parent}: expected a label for every image, {missing:,} have none")
    return np.concatenate([np.asarray(column.to_pylist()) for column in columns])


def _column(file: Path, name: str) -> Any:
    with _whole(file):
        return _opened(file).read(columns=[name]).column(0)


def _chunks(files: Sequence[Path], image: str) -> Iterator[list[Picture]]:
    for file in files:
        row = 0
        with _whole(file):
            for batch in _opened(file).iter_batches(ROWS, columns=[image]):
                yield [
                    Picture(f"{file.name}, row {row + place}", _bytes(each))
                    for place, each in enumerate(batch.column(0).to_pylist())
                ]
                row += len(batch)


def _bytes(image: Any) -> bytes:
    """Of a struct, or of a column that has nothing but bytes; an image that is missing has none."""
    found = image.get("bytes") if isinstance(image, dict) else image
    return found if isinstance(found, bytes) else b""


def _columns(file: pq.ParquetFile, path: Path) -> tuple[str, str]:
    """The names of the columns that have images and labels; raises `CorruptData` where there are none."""
    names = file.schema_arrow.names
    image = next((name for name in IMAGE if name in names), None)
    label = next((name for name in LABEL if name in names), None)
    if image is None or label is None:
        raise CorruptData(
            f"{path}: expected a column of images ({', '.join(IMAGE)}) and one of labels ({', '.join(LABEL)}), "
            f"got {', '.join(names)}"
        )
    return image, label


def _names(file: pq.ParquetFile, label: str) -> tuple[str, ...]:
    """The classes' names, where the schema has them."""
    told = (file.schema_arrow.metadata or {}).get(b"huggingface", b"{}")
    try:
        names = json.loads(told)["info"]["features"][label]["names"]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(map(str, names)) if isinstance(names, list) else ()


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    with _whole(path):
        return pq.ParquetFile(path)


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """What pyarrow raises of a file that is none, or was changed, as `CorruptData`."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError) as error:
        told = (str(error).splitlines() or ["nothing in it can be read"])[0]
        raise CorruptData(f"{path}: expected a whole Parquet file: {told}") from None
