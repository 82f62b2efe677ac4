"""Runs that a cluster's workers make, and workers and schedulers that are killed meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import makers
import numpy as np
import older_worker
import pytest

from normlab.data import Dataset
from normlab.errors import ClusterError
from normlab.events import EpochDone, Event, RunLost, RunSaved, Tell, WorkerRefused, silent
from normlab.execution import LocalProcesses
from normlab.execution.cluster import Address, Cluster, crew, executor, homes, link, processes
from normlab.execution.cluster.fitness import Unfit, images
from normlab.execution.cluster.terms import Terms
from normlab.execution.spawn import start
from normlab.plans import AllOwed, Chains, Maker, Plan, Settling
from normlab.records import Job, RunRecord
from normlab.spec import design

pytestmark = [pytest.mark.timeout(120), pytest.mark.training, pytest.mark.cluster]

TINY: dict[str, Any] = {"epochs": 1, "train_images": 256, "holdout": 256, "seeds": 1}
LONG: dict[str, Any] = {**TINY, "epochs": 60}


def maker(data: Dataset, norms: Sequence[str] = ("bn",), **options: Any) -> Maker:
    return makers.maker(design(norms=[*norms], **{**TINY, **options}), "eager", data.digest)


def owed(jobs: Sequence[Job]) -> AllOwed:
    return AllOwed(jobs, ())


def made_by(where: str, plan: Plan, project: Path | None = None, tell: Tell = silent) -> dict[str, RunRecord]:
    """The records that came, by key; nothing failed."""
    records: dict[str, RunRecord] = {}
    failures = Cluster(Address.of(where), project).run(plan, lambda run: records.update({run.key: run}), tell)
    assert failures == []
    return records


def made_here(plan: Plan) -> dict[str, RunRecord]:
    records: dict[str, RunRecord] = {}
    assert LocalProcesses(1).run(plan, lambda run: records.update({run.key: run}), silent) == []
    return records


def assert_same(ours: dict[str, RunRecord], theirs: dict[str, RunRecord]) -> None:
    """To the bit, whatever order they came in."""
    assert ours.keys() == theirs.keys()
    for key, run in ours.items():
        other = theirs[key]
        assert np.array_equal(run.probabilities, other.probabilities)
        assert all(np.array_equal(value, other.weights[name]) for name, value in run.weights.items())
        assert [replace(epoch, seconds=0) for epoch in run.epochs] == [replace(e, seconds=0) for e in other.epochs]
        assert (run.sizes, run.flow, run.environment) == (other.sizes, other.flow, other.environment)


class Watcher:
    """Does something once, at the end of an epoch; remembers all that was told but batches."""

    def __init__(self, do: Callable[[], object] | None = None, when: Callable[[int], bool] = lambda epoch: epoch > 1):
        self.do, self.when = do, when
        self.told: list[Event] = []

    def __call__(self, event: Event) -> None:
        """Hear it."""
        self.told.append(event)
        if self.do and isinstance(event, EpochDone) and self.when(event.epoch.epoch):
            do, self.do = self.do, None
            do()

    def of(self, kind: type[Any]) -> list[Any]:
        """What was told of a kind."""
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def epochs(self) -> list[int]:
        """Their numbers, in the order in which they came."""
        return [event.epoch.epoch for event in self.of(EpochDone)]


def saved_in(project: Path) -> Callable[[int], bool]:
    """Whether a run was saved there."""
    return lambda _epoch: any(project.glob("checkpoints/*.checkpoint"))


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> list[homes.Ours]:
    """The clusters that are started here."""
    found: list[homes.Ours] = []

    def home_of(address: Address) -> homes.Home:
        found.append(homes.Ours(address.local or 0))
        return found[-1]

    monkeypatch.setattr(executor, "home_of", home_of)
    return found


def end(process: homes.Process | None, number: int = signal.SIGKILL) -> None:
    assert process is not None
    os.kill(process[0].pid or 0, number)


def test_a_cluster_makes_the_runs_of_this_machine(mnist: Dataset) -> None:
    """To the bit, each once; epochs are told as they pass, and no process is left."""
    made, at = maker(mnist, ["bn", "ln", "gn"], seeds=2), Watcher()
    runs = made_by("local:2", owed(made.jobs()), tell=at)
    assert multiprocessing.active_children() == []
    assert_same(runs, made_here(owed(made.jobs())))
    assert sorted(event.run for event in at.of(EpochDone)) == sorted(job.name for job in made.jobs())


@pytest.fixture(scope="module")
def uncut(mnist: Dataset) -> dict[str, RunRecord]:
    """A run that takes long enough to be saved before it ends, as a process of this machine makes it."""
    return made_here(owed(maker(mnist, epochs=30).jobs()))


def again(runs: dict[str, RunRecord]) -> AllOwed:
    """The same runs are owed."""
    return owed([run.job for run in runs.values()])


def test_a_killed_worker_costs_what_it_did_since_its_checkpoint(
    uncut: dict[str, RunRecord], tmp_path: Path, home: list[homes.Ours]
) -> None:
    """It is said, another is started in its place, sees the project's folder, and goes on there, to the same bits."""
    at = Watcher(lambda: end(home[0].workers[0]), saved_in(tmp_path))
    runs = made_by("local:1", again(uncut), tmp_path, at)
    (lost,) = at.of(RunLost)
    assert lost.again
    assert at.epochs.count(1) == 1
    assert at.epochs[-1] == 30
    assert_same(runs, uncut)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoints"]


def test_a_run_that_kills_its_workers_is_given_up(mnist: Dataset, home: list[homes.Ours]) -> None:
    """By its name after three tries, and the others go on."""
    jobs = maker(mnist, ["bn", "ln"]).jobs()
    records: list[RunRecord] = []

    def shoot(event: Event) -> None:
        if isinstance(event, EpochDone) and event.run == jobs[0].name:
            end(home[0].workers[0])

    slow = replace(jobs[0], recipe=jobs[0].recipe.model_copy(update={"epochs": 60}))
    (failure,) = Cluster(Address.of("local:1")).run(owed([slow, jobs[1]]), records.append, shoot)
    assert failure.job.name == slow.name
    assert failure.message.endswith("was lost, and so 3 times")
    assert [record.arm for record in records] == ["ln"]


@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP"])
def test_a_lost_scheduler_is_replaced(
    number: str,
    uncut: dict[str, RunRecord],
    tmp_path: Path,
    home: list[homes.Ours],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed or silent: another is started, with workers, and what was under way goes on; no try is counted."""
    monkeypatch.setattr(link, "SILENT", 2.0)
    at = Watcher(lambda: end(home[0].head, getattr(signal, number)), saved_in(tmp_path))
    runs = made_by("local:1", again(uncut), tmp_path, at)
    assert_same(runs, uncut)
    assert all("the scheduler of its worker" in event.why for event in at.of(RunLost))
    assert at.epochs.count(1) == 1
    assert multiprocessing.active_children() == []


class Theirs:
    """A cluster that somebody else runs: dask's own scheduler at a port that is kept, and workers."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.workers: list[homes.Process] = []
        self.begin()

    def begin(self) -> None:
        """A scheduler, as `dask scheduler` starts it."""
        words = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.scheduler = subprocess.Popen([sys.executable, "-P", *words, "--no-dashboard"], **quiet)  # type: ignore[call-overload]

    def lose(self) -> None:
        """Kill the scheduler."""
        self.scheduler.kill()
        self.scheduler.wait()

    def hire(self, serve: Callable[[Connection], None] = processes.worker) -> None:
        """A worker, which waits for the scheduler to be there."""
        self.workers.append(start(serve))
        self.workers[-1][1].send(self.address)

    def wait(self, workers: int) -> None:
        """Until so many workers are there."""
        found = link.Link.to(self.address, Terms({}, "normlab"), 30)
        assert any(len(found.workers()) == workers or time.sleep(0.1) for _ in range(300))
        found.close()

    def stop(self) -> None:
        """All of it ends."""
        self.lose()
        for worker in self.workers:
            homes._end(worker)


@pytest.fixture
def theirs() -> Iterator[Theirs]:
    found = Theirs()
    yield found
    found.stop()


def test_a_scheduler_that_comes_back_is_used_again(uncut: dict[str, RunRecord], tmp_path: Path, theirs: Theirs) -> None:
    """Killed with a run under way: dask's workers end with it, others come, and the run goes on, to the same bits."""

    def restart() -> None:
        theirs.lose()
        theirs.begin()
        theirs.hire()

    theirs.hire()
    at = Watcher(restart, saved_in(tmp_path))
    runs = made_by(theirs.address, again(uncut), tmp_path, at)
    assert len(at.of(RunLost)) == 1
    assert at.epochs.count(1) == 1
    assert_same(runs, uncut)


def test_a_cluster_may_lack_a_scheduler_and_workers_and_the_right_ones(
    mnist: Dataset, theirs: Theirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is one line; a worker with another normlab is named and gets no runs, and what is finished is kept."""
    monkeypatch.setattr(crew, "PATIENCE", 1.0)
    monkeypatch.setattr(executor, "FIRST", 30.0)
    monkeypatch.setattr(executor, "ATTEMPT", 1.0)
    jobs, kept, at = maker(mnist, ["bn", "ln"]).jobs(), list[str](), Watcher()
    cluster = Cluster(Address.of(theirs.address))

    def keep(record: RunRecord) -> None:
        kept.append(record.arm)
        theirs.lose()

    with pytest.raises(ClusterError, match="no worker for 1 s"):
        cluster.run(owed(jobs), keep, silent)
    theirs.hire(older_worker.serve)
    theirs.hire(older_worker.without)
    theirs.wait(2)
    with pytest.raises(ClusterError, match="may make these runs: tcp://"):
        cluster.run(owed(jobs), keep, at)
    older, without = sorted((event.why for event in at.of(WorkerRefused)), reverse=True)
    assert older == "it has method 0 and not 1"
    assert without.startswith("ModuleNotFoundError: import of normlab.execution.cluster.task")
    theirs.hire()
    theirs.wait(3)
    with pytest.raises(ClusterError, match=f"no scheduler answers at {theirs.address}, tried for 1 s"):
        cluster.run(owed(jobs), keep, silent)
    assert len(kept) == 1
    monkeypatch.setattr(executor, "FIRST", 0.1)
    with pytest.raises(ClusterError, match="no scheduler answers"):
        cluster.size("cpu")


@pytest.mark.slow  # dask's nanny starts a process that imports PyTorch
def test_a_local_cluster_of_dasks_own_makes_the_same(mnist: Dataset) -> None:
    """Also with two threads a worker, of which one trains."""
    from distributed import LocalCluster

    jobs = maker(mnist).jobs()
    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        runs = made_by(cluster.scheduler_address, owed(jobs))
    assert_same(runs, made_here(owed(jobs)))


SCRIPT = """
from normlab.execution.cluster import homes, library, link, terms

library.needed()
home = homes.Ours(1)
found = link.Link.to(home.scheduler(), terms.Terms({"torch": "0"}, "normlab"), 60)
while not found.workers():
    pass
found.submit([b""], *found.workers())
print(found.next(60).replies[0].kind, home.head[0].pid, home.workers[0][0].pid, flush=True)
input()
"""


@pytest.mark.slow  # a process of its own that imports PyTorch
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")
def test_nothing_of_the_current_folder_runs_and_nothing_outlives_a_kill(tmp_path: Path) -> None:
    """Neither in schedulers nor in workers; both end when whoever started them is killed."""
    script, planted = tmp_path / "script.py", tmp_path / "planted"
    script.write_text(SCRIPT)
    planted.mkdir()
    for name in ("struct", "distributed", "dask", "msgpack", "tornado", "toolz", "torch", "normlab", "sitecustomize"):
        (planted / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write('{name} ')\n")
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, script], cwd=planted, **streams) as process:  # type: ignore[call-overload]
        kind, *others = process.stdout.readline().split()
        process.kill()
    assert kind == "unfit"
    assert not (tmp_path / "ran").exists()
    assert any(not any(map(alive, others)) or time.sleep(0.1) for _ in range(100))


def alive(pid: str) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_interrupt_saves_what_is_under_way_within_five_seconds(mnist: Dataset, tmp_path: Path) -> None:
    """No process is left, and the next call goes on where it was."""
    jobs, stopped = maker(mnist, **LONG).jobs(), [0.0]

    def interrupt() -> None:
        stopped[0] = time.monotonic()
        raise KeyboardInterrupt

    at = Watcher(interrupt)
    with pytest.raises(KeyboardInterrupt):
        made_by("local:1", owed(jobs), tmp_path, at)
    assert time.monotonic() - stopped[0] < 5
    assert multiprocessing.active_children() == []
    (saved,) = at.of(RunSaved)
    assert saved.epoch > 1
    (checkpoint,) = (tmp_path / "checkpoints").iterdir()
    assert checkpoint.stem == jobs[0].key


def test_a_path_goes_along_its_weights(mnist: Dataset) -> None:
    """Those that a run starts from travel with it."""
    made = maker(mnist, ["bn"], l1=[1e-3, 1e-2], penalty="prox", warm_start=True)
    assert_same(made_by("local:1", Chains(made, [])), made_here(Chains(made, [])))


def test_seeds_are_added_until_settled(mnist: Dataset) -> None:
    """What a run came to decides which others are made."""
    made = maker(mnist, ["bn", "none"], seeds=4, until_settled=True)
    there, here = (make(Settling(made, [])) for make in (lambda plan: made_by("local:1", plan), made_here))
    assert_same(there, here)


def test_a_run_that_raises_is_told_and_the_others_go_on(mnist: Dataset) -> None:
    """With its message; of other images no worker makes anything, and all say why."""
    jobs = maker(mnist, ["gn:3", "bn"]).jobs()
    records: list[RunRecord] = []
    (failure,) = Cluster(Address.of("local:1")).run(owed(jobs), records.append, silent)
    assert "gn:3 does not fit" in failure.message
    assert [record.arm for record in records] == ["bn"]


def test_other_images_make_no_run(mnist: Dataset) -> None:
    """The worker gets none, and where none is left that is one line."""
    at = Watcher()
    with pytest.raises(ClusterError, match=f"may make these runs: .* its mnist has content {mnist.digest[:12]}"):
        made_by("local:1", owed([replace(maker(mnist).jobs()[0], data="5f" * 32)]), tell=at)
    assert len(at.of(WorkerRefused)) == 1


def test_other_code_of_ones_own_makes_no_run(mnist: Dataset, tmp_path: Path) -> None:
    """A model is known by its text, wherever it lies; one that is not there makes none either."""
    file = tmp_path / "net.py"
    file.write_text("from torch import nn\ndef make(norm): return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))\n")
    (job,) = maker(mnist, model=f"{file}:make").jobs()
    assert images(job).digest == mnist.digest
    file.write_text(file.read_text() + "# other\n")
    with pytest.raises(Unfit, match=f"and not {job.code[:12]}"):
        images(job)
    file.unlink()
    with pytest.raises(Unfit, match="there is no file"):
        images(job)
