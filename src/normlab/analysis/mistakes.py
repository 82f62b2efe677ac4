"""Which images are taken for another class, and how sure the runs were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.records import Comparison, RunRecord

SHOWN = 10
"""Images in a gallery: two rows of five."""


@dataclass(frozen=True)
class Mistake:
    """One image that some runs get wrong.

    `index` is its place among the evaluation images, `image` its pixels, uint8 (channels, height, width). `missed`
    runs get it wrong, `predicted` is the wrong class that most of them choose, `probability` (0 to 1) what those who
    choose it give it on average.
    """

    index: int
    image: NDArray[np.uint8]
    true: str
    predicted: str
    probability: float
    missed: int


@dataclass(frozen=True)
class Gallery:
    """The worst mistakes of some runs: missed by the most runs first, then the most confident.

    `ever` images are missed by some run, `always` by all `runs`, out of `images`.
    """

    title: str
    judged_on: str
    runs: int
    images: int
    ever: int
    always: int
    mistakes: tuple[Mistake, ...]


def of_arm(comparison: Comparison, arm: str) -> Gallery:
    """What the arm's finished runs get wrong together."""
    return gallery(comparison, comparison.of(arm), arm)


def of_run(comparison: Comparison, run: RunRecord) -> Gallery:
    """What one run gets wrong, the most confident mistake first."""
    return gallery(comparison, [run], f"{run.arm}, seed {run.seed}")


def gallery(comparison: Comparison, runs: Sequence[RunRecord], title: str) -> Gallery:
    """The worst `SHOWN` mistakes of some finished runs."""
    misses = np.zeros(len(comparison.labels), dtype=np.int64)
    for run in runs:
        misses += run.predictions != comparison.labels
    found = _found(comparison, runs, _worst_first(misses))
    return Gallery(
        title=title,
        judged_on=comparison.study.recipe.judged_on,
        runs=len(runs),
        images=len(comparison.labels),
        ever=int((misses > 0).sum()),
        always=int((misses == len(runs)).sum()) if runs else 0,
        mistakes=found,
    )


def _worst_first(misses: NDArray[np.int64]) -> NDArray[np.int64]:
    """Images missed at least as often as the tenth: only they can be shown, however many a bad run misses."""
    missed = np.flatnonzero(misses)
    if len(missed) <= SHOWN:
        return missed
    least = np.sort(misses[missed])[-SHOWN]
    return np.flatnonzero(misses >= least)


def _found(comparison: Comparison, runs: Sequence[RunRecord], worst: NDArray[np.int64]) -> tuple[Mistake, ...]:
    """The first `SHOWN` of some images: by how often they are missed, then by how sure runs are of the wrong class."""
    votes, sums = _wrong_votes(comparison, runs, worst)
    # Of classes with equal votes the one with more probability, so that the order of runs does not matter.
    sure = np.divide(sums, votes, out=np.zeros_like(sums), where=votes > 0)
    most = np.where(votes == votes.max(axis=1, keepdims=True), sure, -1).argmax(axis=1)
    missed, probability = votes.sum(axis=1).astype(int), sure[np.arange(len(worst)), most]
    first = np.lexsort((worst, -probability, -missed))[:SHOWN]
    return tuple(
        Mistake(
            index=int(worst[place]),
            image=comparison.images[worst[place]],
            true=comparison.classes[int(comparison.labels[worst[place]])],
            predicted=comparison.classes[int(most[place])],
            probability=float(probability[place]),
            missed=int(missed[place]),
        )
        for place in first
    )


def _wrong_votes(
    comparison: Comparison, runs: Sequence[RunRecord], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How many runs take each of some images for each wrong class, and the sum of their probabilities of it."""
    votes, sums = np.zeros((2, len(chosen), len(comparison.classes)))
    for run in runs:
        predicted = run.predictions[chosen]
        wrong = np.flatnonzero(predicted != comparison.labels[chosen])
        votes[wrong, predicted[wrong]] += 1
        sums[wrong, predicted[wrong]] += run.sureness[chosen[wrong]]
    return votes, sums
