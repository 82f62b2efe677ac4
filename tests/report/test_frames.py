from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from normlab.errors import MissingPackage, UnknownName
from normlab.records import Comparison
from normlab.report import frames
from normlab.report.frames import frame
from normlab.report.tables import table

if TYPE_CHECKING:
    from comparisons import Make


def installed(patch: pytest.MonkeyPatch, *packages: str) -> None:
    patch.setattr(frames, "find_spec", lambda package: package in packages)


@pytest.fixture(autouse=True)
def only_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else this machine has."""
    installed(monkeypatch, "pyarrow")


def rows(comparison: Comparison, what: str) -> list[dict[str, Any]]:
    made = frame(comparison, what)
    assert isinstance(made, pa.Table)
    found: list[dict[str, Any]] = made.to_pylist()
    return found


@pytest.mark.slow
def test_a_row_for_each_run_has_its_factors_and_its_scores(six: Comparison) -> None:
    """Their means are those of the JSON, under the same names."""
    runs = rows(six, "runs")
    assert len(runs) == 18
    assert list(runs[0])[:5] == ["arm", "norm", "penalty.lambda", "seed", "final_accuracy"]
    for arm in json.loads(table(six, "json"))["arms"]:
        mine = [run for run in runs if run["arm"] == arm["arm"]]
        assert {(run["norm"], run["penalty.lambda"]) for run in mine} == {(arm["norm"], arm["penalty.lambda"])}
        for name in (
            "outcome",
            "final_accuracy",
            "last_epochs_accuracy",
            "best_epoch_accuracy",
            "best_train_accuracy",
            "seconds",
        ):
            assert sum(run[name] for run in mine) / len(mine) == pytest.approx(arm[f"{name}_mean"])


def test_a_run_that_diverged_is_a_row_without_scores(make: Make) -> None:
    """It says in which epoch, and the epochs before it are there."""
    comparison = make(vary={"norm": ["bn", "ln"]}, seeds=2, epochs=3, diverged=[("ln", 1, 2)])
    (lost,) = (run for run in rows(comparison, "runs") if run["diverged_at"])
    assert (lost["arm"], lost["seed"], lost["diverged_at"], lost["final_accuracy"]) == ("ln", 1, 2, None)
    told = [(row["arm"], row["seed"], row["epoch"]) for row in rows(comparison, "epochs")]
    assert told[-4:] == [("ln", 0, 1), ("ln", 0, 2), ("ln", 0, 3), ("ln", 1, 1)]


def test_a_row_for_each_epoch_has_the_records_numbers(six: Comparison) -> None:
    """Counts as they were counted, accuracies in percent."""
    epochs = {(row["arm"], row["seed"], row["epoch"]): row for row in rows(six, "epochs")}
    assert len(epochs) == 18 * 5
    for run in six.runs:
        for epoch in run.epochs:
            row = epochs[run.arm, run.seed, epoch.epoch]
            assert row.items() >= vars(epoch).items()
            assert (row["train_accuracy"], row["judged_accuracy"]) == (epoch.train_accuracy, epoch.judged_accuracy)


def test_a_factor_keeps_its_own_values(make: Make) -> None:
    """Also where epochs have counted something of the same name."""
    comparison = make(vary={"train_images": [500, 1000]}, seeds=1, epochs=1)
    assert [row["train_images"] for row in rows(comparison, "epochs")] == [500, 1000]


@pytest.mark.slow
def test_a_row_for_each_seed_of_a_pair_has_the_difference(six: Comparison) -> None:
    """As the verdict has it: first − second, in points."""
    known = {
        (pair["factor"], pair["first"], pair["second"], seed): difference
        for question in json.loads(table(six, "json"))["questions"]
        for pair in question["contrasts"]
        for seed, difference in zip(pair["seeds"], pair["differences"], strict=True)
    }
    found = rows(six, "differences")
    assert {(r["factor"], r["first"], r["second"], r["seed"]): r["difference"] for r in found} == known
    assert len(found) == len(known) == 9 * 3


def test_columns_are_there_without_a_row(make: Make) -> None:
    """Of a study of which nothing is trained yet."""
    comparison = make(vary={"norm": ["bn", "ln"]}, seeds=1, missing=2)
    for what, name in (("runs", "final_accuracy"), ("epochs", "judged_loss"), ("differences", "difference")):
        made = frame(comparison, what)
        assert (made.num_rows, name in made.column_names) == (0, True)


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_pandas_goes_first_and_polars_next(package: str, six: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is installed its DataFrame is made of columns by their names."""
    columns, other = frame(six, "differences").to_pydict(), ModuleType(package)
    monkeypatch.setattr(other, "DataFrame", lambda columns: (package, columns), raising=False)
    monkeypatch.setitem(sys.modules, package, other)
    installed(monkeypatch, "polars", "pyarrow", package)
    assert frame(six, "differences") == (package, columns)


def test_without_any_package_the_error_says_what_to_install(six: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where the same numbers are without one."""
    installed(monkeypatch)
    with pytest.raises(MissingPackage, match=r"one of pandas, polars, pyarrow.*pip install pandas.*table\(\"json\"\)"):
        frame(six)


def test_another_frame_is_refused(six: Comparison) -> None:
    """The error names the nearest, and all that there are."""
    with pytest.raises(UnknownName, match="unknown frame 'run': did you mean runs"):
        frame(six, "run")
