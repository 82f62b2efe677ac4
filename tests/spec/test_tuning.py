"""What is tried for every arm, and the study that has the values which did best."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import NormlabError, SpecError
from normlab.spec import Study, design, from_toml
from normlab.spec.tuning import Search, points, searched, trials, tuned

GRID = {"lr": [0.03, 0.1, 0.3]}


def base(**options: Any) -> Study:
    return design(**({"name": "mine", "norms": ["bn", "ln"]} | options))


def tried(study: Study, **grid: Any) -> Study:
    return trials(study, searched(grid or GRID, None, 2), 1_000)


def test_every_arm_has_the_same_trials() -> None:
    """Every arm at every point of the grid, held-out images in the place of the test set."""
    study = tried(base(), lr=[0.03, 0.1], weight_decay=[0.0, 1e-3])
    assert len(study.arms) == 8
    assert {arm.recipe.holdout for arm in study.arms} == {1_000}
    for norm in ("bn", "ln"):
        optimizers = [arm.recipe.optimizer for arm in study.arms if arm.recipe.norm == norm]
        assert [(each.lr, each.weight_decay) for each in optimizers] == [
            (0.03, 0.0),
            (0.03, 1e-3),
            (0.1, 0.0),
            (0.1, 1e-3),
        ]


@pytest.mark.parametrize("seeds", [3, [0, 9_999], [10_000, 20_000]])
def test_seeds_of_trials_are_none_of_the_studys(seeds: int | list[int]) -> None:
    """However many it has, and whichever they are."""
    study = base(seeds=seeds)
    assert not {*study.seeds} & {*tried(study).seeds}


def test_a_seed_that_chose_is_never_judged() -> None:
    """A tuned study that is to grow by one is refused."""
    study = base()
    made = tuned(study, {"bn": {"optimizer.lr": 0.1}, "ln": {"optimizer.lr": 0.03}}, tried(study))
    with pytest.raises(SpecError, match="10001 chose the values of these arms, and is never judged"):
        design(made, seeds=[0, 10_001])


def test_what_was_tuned_is_no_question() -> None:
    """Arms that have values of their own are compared by their norm."""
    study = base(baseline="ln")
    made = tuned(study, {"bn": {"optimizer.lr": 0.1}, "ln": {"optimizer.lr": 0.03}}, tried(study))
    assert [arm.name for arm in made.arms] == ["bn · lr 0.1", "ln · lr 0.03"]
    assert (made.factors, made.baseline, made.name) == (("norm",), "ln · lr 0.03", "mine-tuned")
    assert from_toml(made.to_toml()) == made


def test_a_name_that_a_person_gave_stays() -> None:
    """In the tuned study; trials say the point behind it."""
    study = base(norms=None, arms=[{"name": "old", "norm": "bn"}, {"name": "new", "norm": "ln"}])
    assert [arm.name for arm in tried(study).arms][:2] == ["old · lr 0.03", "old · lr 0.1"]
    made = tuned(study, {"old": {"optimizer.lr": 0.1}, "new": {"optimizer.lr": 0.03}}, tried(study))
    assert [arm.name for arm in made.arms] == ["old", "new"]


@given(low=st.floats(1e-6, 1.0), ratio=st.floats(1.01, 1e6), count=st.integers(2, 50), root=st.integers(0, 99))
def test_drawn_values_lie_between_the_ends(low: float, ratio: float, count: int, root: int) -> None:
    """So many of them, the same for one root."""
    search = searched({"lr": f"{low}..{low * ratio}"}, count, 2)
    found = points(search, root)
    assert found == points(search, root)
    assert len(found) == count
    assert all(0.99 * low <= point["optimizer.lr"] <= 1.01 * low * ratio for point in found)


@given(trials=st.integers(2, 20), root=st.integers(0, 99))
def test_of_a_grid_points_are_drawn_once(trials: int, root: int) -> None:
    """As many as are wanted, none of them twice, all where there are no more."""
    grid = {"lr": [0.01, 0.03, 0.1, 0.3], "weight_decay": [0.0, 1e-4, 1e-3]}
    found = points(searched(grid, trials, 2), root)
    assert len(found) == len({repr(point) for point in found}) == min(trials, 12)


@pytest.mark.parametrize(
    ("grid", "more", "said"),
    [
        ({"lrr": [0.1, 1]}, {}, "did you mean"),
        ({"norm": ["bn", "ln"]}, {}, "the study asks about it"),
        ({"holdout": [100, 200]}, {}, "decides on the images"),
        ({"dataset": ["mnist", "cifar10"]}, {}, "decides on the images"),
        ({"lr": [0.1]}, {}, "one value alone"),
        ({"lr": [0.1, 0.1]}, {}, "stands twice"),
        ({"lr": [0.1, "fast"]}, {}, "optimizer.lr"),
        ({"lr": "0.1..0.01"}, {"count": 3}, "the lower one first"),
        ({"lr": "0..1"}, {"count": 3}, "above 0"),
        ({"lr": "low..high"}, {"count": 3}, "LOW..HIGH"),
        ({"lr": "0.01..1"}, {}, "say how many with --trials"),
        ({"model": "a..b"}, {"count": 3}, "LOW..HIGH"),
        (GRID, {"count": 1}, "--trials: expected 2 to"),
        (GRID, {"seeds": 0}, "--tuning-seeds"),
    ],
)
def test_what_cannot_be_tuned_is_refused_in_a_line(grid: dict[str, Any], more: dict[str, int], said: str) -> None:
    """With the field's name and the way out."""
    with pytest.raises(NormlabError, match=said) as refused:
        trials(base(), searched(grid, more.get("count"), more.get("seeds", 2)), 1_000)
    assert "\n" not in str(refused.value)


def test_a_tuned_study_is_not_tuned_again() -> None:
    """Nor is a path, which chooses its λ itself."""
    study = base()
    made = tuned(study, {"bn": {"optimizer.lr": 0.1}, "ln": {"optimizer.lr": 0.1}}, tried(study))
    with pytest.raises(SpecError, match="tuned already: tune mine"):
        trials(made, Search({"batch_size": [32, 64]}), 1_000)
    with pytest.raises(SpecError, match="a path chooses its λ itself"):
        tried(base(norms=["bn"], l1=[0.0, 1e-4, 1e-3], warm_start=True))
