from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from normlab.data import Dataset
from normlab.data.batches import JUDGED_AT_ONCE, Batches, judged_at_once
from normlab.data.plain import Examples, PlainFeed
from normlab.data.resident import Resident
from normlab.data.split import Split, split
from normlab.spec import Recipe

CPU = torch.device("cpu")


class ResidentFeed:
    """Batches by number, and their images from tensors that stay on the device."""

    def __init__(self, images: Split, recipe: Recipe, root: int, device: torch.device) -> None:
        self.batches, self.labels = Batches(images, recipe, root), torch.from_numpy(images.judged_labels.copy())
        self.train = Resident(images.train_images, images.mean, images.std, device)
        self.judge = Resident(images.judged_images, images.mean, images.std, device)

    def epoch(self, seed: int, epoch: int) -> Iterator[Examples]:
        """See `PlainFeed.epoch`."""
        for batch in self.batches.epoch(seed, epoch):
            yield self.train.batch(batch), torch.from_numpy(batch.labels)

    def judged(self) -> Iterator[Examples]:
        """See `PlainFeed.judged`."""
        return zip(self.judge.in_order(), torch.split(self.labels, JUDGED_AT_ONCE), strict=True)


Feed = PlainFeed | ResidentFeed
FEEDS = pytest.mark.parametrize("feed", [PlainFeed, ResidentFeed])
MOVED = {"rotation": 7.0, "shift": 1.5, "scale": 0.1}
STILL = {"rotation": 0.0, "shift": 0.0, "scale": 0.0}
CIFARS = {**STILL, "flip": 0.5, "crop": 4, "cutout": 8}
HIDDEN = {**STILL, "cutout": 8}
ALL = {**MOVED, "flip": 0.5, "crop": 4, "cutout": 8}


@pytest.fixture(scope="module")
def few(mnist: Dataset) -> Dataset:
    """Real MNIST, cut to 150 images to train on, whose labels are their numbers, and 260 to test on."""
    return replace(
        mnist,
        train_images=mnist.train_images[:150],
        train_labels=np.arange(150),
        test_images=mnist.test_images[: JUDGED_AT_ONCE + 10],
        test_labels=mnist.test_labels[: JUDGED_AT_ONCE + 10],
    )


@pytest.fixture(scope="module")
def wide(few: Dataset) -> Dataset:
    """The same as images of two channels that are higher than wide."""
    train, test = (
        np.concatenate([images, images[:, :, ::-1]], axis=1)[..., 4:23]
        for images in (few.train_images, few.test_images)
    )
    return replace(few, train_images=train, test_images=test, mean=(0.13, 0.2), std=(0.31, 0.35))


def recipe(augment: dict[str, float] = MOVED, **fields: Any) -> Recipe:
    return Recipe.model_validate({"preset": "lean", "batch_size": 64, "augment": augment, **fields})


def fed(feed: type[Feed], data: Dataset, recipe: Recipe, root: int = 0) -> Feed:
    """The feed of a recipe's own part of a data set."""
    return feed(split(data, recipe, root), recipe, root, CPU)


def order(feed: Feed, seed: int = 0, epoch: int = 1) -> list[int]:
    """The labels of an epoch, which are the images' numbers."""
    return [int(label) for _, labels in feed.epoch(seed, epoch) for label in labels]


def pixels(feed: Feed, seed: int = 0, epoch: int = 1) -> torch.Tensor:
    """All images of an epoch, sorted by number."""
    images, labels = (torch.cat(parts) for parts in zip(*feed.epoch(seed, epoch), strict=True))
    return images[labels.argsort()]


def assert_same(ours: list[Examples], expected: list[Examples]) -> None:
    for (x, y), (plain_x, plain_y) in zip(ours, expected, strict=True):
        assert torch.equal(y, plain_y)
        assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
        torch.testing.assert_close(x, plain_x, rtol=0, atol=2e-5)  # a pixel's place in float32, times a steep edge


@pytest.mark.parametrize("data", ["few", "wide"])
@pytest.mark.parametrize(
    "augment", [MOVED, STILL, CIFARS, HIDDEN, ALL], ids=["moved", "still", "cifar", "hidden", "all"]
)
@pytest.mark.slow
def test_both_feeds_give_the_same_batches(data: str, augment: dict[str, float], request: pytest.FixtureRequest) -> None:
    """The same order, exactly the same labels and, within rounding, the same pixels, in every epoch and judged."""
    given_data: Dataset = request.getfixturevalue(data)
    plain, resident = (fed(kind, given_data, recipe(augment)) for kind in (PlainFeed, ResidentFeed))
    for epoch in (1, 2, 3):
        assert_same(list(resident.epoch(7, epoch)), list(plain.epoch(7, epoch)))
    assert_same(list(resident.judged()), list(plain.judged()))


@FEEDS
@given(count=st.integers(1, 40), batch_size=st.integers(1, 45))
@settings(max_examples=20)
@pytest.mark.slow
def test_every_image_comes_once_an_epoch(feed: type[Feed], few: Dataset, count: int, batch_size: int) -> None:
    """Batches are full but for the last one, which may be smaller, and hold each training image exactly once."""
    cut = replace(few, train_images=few.train_images[:count], train_labels=few.train_labels[:count])
    made = fed(feed, cut, recipe(batch_size=batch_size))
    sizes = [len(labels) for _, labels in made.epoch(0, 1)]
    assert sorted(order(made)) == list(range(count))
    assert sizes[:-1] == [batch_size] * (len(sizes) - 1)
    assert 0 < sizes[-1] <= batch_size
    assert len(Batches(split(cut, recipe(batch_size=batch_size), 0), recipe(batch_size=batch_size), 0)) == len(sizes)


@FEEDS
def test_a_still_image_is_the_standardized_one(feed: type[Feed], few: Dataset) -> None:
    """Without augmentation a label's image is (x / 255 − mean) / std of the image with that number."""
    expected = (few.train_images / 255 - few.mean[0]) / few.std[0]
    np.testing.assert_allclose(pixels(fed(feed, few, recipe(STILL))), expected, atol=1e-5)


@FEEDS
def test_augmentation_moves_images_and_spares_corners(feed: type[Feed], few: Dataset) -> None:
    """Training images are moved, each epoch anew, and what comes in from outside is background."""
    made = fed(feed, few, recipe())
    still, first, second = pixels(fed(feed, few, recipe(STILL))), pixels(made), pixels(made, epoch=2)
    for one, other in pairwise([still, first, second]):
        assert ((one - other).abs().amax(dim=(1, 2, 3)) > 0.1).all()
    np.testing.assert_allclose(first[:, 0, [0, 0, -1, -1], [0, -1, 0, -1]], -few.mean[0] / few.std[0], rtol=1e-5)


@FEEDS
def test_judged_images_are_unchanged_and_in_order(feed: type[Feed], few: Dataset) -> None:
    """The test images come as they are, whatever the augmentation, in batches that all fit together."""
    made = fed(feed, few, recipe())
    images, labels = (torch.cat(parts) for parts in zip(*made.judged(), strict=True))
    np.testing.assert_allclose(images, (few.test_images / 255 - few.mean[0]) / few.std[0], atol=1e-5)
    assert np.array_equal(labels, few.test_labels)
    assert [len(y) for _, y in made.judged()] == [JUDGED_AT_ONCE, 10]


# What an epoch depends on


@FEEDS
def test_an_epoch_depends_on_root_seed_and_epoch_alone(feed: type[Feed], few: Dataset) -> None:
    """Not on what was drawn before, by this feed or by anyone from torch and NumPy."""
    fresh, used = fed(feed, few, recipe()), fed(feed, few, recipe())
    list(used.epoch(1, 1))
    list(used.judged())
    torch.rand(9)
    for (x, y), (used_x, used_y) in zip(fresh.epoch(5, 2), used.epoch(5, 2), strict=True):
        assert torch.equal(x, used_x)
        assert torch.equal(y, used_y)


@FEEDS
@pytest.mark.parametrize("other", [{"root": 1}, {"seed": 1}, {"epoch": 2}])
def test_another_root_seed_or_epoch_gives_another(feed: type[Feed], few: Dataset, other: dict[str, int]) -> None:
    """Each of the three changes the order and the augmentation."""
    where = {"root": 0, "seed": 0, "epoch": 1} | other
    first, second = fed(feed, few, recipe()), fed(feed, few, recipe(), where["root"])
    assert order(first) != order(second, where["seed"], where["epoch"])
    assert not torch.equal(pixels(first), pixels(second, where["seed"], where["epoch"]))


@FEEDS
def test_neither_batch_size_nor_settings_move_the_order(feed: type[Feed], few: Dataset) -> None:
    """The order is drawn by itself, and an image's movement goes with the image, not with its batch."""
    first = fed(feed, few, recipe())
    other = fed(feed, few, recipe(batch_size=7, epochs=9, dropout=0.5))
    assert order(first) == order(other) == order(fed(feed, few, recipe(STILL)))
    torch.testing.assert_close(pixels(first), pixels(other), rtol=0, atol=1e-5)


@FEEDS
def test_the_global_random_numbers_stay(feed: type[Feed], few: Dataset) -> None:
    """An epoch draws nothing from torch's or NumPy's global state."""
    before = torch.get_rng_state(), np.random.get_state()[1].tobytes()  # noqa: NPY002 - the state that must stay
    list(fed(feed, few, recipe()).epoch(0, 1))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tobytes() == before[1]  # noqa: NPY002 - likewise


# Holding images out


@FEEDS
def test_held_out_images_are_judged_and_never_trained_on(feed: type[Feed], few: Dataset) -> None:
    """Training and judged images are disjoint and together complete; the test set need not even be there."""
    blind = replace(few, test_images=None, test_labels=None)
    made = fed(feed, blind, recipe(holdout=40))
    judged = [int(label) for _, labels in made.judged() for label in labels]
    assert len(judged) == 40
    assert sorted([*order(made), *judged]) == list(range(150))


@FEEDS
def test_every_seed_holds_out_the_same_images(feed: type[Feed], few: Dataset) -> None:
    """Runs stay paired by image: all seeds and epochs train on the same images, in orders of their own."""
    made = fed(feed, few, recipe(holdout=40))
    orders = [order(made, seed, epoch) for seed in (0, 1) for epoch in (1, 2)]
    assert len({frozenset(one) for one in orders}) == 1
    assert len({tuple(one) for one in orders}) == 4


def test_on_a_cpu_no_copy_of_the_images_is_kept() -> None:
    """Whoever has them mapped from a file reads the pages of a batch and no others."""
    stored = np.zeros((4, 1, 2, 2), np.uint8)
    resident = Resident(stored, (0.5,), (0.5,), torch.device("cpu"))
    assert resident.there is None
    assert resident.images is stored


@pytest.mark.parametrize(
    ("shape", "count"), [((1, 28, 28), 250), ((3, 64, 64), 250), ((3, 224, 224), 53), ((3, 999, 999), 16)]
)
def test_of_large_images_fewer_are_judged_at_a_time(shape: tuple[int, int, int], count: int) -> None:
    """So that judging holds no more than training does."""
    assert judged_at_once(np.zeros((1, *shape), np.uint8)) == count
