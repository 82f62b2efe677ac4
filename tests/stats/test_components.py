"""Components of the variance between seeds: what they are of scores that are known, and how often intervals hold."""

from __future__ import annotations

import numpy as np
import pytest

from normlab.stats.components import correlation, leader, of_images, removed, share, spread
from normlab.stats.intervals import paired_t
from normlab.stats.jackknife import jackknife

RNG = np.random.default_rng(5)
MANY = RNG.standard_normal((3, 4000))


def test_of_a_mean_the_jackknife_is_the_t_interval() -> None:
    """Pseudo-values of a mean are the values themselves."""
    values = RNG.standard_normal(9)
    found, wanted = jackknife(values[None], lambda scores: float(scores.mean()), 0.9), paired_t(values, 0.9)
    assert found is not None
    assert wanted is not None
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


def test_a_spread_is_the_sample_standard_deviation() -> None:
    """With an interval around it that is wider below ten seeds than at a thousand."""
    few, many = spread(MANY[0, :8]), spread(MANY[0, :1000])
    assert few is not None
    assert many is not None
    assert few.value == pytest.approx(MANY[0, :8].std(ddof=1))
    assert few.interval is not None
    assert many.interval is not None
    assert few.interval.low < few.value < few.interval.high
    assert many.interval.width < few.interval.width / 5


@pytest.mark.slow
def test_known_variances_are_found_again() -> None:
    """Of three sources that add up, 4 : 2 : 1, each has its share, and together they leave nothing."""
    alone = MANY * np.sqrt([[4.0], [2.0], [1.0]])
    total = alone.sum(axis=0)
    for row, wanted in zip(alone, (4 / 7, 2 / 7, 1 / 7), strict=True):
        found = share(row, total)
        assert found is not None
        assert found.interval is not None
        assert found.value == pytest.approx(wanted, rel=0.1)
        assert not found.interval.excludes(wanted)
    together = share(alone, total)
    assert together is not None
    assert together.value == pytest.approx(1, rel=0.05)


@pytest.mark.slow
def test_sources_that_interact_add_up_to_more_than_the_whole() -> None:
    """Where a change of any one of them sends a network another way, each has all of the variance."""
    together = share(MANY[:2], MANY[2])
    assert together is not None
    assert together.interval is not None
    assert together.interval.low > 1.8


@pytest.mark.parametrize(("common", "wanted"), [(1.0, 1.0), (0.5, 0.5), (0.0, 0.0), (-1.0, -1.0)])
@pytest.mark.slow
def test_pairing_removes_what_two_arms_have_in_common(common: float, wanted: float) -> None:
    """All of it where scores are the same, nothing where they are independent, and it adds where they are opposed."""
    own = np.sqrt(1 - abs(common))
    first = MANY[0] * np.sqrt(abs(common)) + own * MANY[1]
    second = np.sign(common) * MANY[0] * np.sqrt(abs(common)) + own * MANY[2]
    found = removed(first, second)
    assert found is not None
    assert found.value == pytest.approx(wanted, abs=0.05)
    assert correlation(first, second) == pytest.approx(wanted, abs=0.05)
    if 0 < common < 1:
        assert found.interval is not None
        assert not found.interval.excludes(wanted)


def test_scores_that_do_not_vary_have_no_interval() -> None:
    """A source that changes nothing has no spread and no share; of a total that does not vary there are none."""
    still, moving = [99.0] * 6, MANY[0, :6]
    flat = spread(still)
    assert flat is not None
    assert (flat.value, flat.interval) == (0.0, None)
    none = share(still, moving)
    assert none is not None
    assert (none.value, none.interval) == (0.0, None)
    assert share(moving, still) is None
    assert removed(still, still) is None
    assert correlation(still, moving) is None
    assert spread([99.0]) is None


def test_a_leader_is_named_where_it_is_beyond_doubt() -> None:
    """Ten times the spread of the others is; the same spread is not, and neither is nothing at all."""
    clear = MANY[:, :12] * np.array([[0.1], [1.0], [0.1]])
    assert leader([*clear]) == 1
    assert leader([*MANY[:, :12]]) is None
    assert leader(np.ones((2, 6)).tolist()) is None


@pytest.mark.slow
def test_intervals_hold_about_as_often_as_they_say() -> None:
    """Of 600 studies on 8 seeds, 95 % have the truth within, give or take a Monte Carlo error of 1.8 points."""
    held = np.zeros(3)
    for own in np.random.default_rng(11).standard_normal((600, 3, 8)):
        total = own[0] + own[1]
        parts = spread(total), share(own[0], total), removed(total, own[0] + own[2])
        for place, (part, truth) in enumerate(zip(parts, (np.sqrt(2), 0.5, 0.5), strict=True)):
            held[place] += part is not None and part.interval is not None and not part.interval.excludes(truth)
    assert (held / 600 > 0.95 - 2 * 0.018).all(), held / 600


def test_images_alone_are_binomial() -> None:
    """1 % of 10,000 images wrong is ± 0.0995 points."""
    assert 100 * of_images(0.99, 10_000) == pytest.approx(0.0995, abs=1e-4)
