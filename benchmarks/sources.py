"""Are the components of the variance between seeds what they say, and do their intervals hold? By simulated scores.

    python benchmarks/sources.py [--studies 4000]

A score is the sum of three independent sources and a product of two of them; scores are normal, or skewed, and rounded
to whole images of 10,000. Printed by number of seeds: how often the 95 % intervals of the standard deviation, of a
source's share, of what pairing removes hold the truth; and how often a source is called the largest where the two
largest are alike (wrong whichever it is), and where one has four times the variance of the next.
"""

from __future__ import annotations

import argparse
import math

import numpy as np
from numpy.typing import NDArray

from normlab.stats.components import Part, leader, removed, share, spread

SEEDS = 5, 8, 12, 20
POINT = 0.01
"""Points of one image."""
SD = 0.1
"""Points that the largest source has by itself."""
HEADS = "scores", "seeds", "sd", "share", "sum of shares", "pairing removes", "called largest: equal", "4 times"

Scores = NDArray[np.float64]


def drawn(kind: str, rng: np.random.Generator, *shape: int) -> Scores:
    """Draws with mean 0 and variance 1."""
    return rng.standard_normal(shape) if kind == "normal" else (rng.gamma(4.0, 1.0, shape) - 4) / 2


def score(parts: Scores) -> Scores:
    """Of an arm, from its sources (3, …): the first two interact. Rounded to images."""
    a, b, c = SD * parts[0], SD * parts[1] / 2, SD * parts[2] / 4
    return np.round((a + b + c + SD * parts[0] * parts[1] / 4) / POINT) * POINT


def truths() -> tuple[Scores, float]:
    """The variances of each source alone, others held at their means, and the total; rounding adds POINT²/12."""
    alone = np.array([1, 1 / 4, 1 / 16]) * SD**2 + POINT**2 / 12
    return alone, (1 + 1 / 4 + 1 / 16 + 1 / 16) * SD**2 + POINT**2 / 12


def holds(found: Part | None, truth: float) -> bool:
    """Whether an interval has the truth; one that cannot be made has not."""
    return bool(found and found.interval and not found.interval.excludes(truth))


def study(kind: str, seeds: int, rng: np.random.Generator) -> list[bool]:
    """What one study says, and whether it is so."""
    parts, other = drawn(kind, rng, 3, seeds), drawn(kind, rng, 3, seeds)
    only = [np.where(np.arange(3)[:, None] == source, parts, 0.0) for source in range(3)]
    alone, total = np.array([score(each) for each in only]), score(parts)
    variances, whole = truths()
    shared = np.vstack([parts[:1], other[1:]])  # a second arm has the first source in common
    twins = np.round(SD * drawn(kind, rng, 3, seeds) / POINT) * POINT
    common = SD**2 + 0.0
    return [
        holds(spread(total), math.sqrt(whole)),
        holds(share(alone[0], total), variances[0] / whole),
        holds(share(alone, total), variances.sum() / whole),
        holds(removed(total, score(shared)), common / whole),
        leader(twins) is not None,
        leader(alone) == 0,
    ]


def main() -> None:
    """Print a row for each kind of scores and number of seeds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=4000)
    studies = parser.parse_args().studies
    rng = np.random.default_rng(2026)
    print("| " + " | ".join(HEADS) + " |\n|" + "---|" * len(HEADS))
    for kind in ("normal", "skewed"):
        for seeds in SEEDS:
            rates = np.mean([study(kind, seeds, rng) for _ in range(studies)], axis=0)
            print(f"| {kind} | {seeds} | " + " | ".join(f"{100 * rate:.1f} %" for rate in rates) + " |")
    print(f"\nMonte Carlo error of a rate of 95 %: ± {196 * math.sqrt(0.95 * 0.05 / studies):.1f} points.")


if __name__ == "__main__":
    main()
