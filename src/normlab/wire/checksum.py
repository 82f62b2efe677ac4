"""CRC-32C, the checksum of TensorFlow's records.

The polynomial is Castagnoli's, 0x1EDC6F41, bits reversed; `masked` is as TensorFlow stores it, so that a checksum of
data that holds checksums stays a good one.
"""

from __future__ import annotations

POLYNOMIAL = 0x82F63B78


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


TABLE = tuple(_entry(byte) for byte in range(256))


def crc32c(payload: bytes) -> int:
    """The checksum, 32 bits: 0xE3069283 of b"123456789"."""
    crc = 0xFFFFFFFF
    for byte in payload:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def masked(payload: bytes) -> int:
    """The checksum turned by 15 bits, and a constant added."""
    crc = crc32c(payload)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
