"""`normlab train`: one run with everything to watch, the original's `main`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import options
from normlab.cli.compare import INTERRUPTED
from normlab.cli.data import download_progress

if TYPE_CHECKING:
    from normlab.study import TrainResult


def train(
    norm: Annotated[str, typer.Argument(help="A norm, for instance bn, ln, gn:4.")] = "bn",
    *,
    l1: options.Lambda = 0.0,
    penalty: options.Penalties = "subgrad",
    l1_on: options.Scope = "weights",
    seed: Annotated[int, typer.Option(min=0, help="Initial weights, order, augmentation and dropout.")] = 0,
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
    device: options.Device = None,
    engine: options.Engine = None,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Train one network, evaluating after each epoch; leaves its curves and misclassified images as PNG.

    Examples: normlab train bn --epochs 20 · normlab train gn:2 --recipe course --l1 1e-4 --l1-on all ·
    normlab train bn --preprocess equalize
    """
    from normlab import study as verbs
    from normlab.cli.run_display import run_display
    from normlab.data import load

    chosen = {
        "recipe": recipe,
        "model": model,
        "dataset": dataset,
        "preprocess": preprocess,
        "epochs": epochs,
        "batch_size": batch_size,
        "lr": lr,
        "dropout": dropout,
        "holdout": holdout,
        "train_images": train_images,
        "device": device,
        "engine": engine,
    }
    wanted = verbs.one_run(norm, l1=l1, l1_on=l1_on, penalty=penalty, seed=seed, **chosen)
    try:
        verbs.check(wanted)
        with download_progress() as progress:
            load(wanted.recipe.dataset, progress)
        with run_display(wanted.recipe.epochs) as display:
            result = verbs.train_study(wanted, out, display.watch, display.announce, display.chosen)
    except KeyboardInterrupt:
        typer.echo("stopped before the run was finished: nothing is kept of it", err=True)
        raise typer.Exit(INTERRUPTED) from None
    _show(result)


def _show(result: TrainResult) -> None:
    typer.echo(f"Curves: {result.curves}")
    typer.echo(f"Misclassified images: {result.mistakes}")
