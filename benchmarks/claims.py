"""How often does `normlab claims` support a difference between networks that are equally good?

    python benchmarks/claims.py [--tables 10000]

An image is always right, always wrong, or right in half of the runs; `even` is the share of the last, as a part of the
most that the accuracy allows. Each test set is drawn anew, one of each size; claims of one size have the same images.
The second figure is of the same tables where all are taken for one test set.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace

import numpy as np

from normlab.claims import Claim, judge
from normlab.stats import estimates
from normlab.stats.verdict import Kind


@dataclass(frozen=True)
class Case:
    """Networks of one `accuracy` (0 to 1), a claim for each of `images`, over `seeds` runs each."""

    accuracy: float
    images: tuple[int, ...]
    seeds: int
    even: float


CASES = (
    *(Case(0.99, (10_000, 200), seeds, even) for seeds in (2, 5, 50) for even in (0.0, 0.5, 1.0)),
    *(Case(0.5, images, 5, 0.0) for images in ((10_000, 200), (1_000_000, 200), (60, 50))),
    *(Case(0.9, images, 5, 0.0) for images in ((10_000, 200), (1_000_000, 200), (60, 50))),
    *(Case(accuracy, (10_000, 200), 5, 0.5) for accuracy in (0.5, 0.9, 0.98, 0.995, 0.999)),
    *(Case(0.9, images, 5, 0.5) for images in ((1000, 500), (100, 20), (10_000, 10_001))),
    Case(0.98, (10_000, 10_000, 1000, 500, 200, 100), 5, 0.5),
    Case(0.9, (500, 500), 5, 0.5),
)


def table(case: Case, rng: np.random.Generator) -> list[Claim]:
    """One table of claims, mean and sd in points."""
    even = 2 * case.even * min(case.accuracy, 1 - case.accuracy)
    sets = {n: rng.multinomial(n, [case.accuracy - even / 2, even, 1 - case.accuracy - even / 2]) for n in case.images}
    claims = []
    for number, images in enumerate(case.images):
        easy, open_, _ = sets[images]
        scores = 100 * (easy + rng.binomial(open_, 0.5, case.seeds)) / images
        mean, sd = estimates.mean(scores), estimates.sd(scores)
        claims.append(Claim(str(number), float(mean), images, case.seeds, None if sd is None else float(sd)))
    return claims


def supported(claims: list[Claim]) -> bool:
    """Whether any difference is."""
    return any(pair.kind is Kind.better for pair in judge(claims))


def main() -> None:
    """A line a case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=10_000)
    count = parser.parse_args().tables
    rng = np.random.default_rng(0)
    for case in CASES:
        tables = [table(case, rng) for _ in range(count)]
        here = np.mean([supported(each) for each in tables])
        one = np.mean([supported([replace(claim, images=max(case.images)) for claim in each]) for each in tables])
        error = math.sqrt(here * (1 - here) / count)
        print(f"{case}: {here:.2%} ± {error:.2%}; as one test set {one:.1%}")


if __name__ == "__main__":
    main()
