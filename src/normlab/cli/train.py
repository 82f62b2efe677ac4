"""`normlab train`: one run with everything to watch, the original's `main`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import options
from normlab.cli.console import say
from normlab.cli.fields import recipe_options
from normlab.spec.options import Options

if TYPE_CHECKING:
    from normlab.verbs.results import TrainResult


@recipe_options(several=False, without=["norm"])
def train(
    norm: Annotated[str, typer.Argument(help="A norm, for instance bn, ln, gn:4.")] = "bn",
    *,
    fields: Options,
    seed: Annotated[int, typer.Option(min=0, help="Initial weights, order, augmentation and dropout.")] = 0,
    recipe: options.RecipeName = None,
    name: options.Name = None,
    device: options.Device = None,
    engine: options.Engine = None,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Train one network, evaluating after each epoch; leaves its curves and misclassified images as PNG.

    Examples: normlab train bn --epochs 20 · normlab train gn:2 --recipe course --l1 1e-4 --l1-on all ·
    normlab train bn --preprocess equalize · normlab train bn --set optimizer.momentum=0.8
    """
    from normlab.cli.endings import ended_by_signals, exit_code
    from normlab.cli.run_display import run_display
    from normlab.verbs import train as verb

    given: Options = {**fields, "recipe": recipe, "name": name, "device": device, "engine": engine}
    wanted = verb.one_run(norm, seed, given)
    try:
        with ended_by_signals(), run_display(wanted.recipe.epochs) as tell:
            result = verb.train(norm, seed=seed, out=out, tell=tell, **given)
    except KeyboardInterrupt as end:
        say("stopped; the same command goes on from the last checkpoint", err=True)
        raise typer.Exit(exit_code(end)) from None
    _show(result)


def _show(result: TrainResult) -> None:
    say(f"Curves: {result.curves}")
    say(f"Misclassified images: {result.mistakes}")
