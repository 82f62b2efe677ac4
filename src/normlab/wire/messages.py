"""Protocol Buffers: numbered fields, each a whole number, four or eight bytes, or bytes with their length."""

from __future__ import annotations

import struct
from collections.abc import Iterator

WHOLE, EIGHT, LONG, FOUR = 0, 1, 2, 5
"""How a field is written."""
Value = int | bytes


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """Number and value of each field; four and eight bytes as they are. Raises `ValueError` for what is no message."""
    place = 0
    while place < len(message):
        tag, place = _whole(message, place)
        kind = tag & 7
        if kind == WHOLE:
            value, place = _whole(message, place)
            yield tag >> 3, value
            continue
        length = {EIGHT: 8, FOUR: 4}.get(kind)
        if kind == LONG:
            length, place = _whole(message, place)
        if length is None or place + length > len(message):
            raise ValueError("no message of Protocol Buffers")
        yield tag >> 3, message[place : place + length]
        place += length


def whole(number: int, value: int) -> bytes:
    """A field with a whole number, 0 or above."""
    return _varint(number << 3 | WHOLE) + _varint(value)


def long(number: int, value: bytes) -> bytes:
    """A field with bytes: text, or another message."""
    return _varint(number << 3 | LONG) + _varint(len(value)) + value


def double(number: int, value: float) -> bytes:
    """A field with a float64."""
    return _varint(number << 3 | EIGHT) + struct.pack("<d", value)


def single(number: int, value: float) -> bytes:
    """A field with a float32."""
    return _varint(number << 3 | FOUR) + struct.pack("<f", value)


def _whole(message: bytes, place: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    value = 0
    for shift, byte in enumerate(message[place : place + 10]):
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, place + shift + 1
    raise ValueError("no whole number of Protocol Buffers")


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
