"""`normlab compare`: the main job."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import options
from normlab.cli.data import download_progress
from normlab.errors import SpecError

if TYPE_CHECKING:
    from normlab.spec import Study
    from normlab.study import StudyResult

INTERRUPTED = 130
MAX_SEEDS = 40
"""Seeds that a study may take until it is settled, unless it says otherwise."""


class Form(StrEnum):
    """How the table is printed."""

    text = "text"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"


def compare(
    study: Annotated[Path | None, typer.Argument(help="A study as a TOML file; options change it.")] = None,
    *,
    norms: Annotated[str | None, typer.Option(help="Norms, with commas between them. Default: bn,ln,gn:4.")] = None,
    l1: options.Lambdas = None,
    penalty: options.Penalties = "subgrad",
    l1_on: options.Scope = "weights",
    preprocess: options.Preprocesses = None,
    seeds: Annotated[str | None, typer.Option(help="How many (3) or which (4,7,9). Default: 3.")] = None,
    until_settled: Annotated[
        bool, typer.Option("--until-settled", help="Add seeds until every pair is settled.", rich_help_panel="Verdict")
    ] = False,
    max_seeds: Annotated[
        int | None, typer.Option(min=2, help="The most seeds until then. Default: 40.", rich_help_panel="Verdict")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="Start no run after this time: 90s, 20m, 2h.", rich_help_panel="Verdict")
    ] = None,
    level: options.Level = None,
    margin: options.Margin = None,
    recipe: options.RecipeName = None,
    model: options.ModelName = None,
    dataset: options.DatasetName = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    lr: options.Rate = None,
    dropout: options.Dropout = None,
    holdout: options.Holdout = None,
    train_images: options.TrainImages = None,
    name: Annotated[str | None, typer.Option(help="What the study is called.", rich_help_panel="Where")] = None,
    device: options.Device = None,
    engine: options.Engine = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time. Default: one per core.", rich_help_panel="Where")
    ] = None,
    out: options.Out = Path("normlab-out"),
    form: Annotated[Form, typer.Option("--format", help="How the table is printed.")] = Form.text,
    print_toml: Annotated[
        bool, typer.Option("--print-toml", help="Print the study as TOML and train nothing.")
    ] = False,
) -> None:
    """Train every arm on the same seeds and write a report: which norm, penalty or preprocessing, with what evidence.

    Run it again to continue a study that was interrupted.

    Examples: normlab compare · normlab compare --norms bn,gn:2 --l1 0 --seeds 5 · normlab compare study.toml ·
    normlab compare --norms bn --lambda 0,1e-3 --penalty prox,subgrad ·
    normlab compare --norms bn --l1 0 --preprocess standardize,equalize,clahe ·
    normlab compare --norms bn,ln --l1 0 --until-settled --max-seeds 40 --budget 20m
    """
    from normlab.spec import design, read

    base = read(study) if study else None
    settling = until_settled or bool(base and base.until_settled)
    seconds = options.duration(budget, "--budget")
    _only_until_settled(settling, {"--max-seeds": max_seeds, "--budget": budget})
    if until_settled and seeds is not None:
        raise SpecError("--until-settled takes as many seeds as it needs: say --max-seeds instead of --seeds")
    wanted = design(
        base,
        norms=options.names(norms),
        l1=options.numbers(l1, "--lambda"),
        l1_on=l1_on,
        penalty=options.names(penalty) or "subgrad",
        preprocess=options.names(preprocess),
        recipe=recipe,
        model=model,
        dataset=dataset,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        dropout=dropout,
        holdout=holdout,
        train_images=train_images,
        seeds=max_seeds or (MAX_SEEDS if until_settled else options.seeds(seeds)),
        until_settled=until_settled or None,
        level=level,
        margin=margin,
        name=name,
        device=device,
        engine=engine,
    )
    if print_toml:
        typer.echo(wanted.to_toml(), nl=False)
        return
    show(run(wanted, out, workers, seconds), form)


def _only_until_settled(settling: bool, given: dict[str, object]) -> None:
    for option, value in given.items():
        if value is not None and not settling:
            raise SpecError(f"{option} goes with --until-settled")


def run(
    study: Study, out: Path, workers: int | None, budget: float | None = None, *, concluded: bool = True
) -> StudyResult:
    """Train what a study owes, with everything to watch; Ctrl-C ends the command with a word on how to go on.

    Where nothing is `concluded` from a study, its faults are not told.
    """
    from normlab import study as verbs
    from normlab.cli.study_display import study_display
    from normlab.data import load

    try:
        verbs.check(study)
        with download_progress() as progress:
            load(study.recipe.dataset, progress)
        with study_display(study.recipe.epochs, faults=concluded) as watch:
            return verbs.compare(study, out=out, workers=workers, budget=budget, watch=watch)
    except KeyboardInterrupt:
        typer.echo(
            f"stopped; what is finished is kept in {out / study.folder_name}, the same command continues", err=True
        )
        raise typer.Exit(INTERRUPTED) from None


def show(result: StudyResult, form: Form) -> None:
    """Print a study's table and findings, and where its report is."""
    if form is Form.text:
        from normlab.cli.console import wide_enough
        from normlab.report import text

        text.show(result.comparison, wide_enough(sys.stdout))
    else:
        typer.echo(result.table(form.value))
    typer.echo(f"Report: {result.report}", err=form is not Form.text)
