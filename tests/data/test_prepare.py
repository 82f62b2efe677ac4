from __future__ import annotations

import sys

import numpy as np
import pytest

from normlab.data import Dataset, levels
from normlab.data.prepare import MAPS, check, prepare
from normlab.data.preprocess import network_input
from normlab.data.split import Split, split
from normlab.errors import DataError
from normlab.spec import PREPROCESSES, Preprocess, Recipe


@pytest.fixture(scope="module")
def few(mnist: Dataset) -> Split:
    """Real MNIST, 200 training and 100 held-out images."""
    return split(mnist, Recipe(train_images=200, holdout=100), 0)


def test_the_usual_are_the_stored_images(few: Split) -> None:
    """Studies that say nothing of preprocessing train on what they always did."""
    assert prepare(few, "standardize") is few


def test_none_changes_no_pixel(few: Split) -> None:
    """A network sees x / 255 of the stored images."""
    made = prepare(few, "none")
    assert made.train_images is few.train_images
    np.testing.assert_allclose(network_input(few.judged_images, few, "none"), few.judged_images / 255, rtol=1e-6)


@pytest.mark.parametrize("how", list(MAPS))
@pytest.mark.slow
def test_images_are_prepared_once(how: Preprocess, few: Split) -> None:
    """With the levels' own function, read-only as the stored ones, which stay."""
    before = few.train_images.copy()
    made = prepare(few, how)
    change = getattr(levels, how)
    assert np.array_equal(made.train_images, change(few.train_images))
    assert np.array_equal(made.judged_images, change(few.judged_images))
    assert not made.train_images.flags.writeable
    assert np.array_equal(few.train_images, before)
    assert prepare(few, how) is made
    assert made.train_labels is few.train_labels


@pytest.mark.parametrize("how", PREPROCESSES)
@pytest.mark.slow
def test_what_is_trained_on_is_what_is_seen(how: Preprocess, few: Split) -> None:
    """(x / 255 − mean) / std of prepared images is what the stored images look like to a network."""
    made = prepare(few, how)
    mean, std = (np.array(value)[None, :, None, None] for value in (made.mean, made.std))
    shown = network_input(few.judged_images, few, how)
    np.testing.assert_allclose(shown, (made.judged_images / 255 - mean) / std, atol=1e-5)
    if how != "standardize":
        assert (shown.min(), shown.max()) == (0, 1)


def test_what_is_not_installed_is_told_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is trained; three of five need nothing."""
    monkeypatch.setitem(sys.modules, "skimage", None)
    for how in ("standardize", "stretch", "none"):
        check(how)
    for how in ("equalize", "clahe"):
        with pytest.raises(DataError, match="scikit-image"):
            check(how)
