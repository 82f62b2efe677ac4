from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from normlab.errors import UnknownName
from normlab.records import Comparison, Look
from normlab.report.tables import table

if TYPE_CHECKING:
    from comparisons import Make


@pytest.mark.slow
def test_json_has_the_records_numbers_exactly(six: Comparison) -> None:
    """Every epoch of every run can be read back and equals the record."""
    read = json.loads(table(six, "json"))
    runs = {(run["arm"], run["seed"]): run["epochs"] for run in read["runs"]}
    assert len(runs) == 18
    for run in six.runs:
        for epoch, told in zip(run.epochs, runs[run.arm, run.seed], strict=True):
            assert told["judged_correct"] == epoch.judged_correct
            assert told["judged_loss"] == epoch.judged_loss
            assert told["train_correct"] == epoch.train_correct
    assert (read["factors"], read["judged_on"]) == (["norm", "penalty.lambda"], "test")


def test_csv_has_full_precision(six: Comparison) -> None:
    """One row for each arm; a float read back is the float that was written."""
    rows = list(csv.DictReader(io.StringIO(table(six, "csv"))))
    whole = json.loads(table(six, "json"))["arms"]
    assert [row["arm"] for row in rows] == [arm.name for arm in six.study.arms]
    for row, arm in zip(rows, whole, strict=True):
        assert float(row["final_accuracy_mean"]) == arm["final_accuracy_mean"]
        assert float(row["final_accuracy_sd"]) == arm["final_accuracy_sd"]


def test_what_is_not_defined_is_null_or_empty(make: Make) -> None:
    """One seed has no sd, an arm without a run has nothing."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1, diverged=[("ln", 0, 1)])
    bn, ln = json.loads(table(comparison, "json"))["arms"]
    assert (bn["final_accuracy_sd"], ln["final_accuracy_mean"], ln["seeds_diverged"]) == (None, None, 1)
    rows = list(csv.DictReader(io.StringIO(table(comparison, "csv"))))
    assert (rows[0]["final_accuracy_sd"], rows[1]["final_accuracy_mean"]) == ("", "")


def test_markdown_is_a_table_with_its_caveat(six: Comparison) -> None:
    """A heading, a rule, a row for each arm, and what the best epoch is worth."""
    lines = table(six, "markdown").splitlines()
    assert lines[0] == "| arm | parameters | seeds | final test % | last 5 % | best test %* | train % |"
    assert sum(line.startswith("| ") for line in lines) == 2 + 6
    assert lines[-1].endswith("not used for any conclusion.")


def test_held_out_images_are_never_called_test(make: Make) -> None:
    """Keys and headings follow what the arms were judged on."""
    comparison = make(arms=[{"norm": "bn"}], seeds=1, holdout=5000)
    for form in ("json", "csv", "markdown"):
        assert "test" not in table(comparison, form)


def test_another_format_is_refused(six: Comparison) -> None:
    """The error names the formats that there are."""
    with pytest.raises(UnknownName, match="csv, json, latex, markdown"):
        table(six, "jsom")


def test_latex_is_a_tabular(six: Comparison) -> None:
    """One line for each arm, special characters escaped, as many columns as heads."""
    text = table(six, "latex")
    lines = text.splitlines()
    assert lines[1] == r"\begin{tabular}{lrrrrrr}"
    body = [line for line in lines if line.endswith(r"\\")]
    assert len(body) == 1 + 6
    assert {line.count("&") for line in body} == {6}
    assert "±" not in "".join(lines[1:])
    assert r"$\pm$" in text


def test_json_says_what_was_asked_and_by_which_rules(make: Make) -> None:
    """Questions by their factor, interactions with their four arms, and the levels of every arm."""
    read = json.loads(table(make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, seeds=3), "json"))
    assert (read["factors"], read["rules"], read["grown_after"]) == (["norm", "batch_size"], "once", None)
    assert [question["factor"] for question in read["questions"]] == ["norm", "norm", "batch_size", "batch_size"]
    assert [(arm["norm"], arm["batch_size"]) for arm in read["arms"]][1:3] == [("ln", 16), ("bn", 64)]
    (one,) = read["interactions"]
    assert (one["factor"], one["other"]) == ("norm", "batch_size")
    assert (one["here"], one["there"]) == (["bn · batch 64", "ln · batch 64"], ["bn · batch 16", "ln · batch 16"])
    assert (one["seeds"], one["verdict"]) == ([0, 1, 2], "not enough evidence")


def test_json_remembers_the_look_that_a_study_grew_after(make: Make) -> None:
    """With its date and its seeds."""
    grown = make(arms=[{"norm": "bn"}, {"norm": "ln"}])
    look = Look("compare", "2026-01-02", (0, 1), "once", 1, tuple(arm.recipe.digest for arm in grown.study.arms))
    read = json.loads(table(replace(grown, looks=[look]), "json"))
    assert (read["rules"], read["grown_after"]["when"], read["grown_after"]["seeds"]) == ("grown", "2026-01-02", [0, 1])


def test_json_counts_kept_and_trained_runs(six: Comparison) -> None:
    """What the call found and what it added; nothing else of the study knows."""
    read = json.loads(table(six, "json", kept=12, trained=6))
    assert (read["kept"], read["trained"]) == (12, 6)


def test_json_has_each_class_of_an_arm(six: Comparison) -> None:
    """The percent right, mean over seeds, by the class's name; nothing of an arm without a finished run."""
    arms = json.loads(table(replace(six, runs=[run for run in six.runs if run.arm != "ln"]), "json"))["arms"]
    told = {arm["arm"]: arm["classes"] for arm in arms}
    assert told["ln"] == {}
    assert list(told["bn"]) == list(six.classes)
    right = [(run.predictions == six.labels)[six.labels == 3].mean() for run in six.of("bn")]
    assert told["bn"]["3"] == pytest.approx(100 * sum(right) / 3)


@pytest.mark.slow
def test_failed_runs_stand_beside_those_that_count(make: Make) -> None:
    """In every form: how many diverged, and how many collapsed."""
    arms = [{"norm": "bn"}, {"norm": "ln"}]
    made = make(arms=arms, seeds=10, images=10_000, diverged=[("ln", 1, 1)], collapsed=[("ln", 3, 1.0)])
    assert "| 9 (1 diverged, 1 collapsed) |" in table(made, "markdown")
    assert "& 9 (1 diverged, 1 collapsed) &" in table(made, "latex")
    row = list(csv.DictReader(io.StringIO(table(made, "csv"))))[1]
    assert (row["seeds_finished"], row["seeds_diverged"], row["seeds_collapsed"]) == ("9", "1", "1")
