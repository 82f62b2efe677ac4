from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from normlab.errors import UnknownName
from normlab.records import Comparison
from normlab.report.tables import table

if TYPE_CHECKING:
    from comparisons import Make


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
    assert (read["digest"], read["judged_on"]) == (six.study.digest, "test")


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
