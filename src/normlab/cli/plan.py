"""`normlab plan`: how many seeds, how long, and what a study could say then, before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import completion, options
from normlab.cli.console import say
from normlab.errors import SpecError

if TYPE_CHECKING:
    from normlab.spec import Options, Study
    from normlab.verbs.pilot import Pilot


def plan(
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="[STUDY]",
            help="A study that has runs: its arms, its spread and what a run takes.",
            autocompletion=completion.studies,
        ),
    ] = None,
    *,
    sd: Annotated[
        float | None,
        typer.Option(help="Standard deviation over seeds of the difference of two arms, as --margin."),
    ] = None,
    arms: Annotated[int, typer.Option(min=2, max=100, help="How many, where no study is named.")] = 3,
    seconds: Annotated[float | None, typer.Option(help="What a run takes, where no study is named.")] = None,
    margin: options.Margin = None,
    level: options.Level = None,
    outcome: options.Outcome = None,
    max_seeds: Annotated[
        int, typer.Option(min=2, max=200, help="The most seeds of a study that adds them until it is settled.")
    ] = 40,
    budget: Annotated[str | None, typer.Option(metavar="TIME", help="The most time: 90s, 20m, 2h.")] = None,
    workers: options.Workers = None,
    out: options.Out = Path("normlab-out"),
    form: options.Answer = options.Plain.text,
) -> None:
    """Say how many seeds a study needs, how long they take here, and what it could say then.

    Of a study that has runs only the spread and the seconds are looked at, and no difference.

    Examples: normlab plan compare · normlab plan compare --margin 0.05 --budget 2h ·
    normlab plan --sd 0.08 --margin 0.1 --arms 3
    """
    import json

    from normlab.cli.planned import text
    from normlab.spec import design
    from normlab.verbs.plan import plan as verb

    judged: Options = {"level": level, "margin": margin, "outcome": outcome}
    pilot, known = _known(study, out, sd, (arms, seconds), judged)
    judging = design(known, **judged).verdict
    found = verb(pilot, judging, workers=workers, most=max_seeds, budget=options.duration(budget, "--budget"))
    say(text(found) if form is options.Plain.text else json.dumps(found.to_dict(), indent=2, ensure_ascii=False))


def _known(
    study: str | None, out: Path, sd: float | None, others: tuple[int, float | None], judged: Options
) -> tuple[Pilot, Study | None]:
    from normlab.verbs.pilot import of_numbers, of_study

    if study is not None and sd is not None:
        raise SpecError("name a study that knows the spread, or say --sd, not both")
    if study is not None:
        return of_study(study, out, **judged)
    if sd is None:
        raise SpecError("name a study that has runs, or say how far differences spread over seeds: --sd 0.08")
    return of_numbers(sd, *others), None
