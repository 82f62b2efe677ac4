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
    worst = _worst_first(misses)
    found = [_mistake(comparison, runs, int(index)) for index in worst]
    found.sort(key=lambda mistake: (-mistake.missed, -mistake.probability, mistake.index))
    return Gallery(
        title=title,
        judged_on=comparison.study.recipe.judged_on,
        runs=len(runs),
        images=len(comparison.labels),
        ever=int((misses > 0).sum()),
        always=int((misses == len(runs)).sum()) if runs else 0,
        mistakes=tuple(found[:SHOWN]),
    )


def _worst_first(misses: NDArray[np.int64]) -> NDArray[np.int64]:
    """Images missed at least as often as the tenth: only they can be shown, however many a bad run misses."""
    missed = np.flatnonzero(misses)
    if len(missed) <= SHOWN:
        return missed
    least = np.sort(misses[missed])[-SHOWN]
    return np.flatnonzero(misses >= least)


def _mistake(comparison: Comparison, runs: Sequence[RunRecord], index: int) -> Mistake:
    label = int(comparison.labels[index])
    chosen = np.array([run.predictions[index] for run in runs])
    sure = np.array([run.sureness[index] for run in runs], dtype=np.float64)[chosen != label]
    classes = chosen[chosen != label]
    votes = np.bincount(classes)
    # Of classes with equal votes the one with more probability, so that the order of runs does not matter.
    predicted = int(max(np.flatnonzero(votes == votes.max()), key=lambda c: sure[classes == c].mean()))
    return Mistake(
        index=index,
        image=comparison.images[index],
        true=comparison.classes[label],
        predicted=comparison.classes[predicted],
        probability=float(sure[classes == predicted].mean()),
        missed=len(classes),
    )
