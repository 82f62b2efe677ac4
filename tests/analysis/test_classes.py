from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import judging

from normlab.analysis import gather
from normlab.analysis.classes import Classes, classes
from normlab.records import Comparison

if TYPE_CHECKING:
    from comparisons import Make


def answered(make: Make, labels: list[int], *answers: list[int], names: int = 3) -> Comparison:
    """Two arms, the second right everywhere; the first has a seed for each list of answers."""
    truth = np.asarray(labels)
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=len(answers), images=len(labels))
    said = {seed: np.asarray(each) for seed, each in enumerate(answers)}
    runs = [
        judging(run, np.eye(names, dtype=np.float32)[said[run.seed] if run.arm == "bn" else truth])
        for run in comparison.runs
    ]
    return replace(comparison, runs=runs, labels=truth, classes=[f"class {i}" for i in range(names)])


def found(comparison: Comparison) -> Classes:
    """The classes, of which there are some."""
    known = gather(comparison).classes
    assert known is not None
    return known


def test_a_class_has_the_mean_of_its_seeds(make: Make) -> None:
    """The percent of its images that are right in each run, mean over runs, and how many images it has."""
    known = found(answered(make, [0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1], [0, 1, 1, 1, 1, 1]))
    assert [(row.name, row.judged, row.means) for row in known.rows] == [
        ("class 0", 4, {"bn": 50.0, "ln": 100.0}),
        ("class 1", 2, {"bn": 100.0, "ln": 100.0}),
    ]
    assert [row.name for row in known.worst] == ["class 0", "class 1"]


def test_counts_agree_with_the_records(six: Comparison) -> None:
    """Classes, weighed by their images, come to the arms' final accuracy."""
    known = found(six)
    for arm in six.study.arms:
        right = sum(row.judged * row.means[arm.name] for row in known.rows) / len(six.labels)
        assert right == pytest.approx(np.mean([run.final.judged_accuracy for run in six.of(arm.name)]))


def test_of_many_classes_the_worst_and_the_most_different_are_shown(make: Make) -> None:
    """Ten of each; a difference counts for more where it is of more images."""
    labels = [label for label in range(40) for _ in range(10 if label else 100)]
    wrong = [(label + 1) % 40 if label in {0, 7} and i % 2 else label for i, label in enumerate(labels)]
    known = found(answered(make, labels, wrong, names=40))
    assert [row.name for row in known.worst[:2]] == ["class 0", "class 7"]
    assert len(known.worst) == 10
    assert [row.name for row in known.telling] == ["class 0", "class 7"]
    assert known.telling[0].apart == 50


def test_a_class_far_below_the_others_is_found(make: Make) -> None:
    """Half its images wrong is far below; one of its two images wrong may be luck."""
    labels = [label for label in range(8) for _ in range(100)]
    wrong = [1 if label == 0 and i % 2 else label for i, label in enumerate(labels)]
    assert [row.name for row in found(answered(make, labels, wrong, names=8)).far] == ["class 0"]
    few = [0, 0, *labels[100:]]
    assert not found(answered(make, few, [1, *few[1:]], names=8)).far


@pytest.mark.parametrize(("trained", "uneven"), [((100, 200, 150), False), ((100, 201, 150), True), ((), False)])
def test_training_images_are_imbalanced_beyond_one_to_two(
    make: Make, trained: tuple[int, ...], *, uneven: bool
) -> None:
    """The rarest and the commonest class are told, also where only training images have them."""
    known = found(replace(answered(make, [0, 1], [0, 1]), trained=trained))
    assert known.uneven == ((("class 0", 100), ("class 1", 201)) if uneven else None)


@pytest.mark.parametrize("trained", [(4, 9, 11), (13, 27, 23)])
def test_few_images_and_luck_are_no_imbalance(make: Make, trained: tuple[int, ...]) -> None:
    """Fewer than twenty of a class tell nothing, nor do shares that equal classes often have in so few images."""
    assert found(replace(answered(make, [0, 1], [0, 1]), trained=trained)).uneven is None


def test_classes_of_one_name_have_their_own_numbers(make: Make) -> None:
    """A class is its number; names are for people."""
    known = found(replace(answered(make, [0, 0, 1, 1], [1, 1, 1, 1]), classes=["a", "a", "a"], trained=(30, 40, 50)))
    assert [(row.means["bn"], row.trained) for row in known.rows] == [(0.0, 30), (100.0, 40)]


def test_without_a_finished_run_there_are_no_classes(make: Make) -> None:
    """Nor without an arm that is shown; a diverged arm has none of its own."""
    nothing = make(arms=[{"norm": "bn"}], seeds=1, missing=1)
    assert classes(nothing, ["bn"]) is None
    half = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1, diverged=[("ln", 0, 1)])
    assert found(half).arms == ("bn",)
