"""All trials on one pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from normlab.calibration import draws
from normlab.calibration.at_once import AtOnce, at_once
from normlab.calibration.by_images import ByImages, by_images
from normlab.calibration.collapses import Collapses, collapses
from normlab.calibration.collapses_looked_at import CollapsesLookedAt, collapses_looked_at
from normlab.calibration.few_errors import FewErrors, few_errors
from normlab.calibration.foretold import Foretold, foretold
from normlab.calibration.in_flight import InFlight, in_flight
from normlab.calibration.looked_at import LookedAt, looked_at
from normlab.calibration.other_images import OtherImages, other_images
from normlab.calibration.over_data import OverData, over_data
from normlab.calibration.pool import Pool
from normlab.calibration.racing import Racing, racing
from normlab.calibration.said import FIRST_LOOK
from normlab.calibration.settling import Settling, settling
from normlab.errors import SpecError
from normlab.stats.verdict import USUAL, Rules

SEEDS = (3, 5, 10, 30)
STUDIES = 10_000
MOST_SEEDS = 40


@dataclass(frozen=True)
class Calibration:
    """What came of all trials, on which pool and by which rules; `most` is the seeds that a study may grow to."""

    source: str
    runs: int
    mean: float
    sd: float
    studies: int
    rules: Rules
    at_once: tuple[AtOnce, ...]
    by_images: tuple[ByImages, ...]
    other_images: tuple[OtherImages, ...]
    most: int
    looked_at: tuple[LookedAt, ...]
    settling: tuple[Settling, ...]
    collapses: tuple[Collapses, ...]
    collapses_looked_at: tuple[CollapsesLookedAt, ...]
    in_flight: tuple[InFlight, ...]
    foretold: tuple[Foretold, ...]
    racing: tuple[Racing, ...]
    few_errors: tuple[FewErrors, ...]
    over_data: tuple[OverData, ...]


def calibrate(
    pool: Pool,
    *,
    studies: int = STUDIES,
    seeds: Sequence[int] = SEEDS,
    most: int = MOST_SEEDS,
    rules: Rules = USUAL,
    entropy: int = 0,
    tell: Callable[[str], object] = lambda _line: None,
) -> Calibration:
    """Simulate `studies` studies for each number of seeds, and as many that are looked at while they get seeds.

    Args:
        pool: real runs of one arm.
        studies: how many of each kind, at least 1.
        seeds: the numbers of seeds fixed beforehand, each at least 2.
        most: the seeds that a study may take while it is looked at, more than `FIRST_LOOK`.
        rules: the level and the margin to test, for studies that are looked at once.
        entropy: where all draws come from; the same gives the same figures.
        tell: told of each kind that is done.

    Raises `SpecError` where the pool has too few runs for so many seeds, or a study no seed to grow by.
    """
    _check(pool, seeds, most)
    rng, accuracies = np.random.default_rng(entropy), pool.accuracies
    at_once_, by_images_, elsewhere, found = [], [], list[OtherImages](), dict[str, Any]()
    for count in seeds:
        at_once_.append(at_once(pool, count, studies, rules, rng))
        by_images_.append(by_images(pool, count, studies, rules.level, rng))
        # Of a generator of its own: the figures of all other tables stay as they are.
        elsewhere += other_images(count, studies, rules.level, np.random.default_rng([entropy, count]))
        tell(f"{count} seeds")
    for field, said, figures in _of_many_looks(pool, most, studies, rules, rng):
        found[field] = figures
        tell(said)
    found["few_errors"] = few_errors(studies, rules, np.random.default_rng([entropy, 0]))
    tell("few errors")
    found["over_data"] = over_data(studies, rules, np.random.default_rng([entropy, 0, 1]))
    tell("several data sets")
    return Calibration(
        source=pool.source,
        runs=pool.runs,
        mean=float(accuracies.mean()),
        sd=float(accuracies.std(ddof=1)),
        studies=studies,
        rules=rules,
        at_once=tuple(at_once_),
        by_images=tuple(by_images_),
        other_images=tuple(elsewhere),
        most=most,
        **found,
    )


def _check(pool: Pool, seeds: Sequence[int], most: int) -> None:
    if most <= FIRST_LOOK:
        grows = f"a study that grows is looked at after {FIRST_LOOK} seeds first"
        raise SpecError(f"expected more than {FIRST_LOOK} seeds to grow to (--max-seeds), got {most}: {grows}")
    needed = draws.ARMS * max(*seeds, most)
    if needed > pool.runs:
        asked = f"{max(*seeds, most)} seeds of {draws.ARMS} arms take {needed} runs, and the pool has {pool.runs}"
        raise SpecError(f"{asked}: ask for fewer seeds (--seeds, --max-seeds), or add runs to the study")


def _of_many_looks(
    pool: Pool, most: int, studies: int, rules: Rules, rng: np.random.Generator
) -> Iterator[tuple[str, str, Any]]:
    """The field of each other kind of study, what is said of it once it is done, and its figures."""
    yield "looked_at", "looked at after every seed", looked_at(pool, most, studies, rules, rng)
    yield "settling", "until settled", settling(pool, most, studies, rules, rng)
    yield "collapses", "runs that collapse", collapses(pool, studies, rules, rng)
    low = collapses_looked_at(pool, most, studies, rules, rng)
    yield "collapses_looked_at", "runs that collapse, until settled", low
    yield "in_flight", "several runs at a time", in_flight(pool, most, studies, rules, rng)
    yield "foretold", "how many more seeds", foretold(pool, studies, rules, rng)
    yield "racing", "races", racing(pool, most, studies, rules, rng)
