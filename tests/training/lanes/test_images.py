from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from normlab.data import Dataset
from normlab.data.augment import Changes, hide, warp
from normlab.data.batches import Batches
from normlab.data.preprocess import Standardize
from normlab.data.resident import Resident
from normlab.data.split import split
from normlab.errors import EngineError
from normlab.spec import Recipe
from normlab.training.lanes.images import Images
from normlab.training.lanes.network import Network

CPU = torch.device("cpu")
CLOSE = 1e-4
MOVED = {"rotation": 25.0, "shift": 3.0, "scale": 0.2}
STILL = {"rotation": 0.0, "shift": 0.0, "scale": 0.0}
HIDDEN = {**STILL, "cutout": 6}
ALL = {**MOVED, "flip": 0.5, "crop": 2, "cutout": 5}
RNG = np.random.default_rng(0)
COLOUR = Dataset(
    name="colour",
    train_images=RNG.integers(0, 256, (90, 3, 9, 13), dtype=np.uint8),
    train_labels=RNG.integers(0, 4, 90),
    test_images=RNG.integers(0, 256, (20, 3, 9, 13), dtype=np.uint8),
    test_labels=RNG.integers(0, 4, 20),
    classes=("a", "b", "c", "d"),
    mean=(0.4, 0.5, 0.6),
    std=(0.2, 0.3, 0.25),
    digest="made up",
)


@pytest.fixture(scope="module", params=["mnist", "colour"])
def data(request: pytest.FixtureRequest) -> Dataset:
    """Digits, and noise of three channels that is wider than high."""
    if request.param == "colour":
        return COLOUR
    whole: Dataset = request.getfixturevalue("mnist")
    return replace(whole, train_images=whole.train_images[:90], train_labels=whole.train_labels[:90])


def network(data: Dataset, batch: int = 40, padding: int = 1) -> Network:
    """Any network for these images, with a border around them for its padding."""
    _, channels, height, width = data.train_images.shape
    size = channels * height * width if not padding else 2 * height * width
    front = [nn.Conv2d(channels, 2, 3, padding=1)] if padding else []
    return Network(nn.Sequential(*front, nn.Flatten(), nn.Linear(size, 2)), (channels, height, width), batch)


def seen(network: Network, count: int) -> np.ndarray:
    """What lies where the network reads its images, (count, C, H, W)."""
    canvas = network.canvas
    return canvas.transpose(0, 4, 1, 2, 3).reshape(-1, *canvas.shape[1:4])[:count].copy()


@pytest.mark.parametrize("augment", [MOVED, STILL, HIDDEN, ALL], ids=["moved", "still", "hidden", "all"])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.slow
def test_a_kernel_loads_what_the_other_engine_loads(data: Dataset, augment: dict[str, float], padding: int) -> None:
    """Batch by batch, the last smaller one too, pixels are those of `Resident`."""
    recipe = Recipe.model_validate({"preset": "lean", "batch_size": 37, "augment": augment})
    there = network(data, 37, padding)
    images = Images(data.train_images, data.mean, data.std, there)
    resident = Resident(data.train_images, data.mean, data.std, CPU)
    batches = list(Batches(split(data, recipe, 0), recipe, 0).epoch(3, 2))
    assert [len(batch.numbers) for batch in batches] == [37, 37, 16]
    for batch in batches:
        images.load(batch.numbers, batch.changes)
        assert np.abs(seen(there, len(batch.numbers)) - resident.batch(batch).numpy()).max() < CLOSE


@pytest.mark.slow
def test_loading_leaves_the_border_zero(data: Dataset) -> None:
    """Padding stays padding: a network on loaded images gives the logits it gives on the same images laid there."""
    there = network(data)
    images, chosen = Images(data.train_images, data.mean, data.std, there), np.arange(30)
    images.load(chosen, Changes(np.tile(np.float32([[1.2, 0.3, 0.5], [-0.3, 0.9, 0.1]]), (30, 1, 1))))
    images.load(chosen)
    scores = there.scores(30)
    standardized = Standardize(data.mean, data.std, CPU)(torch.from_numpy(data.train_images[chosen]).float())
    assert np.abs(there.judge(standardized.numpy()) - scores).max() < CLOSE


@pytest.mark.parametrize("shift", [(5.0, 0.0), (0.0, -5.0), (2.2, 2.2), (-1e6, 1e6), (3e38, 0.0)])
def test_an_image_moved_wholly_outside_is_background(data: Dataset, shift: tuple[float, float]) -> None:
    """However far a map leads, what it finds there is 0 before standardizing."""
    there = network(data)
    maps = np.tile(np.float32([[1, 0, shift[0]], [0, 1, shift[1]]]), (11, 1, 1))
    Images(data.train_images, data.mean, data.std, there).load(np.arange(11), Changes(maps))
    background = -np.array(data.mean) / np.array(data.std)
    assert np.allclose(seen(there, 11), background[:, None, None], atol=CLOSE)


@settings(max_examples=25)
@given(st.lists(st.floats(-3, 3, width=32), min_size=6, max_size=6), st.integers(1, 40), st.integers(0, 2**31))
def test_any_map_gives_what_warp_gives(numbers: list[float], count: int, seed: int) -> None:
    """Turned over, enlarged, shrunk to a line or shifted half out: the pixels are those of `grid_sample`."""
    there = LOADED.network
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, 90, count)
    maps = np.float32(numbers).reshape(2, 3) + rng.uniform(-0.3, 0.3, (count, 2, 3)).astype(np.float32)
    LOADED.load(chosen, Changes(maps))
    moved = warp(torch.from_numpy(COLOUR.train_images[chosen]).float(), torch.from_numpy(maps))
    wanted = Standardize(COLOUR.mean, COLOUR.std, CPU)(moved).numpy()
    # a step of one float32 in a position moves a sample by up to 1275 of it: five standard deviations per pixel
    assert np.abs(seen(there, count) - wanted).max() < 5e-4


@settings(max_examples=25)
@given(st.integers(1, 40), st.integers(0, 2**31))
@pytest.mark.slow
def test_any_hole_is_what_hide_gives(count: int, seed: int) -> None:
    """Empty ones, whole images and all between, to the bit where nothing moves; and again after another batch."""
    rng = np.random.default_rng(seed)
    chosen, corners = rng.integers(0, 90, count), np.sort(rng.integers(0, 14, (count, 2, 2)), axis=1)
    holes = corners.clip(0, [9, 13]).reshape(count, 4).astype(np.int32)
    LOADED.load(chosen)
    plain = torch.from_numpy(seen(LOADED.network, count))
    LOADED.load(chosen, Changes(holes=holes))
    assert np.array_equal(seen(LOADED.network, count), hide(plain, torch.from_numpy(holes)).numpy())


class _Late:
    """Compiles when it is first asked, not when tests are collected."""

    made: Images | None = None

    def __getattr__(self, name: str) -> Any:
        if self.made is None:
            self.made = Images(COLOUR.train_images, COLOUR.mean, COLOUR.std, network(COLOUR))
        return getattr(self.made, name)


LOADED = _Late()


def test_images_of_one_batch_may_repeat(data: Dataset) -> None:
    """The same image on every lane is the same image everywhere."""
    there = network(data)
    Images(data.train_images, data.mean, data.std, there).load(np.full(40, 89))
    found = seen(there, 40)
    assert (found == found[0]).all()


def test_more_images_than_can_be_addressed_are_refused() -> None:
    """Two GiB is the limit, said before anything is copied wrongly."""
    there = network(COLOUR)
    many = np.broadcast_to(np.zeros((1, 1, 1, 1), np.uint8), (2**31, 1, 1, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "pad", lambda *_: many)  # the real one would need the memory
        with pytest.raises(EngineError, match="2 GiB"):
            Images(many, (0.5,), (0.5,), there)
