"""What a table says of how its runs were made: each statement, and the sound one beside it."""

from __future__ import annotations

import time

import pytest

from normlab.stated import Made, admitted, apart, listed, unequal


def two(head: str, first: str, second: str, names: tuple[str, str] = ("bn", "gn")) -> Made:
    """Two arms with a column beside their scores."""
    return {names[0]: {head: [first]}, names[1]: {head: [second]}}


@pytest.mark.parametrize(
    ("head", "first", "second"),
    [
        ("epochs", "4", "8"),
        ("lr", "0.1", "0.01"),
        ("learning_rate", "0.1", "0.01"),
        ("optim.lr", "0.1", "0.01"),
        ("batchSize", "32", "128"),
        ("augmentation", "yes", "no"),
        ("dataset", "CIFAR-10", "CIFAR-10.1"),
        ("train images", "50000", "45000"),
        ("eps", "1e-5", "1e-3"),
        ("params", "11.2M", "23.5M"),
        ("L1", "0", "1e-4"),
        ("affine", "True", "False"),
        ("weight-decay", "5e-4", "1e-4"),
        ("optimizer", "sgd", "adam"),
    ],
)
def test_a_setting_that_arms_do_not_share_is_told(head: str, first: str, second: str) -> None:
    """With its levels; where they do, nothing is."""
    (told,) = unequal(two(head, first, second))
    assert told.startswith(f"{head} is not the same in all arms (bn ")
    assert unequal(two(head, first, first)) == []


@pytest.mark.parametrize(
    "made",
    [
        two("lr", "0.1", "0.01", ("lr 0.1", "lr 0.01")),
        two("wd", "0.0001", "0.001", ("plain", "more wd")),
        two("depth", "18", "50", ("resnet18", "resnet50")),
        two("lr", "0.1", "1e-1"),
        two("lr", "0.1", ""),
        two("gpu", "a", "b"),
        two("batch time", "1.2", "1.4"),
        {"bn": {"steps": ["101", "102", "99"]}, "gn": {"steps": ["98", "103", "97"]}},
        {"bn": {"lr": ["0.1", "0.01"]}, "gn": {"lr": ["0.01", "0.1"]}},
        {},
    ],
    ids=[
        "names",
        "a word",
        "numbers in names",
        "one number",
        "unsaid",
        "no setting",
        "a time",
        "measured",
        "both",
        "none",
    ],
)
def test_what_is_asked_or_measured_is_no_fault(made: Made) -> None:
    """Arms that are called by a setting, numbers that are one, and what differs from run to run."""
    assert unequal(made) == []


@pytest.mark.parametrize(
    ("head", "cell", "what"),
    [
        ("tuned on", "test", "chosen on the test set"),
        ("model selection", "test accuracy", "chosen on the test set"),
        ("early stopping", "test loss", "chosen on the test set"),
        ("ties broken by test", "yes", "ties"),
        ("ties", "by the test set", "ties"),
        ("normalized with statistics of", "test", "standardized"),
        ("preprocessing", "mean of all images", "standardized"),
        ("validation", "inside training", "for validation"),
        ("validation", "overlaps with train", "for validation"),
        ("validation set", "training set", "for validation"),
        ("weight decay on norms", "yes", "weight decay"),
        ("norm_decay", "True", "weight decay"),
        ("correction", "none", "not corrected"),
        ("p", "0.03 (uncorrected)", "not corrected"),
        ("note", "best 3 of 10 seeds", "seeds were chosen"),
        ("seeds", "bad ones left out", "seeds were chosen"),
    ],
)
def test_what_a_column_admits_is_taken_at_its_word(head: str, cell: str, what: str) -> None:
    """With the arms that it is said of."""
    (told,) = admitted({"bn": {head: [cell]}, "gn": {}})
    assert told.startswith("by its own words (bn) ")
    assert what in told


def test_so_is_a_name() -> None:
    """Of an arm, whatever sets its words apart."""
    (told,) = admitted({"bn (tuned on the test_set)": {}, "gn": {}})
    assert "chosen on the test set" in told


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("tuned on", "validation"),
        ("selected on", "validation, reported on test"),
        ("tuned on test", "no"),
        ("best test accuracy", "99"),
        ("ties", "broken by validation loss"),
        ("preprocessing", "test-time augmentation"),
        ("statistics of", "training images"),
        ("validation", "5000 from training"),
        ("validation", "held out part of training"),
        ("weight decay", "0.0005"),
        ("decay on norms", "no"),
        ("weight decay", "without norms"),
        ("correction", "holm"),
        ("corrected", ""),
        ("seeds", "5"),
        ("seeds excluded", "none"),
    ],
)
def test_what_is_sound_is_not_taken_for_an_admission(head: str, cell: str) -> None:
    """Other images, a no, or words that only sound alike."""
    assert admitted(two(head, cell, cell)) == []


def test_seeds_with_gaps_are_told() -> None:
    """As runs' own, or listed in a cell; in a row, in any order, they are not, nor are words."""
    assert "3, 17, 42, …" in apart(["42", "3", "17", "99"])[0]
    assert "3, 17" in listed(two("seeds used", "3 17", "17, 3"))[0]
    assert len(listed(two("seeds used", "3 17", "3 17"))) == 1
    for seeds in (["2", "1", "3"], ["a", "b"], ["0", "7", "x"], ["7"], []):
        assert apart(seeds) == []
    assert listed(two("seeds", "5", "5")) == listed(two("seeds used", "0 1 2", "3,4,5")) == []


def test_long_cells_take_no_time() -> None:
    """Only their beginning is read, and only some of a column's levels."""
    long = "tuned ties seeds val decay " * 10_000
    start = time.perf_counter()
    admitted({"bn": {"note": [long] * 1000}, long: {long: [long]}})
    assert time.perf_counter() - start < 2
