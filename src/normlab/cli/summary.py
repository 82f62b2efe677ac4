"""`normlab summary`: what a model is made of."""

from __future__ import annotations

from typing import Annotated

import typer

from normlab.cli.console import say


def summary(
    model: Annotated[str, typer.Argument(help="A network: course, lean, lenet5, mlp, resnet8, …")] = "lean",
    norm: Annotated[str, typer.Option(help="The norm in its slots, for instance bn, gn:2 or gn:cpg=8.")] = "bn",
) -> None:
    """Print a model's layers, output shapes, parameters and multiply-adds for one image.

    Example: normlab summary course --norm gn:2
    """
    from normlab.models import build, summarize
    from normlab.models.imports import imports
    from normlab.models.jobs import job_of
    from normlab.spec import design

    study = design(norms=[norm], l1=[0.0], seeds=[0], model=model)
    job = job_of(study.arms[0].recipe, seed=0)
    with imports(model):
        say(summarize(build(job), job.shape))
