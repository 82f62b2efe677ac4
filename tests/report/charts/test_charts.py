from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from normlab.analysis import gather
from normlab.errors import StoreError
from normlab.records import Comparison
from normlab.report import charts
from normlab.show.drawing import svg

pytestmark = pytest.mark.slow  # every chart is drawn

if TYPE_CHECKING:
    from comparisons import Make

    from normlab.show.figure import Figure


def by_name(comparison: Comparison) -> dict[str, Figure]:
    """The figures of a comparison."""
    return {figure.name: figure for figure in charts.figures(gather(comparison))}


def rows(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows of data of a specification, which Altair collects in one place."""
    return [row for values in spec["datasets"].values() for row in values]


def test_the_main_job_has_seven_charts(six: Comparison) -> None:
    """Finals, differences, crossed factors, three sets of curves and the effective step size, each with a sentence."""
    figures = by_name(six)
    curves = ["curves-accuracy", "curves-loss", "curves-train"]
    assert list(figures) == ["finals", "differences", "crossed-norm-penalty-lambda", *curves, "steps"]
    assert all(figure.title and figure.sentence.endswith(".") for figure in figures.values())


def test_every_chart_is_valid_vega_lite(six: Comparison) -> None:
    """Against the schema, which reports skip for the sake of time."""
    for figure in by_name(six).values():
        assert figure.chart.to_dict(validate=True)["config"]


def test_curves_are_the_records_numbers(six: Comparison) -> None:
    """Every test accuracy of every epoch is drawn unrounded."""
    drawn = {
        (row["arm"], row["seed"], row["epoch"]): row["value"]
        for row in rows(by_name(six)["curves-accuracy"].untitled)
        if "seed" in row
    }
    expected = {(run.arm, run.seed, epoch.epoch): epoch.judged_accuracy for run in six.runs for epoch in run.epochs}
    assert drawn == expected


def test_finals_are_the_records_numbers(six: Comparison) -> None:
    """Every final accuracy is a mark."""
    drawn = {(row["arm"], row["seed"]): row["value"] for row in rows(by_name(six)["finals"].untitled)}
    assert drawn == {(run.arm, run.seed): run.final.judged_accuracy for run in six.runs}


@pytest.mark.long
def test_every_chart_can_be_drawn(six: Comparison) -> None:
    """Each becomes an SVG with marks and without a NaN in its paths."""
    for figure in by_name(six).values():
        picture = svg(figure.untitled)
        assert "<path" in picture
        assert "NaN" not in picture


def test_many_seeds_are_drawn_as_their_band(make: Make) -> None:
    """An arm of more than twenty seeds has no line for each, but the mean and the ends of all of them."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=21, epochs=2, images=100)
    figure = by_name(comparison)["curves-accuracy"]
    drawn = rows(figure.untitled)
    assert not any("seed" in row for row in drawn)
    last = [run.final.judged_accuracy for run in comparison.of("bn")]
    (row,) = (row for row in drawn if row.get("arm") == "bn" and row["epoch"] == 2)
    assert (row["low"], row["high"]) == (min(last), max(last))
    assert row["mean"] == pytest.approx(sum(last) / 21)
    assert "where they are few" in figure.sentence


@pytest.mark.long
def test_arms_of_other_lengths_share_their_charts(make: Make) -> None:
    """Curves end where their arm does, and the axis reaches to the longest."""
    figures = by_name(make(vary={"norm": ["bn", "ln"], "epochs": [2, 4, 8]}, seeds=2, images=200))
    assert {"dose-epochs", "crossed-norm-epochs"} <= set(figures)
    spec = figures["curves-accuracy"].untitled
    ends: dict[str, int] = {}
    for row in rows(spec):
        if "seed" in row:
            ends[row["arm"]] = max(ends.get(row["arm"], 0), row["epoch"])
    assert ends == {f"{norm} · epochs {epochs}": epochs for norm in ("bn", "ln") for epochs in (2, 4, 8)}
    assert spec["spec"]["layer"][0]["encoding"]["x"]["scale"]["domain"] == [1, 8]
    assert all("<path" in svg(figure.untitled) for figure in figures.values())


@pytest.mark.slow  # all charts of thirty arms
@pytest.mark.long
def test_thirty_arms_are_drawn(make: Make) -> None:
    """Each has a place of its own; colours stand for norms, marks for batch sizes."""
    sizes = [8, 16, 32, 64, 128, 256]
    comparison = make(vary={"norm": ["bn", "ln", "in", "gn:2", "none"], "batch_size": sizes}, seeds=2, images=100)
    figures = by_name(comparison)
    drawn = rows(figures["finals"].untitled)
    assert len({row["arm"] for row in drawn}) == 30
    assert {row["hue"] for row in drawn} == {"bn", "ln", "in", "gn:2", "none"}
    assert len({(row["hue"], row["pattern"]) for row in drawn}) == 30
    assert all("NaN" not in svg(figure.untitled) for figure in figures.values())


@pytest.mark.long
def test_of_many_arms_the_best_and_the_last_are_drawn(make: Make) -> None:
    """Fifteen of each, and of their pairs those that say most; the sentence says so, and colours stay as they were."""
    vary = {"norm": ["bn", "ln", "in", "rms", "none"], "optimizer.lr": [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64]}
    comparison = make(vary=vary, seeds=2, images=200, errors={"in · lr 0.16": 0.6, "ln · lr 0.02": 0.0})
    figures = by_name(comparison)
    shown = {row["arm"] for row in rows(figures["finals"].untitled)}
    assert len(shown) == 30
    assert {"in · lr 0.16", "ln · lr 0.02"} <= shown
    assert "Of 35 arms the 15 best and the 15 last are shown." in figures["finals"].sentence
    assert len({row["pair"] for row in rows(figures["differences"].untitled) if "pair" in row}) == 24
    assert shown >= {row["arm"] for row in rows(figures["curves-accuracy"].untitled) if "arm" in row}


def test_a_thin_line_is_the_interval_on_other_images(make: Make) -> None:
    """Around the first, of all pairs or of those that are shown; the sentence says what it is."""
    figure = by_name(make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=4))["differences"]
    (pair,) = [row for row in rows(figure.untitled) if "word" in row]
    assert pair["from"] <= pair["low"] < pair["high"] <= pair["to"]
    assert "the thin one what it would lie within on other images" in figure.sentence


def test_one_seed_has_no_intervals(make: Make) -> None:
    """The chart of differences then shows marks and speaks of no interval."""
    figure = by_name(make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1))["differences"]
    assert "interval" not in figure.sentence
    assert all(row["low"] is None for row in rows(figure.untitled) if "low" in row)


def test_a_single_arm_has_no_differences(make: Make) -> None:
    """There is nothing to compare one arm with."""
    assert "differences" not in by_name(make(arms=[{"norm": "bn"}]))


def test_nothing_finished_has_no_chart(make: Make) -> None:
    """An empty frame would say nothing."""
    assert by_name(make(missing=18)) == {}


def test_an_arm_far_outside_is_named(make: Make) -> None:
    """An arm that learned nothing is not drawn over the others but told."""
    figures = by_name(make(arms=[{"norm": "bn"}, {"norm": "none"}, {"norm": "ln"}], errors={"none": 0.9}))
    for name in ("finals", "curves-accuracy", "curves-loss"):
        assert figures[name].sentence.endswith(" Too far off to be drawn: the arm none.")


@pytest.mark.long
def test_colours_do_not_move_while_runs_come_in(make: Make) -> None:
    """A norm keeps its colour whether or not the others have finished."""
    arms = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "gn:4"}]
    part = make(arms=arms, seeds=1, diverged=[("ln", 0, 1)])
    fills = [
        re.findall(r'aria-roledescription="point"[^>]*fill="([^"]+)"', _finals(c))
        for c in (part, make(arms=arms, seeds=1))
    ]
    assert fills[0] == [fills[1][0], fills[1][2]]


def _finals(comparison: Comparison) -> str:
    return svg(by_name(comparison)["finals"].untitled)


def test_curves_of_one_run_become_a_png(six: Comparison, tmp_path: Path) -> None:
    """The file is a PNG of the asked scale, in a folder that is made for it."""
    path = tmp_path / "new" / "curves.png"
    assert charts.save_png(charts.curves(six.runs[0]), path, scale=1) == path
    small = Image.open(path)
    charts.save_png(charts.curves(six.runs[0]), path, scale=2)
    assert (small.format, Image.open(path).width // small.width) == ("PNG", 2)


def test_curves_of_one_run_are_its_numbers(six: Comparison) -> None:
    """Accuracy and loss, on training and on evaluation images."""
    run = six.runs[0]
    drawn = {row["value"] for row in rows(charts.curves(run).to_dict()) if row["epoch"] == 5}
    last = run.final
    assert drawn == {last.judged_accuracy, last.train_accuracy, last.judged_loss, last.train_loss}


@pytest.mark.parametrize("epoch", [1, 3])
def test_curves_of_a_diverged_run_end_before_it(make: Make, epoch: int) -> None:
    """Even a run that diverged in its first epoch has a picture, which says so."""
    (run,) = make(arms=[{"norm": "bn"}], seeds=1, diverged=[("bn", 0, epoch)]).runs
    picture = svg(charts.curves(run).to_dict())
    assert f"The loss stopped being a number in epoch {epoch}" in picture


def test_a_folder_that_cannot_be_written_is_told(six: Comparison, tmp_path: Path) -> None:
    """One line with the path and the way out."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot write .*curves\.png: .*choose another folder"):
        charts.save_png(charts.curves(six.runs[0]), tmp_path / "file" / "curves.png")


@pytest.mark.slow  # every chart is drawn twice
@pytest.mark.long
def test_every_chart_is_saved(make: Make, tmp_path: Path) -> None:
    """As PNG and as SVG, called as on the page."""
    facts = gather(make(vary={"norm": ["bn", "ln"], "penalty.lambda": [0.0, 1e-4]}, seeds=2, images=200))
    names = [figure.name for figure in charts.figures(facts)]
    for form, start in (("png", b"\x89PNG"), ("svg", b"<svg")):
        saved = charts.save(facts, tmp_path / form, form)  # type: ignore[arg-type]  # both are forms
        assert [path.name for path in saved] == [f"{name}.{form}" for name in names]
        assert all(path.read_bytes().startswith(start) for path in saved)
