from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from normlab.stats import images


def table(both: int, first: int, second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Two runs of which so many images are right in both, in one, in none."""
    a = np.repeat([True, True, False, False], [both, first, second, neither])
    b = np.repeat([True, False, True, False], [both, first, second, neither])
    return a, b


def test_mcnemar_of_a_hand_worked_table() -> None:
    """Of 10 images that one run alone gets right 9 fall to the first: p = 2 · (10 + 1) / 2¹⁰."""
    assert images.mcnemar(*table(50, 9, 1, 3)) == pytest.approx(22 / 1024)


def test_runs_without_a_difference_have_p_one() -> None:
    """The same images right and wrong: nothing to toss a coin for."""
    a, b = table(50, 0, 0, 3)
    assert images.mcnemar(a, b) == 1
    assert images.mcnemar_over_seeds(a[None], b[None]) == 1


def test_one_seed_is_mcnemars_chi_square() -> None:
    """(b − c)² / (b + c) without correction: 64 / 10 on one degree of freedom."""
    a, b = table(50, 9, 1, 3)
    assert images.mcnemar_over_seeds(a[None], b[None]) == pytest.approx(stats.chi2.sf(6.4, 1))


def test_copies_of_a_seed_are_no_further_evidence() -> None:
    """The same images five times over are still the same images."""
    a, b = table(50, 9, 1, 3)
    once = images.mcnemar_over_seeds(a[None], b[None])
    assert images.mcnemar_over_seeds(np.tile(a, (5, 1)), np.tile(b, (5, 1))) == pytest.approx(once)


def test_the_bootstrap_has_the_spread_of_seeds_and_of_images() -> None:
    """For independent errors the interval's half width is 1.96 standard errors of the difference."""
    rng, n, count = np.random.default_rng(0), 20, 2000
    first, second = (rng.random((n, count)) < p for p in (0.97, 0.95))
    drawn = images.resampled([first, second], rng, 4000)
    interval = images.over_seeds_and_images(drawn[0], drawn[1], rng)
    assert interval is not None
    ahead = first.astype(float) - second
    # Pigeonhole bootstrap (Owen 2007): seeds, images and their interaction each add their variance.
    error = 100 * np.sqrt(ahead.mean(axis=1).var() / n + ahead.mean(axis=0).var() / count + ahead.var() / (n * count))
    assert interval.width / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert interval.low < 2 < interval.high


def test_one_seed_has_no_bootstrap_interval() -> None:
    """A seed drawn from one is always the same."""
    right = np.ones((1, 10), bool)
    drawn = images.resampled([right, right], np.random.default_rng(0), 10)
    assert images.over_seeds_and_images(drawn[0], drawn[1], np.random.default_rng(0)) is None


def test_the_same_generator_gives_the_same_draws() -> None:
    """Nothing depends on anything but the generator that is passed in."""
    right = np.random.default_rng(1).random((3, 50)) < 0.9
    first, second = (images.resampled([right], np.random.default_rng(7), 20) for _ in range(2))
    assert np.array_equal(first[0], second[0])


def test_images_that_everybody_gets_right_need_not_be_drawn() -> None:
    """Their accuracy's mean and spread over draws are those of drawing all images, √(p(1 − p) / n)."""
    right = np.random.default_rng(1).random((1, 400)) < 0.9
    (drawn,) = images.resampled([right], np.random.default_rng(2), 5000)
    share = right.mean()
    assert drawn.mean() == pytest.approx(100 * share, abs=0.1)
    assert drawn.std() == pytest.approx(100 * np.sqrt(share * (1 - share) / 400), rel=0.05)
