"""`normlab lint`: faults of a study, before anything is trained."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from normlab.cli.data import download_progress


def lint(
    study: Annotated[Path | None, typer.Argument(help="A study as a TOML file. Default: the default study.")] = None,
    *,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Look for faults that make a comparison worthless, in the spec, the built arms and the images; trains nothing.

    Exits with 1 where there is an error. `normlab compare` does the same before it starts, and goes on.

    Example: normlab lint study.toml
    """
    from normlab import study as verbs
    from normlab.data import load
    from normlab.errors import UnknownName
    from normlab.faults import Severity
    from normlab.show.numbers import plural
    from normlab.spec import design, read

    if form not in ("text", "json"):
        raise UnknownName("format", form, ("text", "json"))
    wanted = read(study) if study else design()
    verbs.check(wanted)
    with download_progress() as progress:
        load(wanted.recipe.dataset, progress)
    found = verbs.lint(wanted)
    if form == "json":
        typer.echo(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    else:
        for finding in found:
            typer.echo(f"{finding.severity.value}: {finding.what} ({finding.where})")
            typer.echo(f"  why: {finding.why}\n  fix: {finding.fix}\n  rule: {finding.code}")
        errors = sum(finding.severity is Severity.error for finding in found)
        typer.echo(f"{plural(errors, 'error')}, {plural(len(found) - errors, 'warning')}")
    raise typer.Exit(int(any(finding.severity is Severity.error for finding in found)))
