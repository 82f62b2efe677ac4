"""`normlab export`: a trained network for whoever is to use it, or a study's numbers for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import completion
from normlab.cli.console import say
from normlab.cli.latest import named_or_latest
from normlab.errors import SpecError


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
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORM",
            help="Write the numbers of all runs instead: csv, parquet, tensorboard, mlflow, wandb, latex or methods.",
        ),
    ] = None,
    onnx: Annotated[bool, typer.Option(help="Write ONNX too, where the extra onnx is there.")] = True,
) -> None:
    """Write the network of a run: its weights, a script that loads them and says how images are prepared, and ONNX.

    With --to, the numbers of all its runs by epoch, for a table, a tracker or a paper; csv and latex also as one file.
    Of --to methods it is how the study was done, in words, a checklist, and BibTeX.
    A folder that holds anything else than an earlier export of the same is left alone.

    Examples: normlab export compare --arm gn --seed 2 --out digits · normlab export compare --to tensorboard ·
    normlab export compare --to latex --out arms.tex
    """
    if to is not None and (arm is not None or seed is not None):
        raise SpecError("--to writes the numbers of all runs: leave --arm and --seed out")
    named = named_or_latest(study, project)
    say(_network(named, arm, seed, out, project, onnx=onnx) if to is None else _numbers(named, to, out, project))


def _network(named: str, arm: str | None, seed: int | None, out: Path | None, project: Path, *, onnx: bool) -> str:
    from normlab.cli.bars import downloads
    from normlab.verbs.export import export as verb

    with downloads() as tell:
        return str(verb(named, arm, seed, out, out=project, onnx=onnx, tell=tell))


def _numbers(named: str, to: str, out: Path | None, project: Path) -> str:
    from normlab.verbs.export_numbers import export_numbers as verb

    return str(verb(named, to, out, out=project))
