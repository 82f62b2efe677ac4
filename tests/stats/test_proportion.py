from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from normlab.stats import proportion


@pytest.mark.parametrize(("hits", "trials"), [(0, 5), (1, 10), (5, 10), (10, 10)])
def test_a_share_has_clopper_and_pearsons_interval(hits: int, trials: int) -> None:
    """As scipy has it."""
    found, exact = proportion.exact(hits, trials, 0.9), stats.binomtest(hits, trials).proportion_ci(0.9)
    assert (found.low, found.high, found.level) == pytest.approx((exact.low, exact.high, 0.9))


def test_without_a_trial_nothing_is_known() -> None:
    """Any share may be."""
    for found in (proportion.exact(0, 0), proportion.always(0, 0)):
        assert (found.low, found.high) == (0, 1)


@pytest.mark.slow
def test_an_interval_for_looks_holds_at_every_look() -> None:
    """Of 1,000 coins thrown 60 times, at most 1 in 10 is ever outside at 90 %; of Clopper and Pearson's more are."""
    hits = np.cumsum(np.random.default_rng(0).random((1000, 60)) < 0.1, axis=1)
    outside = dict.fromkeys(("always", "exact"), 0)
    for way in outside:
        spans = [[getattr(proportion, way)(k, n, 0.9).excludes(0.1) for k in range(n + 1)] for n in range(1, 61)]
        missed = np.array([[spans[n][k] for n, k in enumerate(row)] for row in hits])
        outside[way] = int(missed.any(axis=1).sum())
    assert outside["always"] <= 100 < outside["exact"]


def test_a_coins_evidence_is_one_on_average() -> None:
    """Were the coin fair: so that it exceeds 20 with a chance of 1 in 20 at most."""
    n = 12
    expected = sum(stats.binom.pmf(k, n, 0.5) * proportion.evidence_of_a_coin(k, n) for k in range(n + 1))
    assert expected == pytest.approx(1)
