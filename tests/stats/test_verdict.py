from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.stats import difference, verdict
from normlab.stats.verdict import Kind, Rules

clear = [0.5, 0.6, 0.55, 0.45, 0.5]
alike = [0.01, -0.02, 0.0, 0.02, -0.01]
noisy = [0.3, -0.2, 0.25, -0.3, 0.1]
samples = st.lists(
    st.lists(st.integers(-60, 60).map(lambda images: images / 100), min_size=0, max_size=12), min_size=1, max_size=6
)


def one(values: list[float], **rules: float) -> verdict.Verdict:
    """The verdict on a single pair."""
    return verdict.verdicts([values], Rules(**rules))[0]  # type: ignore[arg-type]


def test_a_clear_difference_has_a_direction() -> None:
    """The first arm is better, and worse when the pair is turned around."""
    assert one(clear).kind is Kind.better
    assert one([-value for value in clear]).kind is Kind.worse


def test_a_small_spread_around_nothing_is_equivalent() -> None:
    """Differences within a fifth of the margin show that neither arm is better by the margin."""
    assert one(alike).kind is Kind.equivalent
    assert one(alike, margin=0.005).kind is Kind.open


def test_a_real_difference_that_does_not_matter_is_equivalent() -> None:
    """Both claims hold: they differ, but by less than the margin; the interval says by how much."""
    found = one([0.02, 0.03, 0.025, 0.03, 0.02])
    assert found.kind is Kind.equivalent
    assert found.different


def test_noise_is_not_enough_evidence_and_says_how_much_would_be() -> None:
    """The pair stays open, with the seeds that would settle it and what so many can see."""
    found = one(noisy)
    assert found.kind is Kind.open
    assert found.more is not None
    assert found.more > 1
    assert found.detectable is not None
    assert found.detectable > 0.2


def test_one_seed_never_wins() -> None:
    """However large the difference."""
    found = one([5.0])
    assert (found.kind, found.interval, found.more) == (Kind.open, None, None)
    assert found.mean == 5


def test_no_seed_in_common_is_open() -> None:
    """Nothing is known, and nothing is NaN."""
    assert one([]) == verdict.Verdict(Kind.open, 0, differs=None)


def test_equal_differences_are_an_accident_of_counting() -> None:
    """The same whole images in three seeds show no spread and hence no winner, in either mode."""
    for sequential in (False, True):
        found = verdict.verdicts([[0.2, 0.2, 0.2]], Rules(sequential=sequential))[0]
        assert found.kind is Kind.open
        assert not found.different
        assert found.more is None


@given(samples, st.sampled_from([0.05, 0.3, 1.0]))
def test_the_interval_agrees_with_the_verdict(pairs: list[list[float]], margin: float) -> None:
    """It lies within the margin where arms are equivalent, and excludes 0 exactly where they are better or worse."""
    for found in verdict.verdicts(pairs, Rules(margin=margin)):
        if found.interval is None or not found.interval.width:
            assert found.kind is Kind.open
        elif found.kind is Kind.equivalent:
            assert -margin < found.interval.low < found.interval.high < margin
        else:
            assert found.different == found.settled


@given(samples, st.booleans())
def test_turning_every_pair_around_turns_every_verdict_around(pairs: list[list[float]], sequential: bool) -> None:
    """Better becomes worse; equivalent and open stay."""
    rules = Rules(sequential=sequential)
    turned = {Kind.better: Kind.worse, Kind.worse: Kind.better}
    there = verdict.verdicts(pairs, rules)
    back = verdict.verdicts([[-value for value in values] for values in pairs], rules)
    assert [turned.get(found.kind, found.kind) for found in there] == [found.kind for found in back]


@given(samples, st.booleans())
def test_every_number_is_a_number_or_missing(pairs: list[list[float]], sequential: bool) -> None:
    """No NaN and no infinity reaches a sentence."""
    for found in verdict.verdicts(pairs, Rules(sequential=sequential)):
        numbers = [found.mean, found.differs, found.equal, found.effect, found.beats, found.detectable, found.more]
        assert all(number is None or np.isfinite(number) for number in numbers)
        if found.interval is not None:
            assert found.interval.low <= found.interval.high


def test_many_pairs_need_more_evidence_than_one() -> None:
    """A pair that is settled alone may stay open among ten."""
    weak = [0.2, 0.35, 0.1, 0.3, 0.15]
    assert one(weak).kind is Kind.better
    p = float(difference.t_test(weak))
    assert p < 0.05 < 10 * p
    assert verdict.verdicts([weak, *[noisy] * 9])[0].kind is Kind.open


def test_a_sequential_study_is_settled_later() -> None:
    """Looking after every seed has a price: what five seeds settle at once takes a few more."""
    rng = np.random.default_rng(0)
    values = list(rng.normal(0.3, 0.1, 12))
    at_once = verdict.verdicts([values[:4]], Rules())[0]
    early, late = (verdict.verdicts([values[:n]], Rules(sequential=True))[0] for n in (4, 12))
    assert (at_once.kind, early.kind, late.kind) == (Kind.better, Kind.open, Kind.better)
    assert early.more is not None
    assert early.more < 10


@pytest.mark.parametrize(("margin", "level"), [(0, 0.95), (-1, 0.95), (float("nan"), 0.95), (0.1, 0.5), (0.1, 1)])
def test_impossible_rules_are_refused(margin: float, level: float) -> None:
    """What came stands in the message."""
    with pytest.raises(ValueError, match=r"margin above 0 and a level from 0\.5 to 1"):
        Rules(level=level, margin=margin)
