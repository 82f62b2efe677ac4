"""`normlab judge`: the verdicts on runs that are there already, of any tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import options
from normlab.cli.console import say


def judge(
    results: Annotated[
        Path,
        typer.Argument(
            help="CSV: a row a run, or a row a seed and a column an arm, or the other way. JSON too. Or what MLflow, "
            "W&B, TensorBoard, Lightning, Hydra or Optuna have left: a folder or a database."
        ),
    ],
    *,
    arm: Annotated[
        str | None,
        typer.Option(metavar="COLUMN,…", help="The column with the arms; of several, those that differ in one."),
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column with the seeds.")] = None,
    score: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column with the scores; of a wide table, what its cells are."),
    ] = None,
    lower_is_better: Annotated[
        bool | None,
        typer.Option("--lower-is-better/--higher-is-better", help="Default: by the score's name.", show_default=False),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            help="The difference that does not matter, in the score's unit. Default: 0.1 points of accuracy, else none."
        ),
    ] = None,
    level: Annotated[float, typer.Option(help="Confidence that all verdicts hold together.")] = 0.95,
    baseline: Annotated[str | None, typer.Option(metavar="ARM", help="Compare all others with this arm alone.")] = None,
    grown: Annotated[
        bool, typer.Option("--grown", help="Seeds were added after a verdict was seen: by rules that allow looking.")
    ] = False,
    form: options.Answer = options.Plain.text,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with charts, for instance judged.html.")
    ] = None,
) -> None:
    """Say which arm of a table of runs is better, which are equivalent, and what is not settled yet.

    Arms are paired by seed where seeds match. Columns are known by their names; which was taken for what is said.

    Examples: normlab judge results.csv · normlab judge results.csv --arm norm,lr --score test_acc --margin 0.2 ·
    normlab judge results.csv --report judged.html ·
    normlab judge losses.csv --lower-is-better --baseline adam --format json · normlab judge mlruns --score val_acc
    """
    import json

    from normlab.tables import judge as verb

    found = verb(
        results,
        arm=options.names(arm),
        seed=seed,
        score=score,
        margin=margin,
        lower_is_better=lower_is_better,
        level=level,
        baseline=baseline,
        grown=grown,
    )
    text = str(found) if form is options.Plain.text else json.dumps(found.to_dict(), indent=2, ensure_ascii=False)
    say(text)
    if report is not None:
        say(f"Report: {found.report(report)}", err=True)
