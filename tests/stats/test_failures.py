from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats import proportion
from normlab.stats.failures import Counts, Often, failures, on_shared_seeds, unpaired
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Rules, Verdict, verdicts
from normlab.stats.withheld import withhold, withhold_change

clear = verdicts([[0.5, 0.6, 0.55, 0.45, 0.5]])[0]
counts = st.integers(0, 12).flatmap(
    lambda seeds: st.builds(
        lambda first, second: on_shared_seeds(range(seeds), first, second),
        st.sets(st.integers(0, max(0, seeds - 1))),
        st.sets(st.integers(0, max(0, seeds - 1))),
    )
)


def test_six_of_ten_against_none_is_more_often() -> None:
    """By the coin of McNemar's test, 2 / 2⁶, with Clopper and Pearson's intervals for both arms."""
    (found,) = failures([on_shared_seeds(range(10), range(6), ())], Rules())
    assert (found.often, found.p) == (Often.more, pytest.approx(2 / 2**6))
    exact = stats.binomtest(6, 10).proportion_ci(0.955)
    assert (found.rates[0].low, found.rates[0].high) == pytest.approx((exact.low, exact.high))
    assert found.rates[1].low == 0


def test_one_of_ten_against_none_is_not_enough() -> None:
    """A coin that was thrown once shows nothing."""
    (found,) = failures([on_shared_seeds(range(10), [3], ())], Rules())
    assert (found.often, found.p) == (Often.open, 1)


def test_seeds_on_which_both_fail_say_nothing() -> None:
    """Only those on which one fails alone count, and those that one arm did not run are none."""
    found = on_shared_seeds({1, 2, 3, 4}, [1, 2, 9], [2, 3])
    assert found == Counts((4, 4), (2, 2), (1, 1))


def test_all_pairs_are_corrected_together() -> None:
    """By Holm: what six seeds show of one pair they do not show of one among ten."""
    one, none = on_shared_seeds(range(10), range(6), ()), on_shared_seeds(range(10), (), ())
    assert failures([one, *[none] * 9], Rules())[0].often is Often.open


def test_arms_that_share_no_seeds_are_compared_by_fishers_test() -> None:
    """As scipy has it."""
    (found,) = failures([unpaired((10, 12), (8, 1))], Rules())
    assert found.often is Often.more
    assert found.p == pytest.approx(stats.fisher_exact([[8, 2], [1, 11]]).pvalue)


def test_looking_takes_more_failures() -> None:
    """Six alone are enough once, eight where one looks after each: 2⁸ / 9 is the first ratio above 20."""
    always = Rules(looks=Looks.always)
    found = [failures([on_shared_seeds(range(20), range(n), ())], always)[0].often for n in (6, 7, 8)]
    assert found == [Often.open, Often.open, Often.more]
    with pytest.raises(ValueError, match="needs pairs"):
        failures([unpaired((10, 12), (8, 1))], always)


@given(st.lists(counts, min_size=1, max_size=4), st.sampled_from(Looks))
def test_turning_pairs_around_turns_what_is_said_around(pairs: list[Counts], looks: Looks) -> None:
    """More often becomes less often; p-values and intervals stay."""
    turned = [Counts(each.runs[::-1], each.failed[::-1], each.alone[::-1]) for each in pairs]
    other = {Often.more: Often.less, Often.less: Often.more, Often.open: Often.open}
    there, back = failures(pairs, Rules(looks=looks)), failures(turned, Rules(looks=looks))
    assert [other[each.often] for each in there] == [each.often for each in back]
    assert [(each.p, each.rates[::-1]) for each in there] == [(each.p, each.rates) for each in back]


@given(st.integers(0, 30), st.integers(0, 30), st.sampled_from([0.9, 0.95, 0.995]))
def test_intervals_that_allow_looks_contain_those_that_do_not(hits: int, misses: int, level: float) -> None:
    """And both contain the share that was seen."""
    once, always = (way(hits, hits + misses, level) for way in (proportion.exact, proportion.always))
    assert always.low - 1e-9 <= once.low <= hits / max(1, hits + misses)  # they are the same after one trial
    assert hits / (hits + misses or hits or 1) <= once.high <= always.high + 1e-12


@pytest.mark.parametrize(
    ("kind", "alone", "stands"),
    [
        (Kind.better, (0, 0), True),
        (Kind.better, (0, 3), True),
        (Kind.better, (1, 3), False),
        (Kind.worse, (3, 0), True),
        (Kind.worse, (3, 1), False),
        (Kind.equivalent, (0, 0), True),
        (Kind.equivalent, (0, 1), False),
        (Kind.open, (3, 0), True),
    ],
)
def test_nothing_is_said_for_an_arm_that_failed_alone(kind: Kind, alone: tuple[int, int], stands: bool) -> None:
    """Neither that it is better, nor that it is as good; that it is worse stands, and what it was is kept."""
    found = withhold(Verdict(kind, 10), Counts((10, 10), alone, alone))
    assert found.kind is (kind if stands else Kind.withheld)
    assert found.withheld is (None if stands else kind)


def test_a_verdict_that_is_withheld_needs_no_more_seeds() -> None:
    """Its numbers stay, for they say how good the arms are where neither failed."""
    found = withhold(clear, Counts((6, 6), (1, 0), (1, 0)))
    assert found.settled
    assert (found.mean, found.interval) == (clear.mean, clear.interval)


def test_a_change_is_withheld_where_any_arm_failed_alone() -> None:
    """Whichever of the four."""
    none, some = Counts((5, 5), (0, 0), (0, 0)), Counts((6, 6), (0, 1), (0, 1))
    assert withhold_change(clear, [none, none]) == clear
    assert withhold_change(clear, [none, some]).kind is Kind.withheld
