"""`normlab submit`: a study for a cluster's queue."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import options
from normlab.cli.console import say
from normlab.cli.fields import recipe_options
from normlab.errors import MissingPackage, RunFailed, SpecError
from normlab.spec.options import Options


@recipe_options(several=True)
def submit(
    study: options.Study = None,
    *,
    fields: Options,
    recipe: options.RecipeName = None,
    seeds: options.Seeds = None,
    slurm: Annotated[bool, typer.Option("--slurm", help="As arrays for Slurm.", rich_help_panel="Cluster")] = False,
    array: Annotated[
        int | None,
        typer.Option(min=1, help="How many workers. Default: one a run.", rich_help_panel="Cluster"),
    ] = None,
    time: Annotated[str, typer.Option(metavar="TIME", help="Of each: 50m, 2h.", rich_help_panel="Cluster")] = "1h",
    partition: Annotated[str, typer.Option(help="Where they run.", rich_help_panel="Cluster")] = "",
    run: Annotated[
        bool, typer.Option("--run", help="Submit with sbatch instead of printing.", rich_help_panel="Cluster")
    ] = False,
    name: options.Name = None,
    engine: options.Engine = None,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Begin a study and print the script of an array of workers for it, or submit that.

    The folder has to be one that all machines see. `normlab compare NAME` keeps what they leave and writes the report.

    Examples: normlab submit --slurm --seeds 100 --array 50 --time 2h · normlab submit study.toml --slurm --run
    """
    from normlab.cli.study_display import watched

    if not slurm:
        raise SpecError("say which kind of queue it is for: --slurm")
    if run and shutil.which("sbatch") is None:
        raise MissingPackage("--run needs Slurm's sbatch here: without it, print the script and submit it elsewhere")
    given: Options = {**fields, "recipe": recipe, "seeds": options.seeds(seeds), "name": name, "engine": engine}
    seconds = round(options.duration(time, "--time") or 0)
    with watched(out) as tell:
        from normlab.verbs.submit import submit as verb

        found = verb(study, out=out, array=array, seconds=seconds, partition=partition, tell=tell, **given)
    if run:
        for _ in range(found.times):
            say(_submitted(found.script))
    else:
        say(found.script, nl=False)
        if found.times > 1:
            say(f"to be submitted {found.times} times: arrays have at most 1,000 tasks", err=True)
    say(f"then: normlab compare {found.folder}", err=True)


def _submitted(script: str) -> str:
    done = subprocess.run(["sbatch"], input=script, capture_output=True, text=True, check=False)  # noqa: S607
    if done.returncode:
        raise RunFailed(f"sbatch refused: {' '.join(done.stderr.split()) or f'exit code {done.returncode}'}")
    return done.stdout.strip()
