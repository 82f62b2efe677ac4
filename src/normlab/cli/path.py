"""`normlab path`: how sparse a network can get before that costs accuracy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import options
from normlab.cli.compare import run, show
from normlab.cli.fields import recipe_options
from normlab.cli.options import Form
from normlab.spec.options import Options

if TYPE_CHECKING:
    from normlab.verbs.ceiling import Tried


@recipe_options(several=False, without=["norm", "penalty.kind", "penalty.lambda"])
def path(
    norm: Annotated[str, typer.Argument(help="A norm, for instance bn, ln, gn:4.")] = "bn",
    *,
    fields: Options,
    penalty: Annotated[str, typer.Option(help="Kinds, with commas: prox, subgrad, spred, group, gamma, …")] = "prox",
    seeds: Annotated[str, typer.Option(help="How many (3) or which (4,7,9).")] = "3",
    points: Annotated[
        int | None, typer.Option(min=2, help="How many λ, two a decade, down from the largest. Default: to 1e-5.")
    ] = None,
    lambdas: Annotated[
        str | None, typer.Option(help="The λ themselves, with commas, in the place of a search.")
    ] = None,
    recipe: options.RecipeName = None,
    name: options.Name = None,
    engine: options.Engine = None,
    workers: options.Workers = None,
    repair: options.Repair = False,
    out: options.Out = Path("normlab-out"),
    form: options.Printed = Form.text,
    print_toml: Annotated[
        bool, typer.Option("--print-toml", help="Print the study as TOML, after the search for the largest λ.")
    ] = False,
) -> None:
    """Train one norm along λ, each λ from the network before; choose on held-out images, test the choice once.

    Examples: normlab path bn --penalty prox,subgrad,spred --seeds 3 · normlab path bn --recipe course --on all
    """
    from normlab.verbs.path import design

    given: Options = {
        **fields,
        "seeds": options.seeds(seeds) or 3,
        "recipe": recipe,
        "name": name,
        "engine": engine,
    }
    study = design(
        norm,
        options.names(penalty) or [],
        points=points,
        lambdas=options.numbers(lambdas, "--lambdas"),
        tried=_tell,
        **given,
    )
    if print_toml:
        typer.echo(study.to_toml(), nl=False)
        return
    show(run(study, out, named=name is not None, workers=workers, repair=repair), form)


def _tell(tried: Tried) -> None:
    left = f"{100 * tried.left:.1f}% of the sparsest layer"
    typer.echo(f"{tried.kind}: λ = {tried.lam:g} leaves {left} after a short run", err=True)
