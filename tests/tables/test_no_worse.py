from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import normlab
from normlab.errors import SpecError

NEW, OLD = [99.28, 99.22, 99.35, 99.27, 99.26], [99.31, 99.25, 99.36, 99.30, 99.28]
scores = st.lists(st.integers(9700, 9999).map(lambda hundredths: hundredths / 100), min_size=2, max_size=8)


def by_seed(scores: list[float]) -> dict[int, float]:
    """Scores as those of the seeds 0 to n − 1."""
    return dict(enumerate(scores))


def test_it_is_the_one_sided_t_test() -> None:
    """The bound is scipy's, paired by seed, or as places where that is said."""
    wanted = stats.ttest_rel(NEW, OLD, alternative="greater").confidence_interval(0.95).low
    found = normlab.not_worse(by_seed(NEW), by_seed(OLD), margin=0.2)
    assert found
    assert found.bound == pytest.approx(wanted)
    assert normlab.not_worse(NEW, OLD, margin=0.2, paired=True).bound == pytest.approx(wanted)


def test_sequences_are_unpaired() -> None:
    """Nobody says that their places are seeds; so are mappings without a seed in common."""
    wanted = stats.ttest_ind(NEW, OLD, equal_var=False, alternative="greater").confidence_interval(0.95).low
    for new in (NEW, {f"other {seed}": score for seed, score in enumerate(NEW)}):
        found = normlab.not_worse(new, by_seed(OLD), margin=0.2)
        assert not found.paired
        assert found.bound == pytest.approx(wanted)


def test_seeds_from_a_file_are_those_of_a_script() -> None:
    """JSON has text for keys. One seed in common is too few to pair by, where both have more."""
    as_text = {str(seed): score for seed, score in enumerate(OLD)}
    assert normlab.not_worse(by_seed(NEW), as_text, margin=0.2).paired
    assert not normlab.not_worse({4: 99.3, 5: 99.2}, as_text, margin=0.2).paired


def test_a_failed_assertion_shows_the_interval() -> None:
    """The means, the difference, its bound and the seeds it would take, in a line that pytest does not cut."""
    found = normlab.not_worse(NEW[:3], OLD[:3], margin=0.1)
    assert not found
    assert str(found) == (
        "<not shown to be no worse by more than 0.1: new 99.283, old 99.307, difference −0.023, "
        "at least −0.129 at 95 % (3 and 3 runs, unpaired); about 10 runs each would show it>"
    )
    assert repr(found) == str(found)
    assert len(str(found)) < 240


@given(scores, scores, st.floats(0.01, 1))
def test_a_loss_is_judged_the_other_way_round(new: list[float], old: list[float], margin: float) -> None:
    """What is no worse as a score is no worse with all signs turned."""
    up = normlab.not_worse(new, old, margin)
    down = normlab.not_worse([-x for x in new], [-x for x in old], margin, lower_is_better=True)
    assert (up.shown, up.seeds) == (down.shown, down.seeds)
    assert down.bound == pytest.approx(-(up.bound or 0), abs=1e-9)


@given(scores, st.floats(0.01, 1))
def test_more_room_is_easier(new: list[float], margin: float) -> None:
    """What is shown with a margin is shown with a wider one."""
    old = [99.0, 98.5, 99.2]
    assert not normlab.not_worse(new, old, margin) or normlab.not_worse(new, old, 2 * margin)


def test_what_shows_no_spread_shows_nothing() -> None:
    """One run, and equal differences; but where nothing has changed on any seed, nothing is worse."""
    assert not normlab.not_worse([99.9], [99.0], margin=0.2)
    assert "one run cannot tell" in str(normlab.not_worse([99.9], [99.0], margin=0.2))
    assert not normlab.not_worse({1: 99.1, 2: 99.2}, {1: 99.0, 2: 99.1}, margin=0.2)
    assert normlab.not_worse({1: 99.1, 2: 99.2}, {1: 99.1, 2: 99.2}, margin=0.2)
    assert not normlab.not_worse({1: 99.1}, {1: 99.1}, margin=0.2)


def test_a_difference_beyond_the_margin_asks_for_no_seeds() -> None:
    """They would not help."""
    found = normlab.not_worse([98.0, 98.1, 97.9], OLD, margin=0.2)
    assert found.seeds is None
    assert "more seeds would not help" in str(found)


@pytest.mark.parametrize(
    ("new", "old", "rules", "said"),
    [
        ([], OLD, {}, "new: expected scores, got none"),
        (NEW, {1: float("nan")}, {}, "old, 1: expected a finite number, got nan"),
        (NEW, ["good"], {}, "old, 0: expected a finite number, got 'good'"),
        (NEW, OLD[:2], {"paired": True}, "as many scores of new as of old, got 5 and 2"),
        ({1: 9.0}, {2: 9.0}, {"paired": True}, "new and old share no seed"),
        (NEW, OLD, {"margin": 0.0}, "expected a margin above 0"),
        ("99", [2, 3], {}, "new: expected scores by their seeds or in a list, got '99'"),
        ([2, 3], 99.1, {}, "old: expected scores by their seeds or in a list, got 99.1"),
    ],
)
def test_bad_scores_are_told(new: object, old: object, rules: dict[str, float], said: str) -> None:
    """What was expected, and what came."""
    with pytest.raises(SpecError, match=said):
        normlab.not_worse(new, old, **{"margin": 0.2, **rules})  # type: ignore[arg-type]


def test_fractions_are_told_as_finely_as_percent() -> None:
    """With the digits that the margin needs."""
    found = normlab.not_worse([x / 100 for x in NEW[:3]], [x / 100 for x in OLD[:3]], margin=0.001)
    assert "new 0.99283, old 0.99307, difference −0.00023, at least −0.00129 at 95 %" in str(found)
