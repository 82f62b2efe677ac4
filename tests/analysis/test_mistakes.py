from __future__ import annotations

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
