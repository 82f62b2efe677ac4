"""`normlab worker`: a hand for a study, from any machine that sees its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import completion, options
from normlab.cli.console import say


def worker(
    study: Annotated[
        str, typer.Argument(help="A study that was begun: its name or its folder.", autocompletion=completion.studies)
    ],
    *,
    runs: Annotated[int | None, typer.Option(min=1, help="End after so many runs.")] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="Save and end after this time: 90s, 50m, 2h.")
    ] = None,
    workers: options.Workers = None,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Make runs that a study owes and nobody else makes; `normlab merge` or `normlab compare` keeps them.

    Any number of workers may run, also on machines that share the folder over a network.

    Examples: normlab worker compare · normlab worker normlab-out/compare --runs 4 --for 50m
    """
    from normlab.cli.study_display import watched
    from normlab.show.numbers import plural

    seconds = options.duration(for_, "--for")
    with watched(out, faults=False) as tell:
        from normlab.verbs.work import work

        done = work(study, out=out, runs=runs, seconds=seconds, workers=workers, tell=tell)
    say(f"{plural(done.runs, 'run')} made here, {done.left} still owed")
