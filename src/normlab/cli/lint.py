"""`normlab lint`: faults of a study, before anything is trained."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import options
from normlab.cli.console import say
from normlab.cli.fields import recipe_options
from normlab.spec.options import Options


@recipe_options(several=True)
def lint(
    study: options.Study = None,
    *,
    fields: Options,
    recipe: options.RecipeName = None,
    seeds: options.Seeds = None,
    out: options.Out = Path("normlab-out"),
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Look for faults that make a comparison worthless, in the spec, the built arms and the images; trains nothing.

    Exits with 1 where there is an error. `normlab compare` does the same before it starts, and goes on.

    Examples: normlab lint study.toml · normlab lint --vary batch_size=32,512
    """
    from normlab.cli.bars import downloads
    from normlab.errors import UnknownName
    from normlab.faults import Severity
    from normlab.show.numbers import plural
    from normlab.verbs import lint as verb

    if form not in ("text", "json"):
        raise UnknownName("format", form, ("text", "json"))
    given: Options = {**fields, "recipe": recipe, "seeds": options.seeds(seeds)}
    with downloads() as tell:
        found = verb.lint(study, out=out, tell=tell, **given)
    if form == "json":
        say(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    else:
        for finding in found:
            say(f"{finding.severity.value}: {finding.what} ({finding.where})")
            say(f"  why: {finding.why}\n  fix: {finding.fix}\n  rule: {finding.code}")
        errors = sum(finding.severity is Severity.error for finding in found)
        say(f"{plural(errors, 'error')}, {plural(len(found) - errors, 'warning')}")
    raise typer.Exit(int(any(finding.severity is Severity.error for finding in found)))
