"""`lint`: the faults of a study, before a second is spent on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from normlab.events import Tell, silent
from normlab.spec import Options, Study
from normlab.verbs import projects
from normlab.verbs.checks import ready
from normlab.verbs.signature import named_options

if TYPE_CHECKING:
    from normlab.faults import Finding


@named_options
def lint(
    study: Study | str | Path | None = None,
    *,
    out: str | Path = "normlab-out",
    tell: Tell = silent,
    **options: Unpack[Options],
) -> tuple[Finding, ...]:
    """The faults of a study, errors first; trains nothing. Takes what `compare` takes, raises what `ready` raises."""
    return tuple(ready(projects.stated(study, Path(out), options).study, tell).faults)
