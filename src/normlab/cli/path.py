"""`normlab path`: how sparse a network can get before that costs accuracy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import options
from normlab.cli.compare import show
from normlab.cli.console import say
from normlab.cli.fields import recipe_options
from normlab.cli.options import Form
from normlab.spec.options import Options


@recipe_options(several=False, without=["norm", "penalty.kind", "penalty.lambda"])
def path(
    norm: Annotated[str, typer.Argument(help="A norm, for instance bn, ln, gn:4.")] = "bn",
    *,
    fields: Options,
    penalty: Annotated[str, typer.Option(help="Kinds, with commas: prox, subgrad, spred, group, gamma, …")] = "prox",
    seeds: Annotated[str, typer.Option(help="How many (3) or which (4,7,9).")] = "3",
    points: Annotated[
        int | None,
        typer.Option(min=2, max=30, help="How many λ, two a decade, from the largest down. Default: to 1e-5."),
    ] = None,
    lambdas: Annotated[
        str | None, typer.Option(help="The λ themselves, with commas, in the place of a search.")
    ] = None,
    recipe: options.RecipeName = None,
    name: options.Name = None,
    engine: options.Engine = None,
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    repair: options.Repair = False,
    out: options.Out = Path("normlab-out"),
    form: options.Printed = Form.text,
    details: options.Details = False,
    print_toml: Annotated[
        bool, typer.Option("--print-toml", help="Print the study as TOML, after the search for the largest λ.")
    ] = False,
) -> None:
    """Train one norm along λ, each λ from the network before; choose on held-out images, test the choice once.

    Examples: normlab path bn --penalty prox,subgrad,spred --seeds 3 · normlab path bn --recipe course --on all
    """
    from normlab.cli.study_display import watched
    from normlab.verbs import path as verb

    given: Options = {**fields, "seeds": options.seeds(seeds), "recipe": recipe, "name": name, "engine": engine}
    kinds, values = options.names(penalty) or [], options.numbers(lambdas, "--lambdas")
    with watched(out) as tell:
        if print_toml:
            study = verb.design(norm, kinds, points=points, lambdas=values, tell=tell, **given)
            say(study.to_toml(), nl=False)
            return
        result = verb.path(
            norm,
            kinds,
            points=points,
            lambdas=values,
            out=out,
            workers=workers,
            cluster=cluster,
            repair=repair,
            tell=tell,
            **given,
        )
    show(result, form, details=details)
