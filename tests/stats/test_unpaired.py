from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats.looks import Looks
from normlab.stats.noninferiority import lowest, seeds_to_show
from normlab.stats.paired import Paired
from normlab.stats.unpaired import Unpaired
from normlab.stats.verdict import Kind, Rules, verdicts

FIRST, SECOND = (99.31, 99.25, 99.36, 99.30), (99.20, 99.28, 99.11, 99.25, 99.19, 99.22)
scores = st.lists(st.integers(0, 100).map(float), min_size=2, max_size=8).map(tuple)


def test_welch_is_scipys() -> None:
    """The p-value and the interval of arms with different numbers of runs."""
    found, wanted = Unpaired(FIRST, SECOND), stats.ttest_ind(FIRST, SECOND, equal_var=False)
    assert found.differs() == pytest.approx(wanted.pvalue)
    interval = found.interval(0.9)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(tuple(wanted.confidence_interval(0.9)))


@pytest.mark.parametrize("margin", [0.05, 0.1, 0.3])
def test_equivalence_is_the_larger_of_scipys_one_sided_tests(margin: float) -> None:
    """One arm is moved by the margin each way, and both tests have to reject."""
    up, down = ([x + shift for x in FIRST] for shift in (margin, -margin))
    low = stats.ttest_ind(up, SECOND, equal_var=False, alternative="greater").pvalue
    high = stats.ttest_ind(down, SECOND, equal_var=False, alternative="less").pvalue
    assert Unpaired(FIRST, SECOND).equal(margin) == pytest.approx(max(low, high))


def test_the_share_of_wins_is_mann_and_whitneys() -> None:
    """U over the number of pairs of runs."""
    found = stats.mannwhitneyu(FIRST, SECOND).statistic / (len(FIRST) * len(SECOND))
    assert Unpaired(FIRST, SECOND).beats == pytest.approx(found)


def test_without_a_spread_nothing_is_shown() -> None:
    """Neither a single run nor scores that happen to be equal."""
    for sample in (Unpaired((99.0,), SECOND), Unpaired((99.0, 99.0), (98.0, 98.0))):
        assert (sample.differs(), sample.equal(5.0)) == (1.0, 1.0)
    assert Unpaired((99.0,), SECOND).interval(0.95) is None
    found = Unpaired((99.0, 99.0), (98.0, 98.0)).interval(0.95)
    assert found is not None
    assert (found.low, found.high) == (1, 1)


@given(scores, scores)
def test_it_does_not_matter_which_arm_comes_first(first: tuple[float, ...], second: tuple[float, ...]) -> None:
    """What is better one way round is worse the other."""
    turned = {Kind.better: Kind.worse, Kind.worse: Kind.better}
    (there,), (back,) = (verdicts([Unpaired(*pair)]) for pair in ((first, second), (second, first)))
    assert back.kind is turned.get(there.kind, there.kind)
    assert there.beats == pytest.approx(1 - (back.beats or 0))


def test_paired_and_unpaired_pairs_are_corrected_together() -> None:
    """By Holm's procedure over all of them: the smallest p-value of three counts three times."""
    apart, paired = Unpaired(FIRST, SECOND), (0.3, -0.2, 0.25)
    found = verdicts([apart, paired, paired])
    assert found[0].differs == pytest.approx(3 * apart.differs())
    assert found[0].seeds == 4


def test_unpaired_arms_are_sent_to_a_new_study() -> None:
    """What is added to runs that were looked at is judged by pairs, which they are not."""
    (found,) = verdicts([Unpaired((99.1, 99.3, 99.2), (99.0, 99.2, 99.2))])
    assert found.kind is Kind.open
    assert found.more is None
    assert (found.fresh or 0) > 3


def test_pairs_are_needed_by_who_looks_while_runs_come_in() -> None:
    """A confidence sequence is one of differences."""
    with pytest.raises(ValueError, match="paired by seed"):
        verdicts([Unpaired(FIRST, SECOND)], Rules(looks=Looks.grown))


def test_no_worse_is_scipys_one_sided_test() -> None:
    """The lower end lies above −margin exactly where the one-sided t test rejects."""
    differences = [0.05, -0.12, 0.02, -0.08, 0.01]
    wanted = stats.ttest_1samp(differences, 0, alternative="greater").confidence_interval(0.95).low
    assert lowest(Paired(tuple(differences))) == pytest.approx(wanted)
    welch = stats.ttest_ind(FIRST, SECOND, equal_var=False, alternative="greater").confidence_interval(0.95).low
    assert lowest(Unpaired(FIRST, SECOND)) == pytest.approx(welch)
    assert lowest(Paired((0.3,))) is None


def test_the_seeds_that_show_it_grow_as_the_room_shrinks() -> None:
    """And beyond the margin no number of them does."""
    assert seeds_to_show(0.0, 0.1, 0.2) == 4
    assert (seeds_to_show(-0.1, 0.1, 0.2) or 0) > 4
    assert seeds_to_show(-0.2, 0.1, 0.2) is None
