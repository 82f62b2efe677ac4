"""`normlab merge`: one store of several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import options
from normlab.cli.console import say
from normlab.errors import StoreError


def merge(
    projects: Annotated[list[Path] | None, typer.Argument(help="Projects to take runs from.")] = None,
    *,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Keep in a project what workers have left in it, and the runs, looks and studies of other projects.

    Examples: normlab merge · normlab merge from-alice from-bob --out normlab-out
    """
    from normlab.show.numbers import plural
    from normlab.verbs.merge import merge as verb

    found = verb(projects or (), out=out)
    say(f"{plural(len(found.new), 'run')} new, {found.before} here before")
    if found.damaged:
        key, why = next(iter(found.damaged.items()))
        raise StoreError(
            f"{plural(len(found.damaged), 'run')} not as written, left where found, and still owed: {key:.12} ({why})"
        )
