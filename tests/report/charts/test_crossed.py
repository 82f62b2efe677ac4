from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from normlab.analysis import gather
from normlab.report import charts
from normlab.show.drawing import svg

if TYPE_CHECKING:
    from comparisons import Make

    from normlab.records import Comparison
    from normlab.show.figure import Figure


def maps(comparison: Comparison) -> dict[str, Figure]:
    """The heat maps of a comparison."""
    figures = charts.figures(gather(comparison))
    return {figure.name: figure for figure in figures if figure.name.startswith("crossed-")}


def cells(figure: Figure) -> dict[tuple[str, str], float]:
    """The numbers that are written, by row and column."""
    (rows,) = figure.untitled["datasets"].values()
    return {(row["down"], row["across"]): row["mean"] for row in rows}


def order(figure: Figure, channel: str) -> list[Any]:
    """The levels along one side."""
    found: list[Any] = figure.untitled["layer"][0]["encoding"][channel]["sort"]
    return found


@pytest.mark.slow
def test_every_cell_has_its_arms_mean(make: Make) -> None:
    """Norms below each other, batch sizes beside each other by size, however they were named."""
    comparison = make(vary={"norm": ["ln", "bn"], "batch_size": [64, 16]})
    (figure,) = maps(comparison).values()
    means = {arm.name: [run.final.judged_accuracy for run in comparison.of(arm.name)] for arm in comparison.study.arms}
    assert cells(figure) == {
        (norm, f"batch {size}"): sum(means[f"{norm} · batch {size}"]) / 3 for norm in ("ln", "bn") for size in (16, 64)
    }
    assert (order(figure, "y"), order(figure, "x")) == (["ln", "bn"], ["batch 16", "batch 64"])


@pytest.mark.slow
def test_the_title_is_the_question_and_the_sentence_its_answer(make: Make) -> None:
    """As among the findings."""
    errors = {"bn · batch 16": 0.1}
    (figure,) = maps(make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, seeds=6, errors=errors)).values()
    assert figure.title == "Does the answer about the norm depend on the batch size?"
    assert figure.sentence.startswith("Yes: bn − ln is ")


@pytest.mark.slow
def test_three_factors_have_a_map_for_each_two(make: Make) -> None:
    """Rows are what is not beside each other, so that no cell has two arms."""
    vary = {"norm": ["bn", "ln"], "batch_size": [16, 64], "penalty.lambda": [0.0, 1e-4]}
    found = maps(make(vary=vary, seeds=2, images=100))
    assert list(found) == [
        "crossed-norm-batch-size",
        "crossed-norm-penalty-lambda",
        "crossed-batch-size-penalty-lambda",
    ]
    assert all(len(cells(figure)) == 8 for figure in found.values())
    rows = ["bn · batch 16", "ln · batch 16", "bn · batch 64", "ln · batch 64"]
    assert order(found["crossed-norm-penalty-lambda"], "y") == rows


@pytest.mark.slow
def test_kinds_and_lambdas_are_told_apart(make: Make) -> None:
    """Two fields of one penalty have a side each; no penalty is of no kind and has no cell."""
    vary = {"penalty.kind": ["subgrad", "prox"], "penalty.lambda": [0.0, 1e-4, 1e-3]}
    (figure,) = maps(make(vary=vary, seeds=2, images=100)).values()
    assert set(cells(figure)) == {(kind, f"λ {lam:g}") for kind in ("L1", "prox") for lam in (1e-4, 1e-3)}


@pytest.mark.slow
def test_an_arm_without_a_run_has_no_cell(make: Make) -> None:
    """What is not known is not drawn."""
    diverged = [("ln · batch 16", seed, 1) for seed in range(3)]
    (figure,) = maps(make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, diverged=diverged)).values()
    assert ("ln", "batch 16") not in cells(figure)
    assert "NaN" not in svg(figure.untitled)


@pytest.mark.slow
def test_the_map_is_valid_vega_lite(make: Make) -> None:
    """Against the schema."""
    (figure,) = maps(make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, seeds=2, images=100)).values()
    assert figure.chart.to_dict(validate=True)["config"]
