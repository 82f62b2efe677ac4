"""Everything that has no record yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from makers import maker

from normlab.plans import AllOwed
from normlab.spec import design

if TYPE_CHECKING:
    from conftest import Finish

JOBS = maker(design(norms=["bn", "ln"], seeds=2)).jobs()


def test_finished_runs_are_not_owed() -> None:
    """What the store has is left out, the order of the others stays."""
    plan = AllOwed(JOBS, {JOBS[1].key, JOBS[2].key})
    assert [*plan.ready()] == [JOBS[0], JOBS[3]]


def test_keys_of_other_studies_make_no_difference() -> None:
    """A store has more than this study's runs."""
    assert [*AllOwed(JOBS, {"another"}).ready()] == JOBS


def test_all_may_start_at_once() -> None:
    """No run depends on another, and those under way stay among them."""
    assert [*AllOwed(JOBS, ()).ready()] == JOBS


def test_what_is_kept_or_dropped_is_ready_no_more(finish: Finish) -> None:
    """Each leaves the plan; when all are gone, nothing is ready."""
    plan = AllOwed(JOBS, ())
    plan.keep(finish(JOBS[0]))
    plan.drop(JOBS[2], "its process ended")
    assert [*plan.ready()] == [JOBS[1], JOBS[3]]
    for job in (JOBS[1], JOBS[3]):
        plan.keep(finish(job))
    assert not plan.ready()


def test_a_run_kept_twice_is_kept_once(finish: Finish) -> None:
    """Nor does a run of somebody else's matter."""
    plan = AllOwed(JOBS[:1], ())
    for job in (JOBS[1], JOBS[0], JOBS[0]):
        plan.keep(finish(job))
    assert not plan.ready()
