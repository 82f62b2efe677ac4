from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import makers
import numpy as np
import pytest

from normlab import training
from normlab.data import Dataset
from normlab.events import EpochDone, Event, silent
from normlab.execution import Failure, LocalProcesses
from normlab.plans import AllOwed, Chains, Maker, Plan
from normlab.records import Job, RunRecord
from normlab.spec import design

pytestmark = [pytest.mark.timeout(240), pytest.mark.training]

TINY: dict[str, Any] = {"epochs": 1, "train_images": 256, "holdout": 256}


def maker(norms: list[str], *, engine: str = "eager", **options: Any) -> Maker:
    return makers.maker(design(norms=norms, **{"seeds": 1, **TINY, **options}), engine, "")


def small_jobs(norms: list[str], **options: Any) -> list[Job]:
    return maker(norms, **options).jobs()


def all_of(jobs: Sequence[Job]) -> AllOwed:
    return AllOwed(jobs, ())


@pytest.mark.usefixtures("mnist")
def test_every_job_leaves_one_record_and_tells_its_epochs() -> None:
    """Two workers share five runs; each gives one record and one word per epoch."""
    records: list[RunRecord] = []
    told: list[tuple[str, int]] = []

    def tell(event: Event) -> None:
        if isinstance(event, EpochDone):
            told.append((event.run, event.epoch.epoch))

    todo = small_jobs(["bn", "ln", "gn", "in", "rms"])
    assert LocalProcesses(2).run(all_of(todo), records.append, tell) == []
    assert sorted(record.key for record in records) == sorted(job.key for job in todo)
    assert {record.arm for record in records} == {job.label for job in todo}
    assert sorted(told) == sorted((job.name, 1) for job in todo)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("engine", ["eager", "lanes"])
def test_a_worker_computes_what_this_process_computes(mnist: Dataset, engine: str) -> None:
    """Side by side or alone, with one thread a run has the same bits."""
    import torch

    jobs = small_jobs(["gn"], engine=engine)
    records: list[RunRecord] = []
    LocalProcesses(1).run(all_of(jobs), records.append, silent)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        here = training.train(jobs[0], mnist)
    finally:
        torch.set_num_threads(threads)
    assert np.array_equal(records[0].probabilities, here.probabilities)


@pytest.mark.usefixtures("mnist")
def test_a_killed_worker_costs_one_run_and_the_others_go_on() -> None:
    """A worker that is shot takes its run with it, which is not tried again; a new worker does the rest."""
    records: list[RunRecord] = []
    shot: list[str] = []

    def shoot(event: Event) -> None:
        if not shot and isinstance(event, EpochDone):
            shot.append(event.run)
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)

    jobs = small_jobs(["bn", "ln", "in"], epochs=2)
    failures = LocalProcesses(1).run(all_of(jobs), records.append, shoot)
    assert [failure.job.name for failure in failures] == shot == [jobs[0].name]
    assert "signal 9" in failures[0].message
    assert [record.arm for record in records] == ["ln", "in"]


@pytest.mark.usefixtures("mnist")
def test_a_run_that_raises_is_told_and_the_others_go_on() -> None:
    """An impossible run is a failure with its message; the worker takes the next one."""
    records: list[RunRecord] = []
    failures = LocalProcesses(1).run(all_of(small_jobs(["gn:3", "bn"])), records.append, silent)
    assert [failure.job.recipe.norm for failure in failures] == ["gn:3"]
    assert "gn:3 does not fit" in failures[0].message
    assert [record.arm for record in records] == ["bn"]


@pytest.mark.usefixtures("mnist")
def test_an_interrupt_leaves_no_process_behind() -> None:
    """Ctrl-C while runs are under way ends every worker before it is passed on."""

    def interrupt(_event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LocalProcesses(2).run(all_of(small_jobs(["bn", "ln"])), lambda _record: None, interrupt)
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("mnist")
def test_a_store_that_fails_ends_the_study_at_once() -> None:
    """What keeping a record raises is not swallowed, and no worker outlives it."""

    def refuse(_record: RunRecord) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        LocalProcesses(1).run(all_of(small_jobs(["bn", "ln"])), refuse, silent)
    assert multiprocessing.active_children() == []


def test_nothing_ready_starts_nothing() -> None:
    """A finished study costs no process."""
    assert LocalProcesses().run(all_of([]), lambda _record: None, silent) == []


class Watched:
    """A plan that says what is asked of it: that of another, and the order in which it hears."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.heard = plan, list[str]()
        self.ready = plan.ready

    def keep(self, record: RunRecord) -> None:
        """See `Plan.keep`."""
        self.heard.append(f"keep {record.arm}")
        self.plan.keep(record)

    def drop(self, job: Job, why: str) -> None:
        """See `Plan.drop`."""
        self.heard.append(f"drop {job.label}")
        self.plan.drop(job, why)


@pytest.mark.usefixtures("mnist")
def test_workers_wait_for_what_becomes_ready() -> None:
    """Two workers and one chain: the second λ is handed out when the first is there, and starts from its weights."""
    made = maker(["bn"], l1=[1e-3, 1e-2, 1e-1], penalty="prox", warm_start=True)
    records: list[RunRecord] = []
    plan = Watched(Chains(made, []))
    assert LocalProcesses(2).run(plan, records.append, silent) == []
    assert plan.heard == [f"keep {job.label}" for job in made.jobs()]
    alone: list[RunRecord] = []
    again = replace(made.jobs()[1], start=records[0].weights)
    LocalProcesses(1).run(all_of([again]), alone.append, silent)
    assert np.array_equal(alone[0].probabilities, records[1].probabilities)


@pytest.mark.usefixtures("mnist")
def test_a_chain_that_breaks_is_not_waited_for() -> None:
    """The plan is told of the run that failed, and nothing that depends on it is tried."""
    made = maker(["gn:3"], l1=[1e-3, 1e-2], penalty="prox", warm_start=True)
    plan = Watched(Chains(made, []))
    failures: Sequence[Failure] = LocalProcesses(2).run(plan, lambda _record: None, silent)
    assert [failure.job.label for failure in failures] == [made.study.arms[0].name]
    assert plan.heard == [f"drop {made.study.arms[0].name}"]


@pytest.mark.usefixtures("mnist")
def test_a_record_is_kept_before_the_plan_hears_of_it() -> None:
    """What follows from a run may be read from the store."""
    order: list[str] = []
    plan = Watched(all_of(small_jobs(["bn"])))
    plan.heard = order
    LocalProcesses(1).run(plan, lambda record: order.append(f"store {record.arm}"), silent)
    assert order == ["store bn", "keep bn"]
