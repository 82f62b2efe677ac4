"""CSV of claims."""

from __future__ import annotations

from pathlib import Path

from harness import Parser

from normlab import claims
from normlab.claims import words

SEEDS = (
    b"name,accuracy,n\nbn,99.31,10000\nln,99.12,10000\ngn,98.9,10000\n",
    b'\xef\xbb\xbfname, accuracy, n, seeds, sd\n"a, b",99.31%,"10,000",5,0.07\nln,97,10_000,,\n',
)


def read(case: bytes, folder: Path) -> object:
    """The verdict on every difference, in words."""
    path = folder / "table.csv"
    path.write_bytes(case)
    pairs = claims.judge(claims.read(path), 0.95)
    return words.headline(pairs), [words.sentence(pair) for pair in pairs], words.payload(pairs)


PARSER = Parser("CSV, claims", lambda: SEEDS, read)
