"""A plan that can be told to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from makers import maker

from normlab.plans import AllOwed, Held
from normlab.spec import design

if TYPE_CHECKING:
    from conftest import Finish

JOBS = maker(design(norms=["bn", "ln"], seeds=2)).jobs()


def test_nothing_is_ready_while_it_is_stopped_and_all_is_after_that() -> None:
    """It may change its mind, and the plan behind it forgets nothing."""
    stops = iter([False, True, False])
    held = Held(AllOwed(JOBS, ()), lambda: next(stops))
    assert [[*held.ready()] for _ in range(3)] == [JOBS, [], JOBS]


def test_what_was_under_way_is_still_kept_or_dropped(finish: Finish) -> None:
    """By the plan behind it, stopped or not."""
    plan = AllOwed(JOBS, ())
    held = Held(plan, lambda: True)
    held.keep(finish(JOBS[0]))
    held.drop(JOBS[1], "its process ended")
    assert [*plan.ready()] == JOBS[2:]
