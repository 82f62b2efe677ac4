"""`normlab assignment`: the course's hand-in; `--check`: which of a student's claims their numbers support."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import options
from normlab.cli.claims import claims
from normlab.cli.console import say


def assignment(
    *,
    norms: Annotated[str, typer.Option(help="The norms, with commas.")] = "batchnorm,layernorm,groupnorm",
    l1: Annotated[float, typer.Option("--l1", help="λ of Σ|p| over all parameters in the loss; 0 for none.")] = 1e-4,
    seeds: options.Seeds = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Default: 20, as in the course.")] = None,
    train_images: Annotated[int | None, typer.Option(min=1, help="Training images. Default: all 60,000.")] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE.CSV", help="Train nothing; say which differences in a table of claims are supported."
        ),
    ] = None,
    workers: options.Workers = None,
    out: Annotated[Path, typer.Option(help="The folder of the hand-in, and of its runs.")] = Path("handin"),
) -> None:
    """Train the course's network with each norm and write the hand-in: README.md with pictures, a page, a notebook.

    What has been trained already is not trained again. With --check it is `normlab claims` of somebody else's table.

    Examples: normlab assignment · normlab assignment --norms BN,LN,gn:2 --seeds 5 --out mine ·
    normlab assignment --check table.csv
    """
    if check is not None:
        claims(check, level=0.95, form="text")
        return
    _write(
        norms=options.some(norms, "--norms") or [],
        l1=l1,
        seeds=options.seeds(seeds),
        epochs=epochs,
        train_images=train_images,
        workers=workers,
        out=out,
    )


def _write(
    *,
    norms: list[str],
    l1: float,
    seeds: int | list[int] | None,
    epochs: int | None,
    train_images: int | None,
    workers: int | None,
    out: Path,
) -> None:
    from normlab.cli.study_display import watched
    from normlab.verbs import assignment as verb

    verb.usable(out)  # before anything is shown
    with watched(out / verb.PROJECT) as tell:
        made = verb.assignment(
            norms, l1=l1, seeds=seeds, epochs=epochs, train_images=train_images, out=out, workers=workers, tell=tell
        )
    say(f"Hand-in: {made.readme}")
    say(f"Page: {made.page}")
    say(f"Notebook: {made.notebook}")
