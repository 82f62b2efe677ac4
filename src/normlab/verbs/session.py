"""A session of work at a study: name it, plan what it owes, keep each run as it ends, conclude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from normlab import files, plans
from normlab.data.split import split
from normlab.errors import RunFailed, SpecError, Stopped
from normlab.events import Planned, RunKept, Tell
from normlab.execution import Failure, LocalProcesses, undisturbed
from normlab.execution.cluster import Address, Cluster, library
from normlab.plans import Held, Maker, Plan, Posted, Stop, never
from normlab.plans.settling import Labels
from normlab.progress import told
from normlab.records import Job, RunRecord
from normlab.show.numbers import plural
from normlab.spec import Study
from normlab.store import Store, Wanting
from normlab.verbs import engines, projects, registered
from normlab.verbs.checks import Basis, ready
from normlab.verbs.conclusion import Counts, concluded
from normlab.verbs.live import Live
from normlab.verbs.projects import Place
from normlab.verbs.rehearsal import Hall
from normlab.verbs.results import StudyResult
from normlab.verbs.sharing import Shared


@dataclass(frozen=True)
class Terms:
    """How a study is carried out; nothing of it changes what a run computes.

    Where the study is not `named` by a person, its name is a suggestion. With `fresh` it takes as many seeds as it has
    that no verdict was shown of, with `repair` it trains anew what is damaged. `workers` is how many processes there
    are at a time, one per core by default, or the workers of a `cluster` make the runs; `budget` seconds after which no
    run is started, where `until_settled`. None begins while `stop` says so either.
    """

    named: bool = True
    fresh: bool = False
    repair: bool = False
    workers: int | None = None
    cluster: Address | None = None
    budget: float | None = None
    stop: Stop = never


def by_cluster(cluster: str | None, workers: int | None) -> Address | None:
    """The cluster that is asked for, if any; raises `SpecError` where it is none, `MissingPackage` without dask."""
    if cluster is None:
        return None
    address = Address.of(cluster)
    if workers is not None:
        raise SpecError("--workers is how many processes run here without a cluster: leave it out, or say local:N")
    library.needed()
    return address


def carry_out(study: Study, project: Path, terms: Terms, tell: Tell | None = None) -> StudyResult:
    """Train what a study owes, keep each run as it ends, judge all of them and write the report.

    Raises what `compare` raises.
    """
    tell = tell or told(study)
    basis = ready(study, tell)
    if terms.repair:  # a damaged note of a study would be in the way of finding its name
        with Store.open(project) as store:
            store.repair([])
    with Store.reading(project) as store:
        place = projects.claimed(Place(study, project), store, given=terms.named, fresh=terms.fresh)
    with Store.open(project) as store:
        return _Session(place, store, basis, terms, tell).result()


@dataclass(frozen=True)
class _Session:
    place: Place
    store: Store
    basis: Basis
    terms: Terms
    tell: Tell

    def result(self) -> StudyResult:
        registered.found(self.place.project, self.place.study.name)  # an edited one is refused now, not at the end
        made = engines.maker(self.place.study, self.store, self.basis.networks.material)
        if self.terms.repair:
            self.store.repair(made.every())
        self._share.merge()
        self.store.tidy()
        kept = self.store.runs(made.every())
        self.store.checkups(made.jobs())  # what is damaged is refused now, not after hours of training
        made, plan = self._planned(made, kept)
        projects.put(self.place, self.store, [job.key for job in made.every()], made.engine)
        trained: list[RunRecord] = []
        failures = self._trained(plan, made, trained)
        result = concluded(self.place, self.store, made, self.basis, Counts(len(kept), len(trained)))
        if failures:
            raise RunFailed(_reason(failures, self.place.folder))
        return result

    def _trained(self, plan: Plan, made: Maker, trained: list[RunRecord]) -> Sequence[Failure]:
        """Have the plan's runs made, and keep each as it ends; those of this session come into the list."""
        live = Live(self.place, self.store, self.basis, made, self.tell)

        def keep(record: RunRecord) -> None:
            with undisturbed():  # what took an hour is not lost to a second
                self.store.commit(record)
            trained.append(record)
            self.tell(RunKept(record))
            live.write()

        try:
            failures = self._executor.run(self._said(Held(plan, self.terms.stop)), keep, self.tell)
        finally:
            self._wanting.withdraw()
        if self.terms.stop() and plan.ready():
            live.write(now=True)
            raise Stopped(f"stopped; what is finished is kept in {self.place.folder}, the same call continues")
        return failures

    def _said(self, plan: Plan) -> Plan:
        """The plan, known to workers elsewhere that cannot know it otherwise."""
        return Posted(plan, self._wanting.post) if self.place.study.unfolds else plan

    @cached_property
    def _wanting(self) -> Wanting:
        return Wanting(self.place.folder)

    @cached_property
    def _share(self) -> Shared:
        return Shared(self.store, self.tell, self._wanting)

    @cached_property
    def _executor(self) -> LocalProcesses | Cluster:
        project, share = self.place.project, self._share
        if self.terms.cluster:
            return Cluster(self.terms.cluster, project, share)
        return LocalProcesses(self.terms.workers, project, share)

    def _planned(self, made: Maker, kept: Sequence[RunRecord]) -> tuple[Maker, Plan]:
        """What is owed, and with which engine; one is only looked for where there is something to train."""
        plan = self._plan(made, kept, self.terms.budget)
        if plan.ready():
            self._executor.get_ready()
            made = engines.settled(made, self.store, self.basis.data, self.tell)
            plan = self._plan(made, kept, self.terms.budget)
        self.tell(Planned(len(kept), None if made.study.until_settled else len(made.every()) - len(kept)))
        if plan.ready():
            hall = Hall(self.store, self.basis.data, self._executor.size(self.place.study.device), self.tell)
            made = hall.rehearsed(made, lambda each: self._owed(each, kept))
            plan = self._plan(made, kept, self.terms.budget)  # its time begins now
        return made, plan

    def _owed(self, made: Maker, kept: Sequence[RunRecord]) -> Sequence[Job]:
        """What is to be trained as far as it is known; of a path all, though most of it waits for other runs."""
        if made.study.warm_start:
            return plans.AllOwed(made.jobs(), {run.key for run in kept}).ready()
        return self._plan(made, kept, None).ready()

    def _plan(self, made: Maker, kept: Sequence[RunRecord], budget: float | None) -> Plan:
        looks = self.store.looks(made.study.digests)
        return plans.of_study(made, kept, looks, budget, labels=self._labels)

    @cached_property
    def _labels(self) -> Labels:
        """Of the images that runs are judged on."""
        study = self.place.study
        return split(self.basis.data, study.recipe, study.root).judged_labels


def _reason(failures: Sequence[Failure], folder: Path) -> str:
    """One line for all failed runs; tracebacks go to a file beside the report."""
    details = "\n".join(f"{failure.job.name}\n{failure.details}" for failure in failures if failure.details)
    if details:
        files.write(folder / "failures.txt", details.encode())
    named = "; ".join(f"{failure.job.name}: {failure.message}" for failure in failures)
    where = f" (details in {folder / 'failures.txt'})" if details else ""
    return f"{plural(len(failures), 'run')} left no record: {named}{where}; the same command runs them again"
