"""CSV of claims."""

from __future__ import annotations

from pathlib import Path

from harness import Parser

from normlab import claims
from normlab.claims import notes, words

SEEDS = (
    b"name,accuracy,n\nbn,99.31,10000\nln,99.12,10000\ngn,98.9,10000\n",
    b'\xef\xbb\xbfname, accuracy, n, seeds, sd\n"a, b",99.31%,"10,000",5,0.07\nln,97,10_000,,\n',
    b"name,accuracy,n,lr,tuned on,seeds used\nbn,99,10000,0.1,test,3 17\ngn,98,10000,0.01,test,3 17\n",
    b"paper,name,accuracy,n,seeds,se,best of\nA,bn,99.3,10000,5,0.02,\nA,ln (best epoch),99,200,9,,3\nB,gn,98,9,,,\n",
)


def read(case: bytes, folder: Path) -> object:
    """The verdict on every difference, in words."""
    path = folder / "table.csv"
    path.write_bytes(case)
    found = claims.read(path)
    pairs = claims.judge(found, 0.95)
    said = notes.notes(found)
    return words.headline(pairs), [words.sentence(pair) for pair in pairs], words.payload(pairs, said)


PARSER = Parser("CSV, claims", lambda: SEEDS, read)
