"""Paths along λ: each run from the weights of the one below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import makers
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normlab.plans import Chains, Maker
from normlab.records import Job, RunRecord
from normlab.spec import design

if TYPE_CHECKING:
    from conftest import Finish

PROX = ["bn + prox 0.0001", "bn + prox 0.001", "bn + prox 0.01"]
BELOW = {"0.0001": "", "0.001": "0.0001", "0.01": "0.001"}


def maker(seeds: int = 2, **options: Any) -> Maker:
    kinds = {"penalty": ["prox", "subgrad"], **options}
    return makers.maker(
        design(norms=["bn"], l1=[1e-2, 0, 1e-4, 1e-3], seeds=seeds, warm_start=True, **kinds), "lanes", ""
    )


def done(finish: Finish, job: Job, diverged_at: int | None = None) -> RunRecord:
    """A finished run whose weights say whose they are."""
    return finish(job, weights={"arm": np.frombuffer(job.label.encode(), np.uint8)}, diverged_at=diverged_at)


def started_from(job: Job) -> str:
    return bytes(job.start["arm"]).decode() if job.start else ""


def ready(chains: Chains) -> dict[str, Job]:
    return {job.label: job for job in chains.ready()}


def walk(chains: Chains, finish: Finish) -> list[Job]:
    """Do all that becomes ready, one after the other."""
    order = []
    while jobs := chains.ready():
        order.append(jobs[0])
        chains.keep(done(finish, jobs[0]))
    return order


def test_paths_rise_and_the_arm_without_a_penalty_is_on_none() -> None:
    """One path for each kind, by λ, whatever the order of the arms."""
    found = [[arm.name for arm in arms] for arms in maker().study.paths]
    assert found == [PROX, ["bn + L1 0.0001", "bn + L1 0.001", "bn + L1 0.01"]]


@given(workers=st.integers(1, 9), order=st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@pytest.mark.slow
def test_every_run_starts_from_the_one_below_it(finish: Finish, workers: int, order: Any) -> None:
    """Whoever is free first, and in whatever order runs end; every run is done once."""
    chains, going, finished = Chains(maker(), []), dict[str, Job](), list[Job]()
    while True:
        waiting = [job for job in chains.ready() if job.key not in going]
        going |= {job.key: job for job in waiting[: workers - len(going)]}
        if not going:
            break
        job = going.pop(order.choice(sorted(going)))
        chains.keep(done(finish, job))
        finished.append(job)
    assert len({job.name for job in finished}) == len(finished) == 14
    for job in finished:
        kind, _, lam = job.label.rpartition(" ")
        expected = f"{kind} {BELOW[lam]}" if BELOW.get(lam) else ""
        assert started_from(job) == expected


def test_a_chain_has_one_run_ready_at_a_time(finish: Finish) -> None:
    """The longest chains go first, since they take longest."""
    chains = Chains(maker(seeds=1), [])
    assert [*ready(chains)] == [PROX[0], "bn + L1 0.0001", "bn"]
    chains.keep(done(finish, ready(chains)[PROX[0]]))
    assert [*ready(chains)] == ["bn + L1 0.0001", PROX[1], "bn"]


def test_what_is_stored_is_not_owed_and_is_started_from(finish: Finish) -> None:
    """A path that was stopped goes on from its last run."""
    first = done(finish, ready(Chains(maker(1), []))[PROX[0]])
    chains = Chains(maker(1), [first])
    assert started_from(ready(chains)[PROX[1]]) == PROX[0]
    assert started_from(ready(chains)["bn + L1 0.0001"]) == ""
    assert len(walk(chains, finish)) == 6


def test_a_run_that_diverged_is_passed_over(finish: Finish) -> None:
    """The next λ starts from the last network that is one."""
    chains = Chains(maker(1), [])
    chains.keep(done(finish, ready(chains)[PROX[0]]))
    chains.keep(done(finish, ready(chains)[PROX[1]], diverged_at=1))
    assert started_from(ready(chains)[PROX[2]]) == PROX[0]


def test_where_all_have_diverged_the_next_starts_anew(finish: Finish) -> None:
    """From what its seed gives."""
    chains = Chains(maker(1), [])
    chains.keep(done(finish, ready(chains)[PROX[0]], diverged_at=1))
    assert ready(chains)[PROX[1]].start is None


def test_a_run_without_a_record_ends_its_chain_alone(finish: Finish) -> None:
    """What comes after it has nothing to start from; the other chains go on."""
    chains = Chains(maker(1), [])
    chains.drop(ready(chains)[PROX[0]], "its process ended")
    assert {job.label for job in walk(chains, finish)} == {"bn", *(f"bn + L1 {lam}" for lam in BELOW)}


def test_a_run_missing_in_the_middle_is_made_from_the_one_below(finish: Finish) -> None:
    """As after a repair: what stands above it stays as it is."""
    runs = [done(finish, job) for job in walk(Chains(maker(1), []), finish)]
    chains = Chains(maker(1), [run for run in runs if run.arm != PROX[1]])
    (job,) = walk(chains, finish)
    assert (job.label, started_from(job)) == (PROX[1], PROX[0])


def test_a_path_that_is_done_has_nothing_ready(finish: Finish) -> None:
    """Nothing is trained twice."""
    runs = [done(finish, job) for job in walk(Chains(maker(1), []), finish)]
    assert not Chains(maker(1), runs).ready()
