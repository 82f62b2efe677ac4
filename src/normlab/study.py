"""Where the parts meet: `compare` runs a study, `train` one run of it, and both show what came out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from normlab import execution, files, models, spec
from normlab.analysis import asked
from normlab.assembly import assemble, first_job, test_once
from normlab.data import Dataset, load, prepare
from normlab.data.progress import Progress
from normlab.data.progress import silent as no_progress
from normlab.data.split import split
from normlab.errors import Diverged, RunFailed, SpecError
from normlab.models.summary import summarize
from normlab.penalties import of_arm
from normlab.records import Comparison, Job, RunRecord
from normlab.spec import Study
from normlab.store import Store
from normlab.store.database import told_plainly
from normlab.training import Choice, EpochDone, Event, Watch, choose, silent
from normlab.training import train as train_run
from normlab.training.device import device_called

if TYPE_CHECKING:
    from normlab.faults import Finding


class StudyWatch:
    """What `compare` tells while it works; this one looks away, a display overrides what it shows."""

    def chosen(self, choice: Choice) -> None:
        """The engine is decided; nothing of it is told where no run is owed."""

    def linted(self, findings: Sequence[Finding]) -> None:
        """The study's faults, told before anything else."""

    def begin(self, stored: int, owed: int | None) -> None:
        """Training starts: how many runs are in the store, and how many are owed; None until all is settled."""

    def tell(self, job: Job, event: Event) -> None:
        """A batch or an epoch of a run is done."""

    def kept(self, record: RunRecord) -> None:
        """A run is finished and in the store."""


@dataclass(frozen=True)
class StudyResult:
    """A study as far as it has come, the folder of its store and its report. Shows itself in a notebook."""

    comparison: Comparison
    folder: Path
    report: Path

    def table(self, form: str = "markdown") -> str:
        """The table of arms as `json`, `csv`, `markdown` or `latex`."""
        from normlab.report.tables import table

        return table(self.comparison, form)

    def findings(self) -> list[str]:
        """What the numbers carry, a sentence each."""
        from normlab.report.view import build

        return list(build(self.comparison).findings)

    def save_charts(self, folder: str | Path, form: Literal["png", "svg"] = "png") -> list[Path]:
        """Put every chart into a folder as `png` or `svg`."""
        from normlab.analysis import gather
        from normlab.report import charts

        return charts.save(gather(self.comparison), Path(folder), form)

    def _repr_html_(self) -> str:
        from normlab.report.html import fragment

        return fragment(self.comparison)


@dataclass(frozen=True)
class TrainResult:
    """One trained run, its folder and its pictures. Shows itself in a notebook."""

    record: RunRecord
    comparison: Comparison
    folder: Path
    curves: Path
    mistakes: Path

    def _repr_html_(self) -> str:
        from normlab.report.html import fragment

        return fragment(self.comparison)


def compare(
    study: Study | str | Path | None = None,
    *,
    out: str | Path = "normlab-out",
    workers: int | None = None,
    budget: float | None = None,
    watch: StudyWatch | None = None,
    progress: Progress = no_progress,
    **options: Any,
) -> StudyResult:
    """Train every arm of a study on every seed, keep each run as it ends, and write the report.

    With `until_settled`, seeds are added only until every pair is settled. Calling it again with the same study
    continues with the runs still owed.

    Args:
        study: a spec, a TOML file, or None for the default study.
        out: the folder that studies are kept in.
        workers: processes at a time; one per core by default.
        budget: seconds after which no further run is started, where `until_settled`.
        watch, progress: told of the runs, and of a download.
        options: what `spec.design` takes, to change the study: norms, l1, recipe, seeds, epochs, until_settled, …

    Raises:
        SpecError: the study cannot be run as it is written.
        DataError, DeviceError, StoreError: see there.
        RunFailed: some runs left no record; the others are kept.
    """
    wanted = _study(study, options)
    check(wanted)
    data = load(wanted.recipe.dataset, progress)
    split(data, wanted.recipe, wanted.root)  # too few images are an error now, not in every worker
    watch = watch or StudyWatch()
    findings = _find(wanted, data)
    watch.linted(findings)
    with Store.for_study(Path(out), wanted) as store:
        if wanted.until_settled:
            failures = _run_until_settled(store, data, watch, workers, budget)
        elif wanted.warm_start:
            failures = _run_warm(store, data, watch, workers)
        else:
            failures = _run_owed(store, data, watch, workers)
        result = _result(store, data, findings)
    if failures:
        raise RunFailed(_told(failures, result.folder))
    return result


def train(
    norm: str = "bn",
    *,
    l1: float = 0.0,
    l1_on: str = "weights",
    penalty: str = "subgrad",
    seed: int = 0,
    out: str | Path = "normlab-out",
    watch: Watch = silent,
    **options: Any,
) -> TrainResult:
    """Train one arm on one seed in this process, and leave its record, its curves and its misclassified images.

    A run that is already in the store is not trained again: its epochs are told from there.

    Args:
        norm, l1, l1_on, penalty, seed: the arm (λ, what the penalty acts on, its kind) and the seed.
        out: the folder that studies are kept in.
        watch: told of training.
        options: what `spec.design` takes: recipe, epochs, device, …

    Raises `Diverged` when the loss stops being a number, and what `compare` raises.
    """
    return train_study(one_run(norm, l1=l1, l1_on=l1_on, penalty=penalty, seed=seed, **options), out, watch)


def one_run(norm: str, *, l1: float, l1_on: str, penalty: str, seed: int, **options: Any) -> Study:
    """The study of a single run, called after its norm unless `options` has a name."""
    named = {"name": "train-" + norm.replace(":", "").replace("=", "")} | options
    return spec.design(norms=[norm], l1=[l1], l1_on=l1_on, penalty=penalty, seeds=[seed], **named)


def train_study(
    study: Study,
    out: str | Path,
    watch: Watch = silent,
    announce: Callable[[str], object] = lambda _summary: None,
    chosen: Callable[[Choice], object] = lambda _choice: None,
) -> TrainResult:
    """`train` for a study of one run; `announce` is given the model's summary before it starts, `chosen` the engine."""
    check(study)
    data = load(study.recipe.dataset)
    with Store.for_study(Path(out), study) as store:
        announce(summarize(models.build(first_job(study, study.arms[0])), data.train_images.shape[1:]))
        owed = _owed(store, data, chosen)
        for job in owed:
            store.commit(train_run(job, data, watch))
        comparison = assemble(store, data)
    if not owed:
        for epoch in comparison.runs[0].epochs:
            watch(EpochDone(epoch))
    return _pictures(comparison, store.folder)


def reopen(folder: str | Path, *, level: float | None = None, margin: float | None = None) -> StudyResult:
    """A study that is already in `folder`, with its report written anew, judged by another level or margin if given."""
    with Store.at(Path(folder)) as store:
        if level is not None or margin is not None:
            store.rejudge(level, margin)
        data = load(store.study.recipe.dataset)
        return _result(store, data, _find(store.study, data))


def lint(study: Study | str | Path | None = None, **options: Any) -> tuple[Finding, ...]:
    """The faults of a study, errors first; trains nothing. Takes what `compare` takes, raises what `check` raises."""
    wanted = _study(study, options)
    check(wanted)
    return _find(wanted, load(wanted.recipe.dataset))


def _find(study: Study, data: Dataset) -> tuple[Finding, ...]:
    from normlab.faults import find, of_study

    return find(of_study(study, data))


def opened(folder: str | Path) -> Comparison:
    """What the study in `folder` has come to; nothing is written."""
    with Store.at(Path(folder)) as store:
        return assemble(store, load(store.study.recipe.dataset))


def check(study: Study) -> None:
    """See before anything is fetched or trained that every arm can be built, fed and penalised on the device.

    Raises `SpecError` (`UnknownName`, `GroupsError`), `DeviceError`, or `DataError` without an optional dependency.
    """
    device_called(study.device)
    if study.until_settled and not asked(study):
        raise SpecError(
            "until_settled: no two arms differ in one thing alone (norm, preprocessing, penalty), nothing to settle"
        )
    for arm in study.arms:
        prepare.check(first_job(study, arm).preprocess)
        model, penalty = models.build(first_job(study, arm)), of_arm(arm.penalty, study.recipe.optimizer)
        if penalty:
            penalty.targets(model)


def _run_owed(store: Store, data: Dataset, watch: StudyWatch, workers: int | None) -> list[execution.Failure]:
    owed = _owed(store, data, watch.chosen)
    watch.begin(len(store.study.arms) * len(store.study.seeds) - len(owed), len(owed))

    def keep(record: RunRecord) -> None:
        store.commit(record)
        watch.kept(record)

    return execution.run_all(owed, keep, watch.tell, workers)


def _run_until_settled(
    store: Store, data: Dataset, watch: StudyWatch, workers: int | None, budget: float | None
) -> list[execution.Failure]:
    choice = _choice(store, data)
    settling = execution.Settling(store.study, store.runs(), choice.engine, budget)
    if settling.open:
        watch.chosen(choice)
    watch.begin(len(settling.begun), None)

    def keep(record: RunRecord) -> None:
        store.commit(record)
        settling.keep(record)
        watch.kept(record)

    return execution.run_all(settling.jobs(), keep, watch.tell, workers)


def _run_warm(store: Store, data: Dataset, watch: StudyWatch, workers: int | None) -> list[execution.Failure]:
    choice = _choice(store, data)
    warming = execution.Warming(store.study, store.runs(), choice.engine)
    if warming.owed:
        watch.chosen(choice)
    watch.begin(len(store.study.arms) * len(store.study.seeds) - warming.owed, warming.owed)

    def keep(record: RunRecord) -> None:
        store.commit(record)
        warming.keep(record)
        watch.kept(record)

    return execution.run_all(warming.jobs(), keep, watch.tell, workers)


def _owed(store: Store, data: Dataset, chosen: Callable[[Choice], object]) -> list[Job]:
    """The runs still to be trained, with their engine."""
    study, done = store.study, store.done()
    if len(done) == len(study.arms) * len(study.seeds):
        return []
    choice = _choice(store, data)
    chosen(choice)
    return execution.owed(study, done, choice.engine)


def _choice(store: Store, data: Dataset) -> Choice:
    """The engine that the study asks for, or has been trained with so far."""
    return _chosen(store.study, data, store.engines())


def engine_for(study: Study, data: Dataset) -> str:
    """The engine that a new study is trained with."""
    return _chosen(study, data, ()).engine


def _chosen(study: Study, data: Dataset, used: Collection[str]) -> Choice:
    _, channels, height, width = data.train_images.shape
    arms = [first_job(study, arm) for arm in study.arms]
    return choose(arms, (channels, height, width), used)


def _study(given: Study | str | Path | None, options: dict[str, Any]) -> Study:
    base = spec.read(Path(given)) if isinstance(given, str | Path) else given
    return spec.design(base, **options)


def _result(store: Store, data: Dataset, findings: Sequence[Finding]) -> StudyResult:
    from normlab.report import html

    comparison = test_once(store, assemble(store, data), data)
    page = html.write(comparison, store.folder / "report.html", findings)
    return StudyResult(comparison, store.folder, page)


def _pictures(comparison: Comparison, folder: Path) -> TrainResult:
    from normlab.report import charts, images

    record = comparison.runs[0]
    if record.diverged_at is not None:
        raise Diverged(f"the loss stopped being a number in epoch {record.diverged_at}: lower the learning rate or λ")
    with told_plainly(folder):
        curves = charts.save_png(charts.curves(record, comparison.study.recipe.judged_on), folder / "curves.png")
        mistakes = files.write(folder / "misclassified.png", images.grid_png(comparison, record))
    return TrainResult(record, comparison, folder, curves, mistakes)


def _told(failures: Sequence[execution.Failure], folder: Path) -> str:
    """One line for all failed runs; tracebacks go to a file beside the store."""
    details = "\n".join(f"{failure.job.name}\n{failure.details}" for failure in failures if failure.details)
    if details:
        files.write(folder / "failures.txt", details.encode())
    named = "; ".join(f"{failure.job.name}: {failure.message}" for failure in failures)
    where = f" (details in {folder / 'failures.txt'})" if details else ""
    return f"{len(failures)} runs left no record: {named}{where}; the same command runs them again"
