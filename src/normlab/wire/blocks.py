"""The log that Weights & Biases keeps of a run, in LevelDB's format: records in pieces, which no block's end cuts.

A head of 7 bytes, then blocks of 32 KiB. A piece has its checksum (4 bytes), its length (2) and whether it is a whole
record, or the first, a middle or the last piece of it (1); little-endian.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from normlab.errors import SpecError

START = b":W&B"
HEAD, BLOCK = 7, 32 * 1024
PIECE = struct.Struct("<IHB")
WHOLE, LAST = 1, 4


def records(log: bytes, where: str) -> Iterator[bytes]:
    """The records; what is cut short at the end, as while a run goes on, is left out.

    Raises `SpecError` for what is no such log, or is not as it was written.
    """
    if not log.startswith(START):
        raise SpecError(f"{where}: expected a log of Weights & Biases, which starts with {START.decode()}")
    record = b""
    for kind, piece in _pieces(log, where):
        record += piece
        if kind in (WHOLE, LAST):
            yield record
            record = b""


def _pieces(log: bytes, where: str) -> Iterator[tuple[int, bytes]]:
    place = HEAD
    while place + PIECE.size <= len(log):
        left = BLOCK - place % BLOCK
        if left < PIECE.size:  # too few bytes for a piece are left empty
            place += left
            continue
        checksum, length, kind = PIECE.unpack_from(log, place)
        piece = log[place + PIECE.size : place + PIECE.size + length]
        if len(piece) < length:
            return
        if zlib.crc32(bytes([kind]) + piece) != checksum:
            raise SpecError(f"{where}: the record at byte {place:,} is damaged: its checksum is another")
        yield kind, piece
        place += PIECE.size + length
