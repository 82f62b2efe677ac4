from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import SpecError
from normlab.wire.blocks import BLOCK, HEAD, records

FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def log(written: Sequence[bytes]) -> bytes:
    """A log as LevelDB's format says that it is written."""
    made = b":W&B\xe1\xbe\x00"
    for record in written:
        rest, begun = record, False
        while rest or not begun:
            room = BLOCK - len(made) % BLOCK
            if room < HEAD:
                made += bytes(room)
                continue
            piece, rest = rest[: room - HEAD], rest[room - HEAD :]
            kind = (MIDDLE if rest else LAST) if begun else (FIRST if rest else FULL)
            made += struct.pack("<IHB", zlib.crc32(bytes([kind]) + piece), len(piece), kind) + piece
            begun = True
    return made


@given(st.lists(st.sampled_from([0, 1, 90, BLOCK - 14, BLOCK - 15, BLOCK, 3 * BLOCK]), max_size=6))
def test_records_come_back_however_blocks_cut_them(lengths: list[int]) -> None:
    """Also those that end where no further piece has room, and those longer than a block."""
    written = [bytes([place + 1]) * length for place, length in enumerate(lengths)]
    assert list(records(log(written), "here")) == written


@given(st.integers(HEAD, 70_000))
def test_what_is_cut_short_is_left_out(end: int) -> None:
    """Whole records before it are there."""
    written = [b"a" * 100, b"b" * 40_000, b"c" * 20_000]
    found = list(records(log(written)[:end], "here"))
    assert found == written[: len(found)]


def test_another_file_is_told() -> None:
    """By its first letters, or by a checksum."""
    with pytest.raises(SpecError, match="here: expected a log of Weights & Biases, which starts with :W&B"):
        list(records(b"hello", "here"))
    with pytest.raises(SpecError, match="here: the record at byte 7 is damaged"):
        list(records(log([b"abc"])[:-1] + b"x", "here"))
