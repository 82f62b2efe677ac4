"""Arms of which one gets next to no image wrong: how often is "equivalent" wrong, by means alone and with counts?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from normlab.calibration.rates import Rate, rate
from normlab.stats.counted import FEW, not_apart
from normlab.stats.equivalence import tost
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Rules, decide_by_interval, over_time

IMAGES = 10_000
SEEDS = (3, 5, 10)
"""Of a number that was fixed beforehand."""
CASES = ((0.5, 1), (1.0, 1), (2.0, 1), (1.0, 2), (2.0, 2))
"""Errors a run of the better arm, and how many times their mean the variance of errors is: once for counts alone."""
MOST = 40

Counts = NDArray[np.int_]
"""Errors of both arms of each pair, (2, pairs, seeds)."""


@dataclass(frozen=True)
class FewErrors:
    """Single pairs of which the better arm gets `errors` images wrong and the other a margin more, or as many.

    False equivalences by TOST (`before`) and with counts (`after`) at each of `SEEDS`, and at any look until settled;
    `found_before` and `found` are equal arms that are called equivalent.
    """

    errors: float
    times: int
    before: tuple[Rate, ...]
    after: tuple[Rate, ...]
    found_before: tuple[Rate, ...]
    found: tuple[Rate, ...]
    settled: Rate


def few_errors(studies: int, rules: Rules, rng: np.random.Generator) -> tuple[FewErrors, ...]:
    """Simulate `studies` pairs of each case, which have errors by chance alone."""
    return tuple(_one(errors, times, studies, rules, rng) for errors, times in CASES)


def _one(errors: float, times: int, studies: int, rules: Rules, rng: np.random.Generator) -> FewErrors:
    shape, margin = (studies, MOST), rules.margin * IMAGES / 100
    best = _drawn(errors, times, shape, rng)
    apart, alike = ((best, _drawn(errors + more, times, shape, rng)) for more in (margin, 0.0))
    wrong, found = ([_equal(np.stack(arms)[..., :seeds], rules) for seeds in SEEDS] for arms in (apart, alike))
    (before, after), (found_before, found_now) = (tuple(zip(*rates, strict=True)) for rates in (wrong, found))
    allowed = replace(rules, looks=Looks.up_to, most=MOST)
    kinds = decide_by_interval(*over_time(_points(np.stack(apart)), allowed.confidence, allowed), allowed)
    settled = rate((kinds == Kind.equivalent).any(axis=1))
    return FewErrors(errors, times, before, after, found_before, found_now, settled)


def _drawn(errors: float, times: int, shape: tuple[int, int], rng: np.random.Generator) -> Counts:
    if times == 1:
        return np.asarray(rng.poisson(errors, shape))
    return np.asarray(rng.negative_binomial(errors / (times - 1), 1 / times, shape))


def _equal(counts: Counts, rules: Rules) -> Sequence[Rate]:
    """By TOST, and with counts where they are few."""
    by_means = tost(_points(counts), rules.margin)
    asked = counts.mean(axis=-1).min(axis=0) < FEW
    by_counts = np.where(asked, not_apart(counts[0], counts[1], rules.margin * IMAGES / 100), 0.0)
    return [rate(p <= 1 - rules.confidence) for p in (by_means, np.maximum(by_means, by_counts))]


def _points(counts: Counts) -> NDArray[np.float64]:
    return np.asarray((counts[1] - counts[0]) * (100 / IMAGES))
