from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from normlab.execution import Settling
from normlab.records import Epoch, Job, RunRecord
from normlab.spec import Study, design

if TYPE_CHECKING:
    from collections.abc import Callable

    from comparisons import Make

IMAGES = 10_000


def study(seeds: int = 40, norms: tuple[str, ...] = ("bn", "ln", "in")) -> Study:
    return design(norms=norms, l1=[0], seeds=seeds, until_settled=True)


def finished(template: RunRecord, job: Job, correct: int) -> RunRecord:
    """The run that the job would have left, with so many images right."""
    last = Epoch(1, 0.1, 0.1, 0, 1, 1, 1, 0.1, correct, IMAGES, 1)
    return RunRecord(
        job.arm.name, job.seed, 1, [last], template.probabilities, template.weights, 1.0, template.environment
    )


def play(settling: Settling, template: RunRecord, score: Callable[[Job], int]) -> list[Job]:
    """Run the jobs one after the other, each with the images right that `score` says."""
    done = []
    for job in settling.jobs():
        done.append(job)
        settling.keep(finished(template, job, score(job)))
    return done


def noisy(means: dict[str, int]) -> Callable[[Job], int]:
    """Scores around each arm's mean, with an sd of 6 images."""
    rng = np.random.default_rng(0)
    return lambda job: means[job.arm.norm] + int(rng.normal(0, 6))


def test_an_arm_that_is_settled_gets_no_more_seeds(make: Make) -> None:
    """One arm is far behind and drops out; the other two go on until they are equivalent or seeds are used up."""
    template = make(seeds=1).runs[0]
    jobs = play(Settling(study(), [], "lanes"), template, noisy({"bn": 9930, "ln": 9931, "in": 9700}))
    taken = {norm: sum(job.arm.norm == norm for job in jobs) for norm in ("bn", "ln", "in")}
    assert taken["in"] < 12
    assert taken["in"] < taken["bn"] <= 40
    assert abs(taken["bn"] - taken["ln"]) <= 1
    assert {job.engine for job in jobs} == {"lanes"}


def test_a_settled_study_stops(make: Make) -> None:
    """Three arms far apart are settled long before the seeds are used up, and nothing is left open."""
    settling = Settling(study(), [], "lanes")
    jobs = play(settling, make(seeds=1).runs[0], noisy({"bn": 9930, "ln": 9800, "in": 9700}))
    assert len(jobs) < 3 * 12
    assert not settling.open


def test_all_arms_of_a_seed_come_before_the_next(make: Make) -> None:
    """A study that is cut short is still paired."""
    jobs = play(Settling(study(2), [], "lanes"), make(seeds=1).runs[0], noisy({"bn": 9930, "ln": 9930, "in": 9930}))
    assert [(job.seed, job.arm.norm) for job in jobs] == [(s, n) for s in (0, 1) for n in ("bn", "ln", "in")]


def test_what_is_in_the_store_is_not_run_again(make: Make) -> None:
    """A resumed study goes on where it stopped, and ends where it would have ended."""
    template, means = make(seeds=1).runs[0], {"bn": 9930, "ln": 9920, "in": 9700}
    whole = play(Settling(study(), [], "lanes"), template, noisy(means))
    score = noisy(means)
    records = [finished(template, job, score(job)) for job in whole]
    half = len(whole) // 2
    rest = iter(records[half:])
    resumed = Settling(study(), records[:half], "lanes")
    for job in resumed.jobs():
        record = next(rest)
        assert (record.arm, record.seed) == (job.arm.name, job.seed)
        resumed.keep(record)
    assert next(rest, None) is None


def test_no_run_starts_after_the_budget(make: Make) -> None:
    """When the time is used up the runs under way are finished, and no further one begins."""
    now = iter(range(1000))
    settling = Settling(study(), [], "lanes", budget=5, clock=lambda: float(next(now)))
    jobs = play(settling, make(seeds=1).runs[0], noisy({"bn": 9930, "ln": 9930, "in": 9930}))
    assert 0 < len(jobs) <= 5
    assert settling.open
