"""TFRecord, the frame of an event: length (8 bytes), its checksum (4), payload, its checksum (4); little-endian."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from normlab.errors import SpecError
from normlab.wire.checksum import masked

HEAD = struct.Struct("<QI")
TAIL = struct.Struct("<I")
LARGEST = 64 * 1024
"""Bytes of a payload that is read: images, graphs and histograms are larger, scalars never."""


def records(file: BinaryIO, where: str) -> Iterator[bytes]:
    """The payloads of up to `LARGEST` bytes; a last one that is cut short, as while a run goes on, is left out.

    Raises `SpecError` for a record that is not as it was written.
    """
    end = file.seek(0, 2)
    place = file.seek(0)
    while place + HEAD.size <= end:
        head = file.read(HEAD.size)
        length, checksum = HEAD.unpack(head)
        if masked(head[:8]) != checksum:
            raise SpecError(f"{where}: expected a TensorBoard record at byte {place:,}, got other bytes")
        after = place + HEAD.size + length + TAIL.size
        if after > end:
            return
        if length <= LARGEST:
            yield _payload(file, length, f"{where}: the record at byte {place:,}")
        place = file.seek(after)


def record(payload: bytes) -> bytes:
    """A payload in its frame."""
    length = struct.pack("<Q", len(payload))
    return length + TAIL.pack(masked(length)) + payload + TAIL.pack(masked(payload))


def _payload(file: BinaryIO, length: int, what: str) -> bytes:
    payload = file.read(length)
    (checksum,) = TAIL.unpack(file.read(TAIL.size))
    if masked(payload) != checksum:
        raise SpecError(f"{what} is damaged: its checksum is another")
    return payload
