from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import judging
from numpy.typing import ArrayLike

from normlab.analysis import mistakes
from normlab.records import Comparison

if TYPE_CHECKING:
    from comparisons import Make


def hand_made(make: Make, *probabilities: ArrayLike) -> Comparison:
    """Images of class 0 and the given runs' probabilities over three classes."""
    images = len(np.asarray(probabilities[0]))
    comparison = make(arms=[{"norm": "bn"}], seeds=len(probabilities), images=images)
    runs = [
        judging(run, np.asarray(rows, np.float32)) for run, rows in zip(comparison.runs, probabilities, strict=True)
    ]
    return replace(comparison, runs=runs, labels=np.zeros(images, np.int64), classes=["a", "b", "c"])


def test_most_missed_comes_before_most_confident(make: Make) -> None:
    """An image that two runs miss stands before one that a single run misses with more confidence."""
    first = [[0.1, 0.9, 0.0], [0.3, 0.0, 0.7], [1.0, 0.0, 0.0]]
    second = [[0.9, 0.1, 0.0], [0.2, 0.0, 0.8], [1.0, 0.0, 0.0]]
    gallery = mistakes.of_arm(hand_made(make, first, second), "bn")
    assert [(mistake.index, mistake.missed) for mistake in gallery.mistakes] == [(1, 2), (0, 1)]
    assert (gallery.ever, gallery.always, gallery.runs) == (2, 1, 2)


def test_the_predicted_class_is_the_one_most_runs_choose(make: Make) -> None:
    """Its probability is the mean of those runs that chose it, and of no other."""
    runs = [[[0.2, 0.8, 0.0]], [[0.3, 0.7, 0.0]], [[0.0, 0.0, 1.0]]]
    (mistake,) = mistakes.of_arm(hand_made(make, *runs), "bn").mistakes
    assert (mistake.true, mistake.predicted, mistake.missed) == ("a", "b", 3)
    assert mistake.probability == pytest.approx(0.75)


def test_a_run_shows_its_most_confident_mistakes(six: Comparison) -> None:
    """Ten of one run, each really wrong, with the probability that it gave, in falling order."""
    run = six.runs[0]
    shown = mistakes.of_run(six, run).mistakes
    assert len(shown) == 10
    for mistake in shown:
        row = run.probabilities[mistake.index]
        assert int(row.argmax()) != six.labels[mistake.index]
        assert mistake.probability == pytest.approx(float(row.max()))
        assert np.array_equal(mistake.image, six.images[mistake.index])
    assert [m.probability for m in shown] == sorted((m.probability for m in shown), reverse=True)


def test_counts_agree_with_the_records(six: Comparison) -> None:
    """A run's gallery counts as many mistakes as its final epoch does."""
    run = six.runs[3]
    assert mistakes.of_run(six, run).ever == run.final.judged_images - run.final.judged_correct


@pytest.mark.parametrize(("error", "shown"), [(0.0, 0), (0.004, 4), (0.5, 10)])
def test_few_and_many_mistakes(make: Make, error: float, shown: int) -> None:
    """None, fewer than ten and more than ten all work."""
    comparison = make(arms=[{"norm": "bn"}], seeds=1, epochs=1, errors={"bn": error})
    gallery = mistakes.of_run(comparison, comparison.runs[0])
    assert len(gallery.mistakes) == min(gallery.ever, 10)
    assert abs(len(gallery.mistakes) - shown) <= 1


def plain(comparison: Comparison) -> list[tuple[int, int, float, int]]:
    """Index, predicted class, probability and misses of the ten worst, one image after the other."""
    found = []
    for index, true in enumerate(comparison.labels):
        given: dict[int, list[float]] = {}
        for run in comparison.runs:
            if run.predictions[index] != true:
                given.setdefault(int(run.predictions[index]), []).append(float(run.sureness[index]))
        if given:
            most = min(given, key=lambda label: (-len(given[label]), -sum(given[label]) / len(given[label]), label))
            found.append((index, most, sum(given[most]) / len(given[most]), sum(map(len, given.values()))))
    return sorted(found, key=lambda one: (-one[3], -one[2], one[0]))[:10]


@pytest.mark.parametrize("runs", [1, 2, 5])
def test_ties_are_broken_as_ever(make: Make, runs: int) -> None:
    """By sureness, then by the class and the image that come first; sureness has few values here, so many are equal."""
    rng = np.random.default_rng(runs)
    rows = np.eye(3, dtype=np.float32)[rng.integers(0, 3, (runs, 200))] * rng.choice([0.5, 0.75], (runs, 200, 1))
    comparison = hand_made(make, *rows)
    shown = mistakes.of_arm(comparison, "bn").mistakes
    numbers = [(one.index, "abc".index(one.predicted), one.probability, one.missed) for one in shown]
    assert numbers == plain(comparison)


def test_many_classes_take_no_memory(make: Make) -> None:
    """Of a run that misses every image, which are all as bad: what is held grows with images, not with classes."""
    comparison = hand_made(make, np.eye(1000, dtype=np.float32)[np.full(4000, 2)])
    comparison = replace(comparison, classes=[str(i) for i in range(1000)])
    assert comparison.runs[0].predictions.all()
    tracemalloc.start()
    try:
        assert len(mistakes.of_arm(comparison, "bn").mistakes) == 10
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
