from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.analysis.choice import choices, one_standard_error

if TYPE_CHECKING:
    from comparisons import Make

SCORES = st.lists(st.lists(st.floats(10, 99), min_size=3, max_size=3), min_size=1, max_size=12)


def test_the_simplest_within_one_standard_error_is_chosen() -> None:
    """The best mean is 99.2 with a standard error of 0.058; 99.15 is within it, 99.1 is not."""
    scores = [[99.0, 99.0, 99.0], [99.1, 99.2, 99.3], [99.15, 99.15, 99.15], [99.1, 99.1, 99.1]]
    best, error, chosen = one_standard_error(scores, 10_000)
    assert (best, chosen) == (1, 2)
    assert error == pytest.approx(0.1 / 3**0.5)


def test_a_later_one_within_reach_wins_over_a_gap() -> None:
    """The rule asks for the largest λ, whatever lies between."""
    assert one_standard_error([[99.0, 99.2], [98.0, 98.0], [99.05, 99.05]], 100)[2] == 2


def test_one_seed_has_the_error_of_its_images() -> None:
    """√(p(1 − p)/n), in percentage points."""
    assert one_standard_error([[99.0]], 10_000)[1] == pytest.approx(0.0995, abs=1e-4)


@given(scores=SCORES)
def test_the_choice_is_never_further_than_one_error_from_the_best(scores: list[list[float]]) -> None:
    """And never simpler ones are left within it."""
    best, error, chosen = one_standard_error(scores, 1000)
    means = [sum(values) / 3 for values in scores]
    assert means[best] == pytest.approx(max(means))
    assert chosen >= best or means[chosen] >= means[best] - error
    assert all(mean < means[best] - error + 1e-9 for mean in means[chosen + 1 :])


def test_paths_of_several_preprocessings_are_told_apart(make: Make) -> None:
    """Each has its own name, its own arm without a penalty, and its own choice."""
    arms = [
        {"norm": "bn", "preprocess": how, "penalty": {"kind": "prox", "lambda": lam}}
        for how in ("stretch", "clahe")
        for lam in (0.0, 1e-3, 1e-2)
    ]
    found = choices(make(arms=arms, holdout=5000, warm_start=True))
    assert [choice.kind for choice in found] == ["bn + stretch prox", "bn + clahe prox"]
    assert [[arm.name for arm in choice.arms] for choice in found] == [
        [f"bn + {how}", f"bn + {how} + prox 0.001", f"bn + {how} + prox 0.01"] for how in ("stretch", "clahe")
    ]
