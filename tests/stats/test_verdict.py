from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats import difference, estimates, power, sequential, verdict
from normlab.stats.growing import Growing
from normlab.stats.looks import Looks
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
    """The same whole images in three seeds show no spread and hence no winner, however often one looks."""
    for looks in Looks:
        found = verdict.verdicts([[0.2, 0.2, 0.2]], Rules(looks=looks))[0]
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


@given(samples, st.sampled_from([Looks.up_to, Looks.always, Looks.grown]))
@pytest.mark.long
def test_the_interval_of_a_study_that_is_looked_at_agrees_too(pairs: list[list[float]], looks: Looks) -> None:
    """That of equivalent arms lies between one-sided bounds: within the margin, at one minus twice the error."""
    rules = Rules(margin=0.5, looks=looks, most=12)
    error = (1 - rules.confidence) / len(pairs)
    for found in verdict.verdicts(pairs, rules):
        if found.interval and found.interval.width:
            equal = found.kind is Kind.equivalent
            assert found.interval.level == pytest.approx(1 - 2 * error if equal else 1 - error)
            assert (
                found.different == found.settled if not equal else max(-found.interval.low, found.interval.high) < 0.5
            )


@given(samples, st.sampled_from(Looks))
@pytest.mark.long
def test_turning_every_pair_around_turns_every_verdict_around(pairs: list[list[float]], looks: Looks) -> None:
    """Better becomes worse; equivalent and open stay."""
    rules = Rules(looks=looks, most=12)
    turned = {Kind.better: Kind.worse, Kind.worse: Kind.better}
    there = verdict.verdicts(pairs, rules)
    back = verdict.verdicts([[-value for value in values] for values in pairs], rules)
    assert [turned.get(found.kind, found.kind) for found in there] == [found.kind for found in back]


@given(samples, st.sampled_from(Looks))
@pytest.mark.long
def test_every_number_is_a_number_or_missing(pairs: list[list[float]], looks: Looks) -> None:
    """No NaN and no infinity reaches a sentence."""
    for found in verdict.verdicts(pairs, Rules(looks=looks)):
        numbers = [found.mean, found.differs, found.equal, found.effect, found.beats, found.detectable]
        numbers += [found.more, found.fresh]
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


def test_the_interval_of_a_fixed_number_of_seeds_is_scipys() -> None:
    """Student's, at 95.5 % where the level is 95 %, since a tenth of the error is kept for seeds added later."""
    found = one(clear).interval
    assert found is not None
    assert found.level == pytest.approx(0.955)
    assert (found.low, found.high) == pytest.approx(stats.ttest_1samp(clear, 0).confidence_interval(0.955))


def test_a_first_verdict_does_not_spend_all_of_the_error() -> None:
    """What is found at 95 % but not at 95.5 % stays open, though the same p-value would do for a study of all error."""
    values = [0.1, 0.5, 0.3, 0.71, 0.16]
    border = stats.ttest_1samp(values, 0).pvalue
    assert one(values, level=1 - border / 0.9 - 1e-6).kind is Kind.better
    assert one(values, level=1 - border - 1e-6).kind is Kind.open


@pytest.mark.parametrize(("looks", "level"), [(Looks.up_to, 0.955), (Looks.always, 0.95), (Looks.grown, 0.995)])
def test_the_interval_of_a_study_that_is_looked_at_is_a_confidence_sequence(looks: Looks, level: float) -> None:
    """With all of the error where looks were allowed from the start, with the tenth that is left after a verdict."""
    values = list(np.random.default_rng(0).normal(0.3, 0.1, 12))
    most = 20 if looks is Looks.up_to else None
    found = verdict.verdicts([values], Rules(looks=looks, most=20))[0].interval
    expected = sequential.sequence(values, level, most)
    assert found is not None
    assert expected is not None
    assert (found.low, found.high, found.level) == pytest.approx((expected.low, expected.high, level))


@pytest.mark.slow
def test_looking_is_settled_later() -> None:
    """What five seeds settle at once takes a few more where one looks after each, and more again after a verdict."""
    values = list(np.random.default_rng(0).normal(0.3, 0.1, 30))

    def needed(looks: Looks) -> int:
        return next(n for n in range(2, 31) if verdict.verdicts([values[:n]], Rules(looks=looks, most=30))[0].settled)

    assert needed(Looks.once) < needed(Looks.up_to) <= needed(Looks.always) < needed(Looks.grown)


def test_more_seeds_are_those_of_a_study_that_grows() -> None:
    """Whoever adds seeds has looked: the confidence sequence says how many, also after a fixed number of seeds."""
    found = [verdict.verdicts([noisy], Rules(looks=looks))[0].growing for looks in (Looks.once, Looks.grown)]
    assert found == [Growing(tuple(noisy), 0.1, pytest.approx(0.995))] * 2
    (always,) = verdict.verdicts([noisy], Rules(looks=Looks.always))
    assert always.growing == Growing(tuple(noisy), 0.1, pytest.approx(0.95))


@given(samples, st.sampled_from(Looks))
@pytest.mark.long
def test_what_is_settled_needs_no_more_seeds(pairs: list[list[float]], looks: Looks) -> None:
    """Only what is open has a range, and only where a spread is known; it starts with one seed."""
    for values, found in zip(pairs, verdict.verdicts(pairs, Rules(looks=looks)), strict=True):
        known = not found.settled and len(set(values)) > 1
        assert (found.growing is not None) == known
        assert found.more is None or found.more >= 1
        if found.growing:
            low, high = found.growing.range.low, found.growing.range.high
            assert low is None or 1 <= low <= (high or power.MOST)


def test_fresh_seeds_are_those_of_a_study_that_names_them() -> None:
    """A new study of a fixed number is judged at once: the t test's power says how many, for one that is open."""
    weak = [0.3, 0.5, -0.2, 0.4, 0.1]
    sd = estimates.sd(weak)
    assert sd is not None
    assert one(weak, margin=0.05).fresh == power.seeds_to_find(float(np.mean(weak)), float(sd), 0.955)
    assert one(clear).fresh is None
    assert verdict.verdicts([weak], Rules(looks=Looks.grown))[0].fresh is None


@pytest.mark.parametrize(("margin", "level"), [(0, 0.95), (-1, 0.95), (float("nan"), 0.95), (0.1, 0.5), (0.1, 1)])
def test_impossible_rules_are_refused(margin: float, level: float) -> None:
    """What came stands in the message."""
    with pytest.raises(ValueError, match=r"margin above 0 and a level from 0\.5 to 1"):
        Rules(level=level, margin=margin)


@given(samples, st.sampled_from(list(Looks)))
def test_where_lower_is_better_the_other_arm_is_better(pairs: list[list[float]], looks: Looks) -> None:
    """The numbers are those of the differences as they are, and their sign says which arm is better."""
    usual = verdict.verdicts([[-value for value in pair] for pair in pairs], Rules(looks=looks))
    for turned, found in zip(usual, verdict.verdicts(pairs, Rules(looks=looks, higher=False)), strict=True):
        assert found.kind is turned.kind
        assert found.beats == pytest.approx(turned.beats)
        assert found.mean == (None if turned.mean is None else -turned.mean)
        if turned.interval is not None and found.interval is not None:
            assert (found.interval.low, found.interval.high) == (-turned.interval.high, -turned.interval.low)


def test_a_pair_of_which_a_run_failed_has_no_last_seed() -> None:
    """Which runs count was chosen by what they reached: its interval is that of a sequence without an end."""
    values = [0.02, -0.01, 0.03, 0.01, -0.02, 0.015, 0.0, 0.01]
    rules = Rules(looks=Looks.up_to, most=40)
    (sound,), (failed,) = verdict.verdicts([values], rules), verdict.verdicts([values], rules, [True])
    (endless,) = verdict.verdicts([values], replace(rules, most=None))
    assert failed == endless
    assert sound.interval is not None
    assert failed.interval is not None
    assert sound.interval.width < failed.interval.width
