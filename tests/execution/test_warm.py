from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from normlab.execution import Warming
from normlab.records import Environment, Job, RunRecord
from normlab.spec import Study, design

HERE = Environment("0", "3", "2", "2", "Linux", "a CPU", "cpu", 1, "lanes", "ab")


def study(seeds: int = 2) -> Study:
    return design(norms=["bn"], l1=[1e-2, 0, 1e-4, 1e-3], penalty=["prox", "subgrad"], seeds=seeds, warm_start=True)


def record(job: Job, diverged_at: int | None = None) -> RunRecord:
    weights = {"arm": np.frombuffer(job.arm.name.encode(), np.uint8)}
    return RunRecord(job.arm.name, job.seed, 1, (), np.empty((0, 0)), weights, 1.0, HERE, diverged_at)


def started_from(job: Job) -> str:
    return bytes(job.start["arm"]).decode() if job.start else ""


def test_paths_rise_and_the_arm_without_a_penalty_is_on_none() -> None:
    """One path for each kind, by λ, whatever the order of the arms."""
    found = [[arm.name for arm in arms] for arms in study().paths]
    assert found == [
        ["bn + prox 0.0001", "bn + prox 0.001", "bn + prox 0.01"],
        ["bn + L1 0.0001", "bn + L1 0.001", "bn + L1 0.01"],
    ]


@given(workers=st.integers(1, 9), order=st.randoms(use_true_random=False))
def test_every_run_starts_from_the_one_below_it(workers: int, order: object) -> None:
    """Whoever is free first, and in whatever order runs end; every run is done once."""
    warming = Warming(study(), [], "lanes")
    source, going, done = warming.jobs(), [], []
    while True:
        while len(going) < workers and (job := next(source, None)) is not None:
            going.append(job)
        if not going:
            break
        job = going.pop(order.randrange(len(going)))  # type: ignore[attr-defined]
        warming.keep(record(job))
        done.append(job)
    assert len({job.name for job in done}) == len(done) == 14
    below = {"0.0001": "", "0.001": "0.0001", "0.01": "0.001"}
    for job in done:
        kind, _, lam = job.arm.name.rpartition(" ")
        expected = f"{kind} {below[lam]}" if below.get(lam) else ""
        assert started_from(job) == expected


def test_what_is_stored_is_not_owed_and_is_started_from() -> None:
    """A path that was stopped goes on from its last run."""
    first = next(job for job in _all_ready(Warming(study(1), [], "lanes")) if job.arm.name == "bn + prox 0.0001")
    warming = Warming(study(1), [record(first)], "lanes")
    assert warming.owed == 6
    started = {job.arm.name: started_from(job) for job in _all_ready(warming)}
    assert started["bn + prox 0.001"] == "bn + prox 0.0001"
    assert started["bn + L1 0.0001"] == ""


def test_a_run_that_diverged_is_passed_over() -> None:
    """The next λ starts from the last network that is one."""
    warming = Warming(study(1), [], "lanes")
    ready = {job.arm.name: job for job in _all_ready(warming)}
    warming.keep(record(ready["bn + prox 0.0001"]))
    second = next(iter(_all_ready(warming)))
    warming.keep(record(second, diverged_at=1))
    third = next(iter(_all_ready(warming)))
    assert (third.arm.name, started_from(third)) == ("bn + prox 0.01", "bn + prox 0.0001")


def test_a_start_is_no_part_of_what_a_job_is() -> None:
    """Two jobs of one run are equal, wherever they start."""
    job = next(iter(_all_ready(Warming(study(1), [], "lanes"))))
    assert replace(job, start={"a": np.ones(2)}) == job


def _all_ready(warming: Warming) -> list[Job]:
    jobs = []
    for job in warming.jobs():
        if job is None:
            break
        jobs.append(job)
    return jobs
