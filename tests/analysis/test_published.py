from __future__ import annotations

from normlab.analysis.arms import rows
from normlab.analysis.published import published
from normlab.records import Comparison
from normlab.spec import design


def found(recipe: str = "course", **options: object) -> list[tuple[float, str]]:
    study = design(recipe=recipe, norms=["bn", "ln"], **options)  # type: ignore[arg-type]
    empty = rows(Comparison(study, [], images=None, labels=[], classes=[]))  # type: ignore[arg-type]
    return [(one.row.arm.recipe.penalty.lam, one.said) for one in published(empty)]


def test_the_courses_lambdas_stand_beside_its_numbers() -> None:
    """All four, by rising λ, for batch norm with L1 on everything."""
    told = found(l1=[1e-3, 1e-4, 0, 1e-5], l1_on="all")
    assert [lam for lam, _ in told] == [0, 1e-5, 1e-4, 1e-3]
    assert told[3][1] == "train never over 97.83, test 96.38 to 98.58"


def test_what_the_course_did_not_do_is_not_put_beside_it() -> None:
    """Another recipe, preprocessing, scope, kind, λ or learning rate, and no penalty at all."""
    assert found(recipe="lean", l1=[0, 1e-4], l1_on="all") == []
    assert found(l1=[0, 1e-4], l1_on="weights") == []
    assert found(l1=[0, 1e-4], l1_on="all", penalty="prox") == []
    assert found(l1=[0, 2e-4], l1_on="all") == []
    assert found(l1=[0, 1e-4], l1_on="all", preprocess="equalize") == []
    assert found(l1=[0]) == []
    assert found(l1=[0, 1e-4], l1_on="all", lr=0.1) == []
