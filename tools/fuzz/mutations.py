"""Bytes that are nearly a file: flipped, cut, repeated, spliced, with numbers that no file should say."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from random import Random

MOST = 1 << 16
"""Bytes of a case: what is wrong with a parser shows in few."""
NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)
FORMS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")
DIGITS = re.compile(rb"[0-9]+")
TEXTS = (b"9" * 5000, b"-1", b"1e999", b"nan", b"0x10", "²".encode(), b"", b"1.5", b"0" * 100)


def mutated(draw: Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds after one to four changes, mostly one."""
    content = draw.choice(seeds)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 4))):
        content = draw.choice(CHANGES)(draw, content, seeds)[:MOST]
    return content


def _flip(draw: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.randint(1, 8) if changed else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _number(draw: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    form = draw.choice(FORMS)
    size = struct.calcsize(form)
    place = draw.randrange(len(content) + 1)
    said = struct.pack(form, draw.choice(NUMBERS) & (2 ** (8 * size) - 1))
    return content[:place] + said + content[place + size :]


def _digits(draw: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    places = [*DIGITS.finditer(content)]
    if not places:
        return content
    found = draw.choice(places)
    return content[: found.start()] + draw.choice(TEXTS) + content[found.end() :]


def _cut(draw: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _without(draw: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _part(draw, content)
    return content[:start] + content[end:]


def _repeated(draw: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _part(draw, content)
    return content[:end] + content[start:end] * draw.choice((1, 2, 50, 2000)) + content[end:]


def _more(draw: Random, content: bytes, _: Sequence[bytes]) -> bytes:
    place = draw.randrange(len(content) + 1)
    return content[:place] + draw.randbytes(draw.randint(1, 32)) + content[place:]


def _spliced(draw: Random, content: bytes, seeds: Sequence[bytes]) -> bytes:
    other = draw.choice(seeds)
    return content[: draw.randrange(len(content) + 1)] + other[draw.randrange(len(other) + 1) :]


def _part(draw: Random, content: bytes) -> tuple[int, int]:
    start = draw.randrange(len(content) + 1)
    return start, min(len(content), start + draw.choice((1, 4, 16, 64)))


CHANGES: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    *(_flip, _flip, _number, _number, _digits),
    *(_cut, _without, _repeated, _more, _spliced),
)
