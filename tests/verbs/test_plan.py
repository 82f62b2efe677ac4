"""How many seeds, how long, and what a study could say then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from normlab.cli.planned import text
from normlab.errors import SpecError
from normlab.records import Alone
from normlab.spec import Judging
from normlab.verbs.pilot import of_comparison, of_numbers, spread
from normlab.verbs.plan import plan

if TYPE_CHECKING:
    from comparisons import Make


@pytest.mark.long
def test_a_study_tells_its_spread_its_pairs_and_its_seconds(make: Make) -> None:
    """And how large the spread may be, which of few seeds is much larger."""
    made = make(arms=[{"norm": norm} for norm in ("bn", "ln", "in")], seeds=3)
    pilot = of_comparison(made)
    assert (pilot.arms, pilot.pairs) == (3, 3)
    assert pilot.seconds == pytest.approx(np.mean([run.seconds for run in made.runs]))
    assert pilot.largest is not None
    assert 1.5 < pilot.largest / pilot.sd < 2.5


@pytest.mark.slow
def test_the_spread_is_of_what_arms_are_judged_by(make: Make) -> None:
    """In its own unit, with the margin."""
    made = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=6, outcome="cross-entropy", margin=0.002)
    (losses, others) = ([run.final.judged_loss for run in made.of(arm)] for arm in ("bn", "ln"))
    pilot = of_comparison(made)
    assert pilot.sd == pytest.approx(np.std(np.subtract(losses, others), ddof=1))
    said = text(plan(pilot, made.study.verdict))
    assert "equivalent within 0.002 nats" in " ".join(said.split())
    assert "by the true difference in nats:" in said


@pytest.mark.parametrize("seeds", [3, 6])
def test_the_largest_spread_is_the_true_one_or_more_nine_times_out_of_ten(seeds: int) -> None:
    """Of 1,000 studies of three arms, whose pairs share them."""
    scores = np.random.default_rng(seeds).normal(0, 1, (1000, 3, seeds))
    pairs = [[study[0] - study[1], study[0] - study[2], study[1] - study[2]] for study in scores]
    found = [spread([pair.tolist() for pair in study], 3) for study in pairs]
    assert np.mean([each is not None and each[1] >= 2**0.5 for each in found]) == pytest.approx(0.9, abs=0.03)


def test_what_shows_no_spread_is_refused(make: Make) -> None:
    """One seed, or the same difference on each: there is nothing to plan with."""
    for made in (make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1), make(arms=[{"norm": "bn"}])):
        with pytest.raises(SpecError, match="compare shows no spread: it takes a pair of arms"):
            of_comparison(made)
    assert spread([[0.1, 0.1, 0.1]], 2) is None


@pytest.mark.slow
def test_time_is_runs_by_workers() -> None:
    """All arms of so many seeds, some at a time."""
    found = plan(of_numbers(0.08, 3, 12.0), Judging(), workers=4)
    assert found.takes(10) == 10 * 3 * 12 / 4
    assert plan(of_numbers(0.08), Judging()).takes(10) is None


@pytest.mark.slow
def test_runs_of_one_source_alone_take_their_time(make: Make) -> None:
    """A study of sources has more runs a seed: one for each arm that has the source."""
    made = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=3)
    labels = [made.labels for _ in made.runs]
    asked = replace(made, alone=[Alone("init", made.runs, labels), Alone("dropout", made.of("bn"), labels[:3])])
    plain, varied = of_comparison(made), of_comparison(asked)
    assert (plain.a_seed, varied.a_seed) == (2, 5)
    one, other = (plan(pilot, made.study.verdict, workers=1).takes(4) for pilot in (plain, varied))
    assert one is not None
    assert other == pytest.approx(5 / 2 * one)


@pytest.mark.long
def test_a_budget_ends_the_seeds() -> None:
    """No number is looked at that there is no time for, and the chances until settled are those by then."""
    free, short = (plan(of_numbers(0.08, 3, 12.0), Judging(), workers=1, budget=time) for time in (None, 400.0))
    assert short.affordable == 11
    assert short.seeds == (3, 5, 8, 10)
    assert short.settling[0].chances.settled < free.settling[0].chances.settled
    assert short.settling[0].seeds <= 11


@pytest.mark.parametrize(
    ("numbers", "budget", "said"),
    [
        ((0.0, 3, None), None, "--sd: expected a number above 0, got 0"),
        ((0.08, 3, -1.0), None, "--seconds: expected what a run takes, above 0, got -1"),
        ((0.08, 3, None), 60.0, "--budget: nobody knows what a run takes"),
        ((0.08, 3, 100.0), 10.0, "--budget: there is time for 0 of the two seeds"),
    ],
)
def test_what_cannot_be_planned_is_said(
    numbers: tuple[float, int, float | None], budget: float | None, said: str
) -> None:
    """With the way out."""
    with pytest.raises(SpecError, match=said):
        plan(of_numbers(*numbers), Judging(), workers=1, budget=budget)


def test_a_wider_margin_takes_fewer_seeds() -> None:
    """And one that is far too narrow takes more than anybody has."""
    needed = [plan(of_numbers(0.08), Judging(margin=margin), most=5).needed for margin in (0.2, 0.1, 1e-4)]
    assert needed[0] is not None
    assert needed[1] is not None
    assert needed[0] < needed[1]
    assert needed[2] is None
