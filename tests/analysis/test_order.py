from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from normlab.analysis.order import awaited, in_order

SEEDS = (4, 0, 7, 2, 9)
arrivals = st.permutations([(arm, seed) for arm in ("bn", "ln") for seed in SEEDS])


@given(arrivals, st.integers(0, 10))
def test_what_counts_is_where_each_arm_began(order: list[tuple[str, int]], many: int) -> None:
    """Of whatever has ended, the first seeds of the study without a gap, in its order and not in that of numbers."""
    ended = dict.fromkeys(order[:many], "over")
    for arm in ("bn", "ln"):
        counted = tuple(seed for name, seed in in_order(ended, SEEDS) if name == arm)
        assert counted == SEEDS[: len(counted)]
        assert awaited(ended, SEEDS, arm) == (SEEDS[len(counted)] if len(counted) < len(SEEDS) else None)


@given(arrivals)
def test_what_counts_only_grows(order: list[tuple[str, int]]) -> None:
    """A run that comes in takes nothing back, and changes nothing before it."""
    before: list[int] = []
    for many in range(len(order) + 1):
        counted = [seed for arm, seed in in_order(dict.fromkeys(order[:many]), SEEDS) if arm == "bn"]
        assert counted[: len(before)] == before
        before = counted


def test_a_run_that_ended_without_an_accuracy_is_not_waited_for() -> None:
    """What is over is over: None stands for a run that diverged."""
    assert in_order({("bn", 0): 1, ("bn", 1): None, ("bn", 2): 3}, (0, 1, 2)) == {
        ("bn", 0): 1,
        ("bn", 1): None,
        ("bn", 2): 3,
    }


def test_a_pair_waits_for_the_later_of_its_arms() -> None:
    """The first seed that is missing in either."""
    ended = dict.fromkeys([("bn", 0), ("bn", 1), ("ln", 0), ("ln", 2)])
    assert awaited(ended, (0, 1, 2), "bn", "ln") == 1
    assert awaited(ended, (0,), "bn", "ln") is None
