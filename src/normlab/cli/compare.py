"""`normlab compare`: the main job."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from normlab.cli import options
from normlab.cli.console import say
from normlab.cli.fields import TUNES, recipe_options, several
from normlab.cli.opened import Open, Opener
from normlab.cli.options import Form
from normlab.cli.served import Port, Serve, served
from normlab.cli.several_data import datasets, show_suite, unserved
from normlab.errors import SpecError
from normlab.spec.options import Options

if TYPE_CHECKING:
    from normlab.verbs.results import StudyResult
    from normlab.verbs.suite_result import SuiteResult

MAX_SEEDS = 40
"""Seeds that a study may take until it is settled, unless it says otherwise."""


@recipe_options(several=True)
def compare(
    study: options.Study = None,
    *,
    fields: Options,
    recipe: options.RecipeName = None,
    seeds: options.Seeds = None,
    fresh_seeds: Annotated[
        bool,
        typer.Option("--fresh-seeds", help="On seeds of which no verdict was shown yet.", rich_help_panel="Verdict"),
    ] = False,
    until_settled: Annotated[
        bool, typer.Option("--until-settled", help="Add seeds until every pair is settled.", rich_help_panel="Verdict")
    ] = False,
    race: Annotated[
        bool,
        typer.Option(
            "--race",
            help="Until it is settled which are best: arms that are shown to be worse than another take no more seeds.",
            rich_help_panel="Verdict",
        ),
    ] = False,
    max_seeds: Annotated[
        int | None, typer.Option(min=2, help="The most seeds until then. Default: 40.", rich_help_panel="Verdict")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="Start no run after this time: 90s, 20m, 2h.", rich_help_panel="Verdict")
    ] = None,
    ask: Annotated[
        str | None,
        typer.Option(help="The factors to judge, with commas. Default: all.", rich_help_panel="Verdict"),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="Compare every other arm with this one alone.", rich_help_panel="Verdict")
    ] = None,
    level: options.Level = None,
    margin: options.Margin = None,
    outcome: options.Outcome = None,
    tune: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=V1,V2,…",
            help="Give each arm its own best value, by the same trials on held-out images. FIELD=LOW..HIGH draws.",
            rich_help_panel="Tuning",
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            min=2, help="Points that each arm is tried with. Default: all of the grid.", rich_help_panel="Tuning"
        ),
    ] = None,
    tuning_seeds: Annotated[
        int | None,
        typer.Option(min=1, help="Seeds of each trial, never judged. Default: 2.", rich_help_panel="Tuning"),
    ] = None,
    sources: options.Sources = None,
    name: options.Name = None,
    device: options.Device = None,
    engine: options.Engine = None,
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    repair: options.Repair = False,
    out: options.Out = Path("normlab-out"),
    form: options.Printed = Form.text,
    details: options.Details = False,
    open_: Open = False,
    serve: Serve = False,
    port: Port = None,
    print_toml: Annotated[
        bool, typer.Option("--print-toml", help="Print the study as TOML and train nothing.")
    ] = False,
) -> None:
    """Train every arm on the same seeds and write a report: what does a change do, and with what evidence?

    Any field of the recipe can be varied. Several data sets (--data a,b) are a study each, and judged over all of them
    too. What has been trained already is not trained again: run it again to continue a study, or name it to let it
    grow.

    Examples: normlab compare · normlab compare --norms bn,gn:2 --seeds 5 · normlab compare --vary batch_size=32,128 ·
    normlab compare --norms bn --lambda 0,1e-3 --penalty prox,subgrad · normlab compare study.toml ·
    normlab compare my-study --seeds 10 · normlab compare --norms bn,gn:4 --data mnist,fashion-mnist ·
    normlab compare --norms bn,ln --until-settled --max-seeds 40 --budget 20m
    """
    from normlab.cli.study_display import watched

    data = datasets(fields)
    seconds, until_settled = options.duration(budget, "--budget"), until_settled or race
    if until_settled and seeds is not None:
        raise SpecError("--until-settled takes as many seeds as it needs: say --max-seeds instead of --seeds")
    given: Options = {
        **fields,
        "recipe": recipe,
        "seeds": max_seeds or (MAX_SEEDS if until_settled else options.seeds(seeds)),
        "until_settled": until_settled or (False if seeds is not None else None),
        "race": race or (False if seeds is not None else None),
        "questions": options.some(ask, "--ask"),
        "baseline": baseline,
        "level": level,
        "margin": margin,
        "outcome": outcome,
        "name": name,
        "fresh_seeds": fresh_seeds,
        "sources": sources,
        "device": device,
        "engine": engine,
    }
    tuning = _tuning(tune, trials, tuning_seeds)
    if tuning and serve:
        raise SpecError("--serve shows one study, and --tune makes three: leave one of them out")
    with watched(out) as tell:  # from here on something moves: what comes first takes seconds to import
        from normlab.verbs import compare as verb
        from normlab.verbs import projects
        from normlab.verbs.suites import stated as several_data

        suite = several_data(study, out, data, given)
        place = suite or projects.stated(study, out, given)
        _only_until_settled(place.study.until_settled, {"--max-seeds": max_seeds, "--budget": budget})
        if print_toml:
            say(place.toml, nl=False)
            return
        opener = Opener(wanted=open_)
        carry_out: Any = verb.compare  # of a study or of a suite: what comes back is shown as what it is
        train = partial(
            carry_out,
            study,
            data=data,
            out=out,
            workers=workers,
            cluster=cluster,
            budget=seconds,
            repair=repair,
            **tuning,
            **given,
        )
        seen = unserved if suite else served
        result = seen(train, place.study, tell, opener, serve=serve, port=port)
    show(result, form, details=details)
    if seconds is not None:
        _told_of_more_time(result, seconds, workers)
    opener.open(result.report.resolve().as_uri())


def _tuning(tune: list[str] | None, trials: int | None, seeds: int | None) -> dict[str, Any]:
    """What is to be tuned, as the verb takes it; nothing where nothing is."""
    for option, value in {"--trials": trials, "--tuning-seeds": seeds}.items():
        if value is not None and not tune:
            raise SpecError(f"{option} goes with --tune")
    if not tune:
        return {}
    told = {"trials": trials, "tuning_seeds": seeds}
    return {"tune": several(tune, TUNES), **{name: value for name, value in told.items() if value is not None}}


def _only_until_settled(settling: bool, given: dict[str, object]) -> None:
    for option, value in given.items():
        if value is not None and not settling:
            raise SpecError(f"{option} goes with --until-settled")


def _told_of_more_time(result: StudyResult, seconds: float, workers: int | None) -> None:
    """What as much time again would bring."""
    from normlab.execution.local import usual
    from normlab.report.view import build
    from normlab.report.words.settling import in_time

    if said := in_time(build(result.comparison).facts, seconds, workers or usual(result.comparison.study.device)):
        say(said, err=True)


def show(result: StudyResult | SuiteResult, form: Form, *, details: bool = False) -> None:
    """Print what came of a study, or of one on several data sets."""
    from normlab.verbs.results import StudyResult

    if isinstance(result, StudyResult):
        _show_study(result, form, details=details)
    else:
        show_suite(result, form, details=details)


def _show_study(result: StudyResult, form: Form, *, details: bool) -> None:
    """Print a study's answer, with `details` all that it rests on, and where its report is."""
    if form is Form.text:
        from normlab.cli.console import wide_enough
        from normlab.report import text

        text.show(result.comparison, wide_enough(sys.stdout), details=details, project=result.folder.parent)
    else:
        say(result.table(form.value))
    told = result.unwritten or f"Report: {result.report}"
    say(told, err=form is not Form.text or bool(result.unwritten))
