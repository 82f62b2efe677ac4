"""Tables of runs: CSV with commas, semicolons or tabs, and JSON lines."""

from __future__ import annotations

from pathlib import Path

from harness import Parser

import normlab

SEEDS = (
    b"norm,seed,val_acc\nbn,0,99.31\nbn,1,99.25\nbn,2,99.36\ngn,0,99.43\ngn,1,99.37\ngn,2,99.46\n",
    b"norm,seed,lr,tuned on,acc\nbn,3,0.1,test,99\nbn,7,0.1,test,98\ngn,3,0.2,test,97\ngn,7,0.2,test,96\n",
    b"arm;lr;seed;loss\na;0.1;1;0.5\na;0.1;2;0.6\nb;0.2;1;0.4\nb;0.2;2;0.7\n",
    b"seed\tbn\tgn\n0\t99.31\t99.4\n1\t99.2\t99.5\n2\t99.1\t99.6\n",
    b'{"arm": "a", "seed": 0, "acc": 0.9}\n{"arm": "a", "seed": 1, "acc": 0.8}\n{"arm": "b", "seed": 0, "acc": 0.7}\n',
)


def read(case: bytes, folder: Path) -> object:
    """The verdicts, in words and as plain values."""
    path = folder / ("runs.jsonl" if case[:1] == b"{" else "runs.csv")
    path.write_bytes(case)
    found = normlab.judge(path, lower_is_better=case[:1] == b"a")
    return str(found), found.to_dict()


PARSER = Parser("CSV, judge", lambda: SEEDS, read)
