from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import judging
from scipy import stats

from normlab.analysis.atlas import SHOWN, Atlas, atlas
from normlab.records import Comparison

if TYPE_CHECKING:
    from comparisons import Make

CLASSES = 10


def drawn(make: Make, seeds: int, wrong: dict[int, dict[str, set[int]]]) -> tuple[Comparison, Atlas]:
    """Two norms; `wrong` says for an image which seeds of which arm take it for the next class."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=seeds, images=60)
    runs = []
    for run in comparison.runs:
        predictions = comparison.labels.copy()
        for image, arms in wrong.items():
            if run.seed in arms.get(run.arm, set()):
                predictions[image] = (predictions[image] + 1) % CLASSES
        runs.append(judging(run, np.eye(CLASSES, dtype=np.float32)[predictions]))
    made = replace(comparison, runs=runs)
    found = atlas(made)
    assert found is not None
    return made, found


def test_images_are_sorted_by_who_misses_them(make: Make) -> None:
    """One that all runs miss, one that half of them do, and one that a single run does."""
    every = {"bn": {0, 1}, "ln": {0, 1}}
    comparison, found = drawn(make, 2, {7: every, 8: {"bn": {0}, "ln": {1}}, 9: {"ln": {0}}})
    assert [one.index for one in found.always] == [7]
    assert [one.index for one in found.flips] == [8, 9]
    assert (found.runs, found.always_count, found.flips_count) == (4, 1, 2)
    label = int(comparison.labels[8])
    one = found.flips[0]
    assert {(vote.name, vote.runs) for vote in one.votes} == {(str(label), 2), (str((label + 1) % CLASSES), 2)}
    assert (one.true, one.taken_for, one.missed) == (str(label), str((label + 1) % CLASSES), 2)


def test_an_image_that_one_norm_misses_beyond_luck(make: Make) -> None:
    """All ten seeds of one norm and none of the other's: Fisher's p over all images and norms, with both intervals."""
    ten = set(range(10))
    _, found = drawn(make, 10, {3: {"ln": ten}, 4: {"ln": {1, 2}}, 5: {"bn": {0}, "ln": {0}}})
    (one,) = found.telling
    assert (one.seen.index, one.base) == (3, "ln")
    alone = stats.fisher_exact([[10, 0], [0, 10]], alternative="greater").pvalue
    assert one.p == pytest.approx(6 * alone)  # three images that are missed at all, two norms
    assert (one.here.missed, one.elsewhere.missed) == (10, 0)
    assert one.here.low == pytest.approx(0.6915, abs=1e-4)
    assert one.elsewhere.high == pytest.approx(0.3085, abs=1e-4)


def test_one_runs_luck_is_not_told(make: Make) -> None:
    """Two seeds can show nothing of a single image."""
    _, found = drawn(make, 2, {3: {"ln": {0, 1}}})
    assert found.telling == ()


def test_confusions_count_mistakes_a_run(make: Make) -> None:
    """Rows are true classes; the diagonal is empty and the sum is the arm's mean number of mistakes."""
    comparison, found = drawn(make, 2, {7: {"bn": {0, 1}}, 8: {"bn": {0}}})
    (bn, ln) = found.confusions
    assert bn.counts.sum() == pytest.approx(1.5)
    assert ln.counts.sum() == 0
    assert np.diag(bn.counts).sum() == 0
    label = int(comparison.labels[7])
    assert bn.counts[label, (label + 1) % CLASSES] >= 1


def test_the_worst_confusions_come_with_their_images(make: Make) -> None:
    """The most often taken so first; their votes are those of all runs."""
    _, found = drawn(make, 2, {7: {"bn": {0, 1}, "ln": {0, 1}}, 8: {"bn": {0}}})
    first = found.mistaken[0]
    assert first.votes >= 4
    assert first.images[0].index == 7
    assert found.pairs[0] == found.always[0].pair


@pytest.mark.slow
def test_no_part_shows_more_than_it_should(six: Comparison) -> None:
    """However many images are missed."""
    found = atlas(six)
    assert found is not None
    assert len(found.flips) == SHOWN < found.flips_count


def test_less_than_two_runs_have_no_atlas(make: Make) -> None:
    """They can neither agree nor disagree."""
    assert atlas(make(arms=[{"norm": "bn"}], seeds=1)) is None
    assert atlas(make(missing=18)) is None
