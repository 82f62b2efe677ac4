from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scipy import stats

from normlab.analysis import judge
from normlab.analysis.evidence import evidence
from normlab.records import Comparison

if TYPE_CHECKING:
    from comparisons import Make


def test_every_pair_has_its_evidence(six: Comparison) -> None:
    """Nine pairs of three seeds; the tests are scipy's on the pair's own differences."""
    found = evidence(six, judge(six))
    assert len(found) == 9
    for one in found:
        d = one.contrast.differences
        assert one.wilcoxon == pytest.approx(stats.wilcoxon(d).pvalue if any(d) else 1)
        assert one.sign_flip is not None
        assert one.sign_flip >= 2 / 2**3
        assert one.bca is not None
        assert one.elsewhere is not None
        other, these = one.elsewhere.interval, one.contrast.interval
        assert these is not None
        assert other.low <= these.low <= one.contrast.mean <= these.high <= other.high
        assert other.level == these.level


def test_a_difference_on_every_image_shows_in_the_images(make: Make) -> None:
    """An arm that misses ten times as many is told apart by its images as well."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], errors={"ln": 0.1}, seeds=4)
    (one,) = evidence(comparison, judge(comparison))
    assert one.mcnemar is not None
    assert one.mcnemar < 1e-6
    assert one.elsewhere is not None
    assert one.elsewhere.interval.low > 0


def test_one_seed_has_only_its_images(make: Make) -> None:
    """Nothing over seeds is told where there is one."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1)
    (one,) = evidence(comparison, judge(comparison))
    assert (one.sign_flip, one.wilcoxon, one.bca, one.elsewhere) == (None,) * 4
    assert one.mcnemar is not None


def test_arms_with_different_seeds_are_paired_where_they_can_be(make: Make) -> None:
    """A seed that diverged in one arm is left out of the pair, in the images too."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}, {"norm": "in"}], diverged=[("ln", 1, 2)])
    found = evidence(comparison, judge(comparison))
    assert [one.contrast.seeds for one in found] == [(0, 2), (0, 1, 2), (0, 2)]
    assert evidence(make(missing=18), judge(make(missing=18))) == ()


def test_the_same_study_has_the_same_figures(six: Comparison) -> None:
    """Every draw comes of one fixed number."""
    assert evidence(six, judge(six)) == evidence(six, judge(six))
