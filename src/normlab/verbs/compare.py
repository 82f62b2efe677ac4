"""`compare`: train what a study owes, keep each run as it ends, judge all of them, write the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from normlab import files
from normlab.analysis import asked
from normlab.analysis.looks import kind
from normlab.data import Dataset, load
from normlab.data.progress import Progress
from normlab.data.progress import silent as no_progress
from normlab.data.split import split
from normlab.errors import RunFailed
from normlab.events import FaultFound, Planned, RunKept, Tell, silent
from normlab.execution import Failure, LocalProcesses
from normlab.plans import AllOwed, Chains, Maker, Plan, Settling
from normlab.records import Comparison, Look, RunRecord
from normlab.spec import Options, Study
from normlab.store import Store
from normlab.store.rows import now
from normlab.verbs import engines, projects
from normlab.verbs.assembly import assemble, test_once
from normlab.verbs.checks import check, faults
from normlab.verbs.projects import Place
from normlab.verbs.results import StudyResult
from normlab.verbs.signature import named_options

if TYPE_CHECKING:
    from normlab.faults import Finding


@named_options
def compare(
    study: Study | str | Path | None = None,
    *,
    out: str | Path = "normlab-out",
    workers: int | None = None,
    budget: float | None = None,
    repair: bool = False,
    tell: Tell = silent,
    progress: Progress = no_progress,
    **options: Unpack[Options],
) -> StudyResult:
    """Train every arm of a study on every seed, keep each run as it ends, and write the report.

    A run that is in the store already is not trained again, whichever study it was trained for. With `until_settled`,
    seeds are added only until every pair is settled.

    Args:
        study: a spec, a TOML file, the name or the folder of a study that is to grow; None for the default study.
        out: the project's folder: its store, and a folder for each study.
        workers: processes at a time; one per core by default.
        budget: seconds after which no further run is started, where `until_settled`.
        repair: train anew what is damaged in the store, in the place of refusing.
        tell, progress: told of the runs, and of a download.
        options: changes of the study, see `Options`.

    Raises:
        SpecError: the study cannot be run as it is written.
        DataError, DeviceError, EngineError, StoreError: see there.
        RunFailed: some runs left no record; the others are kept.
    """
    place = projects.stated(study, Path(out), options)
    named = study is not None or options.get("name") is not None
    fresh = bool(options.get("fresh_seeds"))
    return run(
        place.study,
        place.project,
        named=named,
        fresh=fresh,
        workers=workers,
        budget=budget,
        repair=repair,
        tell=tell,
        progress=progress,
    )


def run(
    study: Study,
    project: Path,
    *,
    named: bool = True,
    fresh: bool = False,
    workers: int | None = None,
    budget: float | None = None,
    repair: bool = False,
    tell: Tell = silent,
    progress: Progress = no_progress,
) -> StudyResult:
    """`compare` for a study that is stated in full.

    Where it is not `named` by a person, its name is a suggestion. With `fresh`, it takes as many seeds as it has that
    no verdict was shown of.
    """
    check(study)
    data = load(study.recipe.dataset, progress)
    split(data, study.recipe, study.root)  # too few images are an error now, not in every worker
    if repair:  # a damaged note of a study would be in the way of finding its name
        _mend_notes(project)
    with Store.reading(project) as store:
        wanted = projects.fresh_seeds(study, store) if fresh else study
        place = projects.named(Place(wanted, project), store, given=named)
    with Store.open(project) as store:
        return _carried_out(_Work(place, store, data, tell), workers, budget, repair=repair)


def _mend_notes(project: Path) -> None:
    with Store.open(project) as store:
        store.repair([])


@dataclass(frozen=True)
class _Work:
    place: Place
    store: Store
    data: Dataset
    tell: Tell

    @property
    def study(self) -> Study:
        return self.place.study


def _carried_out(work: _Work, workers: int | None, budget: float | None, *, repair: bool) -> StudyResult:
    made = engines.maker(work.study, work.store)
    if repair:
        work.store.repair(made.jobs())
    work.store.runs(made.jobs())  # what is damaged is refused now, not after hours of training
    found = faults(work.study, work.data)
    for fault in found:
        work.tell(FaultFound(fault.severity.value, f"{fault.what} ({fault.where}); {fault.fix}"))
    made, plan, kept = _planned(work, made, budget)
    projects.put(work.place, work.store, [job.key for job in made.jobs()])
    trained: list[RunRecord] = []

    def keep(record: RunRecord) -> None:
        work.store.commit(record)
        trained.append(record)
        work.tell(RunKept(record))

    failures = LocalProcesses(workers).run(plan, keep, work.tell)
    result = concluded(work.place, work.store, work.data, made, found=found, counts=Counts(kept, len(trained)))
    if failures:
        raise RunFailed(_told(failures, work.place.folder))
    return result


def _planned(work: _Work, made: Maker, budget: float | None) -> tuple[Maker, Plan, int]:
    """How the study's runs are made, what is owed of them, and how many are kept."""
    have = work.store.have([job.key for job in made.jobs()])
    plan = _plan(work, made, budget)
    if plan.ready():
        made = engines.settled(made, work.store, work.data, work.tell)
        plan = _plan(work, made, budget)
    owed = None if work.study.until_settled else len(made.jobs()) - len(have)
    work.tell(Planned(len(have), owed))
    return made, plan, len(have)


def _plan(work: _Work, made: Maker, budget: float | None) -> Plan:
    if work.study.until_settled:
        return Settling(made, work.store.runs(made.jobs()), _looks(work.study, work.store), budget)
    if work.study.warm_start:
        return Chains(made, work.store.runs(made.jobs()))
    return AllOwed(made.jobs(), work.store.have([job.key for job in made.jobs()]))


@dataclass(frozen=True)
class Counts:
    """How many runs there were before, and how many came with the call.

    With `look` a verdict is shown that has to be remembered; with `anew` the page is written even if it is up to date.
    """

    kept: int = 0
    trained: int = 0
    look: bool = True
    anew: bool = False


def concluded(
    place: Place, store: Store, data: Dataset, made: Maker, *, found: Sequence[Finding], counts: Counts
) -> StudyResult:
    """Judge what there is, remember that it was looked at, and write the report with the faults that were found."""
    from normlab.report import html

    comparison = assemble(made, store, data, _looks(place.study, store))
    comparison = test_once(store, comparison, data, look=counts.look)
    if counts.look and (shown := _look(comparison)):
        store.look(shown)
    page = place.folder / "report.html"
    if counts.anew or not html.is_current(comparison, page, found):
        html.write(comparison, page, found)
    return StudyResult(comparison, place.folder, page, counts.kept, counts.trained)


def _looks(study: Study, store: Store) -> list[Look]:
    return store.looks([arm.recipe.digest for arm in study.arms])


def _look(comparison: Comparison) -> Look | None:
    """A verdict is shown where two arms of a question share two seeds; a path has none."""
    study = comparison.study
    several = {arm.name for arm in study.arms if len(comparison.of(arm.name)) > 1}
    pairs = [pair for question in asked(study) for pair in question.pairs]
    if study.warm_start or not any(set(pair) <= several for pair in pairs):
        return None
    arms = tuple(arm.recipe.digest for arm in study.arms)
    return Look(study.name, now(), study.seeds, kind(study, comparison.looks).value, len(pairs), arms)


def _told(failures: Sequence[Failure], folder: Path) -> str:
    """One line for all failed runs; tracebacks go to a file beside the report."""
    details = "\n".join(f"{failure.job.name}\n{failure.details}" for failure in failures if failure.details)
    if details:
        files.write(folder / "failures.txt", details.encode())
    named = "; ".join(f"{failure.job.name}: {failure.message}" for failure in failures)
    where = f" (details in {folder / 'failures.txt'})" if details else ""
    return f"{len(failures)} runs left no record: {named}{where}; the same command runs them again"
