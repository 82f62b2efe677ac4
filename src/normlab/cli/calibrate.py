"""`normlab calibrate`: are the verdicts as reliable as they say?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli.console import say
from normlab.errors import SpecError
from normlab.spec.problems import short

if TYPE_CHECKING:
    from normlab.calibration.pool import Pool


def calibrate(
    study: Annotated[
        Path | None,
        typer.Argument(help="A study, by name or folder, to draw runs from. Default: those that come along."),
    ] = None,
    *,
    arm: Annotated[str | None, typer.Option(help="Which of its arms. Default: the first.")] = None,
    studies: Annotated[int, typer.Option(min=1, max=100_000, help="Simulated studies of each kind.")] = 10_000,
    seeds: Annotated[str, typer.Option(help="Numbers of seeds, with commas between them.")] = "3,5,10,30",
    max_seeds: Annotated[int, typer.Option(help="The most seeds of a study that is looked at.")] = 40,
    margin: Annotated[float, typer.Option(help="Points of accuracy below which a difference does not matter.")] = 0.1,
    level: Annotated[float, typer.Option(help="The confidence of all verdicts together.")] = 0.95,
    form: Annotated[str, typer.Option("--format", help="text (Markdown) or json.")] = "text",
    save: Annotated[Path | None, typer.Option(help="Keep the study's runs as a pool in this file.")] = None,
) -> None:
    """Simulate studies from real runs: how often verdicts are false, what they find, how long they take.

    Arms put together from runs of one arm are alike, so that every difference found between them is false. Exits with
    1 where a rate is above what the verdicts promise.

    Examples: normlab calibrate · normlab calibrate compare --seeds 3,5
    """
    from normlab.calibration import pool, results
    from normlab.calibration.calibrate import calibrate as simulate
    from normlab.errors import UnknownName
    from normlab.stats.verdict import Rules

    if form not in ("text", "json"):
        raise UnknownName("format", form, ("text", "json"))
    if not margin > 0 or not 0.5 < level < 1:
        raise SpecError(f"expected a --margin above 0 and a --level from 0.5 to 1, got {margin:g} and {level:g}")
    drawn_from = _of_study(study, arm) if study else pool.packaged()
    if save:
        say(f"Pool of {drawn_from.runs} runs: {pool.write(drawn_from, save)}", err=True)
    found = simulate(
        drawn_from,
        studies=studies,
        seeds=_counts(seeds),
        most=max_seeds,
        rules=Rules(level=level, margin=margin),
        tell=lambda line: say(f"simulated: {line}", err=True),
    )
    say(results.to_json(found) if form == "json" else results.markdown(found), nl=False)
    for line in results.broken(found):
        say(f"more than the verdicts promise: {line}", err=True)
    raise typer.Exit(1 if results.broken(found) else 0)


def _of_study(folder: Path, arm: str | None) -> Pool:
    from normlab.calibration import pool
    from normlab.verbs.reopen import opened

    comparison = opened(folder)
    return pool.of_comparison(comparison, arm or comparison.study.arms[0].name)


def _counts(text: str) -> list[int]:
    try:
        counts = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        counts = []
    if not counts or min(counts) < 2:
        raise SpecError(
            f"--seeds: expected numbers from 2 on with commas between them, such as 3,5,10; got {short(text)}"
        )
    return counts
