from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normlab.stats.images import Right
from normlab.stats.intervals import Interval, paired_t
from normlab.stats.other_images import Crossed, crossed, left_by_images, on_other_images

SHAPES = st.tuples(st.integers(2, 6), st.integers(2, 30))
PAIRS = SHAPES.flatmap(lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape)))


def judged(first: Right, second: Right) -> tuple[Interval, Crossed]:
    """The t interval over seeds, in points, and the mean squares."""
    found, interval = crossed(first, second), paired_t(100 * (first.mean(axis=1) - second.mean(axis=1)))
    assert found is not None
    assert interval is not None
    return interval, found


def test_mean_squares_are_those_of_a_two_way_layout() -> None:
    """By their definition, sums of squares around row, column and grand means."""
    rng = np.random.default_rng(0)
    first, second = (rng.random((4, 50)) < p for p in (0.9, 0.8))
    d = 100 * (first.astype(float) - second)
    rows, columns, mean = d.mean(axis=1, keepdims=True), d.mean(axis=0, keepdims=True), d.mean()
    _, found = judged(first, second)
    assert found.between == pytest.approx(4 * ((columns - mean) ** 2).sum() / 49)
    assert found.rest == pytest.approx(((d - rows - columns + mean) ** 2).sum() / (3 * 49))


def test_components_are_estimated_without_bias() -> None:
    """Arms that differ on half of the images, in each seed alike but for luck: σ²_b / m on average."""
    rng, found = np.random.default_rng(1), []
    for _ in range(2000):
        chance = np.where(rng.random(40) < 0.5, 0.9, 0.5)
        found.append(crossed(rng.random((3, 40)) < chance, rng.random((3, 40)) < 0.7))
    between, rest = (np.mean([getattr(one, name) for one in found]) for name in ("between", "rest"))
    assert (between - rest) / 3 == pytest.approx(1e4 * 0.2**2, rel=0.03)
    assert rest == pytest.approx(1e4 * (0.5 * (0.09 + 0.25) + 0.21), rel=0.03)


def test_one_seed_or_one_image_tells_nothing_apart() -> None:
    """What is the seed's and what the image's cannot be said."""
    assert crossed(np.ones((1, 9), bool), np.zeros((1, 9), bool)) is None
    assert crossed(np.ones((9, 1), bool), np.zeros((9, 1), bool)) is None


@given(PAIRS)
def test_it_is_never_narrower_than_either_alone(pair: tuple[Right, Right]) -> None:
    """Than the interval on these images, nor than that of the same runs on other images."""
    on_these, found = judged(*pair)
    other = on_other_images(on_these, found)
    assert other.low <= on_these.low <= on_these.high <= other.high
    assert other.level == on_these.level
    half = left_by_images(Crossed(found.seeds, found.images, found.between, 0.0), 0.95)
    assert other.width / 2 >= half * (1 - 1e-9)


@given(PAIRS)
@pytest.mark.long
def test_swapped_arms_mirror_it(pair: tuple[Right, Right]) -> None:
    """What is said of first − second is said of second − first with the signs turned."""
    one, other = (on_other_images(*judged(*arms)) for arms in (pair, pair[::-1]))
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_seeds_and_images_does_not_matter(pair: tuple[Right, Right], random: object) -> None:
    """They are draws."""
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    rows, columns = (rng.permutation(size) for size in pair[0].shape)
    moved = tuple(each[rows][:, columns] for each in pair)
    one, other = on_other_images(*judged(*pair)), on_other_images(*judged(moved[0], moved[1]))
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


@given(PAIRS, st.integers(0, 50))
def test_images_that_every_run_gets_right_need_only_be_counted(pair: tuple[Right, Right], more: int) -> None:
    """Left out of both, or there: the mean squares are the same."""
    seeds, images = pair[0].shape
    padded = [np.hstack([each, np.ones((seeds, more), bool)]) for each in pair]
    one, other = crossed(*pair, images + more), crossed(padded[0], padded[1])
    assert one is not None
    assert other is not None
    assert (one.seeds, one.images) == (other.seeds, other.images)
    assert (one.between, one.rest) == pytest.approx((other.between, other.rest))


def test_it_is_what_a_bootstrap_over_both_finds() -> None:
    """Owen's pigeonhole draws rows and columns; its variance has σ²_e / (n·m) twice more than is there."""
    rng, n, m = np.random.default_rng(3), 60, 400
    chance = rng.uniform(0.5, 1, m)
    first, second = rng.random((n, m)) < chance, rng.random((n, m)) < rng.permutation(chance)
    d = 100 * (first.astype(float) - second)
    seeds, images = (rng.multinomial(size, np.full(size, 1 / size), 4000) for size in (n, m))
    drawn = np.einsum("bi,bi->b", seeds @ d, images) / (n * m)
    on_these, found = judged(first, second)
    error = on_other_images(on_these, found).width / 2 / 1.97
    assert drawn.var() == pytest.approx(error**2 + 2 * found.least, rel=0.1)
