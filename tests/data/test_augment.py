from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from normlab.data import Dataset
from normlab.data.augment import draw, warp, warp_one
from normlab.data.preprocess import Standardize
from normlab.spec import Augment

Floats = NDArray[np.float32]
SQUARE, TALL = (28, 28), (28, 19)
IDENTITY = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
WILD = Augment(rotation=180, shift=9, scale=0.5)
BOTH_WAYS = pytest.mark.parametrize("move", [warp, warp_one], ids=["batched", "one by one"])


@pytest.fixture(scope="module")
def digits(mnist: Dataset) -> Floats:
    """Twelve real digits on the scale 0 to 255."""
    return mnist.train_images[:12].astype(np.float32)


def moved(move: object, images: Floats, maps: Floats) -> Floats:
    """The images after either way of moving them."""
    if move is warp:
        return warp(torch.from_numpy(images.copy()), torch.from_numpy(maps.copy())).numpy()
    return np.stack([warp_one(image, to_input) for image, to_input in zip(images, maps, strict=True)])


def drawn(augment: Augment, images: int, size: tuple[int, int] = SQUARE, seed: int = 0) -> Floats:
    return draw(augment, images, size, np.random.default_rng(seed))


def parameters(maps: Floats, size: tuple[int, int]) -> tuple[Floats, Floats, Floats]:
    """Each map's angle in degrees, its magnification, and its shift (across, down) in pixels."""
    height, width = size
    angle = np.rad2deg(np.arctan2(maps[:, 1, 0] * height / width, maps[:, 0, 0]))
    magnification = 1 / np.hypot(maps[:, 1, 0] * height / width, maps[:, 0, 0])
    return angle, magnification, maps[:, :, 2] * [width / 2, height / 2]


# Drawing


@pytest.mark.parametrize("size", [SQUARE, TALL])
def test_what_is_drawn_fills_its_range_and_no_more(size: tuple[int, int]) -> None:
    """Angles are uniform in ±rotation, magnifications in 1 ± scale, shifts in ±shift pixels on either axis."""
    angle, magnification, shift = parameters(drawn(Augment(rotation=7, shift=2, scale=0.1), 4_000, size), size)
    for values, centre, reach in [(angle, 0, 7), (magnification, 1, 0.1), (shift[:, 0], 0, 2), (shift[:, 1], 0, 2)]:
        ranks = (values - centre) / reach
        assert np.abs(ranks).max() <= 1 + 1e-4
        assert np.histogram(ranks, bins=4, range=(-1.001, 1.001))[0] == pytest.approx(1_000, abs=150)


@pytest.mark.parametrize("size", [SQUARE, TALL])
def test_a_map_is_a_similarity_in_pixels(size: tuple[int, int]) -> None:
    """Nothing is sheared or stretched, whatever the shape of the image."""
    height, width = size
    linear = drawn(WILD, 50, size)[:, :, :2] * [[1, width / height], [height / width, 1]]
    gram = linear @ linear.transpose(0, 2, 1)
    np.testing.assert_allclose(gram, gram[:, :1, :1] * np.eye(2), atol=1e-5)


@given(seed=st.integers(0, 1_000))
def test_the_same_generator_draws_the_same_maps(seed: int) -> None:
    """Maps are a function of the settings and the generator; another generator draws others."""
    assert np.array_equal(drawn(WILD, 5, seed=seed), drawn(WILD, 5, seed=seed))
    assert not np.array_equal(drawn(WILD, 5, seed=seed), drawn(WILD, 5, seed=seed + 1))


def test_settings_do_not_shift_each_other() -> None:
    """Four numbers are drawn for each image whatever the settings: angles stay when a shift or a scale is added."""
    alone, beside = drawn(Augment(rotation=7), 100), drawn(Augment(rotation=7, shift=2, scale=0.1), 100)
    np.testing.assert_allclose(parameters(alone, SQUARE)[0], parameters(beside, SQUARE)[0], atol=1e-4)
    rng = np.random.default_rng(0)
    draw(Augment(), 100, SQUARE, rng)
    same = np.random.default_rng(0)
    same.random((100, 4), dtype=np.float32)
    assert rng.bytes(8) == same.bytes(8)


def test_no_augmentation_draws_identities() -> None:
    """With all settings zero every map leaves its image as it is."""
    np.testing.assert_array_equal(drawn(Augment(), 3), np.stack([IDENTITY] * 3))


# Moving


@given(seed=st.integers(0, 10_000), crop=st.integers(3, 28), rows=st.integers(3, 28))
@settings(max_examples=25)
def test_the_batched_way_agrees_with_the_plain_one(digits: Floats, seed: int, crop: int, rows: int) -> None:
    """On real digits of any shape, in several channels, at any angle, shift and scale."""
    images = np.concatenate([digits[:6], digits[6:]], axis=1)[:, :, :rows, :crop]
    maps = drawn(WILD, len(images), (rows, crop), seed)
    np.testing.assert_allclose(moved(warp, images, maps), moved(warp_one, images, maps), atol=0.05)


@BOTH_WAYS
@pytest.mark.parametrize("width", [28, 19])
def test_the_identity_leaves_images_alone(digits: Floats, move: object, width: int) -> None:
    """No movement, no blur."""
    images = digits[..., :width]
    np.testing.assert_allclose(moved(move, images, np.stack([IDENTITY] * 12)), images, atol=1e-3)


@BOTH_WAYS
@given(across=st.integers(-6, 6), down=st.integers(-6, 6))
@settings(max_examples=20)
def test_whole_pixels_move_as_arrays_do(digits: Floats, move: object, across: int, down: int) -> None:
    """A map that looks `across` columns to the right and `down` rows below gives just those; outside is 0."""
    images = digits[:2, :, :, :19]
    to_input = IDENTITY.copy()
    to_input[:, 2] = 2 * across / 19, 2 * down / 28
    padded = np.pad(images, ((0, 0), (0, 0), (6, 6), (6, 6)))
    expected = padded[:, :, 6 + down : 34 + down, 6 + across : 25 + across]
    np.testing.assert_allclose(moved(move, images, np.stack([to_input] * 2)), expected, atol=2e-3)


def centre_of(image: Floats) -> tuple[float, float]:
    """Where the ink is, in pixels to the right of and below the image's centre."""
    ink = image[0] / image.sum()
    rows, columns = np.indices(ink.shape)
    return (
        float((ink * (columns - (ink.shape[1] - 1) / 2)).sum()),
        float((ink * (rows - (ink.shape[0] - 1) / 2)).sum()),
    )


@BOTH_WAYS
@pytest.mark.parametrize("size", [SQUARE, TALL])
def test_a_positive_angle_turns_counterclockwise(move: object, size: tuple[int, int]) -> None:
    """A blot to the right of the centre goes up by its distance times the angle's sine, as far as was drawn."""
    height, width = size
    image = np.zeros((1, *size), dtype=np.float32)
    image[0, height // 2 - 2 : height // 2 + 2, width - 6 : width - 2] = 255
    right, below = centre_of(image)
    maps = drawn(Augment(rotation=7), 20, size)
    for turned, angle in zip(
        moved(move, np.stack([image] * 20), maps), np.deg2rad(parameters(maps, size)[0]), strict=True
    ):
        assert centre_of(turned)[0] == pytest.approx(right * np.cos(angle), abs=0.05)
        assert centre_of(turned)[1] == pytest.approx(below - right * np.sin(angle), abs=0.05)
    assert np.abs(parameters(maps, size)[0]).max() > 5


@BOTH_WAYS
def test_seven_degrees_go_up_on_the_right(move: object) -> None:
    """The map of +7°, written out: output to input, so the picture turns the other way round, which is up."""
    cos, sin = np.cos(np.deg2rad(7)), np.sin(np.deg2rad(7))
    image = np.zeros((1, 1, 27, 27), dtype=np.float32)
    image[0, 0, 13, 21] = 255
    turned = moved(move, image, np.array([[[cos, -sin, 0], [sin, cos, 0]]], dtype=np.float32))
    assert centre_of(turned[0]) == pytest.approx((8 * cos, -8 * sin), abs=0.2)


@BOTH_WAYS
def test_a_magnification_enlarges(digits: Floats, move: object) -> None:
    """Twice as large is four times the ink, for a digit that stays within the image."""
    small = np.pad(digits[:4, :, ::2, ::2], ((0, 0), (0, 0), (7, 7), (7, 7)))
    half = np.stack([IDENTITY * np.float32(0.5)] * 4)
    ratio = moved(move, small, half).sum(axis=(1, 2, 3)) / small.sum(axis=(1, 2, 3))
    assert ratio == pytest.approx([4] * 4, rel=0.02)


@BOTH_WAYS
def test_corners_stay_background(digits: Floats, move: object) -> None:
    """What a rotation brings in is the background's −0.4242, not the mid-grey 0 of the course's fault."""
    maps = drawn(Augment(rotation=45), len(digits))
    pixels = torch.from_numpy(moved(move, digits, maps))
    standard = Standardize((0.1307,), (0.3081,), torch.device("cpu"))(pixels)
    for row in (0, -1):
        for column in (0, -1):
            np.testing.assert_allclose(standard[:, 0, row, column], -0.1307 / 0.3081, rtol=1e-6)
    assert pixels.min() >= 0
    assert pixels.max() <= 255.001
