"""Which images are trained on and judged by, and which classes there are."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.data.layouts import Encoded, Found
from normlab.data.shares import sort
from normlab.errors import DataError


def found(splits: Mapping[str, list[object]], classes: tuple[str, ...] = ()) -> Found:
    """A place with these labels, and no images."""
    parts = {
        split: Encoded(len(labels), lambda labels=labels: np.array(labels), lambda: iter(()))
        for split, labels in splits.items()
    }
    return Found("made up", parts, [], classes)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=60).filter(lambda some: len(set(some)) > 1))
def test_without_test_images_a_fifth_of_each_class_is_set_aside(labels: list[str]) -> None:
    """To the nearest image, one at least of those that have two; which ones never changes."""
    first, again = sort(found({"train": labels}), "here"), sort(found({"train": labels}), "here")
    (share,) = first.shares
    np.testing.assert_array_equal(share.judged, again.shares[0].judged)
    for number, name in enumerate(first.classes):
        of = labels.count(name)
        assert share.judged[share.labels == number].sum() == (max(1, round(of / 5)) if of > 1 else 0)
    assert "20% of each class are set aside" in first.notes[0]


def test_validation_images_are_judged_by_where_there_are_no_test_images() -> None:
    """And are not used where there are; both are said."""
    split = {"train": [0, 1], "val": [0, 1, 1]}
    judged = sort(found(split), "here")
    assert [share.judged.tolist() for share in judged.shares] == [[False, False], [True, True, True]]
    assert "validation images are judged by" in judged.notes[0]
    unused = sort(found({**split, "test": [1, 0]}), "here")
    assert [len(share.labels) for share in unused.shares] == [2, 2]
    assert unused.notes == ("its 3 validation images are not used",)


def test_labels_without_names_are_classes_as_they_occur() -> None:
    """Numbers by their size, also where a table has them as texts; texts by the alphabet."""
    assert sort(found({"train": [1, 26, 3], "test": [3]}), "here").classes == ("1", "3", "26")
    assert sort(found({"train": ["10", "9", "9"], "test": ["10"]}), "here").classes == ("9", "10")
    texts = sort(found({"train": ["dog", "cat"], "test": ["dog"]}), "here")
    assert (texts.classes, texts.shares[0].labels.tolist()) == (("cat", "dog"), [1, 0])


@pytest.mark.parametrize(
    ("splits", "classes", "problem"),
    [
        ({"test": [0, 1]}, (), "expected images to train on"),
        ({"train": [0, 1], "test": []}, (), "expected images to be judged by, got none: a class needs two images"),
        ({"train": [0, 0], "test": [0]}, (), "expected 2 to 1,000 classes, got 1"),
        ({"train": [0, 1], "test": [2]}, (), "the class '2' has images to be judged by, and none to learn it from"),
        ({"train": [0, 7], "test": [0]}, ("cat", "dog"), "expected labels from 0 to 1, got 7"),
        ({"train": [0, -1], "test": [0]}, ("cat", "dog"), "expected labels from 0 to 1, got -1"),
        ({"train": [*range(1001)], "test": [0]}, (), "expected 2 to 1,000 classes, got 1,001"),
        ({"train": [0.5, 1.5], "test": [0.5]}, (), "whole numbers or texts, got float64"),
        ({"train": [0, 1, 2], "test": [0]}, ("cat", "dog", "cat"), "the classes 0 and 2 are both called 'cat': rename"),
        ({"train": [0, 0], "test": [0]}, ("cat", "dog"), "images of two classes to train on, got those of 'cat'"),
    ],
)
def test_labels_that_make_no_classes_are_refused(
    splits: Mapping[str, list[object]], classes: tuple[str, ...], problem: str
) -> None:
    """Before any image is decoded."""
    with pytest.raises(DataError, match=problem):
        sort(found(splits, classes), "here")


def test_names_from_outside_move_no_cursor() -> None:
    """What a folder is called is text, and stays on its line."""
    made = replace(found({"train": ["cat\x1b[2J", "dog"], "test": ["dog"]}), notes=("its folder \udcff\n",))
    assert sort(made, "here").classes == ("cat\\x1b[2J", "dog")
    assert sort(made, "here").notes == ("its folder \\udcff\\n",)


def test_an_empty_split_is_none() -> None:
    """Validation images are judged by where the test split has nothing in it."""
    judged = sort(found({"train": [0, 1], "val": [0, 1], "test": []}), "here")
    assert [share.judged.tolist() for share in judged.shares] == [[False, False], [True, True]]
    assert "validation images are judged by" in judged.notes[0]
