"""Runs, epochs and differences as tidy tables, for pandas, polars or pyarrow: names as in the JSON, one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow
from normlab.errors import MissingPackage, UnknownName
from normlab.records import Comparison, RunRecord
from normlab.report.view import build
from normlab.spec import find

Row = Mapping[str, Any]

RUN = (
    "final_accuracy",
    "outcome",
    "last_epochs_accuracy",
    "best_epoch_accuracy",
    "best_epoch",
    "best_train_accuracy",
    "at_chance",
    "collapsed",
    "diverged_at",
    "seconds",
    "parameters",
    "engine",
    "key",
)
EPOCH = (
    "epoch",
    "learning_rate",
    "train_loss",
    "penalty",
    "abs_sum",
    "train_correct",
    "train_images",
    "train_accuracy",
    "judged_loss",
    "judged_correct",
    "judged_images",
    "judged_accuracy",
    "seconds",
)
DIFFERENCE = ("factor", "first", "second", "seed", "difference")

MAKERS = {"pandas": "DataFrame", "polars": "DataFrame", "pyarrow": "table"}
"""What makes a table of columns in each package; the first that is installed counts."""


def frame(comparison: Comparison, what: str = "runs") -> Any:
    """A tidy table of a comparison, in the first package that is installed of pandas, polars and pyarrow.

    Args:
        comparison: what to show.
        what: `runs`, `epochs` or `differences`.

    Raises:
        UnknownName: for another table.
        MissingPackage: none of the three is installed.
    """
    found = columns(comparison, what)
    return _maker()(found)


def columns(comparison: Comparison, what: str = "runs") -> dict[str, list[Any]]:
    """The tidy table as columns of one length, in plain Python; raises as `frame`, and needs no package."""
    tables: dict[str, Callable[[Facts], dict[str, list[Any]]]] = {
        "runs": _runs,
        "epochs": _epochs,
        "differences": _differences,
    }
    if what not in tables:
        raise UnknownName("frame", what, tables)
    return tables[what](build(comparison).facts)


def _maker() -> Callable[[Mapping[str, list[Any]]], Any]:
    for package, maker in MAKERS.items():
        if find_spec(package):
            made: Callable[[Mapping[str, list[Any]]], Any] = getattr(import_module(package), maker)
            return made
    raise MissingPackage(
        f"a frame needs one of {', '.join(MAKERS)}, and none is installed: pip install pandas; "
        'without them, table("json") has the same numbers'
    )


def _runs(facts: Facts) -> dict[str, list[Any]]:
    rows = (at | _ending(run) | _scores(row, run.seed) for row, run, at in placed(facts))
    return _columns(("arm", *facts.study.factors, "seed", *RUN), rows)


def _epochs(facts: Facts) -> dict[str, list[Any]]:
    """A factor goes before what is measured under the same name: how many training images there are, 0 for all."""
    rows = (
        vars(epoch) | {"train_accuracy": epoch.train_accuracy, "judged_accuracy": epoch.judged_accuracy} | at
        for _, run, at in placed(facts)
        for epoch in run.epochs
    )
    return _columns(("arm", *facts.study.factors, "seed", *EPOCH), rows)


def _differences(facts: Facts) -> dict[str, list[Any]]:
    rows = (
        {"factor": each.factor, "first": each.first, "second": each.second, "seed": seed, "difference": difference}
        for each in facts.contrasts
        for seed, difference in zip(each.seeds, each.differences, strict=True)
    )
    return _columns(DIFFERENCE, rows)


def placed(facts: Facts) -> Iterator[tuple[ArmRow, RunRecord, dict[str, Any]]]:
    """Every run, diverged ones too, by arm and seed, with the values of all factors there."""
    for row in facts.arms:
        levels = {path: find(path).of(row.arm.recipe) for path in facts.study.factors}
        runs = [*facts.comparison.of(row.name), *facts.comparison.diverged(row.name)]
        for run in sorted(runs, key=lambda run: run.seed):
            yield row, run, {"arm": row.name, **levels, "seed": run.seed}


def _ending(run: RunRecord) -> dict[str, Any]:
    return {
        "diverged_at": run.diverged_at,
        "seconds": run.seconds,
        "parameters": run.parameters,
        "engine": run.job.engine,
        "key": run.key,
    }


def _scores(row: ArmRow, seed: int) -> dict[str, Any]:
    """What the arm's row of the report is the mean of; nothing of a run that diverged."""
    if seed not in row.seeds:
        return {}
    place = row.seeds.index(seed)
    scores = {"final": row.final, "last_epochs": row.last, "best_epoch": row.best, "best_train": row.best_train}
    return {
        "outcome": row.score.values[row.scored.index(seed)] if row.score and seed in row.scored else None,
        **{f"{name}_accuracy": score.values[place] for name, score in scores.items() if score},
        "best_epoch": row.best_epochs[place],
        "at_chance": any(stuck.seed == seed for stuck in row.at_chance),
        "collapsed": any(low.seed == seed for low in row.collapsed),
    }


def _columns(names: tuple[str, ...], rows: Iterator[Row]) -> dict[str, list[Any]]:
    """The rows as columns, which are there without a row too; None where a row says nothing."""
    known = list(rows)
    return {name: [row.get(name) for row in known] for name in names}
