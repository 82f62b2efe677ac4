from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import makers
import numpy as np
import pytest

from normlab import training
from normlab.data import Dataset
from normlab.events import EpochDone, Event, RunLost, RunSaved, silent
from normlab.execution import Failure, LocalProcesses, pool
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
def test_a_killed_worker_costs_no_run() -> None:
    """It is said, another worker begins its run again, and the others follow."""
    records: list[RunRecord] = []
    lost: list[RunLost] = []

    def shoot(event: Event) -> None:
        if not lost and isinstance(event, EpochDone):
            signal_all(signal.SIGKILL)
        if isinstance(event, RunLost):
            lost.append(event)

    jobs = small_jobs(["bn", "ln", "in"], epochs=2)
    assert LocalProcesses(1).run(all_of(jobs), records.append, shoot) == []
    assert lost == [RunLost(jobs[0].name, "its process was ended by signal 9", again=True)]
    assert [record.arm for record in records] == ["bn", "ln", "in"]


def signal_all(number: int) -> None:
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, number)


@pytest.mark.usefixtures("mnist")
def test_a_run_whose_process_dies_three_times_is_given_up() -> None:
    """By its name, and the others go on."""
    records: list[RunRecord] = []
    jobs = small_jobs(["bn", "ln"], epochs=2)

    def shoot(event: Event) -> None:
        if isinstance(event, EpochDone) and event.run == jobs[0].name:
            signal_all(signal.SIGKILL)

    (failure,) = LocalProcesses(1).run(all_of(jobs), records.append, shoot)
    assert failure.job == jobs[0]
    assert failure.message == "its process was ended by signal 9, and so 3 times"
    assert [record.arm for record in records] == ["ln"]


@pytest.mark.usefixtures("mnist")
def test_a_worker_that_was_stopped_is_noticed_and_its_run_retaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives no sign of life."""
    monkeypatch.setattr(pool, "SILENT", 8.0)
    records: list[RunRecord] = []
    lost: list[RunLost] = []

    def stop(event: Event) -> None:
        if not lost and isinstance(event, EpochDone):
            signal_all(signal.SIGSTOP)
        if isinstance(event, RunLost):
            lost.append(event)

    assert LocalProcesses(1).run(all_of(small_jobs(["bn"], epochs=2)), records.append, stop) == []
    assert [event.why for event in lost] == ["its process gave no sign of life for 8 s"]
    assert [record.arm for record in records] == ["bn"]


@pytest.mark.usefixtures("mnist")
@pytest.mark.long
def test_an_interrupted_run_is_saved_and_goes_on_where_it_was(tmp_path: Path) -> None:
    """Within five seconds, also while another worker is stopped; the next call begins behind what was done."""
    saved: list[RunSaved] = []
    stopped: list[float] = []
    jobs = small_jobs(["bn", "ln"], epochs=40)

    def interrupt(event: Event) -> None:
        if isinstance(event, RunSaved):
            saved.append(event)
        if isinstance(event, EpochDone) and event.epoch.epoch == 5:
            first, *_ = (child for child in multiprocessing.active_children())
            os.kill(first.pid or 0, signal.SIGSTOP)
            stopped.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LocalProcesses(2, tmp_path).run(all_of(jobs), lambda _record: None, interrupt)
    assert time.monotonic() - stopped[0] < 6
    assert multiprocessing.active_children() == []
    (run,) = saved
    assert run.epoch > 1
    epochs: list[int] = []
    one = next(job for job in jobs if job.name == run.run)
    tell = lambda event: epochs.append(event.epoch.epoch) if isinstance(event, EpochDone) else None  # noqa: E731
    assert LocalProcesses(1, tmp_path).run(all_of([one]), lambda _record: None, tell) == []
    assert epochs == [*range(run.epoch, 41)]


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
