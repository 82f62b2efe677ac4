from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from skimage.exposure import equalize_adapthist, equalize_hist, rescale_intensity

from normlab.data import Dataset, levels
from normlab.errors import DataError

Pixels = NDArray[np.uint8]
SHAPE = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9))
IMAGES = arrays(np.uint8, SHAPE)
ALL = [levels.stretch, levels.equalize, levels.clahe]


@pytest.fixture(scope="module")
def some(mnist: Dataset) -> Pixels:
    """300 real digits, (300, 1, 28, 28)."""
    return mnist.train_images[:300]


@pytest.mark.parametrize("change", ALL)
@given(images=IMAGES)
@settings(max_examples=50)
@pytest.mark.slow
def test_the_darkest_becomes_0_and_something_255(change: Callable[[Pixels], Pixels], images: Pixels) -> None:
    """In each channel of each image, for any pixels; where there is one level only it becomes 0."""
    made = change(images)
    assert (made.dtype, made.shape) == (np.uint8, images.shape)
    darkest = images == images.min((2, 3), keepdims=True)
    assert not made[darkest].any()
    alike = darkest.all((2, 3))
    assert not made[alike].any()
    if change is not levels.clahe:  # a tile may make nothing of what is above its darkest level
        assert (made.max((2, 3))[~alike] == 255).all()


@pytest.mark.parametrize("change", [levels.stretch, levels.equalize])
@given(images=IMAGES)
@settings(max_examples=50)
def test_what_is_brighter_stays_brighter(change: Callable[[Pixels], Pixels], images: Pixels) -> None:
    """Stretching and equalizing keep the order of levels."""
    flat, made = images.reshape(-1, images[0, 0].size), change(images).reshape(-1, images[0, 0].size)
    order = np.argsort(flat, axis=1)
    assert (np.diff(np.take_along_axis(made, order, 1).astype(int), axis=1) >= 0).all()


@pytest.mark.parametrize("change", ALL)
def test_every_channel_is_changed_on_its_own(change: Callable[[Pixels], Pixels], some: Pixels) -> None:
    """Three digits as the channels of one image come out as they do one by one."""
    colour = some[:30].reshape(10, 3, 28, 28)
    alone = [change(some[i : i + 1]) for i in range(30)]
    assert np.array_equal(change(colour), np.concatenate(alone).reshape(colour.shape))


@given(images=IMAGES)
def test_stretching_is_the_formula(images: Pixels) -> None:
    """(x − min) / (max − min) on 255 levels, halves up, in whole numbers."""
    low, high = (images.astype(int).min((2, 3), keepdims=True), images.astype(int).max((2, 3), keepdims=True))
    span = np.maximum(high - low, 1)
    assert np.array_equal(levels.stretch(images), (2 * 255 * (images - low) + span) // (2 * span))


def test_stretching_black_and_white_digits_changes_nothing(some: Pixels) -> None:
    """Most of MNIST has both in it."""
    full = some[(some.min((1, 2, 3)) == 0) & (some.max((1, 2, 3)) == 255)]
    assert len(full) > 200
    assert np.array_equal(levels.stretch(full), full)


@given(images=IMAGES)
@settings(max_examples=50)
def test_equalizing_is_the_textbook_formula(images: Pixels) -> None:
    """(cdf − cdf_min) / (1 − cdf_min) on 255 levels, level by level in exact fractions."""
    image, made = images[0, 0], levels.equalize(images)[0, 0]
    least, size = int((image == image.min()).sum()), image.size
    for level in np.unique(image):
        above = int((image <= level).sum()) - least
        share = Fraction(above, size - least) if size > least else Fraction(0)
        assert (made[image == level] == int(255 * share + Fraction(1, 2))).all()


@given(images=IMAGES, table=st.lists(st.integers(1, 8), min_size=30, max_size=30))
@settings(max_examples=50)
@pytest.mark.slow
def test_equalizing_forgets_the_exposure(images: Pixels, table: list[int]) -> None:
    """Any change of levels that keeps them apart and in order makes no difference."""
    few = images % 30
    assert np.array_equal(levels.equalize(few), levels.equalize(np.cumsum(table).astype(np.uint8)[few]))


def test_equalizing_is_scikit_images(some: Pixels) -> None:
    """One call for each digit, rescaled from the digit's darkest level, to half a level."""
    for digit, made in zip(some[:, 0], levels.equalize(some)[:, 0], strict=True):
        plain = rescale_intensity(equalize_hist(digit, nbins=256), out_range=(0.0, 255.0))
        assert np.abs(made - plain).max() <= 0.5 + 1e-6


@pytest.mark.slow
def test_clahe_is_scikit_images(some: Pixels) -> None:
    """One call for each digit with its numbers told, rescaled from what the digit's darkest level becomes."""
    for digit, made in zip(some[:, 0], levels.clahe(some)[:, 0], strict=True):
        plain = equalize_adapthist(digit, (14, 14), clip_limit=0.02, nbins=256)
        ground = plain[digit == digit.min()].max()
        assert np.abs(made - 255 * np.clip((plain - ground) / (1 - ground), 0, 1)).max() <= 0.5 + 1e-6


def test_clahe_depends_on_the_place(some: Pixels) -> None:
    """One level of a digit becomes several, which global equalization never does."""
    made, image = levels.clahe(some[:1]), some[:1]
    assert any(len(np.unique(made[image == level])) > 1 for level in np.unique(image)[1:])
    assert all(len(np.unique(levels.equalize(image)[image == level])) == 1 for level in np.unique(image))


@pytest.mark.parametrize("change", ALL)
def test_parts_are_changed_as_the_whole(
    change: Callable[[Pixels], Pixels], some: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images are taken a few at a time, which no pixel shows."""
    whole = change(some[:25])
    monkeypatch.setattr(levels, "AT_ONCE", 10)
    assert np.array_equal(change(some[:25]), whole)


@pytest.mark.parametrize("change", [levels.equalize, levels.clahe])
def test_without_scikit_image_the_way_out_is_told(
    change: Callable[[Pixels], Pixels], some: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs it names the command that installs it; stretching needs nothing."""
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(DataError, match=r'need scikit-image, .*: pip install "normlab\[images\]"'):
        change(some)
    assert levels.stretch(some).any()


@pytest.mark.slow
def test_data_sets_need_neither_torch_nor_scikit_image() -> None:
    """Importing them, and preparing images the usual ways, loads neither."""
    code = "import sys, normlab.data, normlab.data.prepare; print({'torch', 'skimage'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
