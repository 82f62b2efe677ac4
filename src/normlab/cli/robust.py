"""`normlab robust`: what a study's trained networks make of shifted, rotated, noisy and blurred images."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import completion, options
from normlab.cli.console import say, wide_enough

if TYPE_CHECKING:
    from normlab.records import RunRecord


def robust(
    study: Annotated[str, typer.Argument(help="A study that has runs.", autocompletion=completion.studies)],
    *,
    out: options.Out = Path("normlab-out"),
    form: options.Answer = options.Plain.text,
) -> None:
    """Judge a study's trained networks anew on images that are shifted, rotated, noisy or blurred; trains nothing.

    The images are made worse in the same way for every run. What differs is exploratory: no verdict rests on it.

    Examples: normlab robust compare · normlab robust mine --format json
    """
    import json

    from normlab.cli.bars import downloads
    from normlab.report.robustness import shown
    from normlab.verbs.robust import robust as verb

    with downloads() as tell:
        found = verb(study, out=out, done=_told, tell=tell)
    if form is options.Plain.json:
        say(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        wide_enough(sys.stdout).print(shown(found.facts, found.found))


def _told(run: RunRecord, number: int, of: int) -> None:
    say(f"[{number}/{of}] {run.job.name}", err=True)
