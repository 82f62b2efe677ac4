"""What a path costs beside as many plain runs: `python benchmarks/path.py`.

Ten λ and three seeds of `lean` with a proximal L1, four epochs each, against as many plain runs, in turn, each
`ROUNDS` times; told are the wall times and the median of their ratios. What both cost once (loading data, starting
workers, the report) is not taken out.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from typing import Any

import normlab
from normlab.plans.ladder import ladder

ROUNDS = 2
QUICK: dict[str, Any] = {"epochs": 4, "holdout": 10_000}


def walk(out: str) -> None:
    """The path: 10 λ × 3 seeds, and the 3 runs without a penalty that every path has."""
    normlab.path("bn", ["prox"], lambdas=ladder(0.3), seeds=3, out=out, **QUICK)


def plain(out: str) -> None:
    """As many runs without a penalty."""
    normlab.compare(norms=["bn"], seeds=33, out=out, **QUICK)


def seconds(job: Any) -> float:
    """Wall time of a job in a folder of its own."""
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        job(out)
        return time.perf_counter() - start


def main() -> None:
    """Time and tell."""
    ratios = []
    for _ in range(ROUNDS):
        mine, theirs = seconds(walk), seconds(plain)
        ratios.append(mine / theirs)
        print(f"path {mine:.1f} s, plain runs {theirs:.1f} s, {ratios[-1]:.3f} ×", flush=True)
    print(f"median {statistics.median(ratios):.3f} ×")


if __name__ == "__main__":
    main()
