"""Seeds are added only to arms of which some pair is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import makers
import numpy as np
import pytest

from normlab.analysis import judge_finals, open_arms
from normlab.analysis.contrasts import finals
from normlab.analysis.scores import scores
from normlab.plans import Maker, Settling
from normlab.records import Job, Look, RunRecord
from normlab.spec import design
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    from conftest import Finish

Score = Callable[[Job], int]


def maker(seeds: int = 40, norms: tuple[str, ...] = ("bn", "ln", "in"), **options: Any) -> Maker:
    return makers.maker(design(norms=norms, seeds=seeds, until_settled=True, **options), "lanes", "")


def play(settling: Settling, finish: Finish, score: Score) -> list[RunRecord]:
    """Do the jobs one after the other, each with the images right that `score` says."""
    done = []
    while ready := settling.ready():
        done.append(finish(ready[0], score(ready[0])))
        settling.keep(done[-1])
    return done


def noisy(means: dict[str, int]) -> Score:
    """Scores around each arm's mean, with an sd of 6 images; the same for a run whenever it is asked."""
    return lambda job: (
        means[job.recipe.norm] + int(np.random.default_rng([job.seed, *job.recipe.norm.encode()]).normal(0, 6))
    )


@pytest.mark.slow
def test_an_arm_that_is_settled_gets_no_more_seeds(finish: Finish) -> None:
    """One arm is far behind and drops out; the other two go on until they are equivalent or seeds are used up."""
    runs = play(Settling(maker(), []), finish, noisy({"bn": 9930, "ln": 9931, "in": 9700}))
    taken = {norm: sum(run.arm == norm for run in runs) for norm in ("bn", "ln", "in")}
    assert taken["in"] < 12
    assert taken["in"] < taken["bn"] <= 40
    assert abs(taken["bn"] - taken["ln"]) <= 1
    assert {run.job.engine for run in runs} == {"lanes"}


@pytest.mark.slow
def test_a_settled_study_stops(finish: Finish) -> None:
    """Three arms far apart are settled long before the seeds are used up, and nothing is left open."""
    settling = Settling(maker(), [])
    runs = play(settling, finish, noisy({"bn": 9930, "ln": 9800, "in": 9700}))
    assert len(runs) < 3 * 12
    assert not settling.open


def test_all_arms_of_a_seed_come_before_the_next(finish: Finish) -> None:
    """A study that is cut short is still paired."""
    runs = play(Settling(maker(2), []), finish, noisy({"bn": 9930, "ln": 9930, "in": 9930}))
    assert [(run.seed, run.arm) for run in runs] == [(s, n) for s in (0, 1) for n in ("bn", "ln", "in")]


def test_what_is_in_the_store_is_not_run_again(finish: Finish) -> None:
    """A study that goes on ends where it would have ended."""
    score = noisy({"bn": 9930, "ln": 9920, "in": 9700})
    whole = play(Settling(maker(), []), finish, score)
    half = len(whole) // 2
    rest = play(Settling(maker(), whole[:half]), finish, score)
    assert [run.key for run in rest] == [run.key for run in whole[half:]]


def test_no_run_starts_after_the_budget(finish: Finish) -> None:
    """When the time is used up the runs under way are finished, and no further one begins."""
    now = iter(range(1000))
    settling = Settling(maker(), [], budget=5, clock=lambda: float(next(now)))
    runs = play(settling, finish, noisy({"bn": 9930, "ln": 9930, "in": 9930}))
    assert 0 < len(runs) <= 5
    assert settling.open


def test_a_run_that_left_no_record_is_not_tried_again(finish: Finish) -> None:
    """Its arm goes on with the next seed."""
    settling = Settling(maker(seeds=3), [])
    lost = settling.ready()[0]
    settling.drop(lost, "its process ended")
    runs = play(settling, finish, noisy({"bn": 9930, "ln": 9930, "in": 9930}))
    assert lost.key not in {run.key for run in runs}
    assert [run.seed for run in runs if run.arm == lost.label] == [1, 2]


def test_arms_that_no_question_asks_about_get_no_seeds(finish: Finish) -> None:
    """Only what is asked is settled."""
    factors = {"vary": {"penalty.lambda": [0, 1e-3]}, "questions": ["norm"], "baseline": "bn"}
    settling = Settling(maker(4, ("bn", "ln"), **factors), [])
    runs = play(settling, finish, noisy({"bn": 9930, "ln": 9930}))
    assert "bn + L1 0.001" not in {run.arm for run in runs}
    assert {run.arm for run in runs} >= {"bn", "ln"}


@pytest.mark.slow
def test_a_look_before_makes_it_harder_to_settle(finish: Finish) -> None:
    """A verdict that was shown by other rules is paid for: a study that has grown takes at least as many seeds."""
    made, score = maker(60, ("bn", "ln")), noisy({"bn": 9930, "ln": 9924})
    arms = tuple(arm.recipe.digest for arm in made.study.arms)
    look = Look("before", "2026-01-01T00:00:00+00:00", (0, 1, 2), "once", 1, arms)
    plain = play(Settling(made, []), finish, score)
    after = play(Settling(made, [], [look]), finish, score)
    assert len(after) >= len(plain) > 4


@pytest.mark.parametrize("in_flight", [2, 3, 4])
@pytest.mark.parametrize("luck", range(4))
@pytest.mark.slow
def test_what_is_settled_never_opens_again(finish: Finish, in_flight: int, luck: int) -> None:
    """Runs end in any order, several at a time: arms only drop out, and the verdict on what came agrees."""
    score, rng = noisy({"bn": 9930, "ln": 9931, "in": 9918}), np.random.default_rng(luck)
    settling = Settling(maker(), [])
    under_way, done, before = list[Job](), list[RunRecord](), frozenset(settling.open)
    while under_way or settling.ready():
        free = [job for job in settling.ready() if job not in under_way]
        under_way += free[: in_flight - len(under_way)]
        job = under_way.pop(int(rng.integers(len(under_way))))
        done.append(finish(job, score(job)))
        settling.keep(done[-1])
        assert settling.open <= before
        before = frozenset(settling.open)
    assert open_arms(judge_finals(settling.study, finals(done))) == before


def test_a_run_that_diverged_holds_nothing_up(finish: Finish) -> None:
    """Its seed is left out, and those behind it count."""
    score = noisy({"bn": 9930, "ln": 9800})
    settling, taken = Settling(maker(40, ("bn", "ln")), []), 0
    while ready := settling.ready():
        lost = ready[0].seed == 1 and ready[0].label == "ln"
        settling.keep(finish(ready[0], score(ready[0]), diverged_at=2 if lost else None))
        taken += 1
    assert taken < 2 * 15
    assert not settling.open


@pytest.mark.slow
def test_a_run_that_is_given_up_is_passed_over(finish: Finish) -> None:
    """Its arm would else take every seed there is and wait for it; the verdict on what came does wait."""
    settling, score = Settling(maker(40, ("bn", "ln")), []), noisy({"bn": 9930, "ln": 9800})
    settling.drop(settling.ready()[0], "its process ended")
    done = play(settling, finish, score)
    assert len(done) < 2 * 15
    ((question),) = judge_finals(settling.study, finals(done))
    assert question.contrasts[0].awaited == 0
    assert not question.contrasts[0].verdict.settled


def test_what_arms_are_judged_by_settles_them(finish: Finish) -> None:
    """By cross-entropy the arm with the lower loss is better after a few seeds, though all have the same accuracy."""
    losses = noisy({"bn": 400, "ln": 300})
    settling = Settling(maker(40, ("bn", "ln"), outcome="cross-entropy", margin=0.01), [])
    done = []
    while ready := settling.ready():
        run = finish(ready[0])
        done.append(replace(run, epochs=[replace(run.final, judged_loss=losses(ready[0]) / 10_000)]))
        settling.keep(done[-1])
    assert len(done) < 2 * 15
    known = scores(settling.study, done, settling.labels)
    ((question),) = judge_finals(settling.study, finals(done, known), scores=known)
    assert question.contrasts[0].verdict.kind is Kind.worse
