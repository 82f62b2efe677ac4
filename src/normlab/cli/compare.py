"""`normlab compare`: the main job."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import options
from normlab.cli.data import download_progress

if TYPE_CHECKING:
    from normlab.spec import Study
    from normlab.study import StudyResult

INTERRUPTED = 130


class Form(StrEnum):
    """How the table is printed."""

    text = "text"
    json = "json"
    csv = "csv"
    markdown = "markdown"


def compare(
    study: Annotated[Path | None, typer.Argument(help="A study as a TOML file; options change it.")] = None,
    *,
    norms: Annotated[str | None, typer.Option(help="Norms, with commas between them. [default: bn,ln,gn:4]")] = None,
    l1: Annotated[str | None, typer.Option("--l1", help="λ of the L1 penalty, likewise. [default: 0,1e-4]")] = None,
    l1_on: options.L1On = "weights",
    seeds: Annotated[str | None, typer.Option(help="How many (3) or which (4,7,9). [default: 3]")] = None,
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
        int | None, typer.Option(min=1, help="Runs at a time. [default: one per core]", rich_help_panel="Where")
    ] = None,
    out: options.Out = Path("normlab-out"),
    form: Annotated[Form, typer.Option("--format", help="How the table is printed.")] = Form.text,
    print_toml: Annotated[
        bool, typer.Option("--print-toml", help="Print the study as TOML and train nothing.")
    ] = False,
) -> None:
    """Train every arm on the same seeds and write a report: which norm, which penalty, with what evidence.

    Run it again to continue a study that was interrupted.

    Examples: normlab compare · normlab compare --norms bn,gn:2 --l1 0 --seeds 5 · normlab compare study.toml
    """
    from normlab.spec import design, read

    wanted = design(
        read(study) if study else None,
        norms=options.names(norms),
        l1=options.numbers(l1, "--l1"),
        l1_on=l1_on,
        recipe=recipe,
        model=model,
        dataset=dataset,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        dropout=dropout,
        holdout=holdout,
        train_images=train_images,
        seeds=options.seeds(seeds),
        name=name,
        device=device,
        engine=engine,
    )
    if print_toml:
        typer.echo(wanted.to_toml(), nl=False)
        return
    show(_run(wanted, out, workers), form)


def _run(study: Study, out: Path, workers: int | None) -> StudyResult:
    from normlab import study as verbs
    from normlab.cli.study_display import study_display
    from normlab.data import load

    try:
        verbs.check(study)
        with download_progress() as progress:
            load(study.recipe.dataset, progress)
        with study_display(study.recipe.epochs) as watch:
            return verbs.compare(study, out=out, workers=workers, watch=watch)
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
