from __future__ import annotations

from normlab.execution import jobs, owed
from normlab.spec import design


def test_every_arm_meets_every_seed_once() -> None:
    """A study's runs are its arms times its seeds."""
    study = design(norms=["bn", "ln"], l1=[0, 1e-4], seeds=3)
    assert len({(job.arm.name, job.seed) for job in jobs(study)}) == len(jobs(study)) == 12


def test_a_seed_is_finished_before_the_next_begins() -> None:
    """All arms of one seed come first, so that a study cut short can still be compared."""
    study = design(norms=["bn", "ln"], l1=[0], seeds=2)
    assert [(job.arm.name, job.seed) for job in jobs(study)] == [("bn", 0), ("ln", 0), ("bn", 1), ("ln", 1)]


def test_finished_runs_are_not_owed() -> None:
    """What the store has is left out, the order of the others stays."""
    study = design(norms=["bn", "ln"], l1=[0], seeds=2)
    left = owed(study, {("ln", 0), ("bn", 1)}, "eager")
    assert [(job.arm.name, job.seed) for job in left] == [("bn", 0), ("ln", 1)]


def test_what_is_owed_is_trained_with_the_engine_that_was_chosen() -> None:
    """The study may leave the engine open; its runs all get the same one."""
    study = design(norms=["bn", "ln"], l1=[0], seeds=2)
    assert study.engine == "auto"
    assert {job.engine for job in owed(study, set(), "lanes")} == {"lanes"}
    assert {job.engine for job in jobs(study)} == {"auto"}
