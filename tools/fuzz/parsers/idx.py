"""IDX: a folder with four files, of which one is changed, plain or zipped."""

from __future__ import annotations

import gzip
from pathlib import Path
from random import Random

from harness import Parser

from normlab.data.idx import header
from normlab.data.layouts import idx

FILES = {
    "train-images-idx3-ubyte": header((6, 3, 4)) + bytes(range(72)),
    "train-labels-idx1-ubyte": header((6,)) + bytes([0, 1, 2, 0, 1, 2]),
    "t10k-images-idx3-ubyte": header((3, 3, 4)) + bytes(range(36)),
    "t10k-labels-idx1-ubyte": header((3,)) + bytes([0, 1, 2]),
}
ZIPPED = b"\x1f\x8b"


def seeds() -> list[bytes]:
    """A file with its number before it."""
    return [bytes([number]) + content for number, content in enumerate(FILES.values())]


def dressed(draw: Random, content: bytes) -> bytes:
    """Some are zipped after the change, so that what is behind gzip's checksum is reached."""
    return content[:1] + gzip.compress(content[1:], 1) if draw.random() < 0.3 else content


def read(case: bytes, folder: Path) -> int:
    """All images and labels of the folder."""
    which = case[0] % 4 if case else 0
    for number, (name, content) in enumerate(FILES.items()):
        zipped = number == which and case[1:3] == ZIPPED
        (folder / f"{name}{'' if zipped else '.gz'}").unlink(missing_ok=True)
        (folder / f"{name}{'.gz' if zipped else ''}").write_bytes(case[1:] if number == which else content)
    found = idx.recognise(folder)
    return sum(len(part.labels()) + sum(len(some) for some in part.chunks()) for part in found.parts.values())


PARSER = Parser("IDX", seeds, read, dressed)
