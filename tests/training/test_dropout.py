from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from normlab.training.dropout import STEPS, PairedDropout, hashed, kept, pair, reseed, resume, streams

KEYS = np.array([0x01234567, 0x89ABCDEF], dtype=np.uint32)
GOLDEN_WORDS = ["0x1664cc77", "0xe5f4dd86", "0x66c8176d", "0x6b40eefb", "0xa17ec633", "0xcab36de7"]
GOLDEN_ROWS = ["x.xx..x.xx.xx..xxxx..x.x", "x.x...x.x...xxx....xxxx.", ".xx..x..xx.xxxxx.xx.x..x"]


def keys(number: int) -> np.ndarray:
    """Two keys as a batch draws them."""
    return np.random.Generator(np.random.SFC64(number)).integers(0, 2**32, 2, dtype=np.uint32)


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Of two masks."""
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("p", [0.05, 0.5])
def test_the_share_of_dropped_values_is_p(p: float) -> None:
    """A mask drops p of the values within five standard errors, and scales the rest by 1 / (1 − p)."""
    x = torch.ones(64, 16, 24, 24)
    y = PairedDropout(p)(x)
    share = (y == 0).double().mean().item()
    assert abs(share - p) < 5 * (p * (1 - p) / x.numel()) ** 0.5
    assert y.max().item() == pytest.approx(1 / (1 - p), rel=1e-4)


def test_evaluation_and_p_zero_change_nothing() -> None:
    """In evaluation, and with p = 0, dropout is the identity and draws nothing."""
    x = torch.randn(2, 3, 4, 4)
    assert PairedDropout(0.5).eval()(x) is x
    assert PairedDropout(0.0)(x) is x


def test_tensors_of_any_rank_and_odd_sizes_work() -> None:
    """Features (N, C) and sizes that are no multiple of four are masked too."""
    assert PairedDropout(0.5)(torch.ones(3, 5)).shape == (3, 5)
    assert PairedDropout(0.5)(torch.ones(1, 1, 3, 3)).shape == (1, 1, 3, 3)


def test_gradients_pass_where_values_pass() -> None:
    """The derivative is the mask itself."""
    x = torch.ones(4, 4, 4, 4, requires_grad=True)
    y = PairedDropout(0.5)(x)
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, y.detach())


def test_every_dropout_of_a_nested_model_is_replaced() -> None:
    """Dropout inside submodules is paired as well, with its own p."""
    model = nn.Sequential(nn.Dropout(0.1), nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.2)))
    layers = pair(model)
    assert [round(layer.threshold / 65536, 3) for layer in layers] == [0.1, 0.2]
    assert not any(type(m) is nn.Dropout for m in model.modules())


def test_a_reseeded_layer_repeats_its_masks() -> None:
    """The same seed and epoch give the same masks again, as a resumed study needs."""
    layer = PairedDropout(0.5)
    x = torch.ones(2, 2, 8, 8)
    reseed([layer], 0, 1, 2)
    first = layer(x)
    reseed([layer], 0, 1, 2)
    assert torch.equal(first, layer(x))


def test_a_mask_does_not_depend_on_the_memory_layout() -> None:
    """Channels last and channels first drop the same values of the same images."""
    x = torch.randn(5, 6, 7, 9)
    first, last = PairedDropout(0.5), PairedDropout(0.5)
    y = last(x.contiguous(memory_format=torch.channels_last))
    assert torch.equal(first(x), y)


def test_a_mask_does_not_depend_on_the_numbers_or_their_type() -> None:
    """float32 and float64, positive and negative: the same elements stay."""
    x = torch.randn(3, 4, 5, 5) + 10
    single, double = PairedDropout(0.3), PairedDropout(0.3)
    assert torch.equal(single(x) != 0, double(-x.double()) != 0)


def test_the_first_images_of_a_batch_have_the_masks_of_a_smaller_one() -> None:
    """A mask belongs to its image's place in the batch, however many others there are."""
    assert np.array_equal(kept(KEYS, 20, 15, 30_000)[:7], kept(KEYS, 7, 15, 30_000))


@pytest.mark.parametrize("p", [1 / STEPS, 0.05, 0.3, 0.5, 0.95])
def test_the_share_that_stays_is_right_for_every_pair_of_keys(p: float) -> None:
    """Within five standard errors over a hundred batches each, and no batch is far off."""
    threshold = round(p * STEPS)
    dropped = [1 - kept(keys(number), 50, 401, threshold).mean() for number in range(100)]
    error = (p * (1 - p) / (50 * 401)) ** 0.5
    assert abs(np.mean(dropped) - threshold / STEPS) < 5 * error / 10
    assert np.abs(np.array(dropped) - threshold / STEPS).max() < 5 * error + 2 / (50 * 401)
    assert np.std(dropped) < 1.5 * error, "a share that varies more than chance is no Bernoulli mask"


@pytest.mark.slow
def test_neighbours_images_and_keys_are_independent() -> None:
    """Among a million elements none correlate beyond five standard errors: in a row, between rows, images, keys."""
    mask = kept(KEYS, 1000, 1000, STEPS // 2)
    bound = 5 / 1e6**0.5
    for lag in (1, 2, 3, 24, 26, 500):
        assert abs(correlation(mask[:, :-lag], mask[:, lag:])) < 5 / (1000 * (1000 - lag)) ** 0.5, lag
    for lag in (1, 2, 8, 16):
        assert abs(correlation(mask[:-lag], mask[lag:])) < 5 / (1000 * (1000 - lag)) ** 0.5, lag
    alike = [KEYS ^ np.uint32([1 << bit, 0]) for bit in (0, 7, 31)]
    for other in (*alike, KEYS[::-1], *(keys(number) for number in range(20))):
        assert abs(correlation(mask, kept(other, 1000, 1000, STEPS // 2))) < bound, other


def test_every_element_is_dropped_as_often_as_any_other() -> None:
    """Over a thousand batches each place is dropped half the time, within five and a half standard errors."""
    counts = np.sum([kept(keys(number), 4, 64, STEPS // 2) for number in range(1000)], axis=0)
    assert np.abs(counts - 500).max() < 5.5 * (1000 / 4) ** 0.5


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 10_001))
def test_hashing_is_a_bijection(first: int, second: int, start: int) -> None:
    """No two inputs share a hash, whatever the keys."""
    hashes = hashed(np.arange(start, start + 10_000, dtype=np.uint32), np.array([first, second], np.uint32))
    assert len(np.unique(hashes)) == 10_000


@pytest.mark.long
def test_a_million_hashes_are_a_million_numbers() -> None:
    """No collision among a million inputs, and about half of all bits are set."""
    hashes = hashed(np.arange(1_000_000, dtype=np.uint32), KEYS)
    assert len(np.unique(hashes)) == 1_000_000
    shares = [(hashes >> np.uint32(bit) & np.uint32(1)).mean() for bit in range(32)]
    assert np.abs(np.array(shares) - 0.5).max() < 5 * 0.5 / 1000


def test_masks_are_pinned() -> None:
    """One pair of keys, worked out once: a study made today can be repeated with tomorrow's version."""
    hashes = hashed(np.arange(6, dtype=np.uint32), KEYS)
    assert [hex(word) for word in hashes] == GOLDEN_WORDS
    rows = ["".join("x" if stays else "." for stays in row) for row in kept(KEYS, 3, 24, STEPS // 2)]
    assert rows == GOLDEN_ROWS


def test_one_hash_decides_on_two_elements_lower_half_first() -> None:
    """The halves of a word are those of elements 2k and 2k + 1; an image with an odd number starts a new word."""
    words = hashed(np.arange(9, dtype=np.uint32), KEYS)
    halves = np.stack([words & np.uint32(0xFFFF), words >> np.uint32(16)], axis=1).reshape(3, 6)[:, :5]
    assert np.array_equal(kept(KEYS, 3, 5, 20_000), halves >= 20_000)


@pytest.mark.parametrize("p", [0.99, 0.999995, 1 - 2**-40])
def test_p_near_one_drops_nearly_everything(p: float) -> None:
    """A share that rounds to one is no division by zero: a recipe may ask for any p below 1."""
    x = torch.ones(2, 3, 20, 20)
    y = PairedDropout(p)(x)
    assert torch.isfinite(y).all()
    assert (y != 0).double().mean() < 0.03


def test_layers_and_epochs_have_masks_of_their_own() -> None:
    """Two layers, two epochs, two batches: all masks differ, and are as unlike as chance."""
    layers = [PairedDropout(0.5), PairedDropout(0.5)]
    x, masks = torch.ones(10, 10, 10, 10), []
    for epoch in (1, 2):
        reseed(layers, 0, 0, epoch)
        masks += [layer(x).numpy() for layer in layers for _ in range(2)]
    for i, one in enumerate(masks):
        for other in masks[:i]:
            assert abs(correlation(one, other)) < 0.05


def test_keys_come_from_the_layers_generator() -> None:
    """`keys` draws what a forward pass in training would: one pair a batch."""
    layer, other = PairedDropout(0.5), PairedDropout(0.5)
    drawn = layer.keys()
    assert drawn.dtype == np.uint32
    assert drawn.shape == (2,)
    wanted = kept(drawn, 4, 10, layer.threshold)
    assert np.array_equal(other(torch.ones(4, 10)).numpy() != 0, wanted)
    assert not np.array_equal(layer.keys(), drawn)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4))
def test_streams_go_on_where_they_were(drawn: list[int]) -> None:
    """However many keys, odd numbers of words too, each layer has drawn: others that resume draw the same next."""
    layers, others = ([PairedDropout(0.5) for _ in drawn] for _ in range(2))
    reseed(layers, 0, 1, 2)
    for layer, count in zip(layers, drawn, strict=True):
        layer.rng.integers(0, 2**32, count, dtype=np.uint32)
    resume(others, streams(layers))
    assert [layer.keys().tolist() for layer in others] == [layer.keys().tolist() for layer in layers]


def test_a_network_without_dropout_has_no_streams() -> None:
    """Its state has a place for them that holds nothing."""
    assert streams([]).shape == (0, 6)
    resume([], streams([]))
