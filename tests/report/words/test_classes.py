from __future__ import annotations

from normlab.analysis.classes import Classes, ClassRow
from normlab.report.words.classes import sentences


def known(*accuracies: float, trained: tuple[int, ...] = (), judged: tuple[int, ...] = (1000,) * 8) -> Classes:
    """Classes of 1,000 images each if not told otherwise, called a, b, c and so on."""
    names = "abcdefgh"[: len(accuracies)]
    rows = tuple(ClassRow(i, names[i], None, judged[i], {"bn": each}) for i, each in enumerate(accuracies))
    return Classes(rows, names, ("bn",), trained, {})


def test_equal_classes_need_no_words() -> None:
    """Nor do training images that are nearly balanced."""
    assert not [*sentences(known(99, 98, 97, trained=(100, 200, 150)))]


def test_classes_far_below_are_named() -> None:
    """With their accuracy, the worst first, and no more than three by name."""
    (one,) = sentences(known(60, 99, 98, 97))
    assert one == "Far below the other classes, whose median is 97.50%: a (60.00%), mean over the arms."
    (several,) = sentences(known(40, 50, 30, 20, 99, 99, 99, 99))
    assert "d (20.00%), c (30.00%), a (40.00%) and 1 more, mean" in several


def test_imbalance_is_told_with_its_ratio() -> None:
    """A class without a training image has none; what is learned from is not what accuracy weighs."""
    (told,) = sentences(known(99, 98, trained=(50, 1200)))
    assert told == (
        "The training images are imbalanced: 50 of a, 1,200 of b (1:24); rare classes are learned from fewer."
    )
    (none,) = sentences(known(99, 98, trained=(0, 1200)))
    assert "0 of a, 1,200 of b; rare" in none


def test_overall_accuracy_weighs_the_judged_images() -> None:
    """Balanced training images do not make it fair, nor imbalanced ones unfair."""
    (told,) = sentences(known(99, 98, trained=(100, 100), judged=(50, 1200)))
    assert told == (
        "The judged images are imbalanced: 50 of a, 1,200 of b (1:24); overall accuracy says most about the classes "
        "with the most of them."
    )
