"""`normlab publish`: a finished study as a folder for others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import completion, options
from normlab.cli.console import say
from normlab.cli.latest import named_or_latest


def publish(
    study: Annotated[
        str | None,
        typer.Argument(help="A finished study, or its folder. Default: the latest.", autocompletion=completion.studies),
    ] = None,
    *,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The folder to write to. Default: studies/NAME.")
    ] = None,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Write a finished study for others: its TOML, what its runs scored, its report, and code of your own.

    Whoever has the folder can judge it again from the scores, and repeat it. A README.md that is there is left alone.

    Examples: normlab publish compare · normlab publish mine --to studies/batch
    """
    from normlab.verbs.publish import publish as verb

    found = verb(named_or_latest(study, out), to, out=out)
    say(f"{found.folder}: {', '.join(path.name for path in found.files)}")
    say(f"Judge it again: normlab answers --from {found.folder}")
