"""`normlab doctor`: is this machine well?"""

from __future__ import annotations

import json
from pathlib import Path

import typer

from normlab.cli import options
from normlab.cli.console import say


def doctor(*, out: options.Out = Path("normlab-out"), form: options.Answer = options.Plain.text) -> None:
    """Print versions, processor, memory and free space, and see that the engine's gradients are those of float64.

    Exits with 1 where something is wrong.

    Examples: normlab doctor · normlab doctor --format json
    """
    from normlab.verbs.doctor import doctor as verb

    found = verb(out)
    if form is options.Plain.json:
        say(json.dumps([each._asdict() for each in found], indent=2))
    else:
        width = max(len(each.what) for each in found)
        for each in found:
            say(f"{'' if each.well else '! '}{each.what:<{width}}  {each.told}")
    if not all(each.well for each in found):
        raise typer.Exit(1)
