"""`normlab path`: how sparse a network can get before that costs accuracy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import options
from normlab.cli.compare import Form, run, show

if TYPE_CHECKING:
    from normlab.paths.ceiling import Tried


def path(
    norm: Annotated[str, typer.Argument(help="A norm, for instance bn, ln, gn:4.")] = "bn",
    *,
    penalty: Annotated[str, typer.Option(help="Kinds, with commas: prox, subgrad, spred, group, gamma, …")] = "prox",
    seeds: Annotated[str, typer.Option(help="How many (3) or which (4,7,9).")] = "3",
    points: Annotated[
        int | None, typer.Option(min=2, help="How many λ, two a decade, down from the largest. Default: to 1e-5.")
    ] = None,
    lambdas: Annotated[
        str | None, typer.Option(help="The λ themselves, with commas, in the place of a search.")
    ] = None,
    on: options.Scope = "weights",
    recipe: options.RecipeName = None,
    model: options.ModelName = None,
    dataset: options.DatasetName = None,
    preprocess: options.Preprocess = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    lr: options.Rate = None,
    dropout: options.Dropout = None,
    holdout: options.Holdout = None,
    train_images: options.TrainImages = None,
    name: Annotated[str | None, typer.Option(help="What the study is called.", rich_help_panel="Where")] = None,
    engine: options.Engine = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time. Default: one per core.", rich_help_panel="Where")
    ] = None,
    out: options.Out = Path("normlab-out"),
    form: Annotated[Form, typer.Option("--format", help="How the table is printed.")] = Form.text,
    print_toml: Annotated[
        bool, typer.Option("--print-toml", help="Print the study as TOML, after the search for the largest λ.")
    ] = False,
) -> None:
    """Train one norm along λ, each λ from the network before; choose on held-out images, test the choice once.

    Examples: normlab path bn --penalty prox,subgrad,spred --seeds 3 · normlab path bn --recipe course --on all
    """
    from normlab.paths.walk import design

    study = design(
        norm,
        options.names(penalty) or [],
        seeds=options.seeds(seeds) or 3,
        points=points,
        lambdas=options.numbers(lambdas, "--lambdas"),
        tell=_tell,
        l1_on=on,
        recipe=recipe,
        model=model,
        dataset=dataset,
        preprocess=preprocess,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        dropout=dropout,
        holdout=holdout,
        train_images=train_images,
        name=name,
        engine=engine,
    )
    if print_toml:
        typer.echo(study.to_toml(), nl=False)
        return
    show(run(study, out, workers), form)


def _tell(tried: Tried) -> None:
    left = f"{100 * tried.left:.1f}% of the sparsest layer"
    typer.echo(f"{tried.kind}: λ = {tried.lam:g} leaves {left} after a short run", err=True)
