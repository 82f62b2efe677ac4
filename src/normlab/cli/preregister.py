"""`normlab preregister`: what a study is to be, written down before its verdicts are seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import completion, options
from normlab.cli.console import say


def preregister(
    study: Annotated[
        str, typer.Argument(help="A study: its TOML file, or its name.", autocompletion=completion.studies)
    ],
    *,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Write down what a study is to be before its verdicts are seen, in a file that people can read; trains nothing.

    Its report then says that it is as registered, or what differs.

    Examples: normlab preregister study.toml · normlab preregister mine
    """
    from normlab.cli.bars import downloads
    from normlab.verbs.preregister import preregister as verb

    with downloads() as tell:
        found = verb(study, out=out, tell=tell)
    was = found.registration
    lead = "Registered" if found.new else "Already so registered"
    say(f"{lead} on {was.when}: {found.path}")
    say(f"Design {was.digest}")
