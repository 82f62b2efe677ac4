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
    if not len(worst):
        return ()
    said, votes, sums = _wrong_votes(comparison, runs, worst)
    # Of classes with equal votes the one with more probability, so that the order of runs does not matter.
    sure = np.divide(sums, votes, out=np.zeros_like(sums), where=votes > 0)
    column = np.where(votes == votes.max(axis=1, keepdims=True), sure, -1).argmax(axis=1)
    most, probability = said[np.arange(len(worst)), column], sure[np.arange(len(worst)), column]
    missed = (votes > 0).sum(axis=1)
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
) -> tuple[NDArray[np.int16], NDArray[np.float64], NDArray[np.float64]]:
    """The classes that runs take some images for, how many runs take an image for each, and their probabilities' sum.

    All are (images, runs), an image's classes in order: arrays of (images, classes) may be large. 0 runs and
    probability for the right class, as only wrong ones count.
    """
    said = np.stack([run.predictions[chosen] for run in runs], axis=1)
    wrong = said != comparison.labels[chosen][:, None]
    votes, sums = np.zeros((2, *said.shape))
    for number, run in enumerate(runs):
        same = wrong & (said == said[:, [number]])
        votes += same
        sums += np.where(same, run.sureness[chosen][:, None], 0)
    order = said.argsort(axis=1)
    first, counted, summed = (np.take_along_axis(each, order, axis=1) for each in (said, votes, sums))
    return first, counted, summed
