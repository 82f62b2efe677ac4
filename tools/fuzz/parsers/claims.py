"""CSV of claims."""

from __future__ import annotations

from pathlib import Path

from harness import Parser

from normlab import claims
from normlab.claims import words

SEEDS = (
    b"name,accuracy,n\nbn,99.31,10000\nln,99.12,10000\ngn,98.9,10000\n",
    b'\xef\xbb\xbfname, accuracy, n, seeds, sd\n"a, b",99.31%,"10,000",5,0.07\nln,97,10_000,,\n',
    b"paper,name,accuracy,n,seeds,se,best of\nA,bn,99.3,10000,5,0.02,\nA,ln (best epoch),99,200,9,,3\nB,gn,98,9,,,\n",
)


def read(case: bytes, folder: Path) -> object:
    """The verdict on every difference, in words."""
    path = folder / "table.csv"
    path.write_bytes(case)
    pairs = claims.judge(claims.read(path), 0.95)
    return words.headline(pairs), [words.sentence(pair) for pair in pairs], words.payload(pairs)


PARSER = Parser("CSV, claims", lambda: SEEDS, read)
