from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from normlab.analysis import gather
from normlab.report import charts
from normlab.report.charts.levels import levels
from normlab.show.drawing import svg
from normlab.spec import design

if TYPE_CHECKING:
    from comparisons import Make

    from normlab.records import Comparison
    from normlab.show.figure import Figure

SIZES = [16, 64, 256]


def dose(comparison: Comparison, factor: str) -> Figure:
    """The chart of one factor."""
    return next(figure for figure in charts.figures(gather(comparison)) if figure.name == f"dose-{factor}")


def rows(figure: Figure) -> list[dict[str, Any]]:
    """The points that are drawn."""
    return [row for values in figure.untitled["datasets"].values() for row in values if "line" in row]


def axis(figure: Figure) -> dict[str, Any]:
    """The axis of levels."""
    found: dict[str, Any] = figure.untitled["layer"][0]["encoding"]["x"]
    return found


@pytest.mark.slow
def test_means_stand_at_their_levels(make: Make) -> None:
    """One line for each norm, every mean unrounded, with the ends of its interval."""
    comparison = make(vary={"norm": ["bn", "ln"], "batch_size": SIZES})
    drawn = rows(dose(comparison, "batch-size"))
    assert {(row["line"], row["at"]) for row in drawn} == {(norm, size) for norm in ("bn", "ln") for size in SIZES}
    for row in drawn:
        finals = [run.final.judged_accuracy for run in comparison.of(row["arm"])]
        assert row["mean"] == pytest.approx(sum(finals) / 3)
        assert row["low"] <= row["mean"] <= row["high"]


@pytest.mark.long
def test_the_axis_is_the_fields_own(make: Make) -> None:
    """Logarithmic with a tick for each level and a title, or linear with the unit."""
    found = axis(dose(make(vary={"batch_size": SIZES}), "batch-size"))
    assert (found["title"], found["scale"]["type"], found["axis"]["values"]) == ("batch size, log scale", "log", SIZES)
    found = axis(dose(make(vary={"augment.rotation": [0.0, 5.0, 10.0]}), "augment-rotation"))
    assert (found["title"], found["scale"]["type"]) == ("rotation (°)", "linear")


@pytest.mark.slow
def test_zero_stands_apart_on_a_logarithmic_axis(make: Make) -> None:
    """One step to the left of the least λ, not joined to it, and the sentence says so."""
    figure = dose(make(vary={"penalty.lambda": [0.0, 1e-5, 1e-4, 1e-3]}), "penalty-lambda")
    places = {row["arm"]: (row["at"], row["apart"]) for row in rows(figure)}
    assert places["bn"] == (pytest.approx(1e-6), True)
    assert places["bn + L1 1e-05"] == (1e-5, False)
    assert "['0', '1e-05', '0.0001', '0.001']" in axis(figure)["axis"]["labelExpr"]
    assert "A logarithmic axis has no place for 0, so it stands apart at the left edge." in figure.sentence


@pytest.mark.slow
def test_all_training_images_are_the_highest_level(make: Make) -> None:
    """The 0 of that field is no amount: it stands apart at the right edge and is called all."""
    figure = dose(make(vary={"train_images": [100, 1_000, 0]}), "train-images")
    places = {row["arm"]: (row["at"], row["apart"]) for row in rows(figure)}
    assert places["images 1000"] == (1_000, False)
    assert places["all images"] == (pytest.approx(10_000), True)
    assert "“All” stands for all images, however many, and apart at the right edge." in figure.sentence


@pytest.mark.slow
def test_a_level_that_several_lines_share_is_on_each(make: Make) -> None:
    """No penalty is of every kind."""
    made = make(vary={"penalty.kind": ["subgrad", "prox"], "penalty.lambda": [0.0, 1e-4, 1e-3]})
    drawn = rows(dose(made, "penalty-lambda"))
    assert {row["line"] for row in drawn if row["arm"] == "bn"} == {"L1", "prox"}


@pytest.mark.slow
def test_many_lines_have_a_panel_each(make: Make) -> None:
    """Bands of five lines would hide each other; the others are behind in grey."""
    vary = {"norm": ["bn", "ln", "in", "gn:2", "none"], "batch_size": SIZES}
    figure = dose(make(vary=vary, seeds=2, images=100), "batch-size")
    assert figure.untitled["facet"]["field"] == "line"
    assert "Grey lines are those of the other panels." in figure.sentence


@pytest.mark.slow
def test_a_linked_field_is_told(make: Make) -> None:
    """What goes with the level is no secret of the recipe."""
    link = {"base": 0.1, "per": "batch_size", "at": 128}
    figure = dose(make(vary={"batch_size": SIZES}, fixed={"optimizer.lr": link}), "batch-size")
    assert "The learning rate goes with it (0.1 at batch_size 128, linear)." in figure.sentence


@pytest.mark.slow
def test_one_seed_has_no_band(make: Make) -> None:
    """The chart has marks and speaks of no interval."""
    figure = dose(make(vary={"batch_size": SIZES}, seeds=1), "batch-size")
    assert "interval" not in figure.sentence
    assert "<path" in svg(figure.untitled)


def test_two_levels_are_a_pair_and_no_line(make: Make) -> None:
    """A verdict says more of them than a line."""
    names = [figure.name for figure in charts.figures(gather(make(vary={"batch_size": [16, 64]})))]
    assert "dose-batch-size" not in names


@pytest.mark.long
def test_every_dose_chart_is_valid_vega_lite(make: Make) -> None:
    """Both forms, against the schema."""
    few = make(vary={"batch_size": SIZES, "norm": ["bn", "ln"]}, seeds=2, images=100)
    many = make(vary={"batch_size": SIZES, "norm": ["bn", "ln", "in", "gn:2", "none"]}, seeds=2, images=100)
    for comparison in (few, many):
        assert dose(comparison, "batch-size").chart.to_dict(validate=True)["config"]


def test_a_single_level_with_a_place_has_an_axis() -> None:
    """Beside 0 alone it stands at its value, and 0 a step away."""
    found = levels("penalty.lambda", design(vary={"penalty.lambda": [0.0, 1e-3]}).arms)
    assert found.at[1e-3] == 1e-3
    assert 0 < found.at[0.0] < 1e-3
