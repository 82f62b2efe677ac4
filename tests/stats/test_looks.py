from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.stats import difference, sequential
from normlab.stats.looks import Looks, onwards

levels = st.floats(0.5, 0.9999)


@given(levels)
def test_a_first_verdict_and_those_after_it_spend_the_error_once(level: float) -> None:
    """What may go wrong before seeds are added and after it adds up to 1 − level, the union bound."""
    for planned in (Looks.once, Looks.up_to):
        first, after = (1 - looks.confidence(level) for looks in (planned, Looks.grown))
        assert first + after == pytest.approx(1 - level)
        assert onwards(planned.confidence(level)) == pytest.approx(Looks.grown.confidence(level))


@given(levels)
def test_looks_from_the_start_have_all_of_the_error(level: float) -> None:
    """Without an end one sequence covers them, and nothing is kept back; the others are surer than the level."""
    assert Looks.always.confidence(level) == pytest.approx(level)
    assert level < Looks.once.confidence(level) < Looks.grown.confidence(level) < 1


def test_the_usual_confidences() -> None:
    """95 % is 95.5 % for a first verdict and 99.5 % for those after it."""
    assert [looks.confidence(0.95) for looks in Looks] == pytest.approx([0.955, 0.955, 0.95, 0.995])


@pytest.mark.parametrize("first_look", [3, 10])
def test_a_verdict_and_those_after_it_are_rarely_wrong(first_look: int) -> None:
    """Of 4,000 samples of mean 0 at most 5 % (and chance) are claimed to differ, at the first look or ever after."""
    values = np.random.default_rng(first_look).normal(0, 0.1, (4000, 60))
    first = difference.t_test(values[:, :first_look]) <= 1 - Looks.once.confidence(0.95)
    low, high = sequential.bounds(values, Looks.grown.confidence(0.95))
    after = (low[:, -1] > 0) | (high[:, -1] < 0)
    assert 0.03 < (first | after).mean() < 0.057
