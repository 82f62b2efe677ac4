"""Images made worse: the same for whoever asks, and still images."""

from __future__ import annotations

import numpy as np
import pytest
from comparisons import digits
from hypothesis import given, settings
from hypothesis import strategies as st

from normlab.data import corruptions
from normlab.data.augment import draw, warp_one
from normlab.data.corruptions import CORRUPTIONS, corrupted
from normlab.seeds import generator
from normlab.spec import Augment

IMAGES, _ = digits(40)


@settings(max_examples=10)
@given(st.sampled_from([*CORRUPTIONS]), st.integers(1, 39))
def test_an_image_is_made_worse_by_its_place_alone(kind: str, count: int) -> None:
    """Whatever comes behind it, and whatever its own levels are."""
    assert np.array_equal(corrupted(IMAGES[:count], kind), corrupted(IMAGES, kind)[:count])


@pytest.mark.parametrize("kind", CORRUPTIONS)
@pytest.mark.parametrize("channels", [1, 3])
def test_what_comes_out_are_images(kind: str, channels: int) -> None:
    """Of the same shape, as levels; another than before, and as before nothing is asked of any global state."""
    images = np.repeat(IMAGES, channels, axis=1)
    np.random.seed(0)  # noqa: NPY002 - to see that nobody reads it
    first = corrupted(images, kind)
    np.random.seed(1)  # noqa: NPY002
    assert (first.shape, first.dtype) == (images.shape, np.uint8)
    assert not np.array_equal(first, images)
    assert np.array_equal(first, corrupted(images, kind))
    assert all(not np.array_equal(first, corrupted(images, other)) for other in CORRUPTIONS if other != kind)


def test_images_are_turned_as_augmentation_turns_them() -> None:
    """By angles within ± 30 degrees, held against SciPy's sampling, image by image."""
    rng = generator(0, "corrupt", [*CORRUPTIONS].index("rotated"))
    maps = draw(Augment(rotation=corruptions.TURN), len(IMAGES), (28, 28), lambda _: rng).maps
    assert maps is not None
    wanted = [warp_one(image.astype(np.float32), to) for image, to in zip(IMAGES, maps, strict=True)]
    assert np.abs(corrupted(IMAGES, "rotated") - np.stack(wanted)).max() <= 0.51
    assert np.abs(np.arctan2(maps[:, 1, 0], maps[:, 0, 0])).max() <= np.deg2rad(30)


def test_a_shift_is_a_seventh_of_the_side_at_most() -> None:
    """A dot ends at most 4 pixels away from the middle of 28, and on more than one side."""
    dots = np.zeros((200, 1, 28, 28), np.uint8)
    dots[:, :, 14, 14] = 255
    moved = corrupted(dots, "shifted").reshape(200, 28, 28)
    rows, columns = (np.array([np.average(np.arange(28), weights=each.sum(axis)) for each in moved]) for axis in (1, 0))
    for places in (rows, columns):
        assert np.abs(places - 14).max() <= 4.05
        assert places.min() < 11
        assert places.max() > 17


def test_noise_and_blur_have_their_strengths() -> None:
    """A quarter of the range on grey, as its median has it; an edge's slope of a twentieth of the side."""
    grey = np.full((20, 1, 28, 28), 128, np.uint8)
    noise = np.abs(corrupted(grey, "noisy").astype(float) - 128)
    assert np.median(noise) == pytest.approx(0.6745 * 255 * 0.25, rel=0.05)  # half of a normal distribution
    edge = np.zeros((1, 1, 56, 56), np.uint8)
    edge[..., 28:] = 255
    slope = np.diff(corrupted(edge, "blurred")[0, 0, 28].astype(float))
    sd = np.sqrt(np.average((np.arange(55) - 27) ** 2, weights=slope))
    assert sd == pytest.approx(56 / 20, rel=0.05)
