"""The atlas: images that every run misses, that runs disagree on, that one kind of arm misses, what is taken for what.

They are shown as they are stored, whatever an arm's preprocessing makes of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.records import Comparison
from normlab.stats.multiplicity import holm

SHOWN = 20
"""Images in each part: four rows of five."""
LEAST = 2
"""Runs that can agree or disagree."""
PAIRS, EACH = 6, 10
"""Confusions that are shown with their images, and how many of each."""
MATRIX = 100
"""Of more classes there are no confusion matrices: nobody reads a table of a million numbers."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Vote:
    """A class, and how many runs choose it."""

    name: str
    runs: int


@dataclass(frozen=True)
class Seen:
    """One image and what the runs take it for, the true class or not, most votes first.

    `index` is its place among the evaluation images, `image` its pixels, uint8 (channels, height, width). `missed` of
    `runs` get it wrong; `taken_for` is the wrong class that most of them choose, `pair` the numbers of both classes.
    """

    index: int
    image: NDArray[np.uint8]
    true: str
    taken_for: str
    votes: tuple[Vote, ...]
    missed: int
    runs: int
    pair: tuple[int, int]


@dataclass(frozen=True)
class Share:
    """`missed` of `runs`, with the exact 95 % interval of the chance to be missed, 0 to 1."""

    missed: int
    runs: int
    low: float
    high: float


@dataclass(frozen=True)
class Telling:
    """An image that arms of one kind, whatever their penalty, miss more often than the others do, beyond luck.

    `base` is what these arms are called without a penalty. `p` is adjusted for all images.
    """

    seen: Seen
    base: str
    here: Share
    elsewhere: Share
    p: float


@dataclass(frozen=True)
class Confusion:
    """The mistakes of one arm: mean images a run, (true, predicted); the diagonal is 0."""

    arm: str
    runs: int
    counts: NDArray[np.float64]


@dataclass(frozen=True)
class Mistaken:
    """Images of one class that are taken for another, the most often first; `votes` over all images and runs."""

    true: str
    predicted: str
    votes: int
    images: tuple[Seen, ...]
    pair: tuple[int, int]


@dataclass(frozen=True)
class Atlas:
    """What all finished runs of a comparison get wrong together.

    `always` images are missed by every run and `flips` by some but not all; of both the first are shown.
    """

    runs: int
    classes: tuple[str, ...]
    always: tuple[Seen, ...]
    always_count: int
    flips: tuple[Seen, ...]
    flips_count: int
    telling: tuple[Telling, ...]
    mistaken: tuple[Mistaken, ...]
    confusions: tuple[Confusion, ...]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The confusions that are shown with their images."""
        return tuple(one.pair for one in self.mistaken)


def atlas(comparison: Comparison) -> Atlas | None:
    """The atlas of a comparison; None with fewer than two finished runs, which can neither agree nor disagree."""
    votes = {arm.name: _votes(comparison, arm.name) for arm in comparison.study.arms if comparison.of(arm.name)}
    if sum(len(comparison.of(arm)) for arm in votes) < LEAST or not len(comparison.labels):
        return None
    look = _Look(comparison, sum(votes.values(), np.zeros((len(comparison.labels), len(comparison.classes)), np.int64)))
    every, some = look.missed == look.runs, (look.missed > 0) & (look.missed < look.runs)
    return Atlas(
        runs=look.runs,
        classes=tuple(comparison.classes),
        always=look.first(np.flatnonzero(every), -look.agreement),
        always_count=int(every.sum()),
        flips=look.first(np.flatnonzero(some), np.abs(look.missed - look.runs / 2)),
        flips_count=int(some.sum()),
        telling=_telling(comparison, look, votes),
        mistaken=_mistaken(look),
        confusions=_confusions(comparison, votes),
    )


class _Look:
    """All votes on every image, (images, classes), and what follows from them."""

    def __init__(self, comparison: Comparison, votes: Ints) -> None:
        self.comparison, self.votes = comparison, votes
        self.runs = int(votes[0].sum()) if len(votes) else 0
        self.labels = comparison.labels
        self.wrong = votes.copy()
        self.wrong[np.arange(len(votes)), self.labels] = 0
        self.missed: Ints = self.wrong.sum(axis=1)
        self.agreement: Ints = self.wrong.max(axis=1)

    def first(self, chosen: Ints, order: NDArray[np.number]) -> tuple[Seen, ...]:
        """The first `SHOWN` of some images by an order."""
        ranked = chosen[np.argsort(order[chosen], kind="stable")]
        return tuple(self.seen(int(index)) for index in ranked[:SHOWN])

    def seen(self, index: int) -> Seen:
        """One image with its votes."""
        names, taken = self.comparison.classes, int(self.wrong[index].argmax())
        counted = [Vote(names[int(c)], int(self.votes[index, c])) for c in np.flatnonzero(self.votes[index])]
        return Seen(
            index=index,
            image=self.comparison.images[index],
            true=names[int(self.labels[index])],
            taken_for=names[taken],
            votes=tuple(sorted(counted, key=lambda vote: -vote.runs)),
            missed=int(self.missed[index]),
            runs=self.runs,
            pair=(int(self.labels[index]), taken),
        )


def _votes(comparison: Comparison, arm: str) -> Ints:
    """How many runs of an arm choose each class, (images, classes)."""
    counts = np.zeros((len(comparison.labels), len(comparison.classes)), np.int64)
    rows = np.arange(len(counts))
    for run in comparison.of(arm):
        counts[rows, run.predictions] += 1
    return counts


def _telling(comparison: Comparison, look: _Look, votes: Mapping[str, Ints]) -> tuple[Telling, ...]:
    """By Fisher's exact test of each image and kind of arm, adjusted over all that some run misses."""
    bases = list(dict.fromkeys(arm.base for arm in comparison.study.arms if arm.name in votes))
    ever = np.flatnonzero(look.missed)
    if len(bases) < 2 or not len(ever):
        return ()
    from scipy.stats import hypergeom

    own = {base: _by_base(comparison, votes, base, look.labels) for base in bases}
    p = np.array([hypergeom.sf(own[b][0][ever] - 1, look.runs, look.missed[ever], own[b][1]) for b in bases])
    adjusted = holm(p.reshape(-1)).reshape(p.shape)
    rows, columns = np.nonzero(adjusted <= 1 - comparison.study.verdict.level)
    order = np.argsort(adjusted[rows, columns], kind="stable")[:SHOWN]
    return tuple(
        _told(look, bases[row], own[bases[row]], int(ever[column]), float(adjusted[row, column]))
        for row, column in zip(rows[order], columns[order], strict=True)
    )


def _told(look: _Look, base: str, own: tuple[Ints, int], index: int, p: float) -> Telling:
    missed, runs = int(own[0][index]), own[1]
    others = int(look.missed[index]) - missed, look.runs - runs
    return Telling(look.seen(index), base, _share(missed, runs), _share(*others), p)


def _by_base(comparison: Comparison, votes: Mapping[str, Ints], base: str, labels: Ints) -> tuple[Ints, int]:
    """How many runs of one kind, whatever their penalty, miss each image, and how many there are."""
    own = sum(votes[arm.name] for arm in comparison.study.arms if arm.base == base and arm.name in votes)
    counted = np.asarray(own)
    runs = int(counted[0].sum())
    return runs - counted[np.arange(len(labels)), labels], runs


def _share(missed: int, runs: int) -> Share:
    from scipy.stats import binomtest

    interval = binomtest(missed, runs).proportion_ci(0.95, method="exact")
    return Share(missed, runs, float(interval.low), float(interval.high))


def _mistaken(look: _Look) -> tuple[Mistaken, ...]:
    """The confusions with the most votes, each with the images that get most of them."""
    names, table = look.comparison.classes, _table(look.wrong, look.labels)
    worst = np.argsort(-table, axis=None, kind="stable")[:PAIRS]
    pairs = (divmod(int(place), len(names)) for place in worst if table.flat[place])
    return tuple(
        Mistaken(names[true], names[taken], int(table[true, taken]), tuple(_of_pair(look, true, taken)), (true, taken))
        for true, taken in pairs
    )


def _of_pair(look: _Look, true: int, taken: int) -> Iterable[Seen]:
    chosen = np.flatnonzero((look.labels == true) & (look.wrong[:, taken] > 0))
    ranked = chosen[np.argsort(-look.wrong[chosen, taken], kind="stable")]
    return (look.seen(int(index)) for index in ranked[:EACH])


def _confusions(comparison: Comparison, votes: Mapping[str, Ints]) -> tuple[Confusion, ...]:
    few = len(comparison.classes) <= MATRIX
    return tuple(_confusion(comparison, arm, each) for arm, each in votes.items()) if few else ()


def _confusion(comparison: Comparison, arm: str, votes: Ints) -> Confusion:
    wrong = votes.copy()
    wrong[np.arange(len(votes)), comparison.labels] = 0
    runs = len(comparison.of(arm))
    return Confusion(arm, runs, _table(wrong, comparison.labels) / runs)


def _table(wrong: Ints, labels: Ints) -> Ints:
    """Wrong votes by (true, predicted)."""
    table = np.zeros((wrong.shape[1], wrong.shape[1]), np.int64)
    np.add.at(table, labels, wrong)
    return table
