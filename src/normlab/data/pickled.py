"""CIFAR's python files, as torchvision keeps them, without unpickling: pickles may run anything, opcodes only tell.

A file is a dict with lists of labels and one string of pixels, those of `normlab.data.cifar` image by image. The binary
file of the same images is made of them, which its checksum shows to be the published one.

Source: A. Krizhevsky, "The CIFAR-10 dataset", section "Python / Matlab versions"; Python's module `pickletools`.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from normlab.data import cache
from normlab.data.checksum import checked
from normlab.data.cifar import PIXELS
from normlab.data.entry import Pickled, RawFile
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import Tell
from normlab.files import opened

LABELS = ("labels",), ("coarse_labels", "fine_labels")
"""Keys of the labels of a record, by how many there are."""
BESIDE = 1 << 22
"""Bytes of a file beside labels and pixels: the names of the original images, in the main."""


def from_pickled(pickled: Pickled, files: Sequence[RawFile], tell: Tell) -> Iterator[tuple[RawFile, bytes]]:  # noqa: ARG001
    """Each file with its raw, checked bytes.

    Raises:
        DataUnavailable: there is no such file in the folder, or it cannot be read.
        CorruptData: it is no pickle, or one of other images.
    """
    for file in files:
        path = cache.root() / pickled.folder / Path(file.name).stem
        try:
            with opened(path) as stream:
                content = stream.read(file.size + BESIDE)
        except OSError as error:
            raise DataUnavailable(f"{path}: {error.strerror}") from None
        yield file, checked(_records(content, file, str(path)), file, str(path), zipped=False)


def _records(content: bytes, file: RawFile, where: str) -> bytes:
    count, length = file.shape
    keys = LABELS[length % PIXELS - 1]
    try:
        labels, pixels = _parts(content, keys, count * PIXELS)
        columns = [np.array(labels[key], np.uint8) for key in keys]
        return np.column_stack([*columns, np.frombuffer(pixels, np.uint8).reshape(count, PIXELS)]).tobytes()
    except (ValueError, OverflowError) as error:
        raise CorruptData(f"{where}: expected a pickle of {count} images and their labels: {error}") from None


def _parts(content: bytes, keys: Sequence[str], size: int) -> tuple[dict[str, list[int]], bytes]:
    """The numbers that follow each key, and the string of this size; raises `ValueError` for what is no pickle."""
    labels: dict[str, list[int]] = {key: [] for key in keys}
    pixels, key = b"", ""
    for opcode, told, _ in pickletools.genops(content):
        if isinstance(told, str | bytes) and len(told) == size:
            pixels = told if isinstance(told, bytes) else told.encode("latin-1")
        elif isinstance(told, str):
            key = told
        elif isinstance(told, int) and opcode.name.startswith("BININT") and key in labels:
            labels[key].append(told)
    return labels, pixels
