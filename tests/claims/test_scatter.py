from __future__ import annotations

import numpy as np
import pytest

from normlab.claims import Claim, judge, scatter, words
from normlab.stats.verdict import Kind


def test_two_hundred_images_leave_what_they_leave() -> None:
    """99.0 % of 10,000 images against 98.5 % of 200 is within 0.87 points of chance, and no seeds would change that."""
    (pair,) = judge([Claim("a", 99.0, 10_000, 5, 0.05), Claim("b", 98.5, 200, 5, 0.05)])
    assert pair.kind is Kind.open
    assert pair.images == pytest.approx(100 * np.sqrt(0.985 * 0.015 * (1 / 200 + 1 / 10_000)))
    assert pair.seeds is None
    assert words.sentence(pair) == (
        "a over b by 0.50 points: not enough evidence (5 seeds each, test sets of 10,000 and 200 images that alone "
        "scatter by 0.87 points); even 1,000 seeds each might not show it on these images."
    )


def test_one_common_test_set_is_no_chance() -> None:
    """The same numbers on 10,000 images each are about these images, and supported as they ever were."""
    (pair,) = judge([Claim("a", 99.0, 10_000, 5, 0.05), Claim("b", 98.5, 10_000, 5, 0.05)])
    assert pair.kind is Kind.better
    assert pair.images == 0
    assert words.sentence(pair) == "a over b by 0.50 points: supported (5 seeds each, p < 0.0001)."


def test_a_difference_beyond_both_test_sets_is_supported() -> None:
    """Ten points on 10,000 and 200 images are more than these leave; without a spread over seeds the test is normal."""
    (pair,) = judge([Claim("a", 99.0, 10_000, 5, 0.0), Claim("b", 89.0, 200, 5, 0.0)])
    assert pair.kind is Kind.better
    error = 100 * np.sqrt(0.89 * 0.11 * (1 / 200 + 1 / 10_000))
    assert pair.images == pytest.approx(error)


def test_accuracies_on_both_sides_of_a_half_scatter_as_a_half_does() -> None:
    """Equally good networks of 45 and 55 % may both be right half of the time."""
    assert scatter.of_images(Claim("a", 55, 100), Claim("b", 45, 50)) == pytest.approx(50 * np.sqrt(3 / 100))


def test_half_an_image_of_each_other_test_set_is_no_difference() -> None:
    """Counts jump by one: 50.6 % of 100 images and 49.4 % of 50 are no farther apart than half a jump of each."""
    assert scatter.distance(Claim("a", 50.6, 100), Claim("b", 49.4, 50)) == 0
    assert scatter.distance(Claim("a", 55, 100), Claim("b", 45, 50)) == pytest.approx(10 - 0.5 - 1)
    assert scatter.distance(Claim("a", 55, 100), Claim("b", 45, 100)) == 10


@pytest.mark.parametrize("seeds", [2, 10])
@pytest.mark.parametrize("varies", [0, 1])
@pytest.mark.parametrize("accuracy", [0.5, 0.9, 0.99, 0.999])
@pytest.mark.slow
def test_equally_good_networks_seldom_differ_on_other_images(accuracy: float, varies: int, seeds: int) -> None:
    """Of 1,000 tables on 10,000 and 200 images at most 5 % and a standard error have a supported difference."""
    rng = np.random.default_rng(0)
    even = min(accuracy, 1 - accuracy) * varies

    def claim(images: int) -> Claim:
        easy, open_, _ = rng.multinomial(images, [accuracy - even / 2, even, 1 - accuracy - even / 2])
        scores = 100 * (easy + rng.binomial(open_, 0.5, seeds)) / images
        return Claim(str(images), float(scores.mean()), images, seeds, float(scores.std(ddof=1)))

    wrong = sum(judge([claim(10_000), claim(200)])[0].kind is Kind.better for _ in range(1000))
    assert wrong / 1000 <= 0.05 + np.sqrt(0.05 * 0.95 / 1000)
