"""`normlab export`: a trained network for whoever is to use it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import completion
from normlab.cli.latest import named_or_latest


def export(
    study: Annotated[
        str | None,
        typer.Argument(
            help="A study that is there, or its folder. Default: the latest.", autocompletion=completion.studies
        ),
    ] = None,
    *,
    arm: Annotated[
        str | None, typer.Option(help="The arm of the study. Default: its only one.", autocompletion=completion.arms)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of the run. Default: the first finished.")] = None,
    project: Annotated[Path, typer.Option(help="The folder that the study is kept in.")] = Path("normlab-out"),
    out: Annotated[Path | None, typer.Option(help="The folder to write to. Default: export, in the study's.")] = None,
    onnx: Annotated[bool, typer.Option(help="Write ONNX too, where the extra onnx is there.")] = True,
) -> None:
    """Write the network of a run: its weights, a script that loads them and says how images are prepared, and ONNX.

    A folder that holds anything else than an earlier export of the same run is left alone.

    Example: normlab export compare --arm gn --seed 2 --out digits
    """
    from normlab.cli.bars import downloads
    from normlab.verbs.export import export as verb

    named = named_or_latest(study, project)
    with downloads() as tell:
        typer.echo(str(verb(named, arm, seed, out, out=project, onnx=onnx, tell=tell)))
