"""How many finished runs a second a store keeps: `python tools/reliability/commits.py [--runs 2000] [--images 10000]`.

Records of `lean` on MNIST (30 KB of weights, 40 bytes of probabilities for each evaluation image) that only say that
they were trained, each kept as `compare` keeps it: weights flushed to the disk, then one transaction. Then the same out
of a spool, and all read.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from normlab import training
from normlab.data import load
from normlab.models.jobs import job_of
from normlab.records import Held, RunRecord
from normlab.spec import design
from normlab.store import Store


def first() -> RunRecord:
    """A real run, of few images."""
    recipe = design(norms="bn", seeds=1, epochs=1, train_images=1_000).arms[0].recipe
    return training.train(job_of(recipe, 0, engine="eager"), load("mnist"))


def timed(what: str, count: int, start: float) -> None:
    """Say how many there were a second."""
    seconds = time.perf_counter() - start
    print(f"{what}: {count / seconds:,.0f} a second ({count:,} in {seconds:.1f} s)")


def main() -> None:
    """Keep, merge, read."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--images", type=int, default=10_000)
    given = parser.parse_args()
    count, record = given.runs, first()
    record = replace(record, contents=Held(record.probabilities[: given.images], record.weights))
    records = [replace(record, job=replace(record.job, seed=seed)) for seed in range(count)]
    with TemporaryDirectory() as base, Store.open(Path(base) / "a") as store, Store.open(Path(base) / "b") as other:
        start = time.perf_counter()
        for each in records:
            store.commit(each)
        timed("kept", count, start)
        for each in records:
            other.spool.put(each)
        start = time.perf_counter()
        other.merge_spool()
        timed("merged from a spool", count, start)
        start = time.perf_counter()
        store.runs([each.job for each in records])
        timed("read", count, start)


if __name__ == "__main__":
    main()
