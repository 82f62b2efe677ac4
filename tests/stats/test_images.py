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
