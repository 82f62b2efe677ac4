from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipes import recipe

from normlab.data import Dataset
from normlab.data.split import Split, split
from normlab.errors import SpecError
from normlab.spec import Recipe

COUNT = 40


@pytest.fixture(scope="module")
def numbered(mnist: Dataset) -> Dataset:
    """Real images whose labels are their numbers: 0 to 39 to train on, 100 to 119 to test on."""
    return replace(
        mnist,
        train_images=mnist.train_images[:COUNT],
        train_labels=np.arange(COUNT),
        test_images=mnist.test_images[:20],
        test_labels=np.arange(100, 120),
    )


def parts(data: Dataset, holdout: int = 0, train_images: int = 0, root: int = 0) -> Split:
    return split(data, Recipe(holdout=holdout, train_images=train_images), root)


def test_without_a_holdout_it_is_the_own_split_of_the_data(numbered: Dataset) -> None:
    """All training images in their order to train on, all test images in theirs to judge by."""
    found = parts(numbered)
    assert np.array_equal(found.train_images, numbered.train_images)
    assert np.array_equal(found.train_labels, numbered.train_labels)
    assert np.array_equal(found.judged_images, numbered.test_images)
    assert np.array_equal(found.judged_labels, numbered.test_labels)


@given(holdout=st.integers(1, COUNT - 1), root=st.integers(0, 5))
def test_held_out_and_trained_on_are_disjoint_and_all(numbered: Dataset, holdout: int, root: int) -> None:
    """Every training image is on exactly one side, the held-out side is as large as asked, no test image is on any."""
    found = parts(numbered, holdout, root=root)
    assert len(found.judged_labels) == holdout
    assert sorted([*found.train_labels, *found.judged_labels]) == list(range(COUNT))


@given(holdout=st.integers(0, COUNT - 1), train_images=st.integers(0, COUNT), root=st.integers(0, 5))
def test_an_image_keeps_its_label(numbered: Dataset, holdout: int, train_images: int, root: int) -> None:
    """Whatever goes where, a label stands beside its own image, and each side keeps the data's order."""
    found = parts(numbered, holdout, min(train_images, COUNT - holdout), root)
    sides = [(found.train_images, found.train_labels)]
    if holdout:
        sides.append((found.judged_images, found.judged_labels))
    for images, labels in sides:
        assert np.array_equal(images, numbered.train_images[labels])
        assert (np.diff(labels) > 0).all()


@given(holdout=st.integers(0, 20), train_images=st.integers(1, 20))
def test_fewer_training_images_leave_the_judged_ones(numbered: Dataset, holdout: int, train_images: int) -> None:
    """`train_images` takes some of those not held out; what is judged stays the same."""
    few, all_others = parts(numbered, holdout, train_images), parts(numbered, holdout)
    assert len(few.train_labels) == train_images
    assert set(few.train_labels) <= set(all_others.train_labels)
    assert np.array_equal(few.judged_labels, all_others.judged_labels)


def test_with_a_holdout_the_test_set_is_never_touched(numbered: Dataset) -> None:
    """Tuning works on a data set whose test images are not even there."""
    blind = replace(numbered, test_images=None, test_labels=None)
    assert np.array_equal(parts(blind, holdout=10).judged_labels, parts(numbered, holdout=10).judged_labels)


@pytest.mark.parametrize("holdout", [0, 10])
def test_what_images_are_standardized_with_goes_with_them(numbered: Dataset, holdout: int) -> None:
    """The mean and std are the whole data set's, so that images held out are seen as all others are."""
    found = parts(numbered, holdout)
    assert (found.mean, found.std) == (numbered.mean, numbered.std)


def test_the_choice_depends_on_the_root_alone(numbered: Dataset) -> None:
    """The same root holds out the same images each time, another root others."""
    first, again, other = (parts(numbered, 15, root=root).judged_labels for root in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("holdout", "train_images"), [(COUNT, 0), (COUNT + 1, 0), (0, COUNT + 1), (10, COUNT - 9), (COUNT, 1)]
)
def test_more_images_than_there_are_is_a_spec_error(numbered: Dataset, holdout: int, train_images: int) -> None:
    """At least one image remains to train on; the error names the field and how many images there are."""
    with pytest.raises(SpecError, match=rf"recipe\.holdout.*there are {COUNT} training images.*{holdout}"):
        parts(numbered, holdout, train_images)


def test_what_is_chosen_is_copied_once_for_all_who_ask_for_it(mnist: Dataset) -> None:
    """Arms and runs share the arrays, which are read-only; another choice has its own."""
    one, same = (split(mnist, recipe(norm, train_images=100, holdout=50), 0) for norm in ("bn", "ln"))
    assert one is same
    assert not one.train_images.flags.writeable
    other = split(mnist, recipe("bn", train_images=100, holdout=50), 1)
    assert not np.array_equal(other.judged_images, one.judged_images)
    assert np.array_equal(split(mnist, recipe("bn", train_images=100, holdout=50), 0).judged_images, one.judged_images)
