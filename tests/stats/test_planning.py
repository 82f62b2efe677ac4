"""What a planned study will say, by simulation of the very rules that it is judged by."""

from __future__ import annotations

import numpy as np
import pytest

from normlab.stats import power, verdict
from normlab.stats.looks import Looks
from normlab.stats.planning import Truth, at_once, seeds_for, until_settled
from normlab.stats.verdict import USUAL, Kind, Rules


@pytest.mark.parametrize("difference", [0.0, 0.1, 0.2])
@pytest.mark.slow
def test_the_chances_of_a_single_pair_are_those_of_its_verdicts(difference: float) -> None:
    """Of 500 studies that are judged as a user's are; with one pair there is nothing to correct for."""
    studies = np.random.default_rng(1).normal(difference, 0.08, (500, 6))
    said = np.array([verdict.verdicts([study.tolist()])[0].kind for study in studies])
    found = at_once(Truth(difference, 0.08), 6, 1, USUAL)
    for kind, chance in ((Kind.better, found.better), (Kind.equivalent, found.equivalent), (Kind.worse, found.worse)):
        assert chance == pytest.approx((said == kind).mean(), abs=0.07)
    assert found.settled <= 1


def test_more_seeds_and_fewer_pairs_settle_more() -> None:
    """And a difference is found more often the larger it is."""
    truth = Truth(0.1, 0.08)
    assert at_once(truth, 5, 3, USUAL).settled < at_once(truth, 10, 3, USUAL).settled
    assert at_once(truth, 5, 10, USUAL).settled < at_once(truth, 5, 1, USUAL).settled
    assert at_once(truth, 5, 3, USUAL).better < at_once(Truth(0.2, 0.08), 5, 3, USUAL).better


@pytest.mark.slow
def test_a_study_until_settled_takes_fewer_seeds_of_what_is_far_apart() -> None:
    """And never more than it may; the rules are those of a study that allows looks, whatever is given."""
    near, far = (until_settled(Truth(points, 0.08), 40, 3, USUAL) for points in (0.05, 0.3))
    assert far.seeds < near.seeds <= 40
    assert far.chances.better > 0.99
    assert until_settled(Truth(0.3, 0.08), 40, 3, Rules(looks=Looks.always)) == far


def test_the_seeds_that_are_needed_reach_their_power() -> None:
    """About four times out of five each, of equal arms and of those that are apart."""
    seeds = seeds_for(0.08, 0.2, 3, USUAL)
    assert seeds is not None
    assert at_once(Truth(0.0, 0.08), seeds, 3, USUAL).equivalent > 0.76
    assert at_once(Truth(0.2, 0.08), seeds, 3, USUAL).better > 0.76


def test_what_no_number_of_seeds_settles_has_none() -> None:
    """A margin far below the spread."""
    assert seeds_for(10.0, 0.2, 3, USUAL) is None
    assert power.seeds_to_equate(0.0, 10.0, USUAL.margin) is None


def test_the_same_plan_has_the_same_chances() -> None:
    """Draws have a seed of their own."""
    assert at_once(Truth(0.1, 0.08), 5, 3, USUAL) == at_once(Truth(0.1, 0.08), 5, 3, USUAL)
