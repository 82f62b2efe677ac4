from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from normlab import seeds
from normlab.data import Dataset
from normlab.data.augment import Changes, draw, hide, warp, warp_one
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


def changes(augment: Augment, images: int, size: tuple[int, int] = SQUARE, seed: int = 0) -> Changes:
    return draw(augment, images, size, lambda what: seeds.generator(0, what, seed))


def drawn(augment: Augment, images: int, size: tuple[int, int] = SQUARE, seed: int = 0) -> Floats:
    maps = changes(augment, images, size, seed).maps
    assert maps is not None
    return maps


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
    """Maps are a function of the settings and the stream; another seed's draws others."""
    assert np.array_equal(drawn(WILD, 5, seed=seed), drawn(WILD, 5, seed=seed))
    assert not np.array_equal(drawn(WILD, 5, seed=seed), drawn(WILD, 5, seed=seed + 1))


def test_settings_do_not_shift_each_other() -> None:
    """Four numbers are drawn for each image whatever the settings: angles stay when a shift or a scale is added."""
    alone, beside = drawn(Augment(rotation=7), 100), drawn(Augment(rotation=7, shift=2, scale=0.1), 100)
    np.testing.assert_allclose(parameters(alone, SQUARE)[0], parameters(beside, SQUARE)[0], atol=1e-4)
    rng = np.random.default_rng(0)
    draw(Augment(shift=1), 100, SQUARE, lambda _: rng)
    same = np.random.default_rng(0)
    same.random((100, 4), dtype=np.float32)
    assert rng.bytes(8) == same.bytes(8)


def test_no_augmentation_changes_nothing() -> None:
    """With all settings zero there are no maps and no holes."""
    assert (changes(Augment(), 3).maps, changes(Augment(), 3).holes) == (None, None)


def test_flips_crops_and_holes_leave_each_other_and_all_else_as_it_was() -> None:
    """Each has a stream of its own: what is drawn for one is the same whatever is switched on beside it."""
    alone = Augment(rotation=7), Augment(flip=0.5), Augment(crop=4), Augment(cutout=8)
    rotated, flipped, cropped = (drawn(augment, 200) for augment in alone[:3])
    every = changes(Augment(rotation=7, flip=0.5, crop=4, cutout=8), 200)
    assert np.array_equal(every.holes, changes(alone[3], 200).holes)
    mirrored = flipped[:, 0, 0] < 0
    assert np.array_equal(every.maps[:, :, 0], np.where(mirrored[:, None], -1, 1) * rotated[:, :, 0])
    assert np.array_equal(every.maps[:, :, 1], rotated[:, :, 1])
    steps = rotated[:, :, :2] @ cropped[:, :, 2:]
    np.testing.assert_allclose(every.maps[:, :, 2:], steps, atol=1e-6)


def test_flips_come_as_often_as_asked() -> None:
    """Never at 0, always at 1, and about as often as the probability says between."""
    assert drawn(Augment(flip=1), 500)[:, 0, 0].max() == -1
    assert (drawn(Augment(flip=0.3), 4_000)[:, 0, 0] < 0).mean() == pytest.approx(0.3, abs=0.03)
    assert (drawn(Augment(crop=1), 500)[:, 0, 0] > 0).all()


def test_crops_start_anywhere_in_the_padding() -> None:
    """All (2 · padding + 1)² places are equally likely, and no others come."""
    steps = np.rint(drawn(Augment(crop=2), 10_000, TALL)[:, :, 2] * [19 / 2, 28 / 2])
    places, often = np.unique(steps, axis=0, return_counts=True)
    assert len(places) == 25
    assert np.abs(places).max() == 2
    assert often == pytest.approx([400] * 25, abs=100)


@given(side=st.integers(1, 40), seed=st.integers(0, 100))
@settings(max_examples=20)
def test_a_hole_is_a_square_within_the_image(side: int, seed: int) -> None:
    """As wide as asked where it does not reach over an edge, and never without a pixel."""
    top, left, bottom, right = changes(Augment(cutout=side), 50, TALL, seed).holes.T
    for start, end, size in ((top, bottom, 28), (left, right, 19)):
        assert ((start >= 0) & (start < end) & (end <= size)).all()
        assert (end - start <= side).all()
        assert ((end - start == side) | (start == 0) | (end == size)).all()


def test_centres_of_holes_are_uniform() -> None:
    """Every pixel is the centre as often as another, so a hole of one pixel is anywhere."""
    holes = changes(Augment(cutout=1), 8_000, (4, 5)).holes
    often = np.unique(holes[:, 0] * 5 + holes[:, 1], return_counts=True)[1]
    assert often == pytest.approx([400] * 20, abs=100)


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


def colours(width: int) -> Floats:
    """Noise of three channels: nothing of it is smooth, so that nothing is hidden."""
    return np.random.default_rng(0).integers(0, 256, (40, 3, 32, width)).astype(np.float32)


@BOTH_WAYS
@pytest.mark.parametrize(("width", "off"), [(32, 0), (16, 0), (28, 2e-3), (19, 2e-3)])
def test_flips_and_crops_are_those_of_arrays(move: object, width: int, off: float) -> None:
    """To the bit where sides are powers of two, as in CIFAR; within 1/100,000 of the range elsewhere."""
    images, maps = colours(width), drawn(Augment(flip=0.5, crop=4), 40, (32, width))
    padded = np.pad(images, ((0, 0), (0, 0), (4, 4), (4, 4)))
    for image, to_input, got in zip(padded, maps, moved(move, images, maps), strict=True):
        across, down = np.rint(to_input[:, 2] * [width / 2, 16]).astype(int)
        expected = image[:, 4 + down : 36 + down, 4 + across : 4 + width + across]
        np.testing.assert_allclose(got, expected[:, :, :: int(to_input[0, 0])], rtol=0, atol=off)


def test_a_hole_is_the_mean_and_spares_the_rest() -> None:
    """0 after standardizing in every channel of the square, and not a bit elsewhere."""
    images = torch.from_numpy(colours(20))
    holes = changes(Augment(cutout=9), 40, (32, 20)).holes
    for image, seen, (top, left, bottom, right) in zip(
        images, hide(images, torch.from_numpy(holes)), holes, strict=True
    ):
        expected = image.clone()
        expected[:, top:bottom, left:right] = 0
        assert torch.equal(seen, expected)


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
