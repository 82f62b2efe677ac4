"""`compare`: train what a study owes, judge it, write the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Unpack, overload

from normlab.errors import SpecError
from normlab.events import Tell
from normlab.plans import Stop, never
from normlab.spec import Options, Study
from normlab.spec.fields import Value
from normlab.spec.tuning import searched
from normlab.verbs import projects, suites
from normlab.verbs.alone import refuse_tuning
from normlab.verbs.results import StudyResult
from normlab.verbs.session import Terms, by_cluster, carry_out
from normlab.verbs.signature import named_options
from normlab.verbs.suite_result import SuiteResult
from normlab.verbs.tuning import tuned


@overload
def compare(
    study: Study | str | Path | None = None,
    *,
    data: Sequence[str],
    out: str | Path = "normlab-out",
    workers: int | None = None,
    cluster: str | None = None,
    budget: float | None = None,
    tune: Mapping[str, Sequence[Value] | str] | None = None,
    trials: int | None = None,
    tuning_seeds: int = 2,
    repair: bool = False,
    stop: Stop = never,
    tell: Tell | None = None,
    **options: Unpack[Options],
) -> SuiteResult: ...
@overload
def compare(
    study: Study | str | Path | None = None,
    *,
    data: None = None,
    out: str | Path = "normlab-out",
    workers: int | None = None,
    cluster: str | None = None,
    budget: float | None = None,
    tune: Mapping[str, Sequence[Value] | str] | None = None,
    trials: int | None = None,
    tuning_seeds: int = 2,
    repair: bool = False,
    stop: Stop = never,
    tell: Tell | None = None,
    **options: Unpack[Options],
) -> StudyResult: ...
@named_options
def compare(
    study: Study | str | Path | None = None,
    *,
    data: Sequence[str] | None = None,
    out: str | Path = "normlab-out",
    workers: int | None = None,
    cluster: str | None = None,
    budget: float | None = None,
    tune: Mapping[str, Sequence[Value] | str] | None = None,
    trials: int | None = None,
    tuning_seeds: int = 2,
    repair: bool = False,
    stop: Stop = never,
    tell: Tell | None = None,
    **options: Unpack[Options],
) -> StudyResult | SuiteResult:
    """Train every arm of a study on every seed, keep each run as it ends, and write the report.

    A run that is in the store already is not trained again, whichever study it was trained for. With `until_settled`,
    seeds are added only until every pair is settled.

    Args:
        study: a spec, a TOML file, the name or the folder of a study that is to grow; None for the default study.
        data: several data sets, each as the option `dataset` names one: the study is made on each, and all are judged
            together. What comes back is a `SuiteResult`, as it is of a file or a name of such a suite.
        out: the project's folder: its store, and a folder for each study.
        workers: processes at a time; one per core by default.
        cluster: a dask.distributed cluster whose workers make the runs, in their place: `tcp://HOST:PORT`, where its
            scheduler is, or `local:4` for one of four workers on this machine while the call lasts.
        budget: seconds after which no further run is started, where `until_settled`.
        tune: fields that each arm is to have its own best values of, by path, and the values to try, or `LOW..HIGH` to
            draw from: every arm is tried with the same, on held-out images and seeds that are not judged. Then the
            study is made as it is, and as `NAME-tuned`, which is given back.
        trials: how many points of `tune` are tried, drawn from the study's root; all of them by default.
        tuning_seeds: on how many seeds each is tried.
        repair: train anew what is damaged in the store, in the place of refusing.
        stop: asked again and again; while it says True, runs under way are finished and no further one begins.
        tell: told what happens, see `events`; by default a notebook shows it below the cell, and nobody else is told.
        options: changes of the study, see `Options`.

    Raises:
        SpecError: the study cannot be run as it is written.
        DataError, DeviceError, EngineError, StoreError: see there.
        MissingPackage: a cluster is asked for, and dask.distributed is not there.
        ClusterError: nobody answers there, or no worker may make a run; what is made is kept.
        RunFailed: some runs left no record; the others are kept.
        Stopped: `stop` said so before all was trained; the same call continues, and no verdict was shown.
    """
    where = by_cluster(cluster, workers)
    search = searched(tune, trials, tuning_seeds) if tune else None
    named, fresh = study is not None or options.get("name") is not None, bool(options.get("fresh_seeds"))
    terms = Terms(named, fresh, repair, workers=workers, cluster=where, budget=budget, stop=stop)
    if suite := suites.stated(study, Path(out), data, options):
        if search:
            raise SpecError("tune goes with one data set: leave it out, or tune a study for each")
        return suites.compare_on_each(suite, terms, tell)
    place = projects.stated(study, Path(out), options)
    if search:
        refuse_tuning(place.study)
        return tuned(place, search, terms, tell)
    return carry_out(place.study, place.project, terms, tell)
