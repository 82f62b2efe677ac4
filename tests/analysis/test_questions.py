from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.analysis.questions import about, every_pair, inquiries, place
from normlab.spec import Study, design


def pairs(study: Study) -> dict[str, list[tuple[str, str]]]:
    """What is compared, by factor."""
    found: dict[str, list[tuple[str, str]]] = {}
    for question in inquiries(study):
        found.setdefault(question.factor, []).extend(question.pairs)
    return found


def test_levels_without_an_order_are_all_compared() -> None:
    """Three norms make three pairs."""
    assert pairs(design(norms=["bn", "ln", "in"])) == {"norm": [("bn", "ln"), ("bn", "in"), ("ln", "in")]}


def test_ordered_levels_are_held_to_the_recipes_own_and_to_their_neighbours() -> None:
    """Batch 128 is the recipe's; 64 against 32 is a step, and no pair stands twice."""
    assert pairs(design(batch_size=[32, 64, 128, 256])) == {
        "batch_size": [
            ("batch 32", "batch 128"),
            ("batch 64", "batch 128"),
            ("batch 256", "batch 128"),
            ("batch 64", "batch 32"),
        ]
    }


def test_without_the_recipes_own_level_the_lowest_is_the_base() -> None:
    """However the levels were written down."""
    found = pairs(design(batch_size=[64, 16, 32]))["batch_size"]
    assert found == [("batch 32", "batch 16"), ("batch 64", "batch 16"), ("batch 64", "batch 32")]


def test_all_training_images_are_above_every_number_of_them() -> None:
    """That field's 0 stands for all: its neighbour is the largest number, not the smallest."""
    (question,) = inquiries(design(train_images=[0, 1_000, 100]))
    assert question.arms == ("images 100", "images 1000", "all images")
    assert question.pairs == (
        ("images 100", "all images"),
        ("images 1000", "all images"),
        ("images 1000", "images 100"),
    )


def test_questions_narrow_what_is_asked() -> None:
    """A factor by its path or the last part of it; the others are neither compared nor counted."""
    vary = {"norm": ["bn", "ln"], "optimizer.lr": [0.1, 0.2]}
    assert list(pairs(design(vary=vary, questions=["lr"]))) == ["optimizer.lr"]
    study = design(vary=vary)
    assert (len([pair for each in pairs(study).values() for pair in each]), every_pair(study)) == (4, 4)
    assert every_pair(design(vary=vary, questions=["lr"])) == 4


def test_a_baseline_is_held_against_every_other_arm() -> None:
    """Whatever they differ in, together with those that differ in the same."""
    study = design(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, baseline="bn · batch 16")
    assert pairs(study) == {
        "norm": [("ln · batch 16", "bn · batch 16")],
        "batch_size": [("bn · batch 64", "bn · batch 16")],
        "norm, batch_size": [("ln · batch 64", "bn · batch 16")],
    }


def test_what_changes_nothing_makes_no_difference() -> None:
    """No penalty is of every kind: it is the lowest λ of each, and of no kind itself."""
    study = design(norms="bn", penalty=["prox", "spred"], l1=[0.0, 1e-3])
    assert pairs(study) == {
        "penalty.kind": [("bn + prox 0.001", "bn + spred 0.001")],
        "penalty.lambda": [("bn + prox 0.001", "bn"), ("bn + spred 0.001", "bn")],
    }


@given(
    norms=st.lists(st.sampled_from(["bn", "ln", "in", "none"]), min_size=1, max_size=4, unique=True),
    sizes=st.lists(st.sampled_from([16, 64, 128, 256]), min_size=1, max_size=4, unique=True),
    lambdas=st.lists(st.sampled_from([0.0, 1e-4, 1e-3]), min_size=1, max_size=3, unique=True),
)
@pytest.mark.long
def test_every_pair_differs_in_its_factor_alone(norms: list[str], sizes: list[int], lambdas: list[float]) -> None:
    """For crossed factors of every size, and no pair is asked about twice."""
    vary: dict[str, Any] = {"norm": norms, "batch_size": sizes, "penalty.lambda": lambdas}
    study = design(vary=vary)
    seen = set()
    for question in (one for path in study.factors for one in about(study, path)):
        for first, second in question.pairs:
            one, other = (place(study, study.arm(name)) for name in (first, second))
            assert [path for path in study.factors if one[path] != other[path]] == [question.factor]
            seen.add(frozenset((first, second)))
    assert len(seen) == every_pair(study)
    nominal = len(list(combinations(norms, 2))) * len(sizes) * len(lambdas)
    assert sum(len(question.pairs) for question in inquiries(study) if question.factor == "norm") == nominal


@pytest.mark.parametrize("name", ["batch_size", "dropout"])
def test_a_single_level_is_no_question(name: str) -> None:
    """One value sets a field and compares nothing."""
    assert name not in pairs(design(set={name: 1 if name == "batch_size" else 0.5}))


KINDS = [
    {},
    *({"penalty": {"kind": kind, "lambda": lam}} for kind in ("prox", "group", "gamma") for lam in (1e-3, 1e-2)),
]
"""No penalty, and three kinds at two λ."""


@given(st.lists(st.sampled_from(range(2 * len(KINDS))), min_size=2, max_size=8, unique=True))
@pytest.mark.long
def test_arms_by_hand_are_asked_about_what_differs_in_them(chosen: list[int]) -> None:
    """Of any part of a grid, each pair differs in its factor alone and is asked once; no penalty fits every kind."""
    made = [{"norm": norm, **kind} for norm in ("bn", "ln") for kind in KINDS]
    study = design(arms=[made[index] for index in sorted(chosen)])
    for factor, asked_about in pairs(study).items():
        assert len({frozenset(pair) for pair in asked_about}) == len(asked_about)
        for first, second in asked_about:
            here, there = (place(study, study.arm(name)) for name in (first, second))
            assert {path for path in here.keys() & there.keys() if here[path] != there[path]} == {factor}


@pytest.mark.timeout(20)
@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_a_thousand_levels_are_asked_about_at_once() -> None:
    """A long λ is one question, and takes no minutes to find: arms that stand alike are looked at once."""
    study = design(vary={"penalty.lambda": [0.0, *(step * 1e-6 for step in range(1, 1001))]})
    (question,) = inquiries(study)
    assert len(question.arms) == 1001
