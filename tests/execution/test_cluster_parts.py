"""What a cluster's runs travel as, and how they are handed out: no process is started."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import comparisons
import makers
import numpy as np
import pytest

from normlab.errors import ClusterError, MissingPackage, SpecError
from normlab.events import BatchDone, EpochDone, Event, Fetched, RunKept, RunLost, RunSaved, WorkerRefused
from normlab.execution.backlog import OfRuns
from normlab.execution.cluster import Address, crew, library
from normlab.execution.cluster.crew import Crew, Pace
from normlab.execution.cluster.homes import Theirs
from normlab.execution.cluster.link import Ended, Left, SchedulerLost, Task
from normlab.execution.cluster.orders import packed, unpacked
from normlab.execution.cluster.reports import event_of, plain
from normlab.execution.cluster.task import Reply
from normlab.execution.cluster.terms import difference, terms
from normlab.execution.sharing import Alone
from normlab.plans import AllOwed
from normlab.records import Epoch, Held, Job, RunRecord
from normlab.spec import design
from normlab.store.parcels import record_of, sealed

STUDY = design(norms=["bn"], seeds=8, epochs=1, train_images=256, holdout=256)
JOBS = makers.maker(STUDY, "eager", "5f" * 32).jobs()
EPOCH = Epoch(2, 0.1, 0.5, 0.0, 3.0, 90, 100, math.inf, 95, 100, 1.5)


@pytest.mark.parametrize("text", ["local:1", "local:64", "tcp://host:8786", "tls://10.0.0.1:1", "tcp://[::1]:65535"])
def test_a_cluster_is_a_number_of_workers_or_an_address(text: str) -> None:
    """`local:4` says how many are to be started."""
    assert Address.of(text) == Address(text, int(text[6:]) if text.startswith("local") else None)


NONE = [
    *("", "4", "local", "local:0", "local:-1", "local:1.5", "local:²", "local:4\n", "host:8786", "http://host:1"),
    *("tcp://host", "tcp://:1", "tcp://host:0", "tcp://host:65536", "tcp://a b:1", "tcp://host:1/x", "tcp://me@host:1"),
]


@pytest.mark.parametrize("text", NONE)
def test_anything_else_is_refused(text: str) -> None:
    """With what was expected and what came."""
    with pytest.raises(SpecError, match=r"--cluster: expected local:N or tcp://HOST:PORT .*, got "):
        Address.of(text)


def test_without_the_library_that_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which says how to get it."""
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingPackage, match=r"pip install 'normlab\[cluster\]'"):
        library.needed()


def test_tls_without_certificates_is_one_line(tmp_path: Path) -> None:
    """As with some that cannot be read."""
    import dask

    with pytest.raises(ClusterError, match="names no certificates"):
        library.certified("tls://host:1")
    missing = str(tmp_path / "none.pem")
    files = {f"distributed.comm.tls.{name}": missing for name in ("ca-file", "client.cert", "client.key")}
    with (
        dask.config.set(files),
        pytest.raises(ClusterError, match="configuration cannot be read"),
    ):
        library.certified("tls://host:1")
    library.certified("tcp://host:1")


def test_a_job_travels_whole() -> None:
    """With its label, its shape, and the weights that it starts from, to the bit."""
    start = {"a.weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 7, "n": np.array(3)}
    job = replace(JOBS[0], code="ab", after="cd", shape=(3, 32, 16), classes=7, start=start)
    back = unpacked(packed(job))
    assert (back, back.key, back.name, back.shape, back.classes) == (job, job.key, job.name, (3, 32, 16), 7)
    assert back.start is not None
    assert {name: value.tobytes() for name, value in back.start.items()} == {
        name: value.tobytes() for name, value in start.items()
    }
    assert unpacked(packed(JOBS[1])).start is None


def test_a_job_that_is_another_one_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its key says so: a recipe means something else to another normlab."""
    order = packed(JOBS[0])
    monkeypatch.setattr("normlab.records.METHOD", 0)
    with pytest.raises(ValueError, match="another run of the same recipe"):
        unpacked(order)
    with pytest.raises(ValueError, match="not as it was written"):
        unpacked(order[:-1] + b"x")


@pytest.fixture(scope="module")
def run() -> RunRecord:
    """A made-up run."""
    labels = np.arange(256) % 10
    made = comparisons.run(STUDY.arms[0], 0, STUDY, labels, 0.01)
    weights = {"w": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4), "steps": np.array(7)}
    return replace(made, job=JOBS[0], contents=Held(made.probabilities, weights))


def test_a_run_travels_whole(run: RunRecord) -> None:
    """What is opened is what was sealed."""
    back = record_of(sealed(run), run.job)
    assert replace(back, contents=run.contents) == replace(
        run, epochs=tuple(run.epochs), sizes=tuple(run.sizes), flow=tuple(run.flow)
    )
    assert np.array_equal(back.probabilities, run.probabilities)
    assert all(np.array_equal(back.weights[name], value) for name, value in run.weights.items())
    diverged = replace(run, diverged_at=1, epochs=(), contents=Held(np.zeros((0, 10), np.float32), run.weights))
    assert record_of(sealed(diverged), run.job).diverged_at == 1


def test_a_run_that_was_changed_or_is_anothers_is_none(run: RunRecord) -> None:
    """Whoever sent it."""
    content = sealed(run)
    with pytest.raises(ValueError, match="not as it was written"):
        record_of(content[:-1] + b"x", run.job)
    with pytest.raises(ValueError, match="it is another run's"):
        record_of(content, JOBS[1])


@pytest.mark.parametrize(
    "event", [BatchDone("a", 3, 1, 8, 20, 0.5, 7, 10), EpochDone("a", 3, EPOCH), RunSaved("a", 2, 3)]
)
def test_what_a_run_tells_travels_whole(event: Event) -> None:
    """As a table of plain values."""
    table = plain(event)
    assert table is not None
    assert event_of(table) == event
    assert plain(Fetched("x", 1, 2)) is None


def test_a_project_is_known_by_a_file_that_only_its_folder_has(tmp_path: Path) -> None:
    """A folder of the same path on another machine is another one; the mark goes with the call."""
    with terms(tmp_path) as found:
        assert found.folder == tmp_path.resolve()
        assert replace(found, topic="normlab-other").folder is None
        assert replace(found, mark=str(tmp_path / "nowhere")).folder is None
        assert list(tmp_path.iterdir()) == [Path(found.mark)]
    assert found.folder is None
    assert list(tmp_path.iterdir()) == []
    with terms(None) as found:
        assert found.folder is None


def test_versions_that_differ_are_named() -> None:
    """Each with what came and what was expected."""
    ours = {"normlab": "1", "torch": "2.13.0"}
    assert difference(ours, {**ours, "more": "3"}) == ""
    assert difference(ours, {"torch": "2.12.0"}) == "it has normlab unknown and not 1, torch 2.12.0 and not 2.13.0"


def test_short_runs_go_together_for_ten_seconds_and_every_worker_gets_some() -> None:
    """Nothing is known before the first came in; long runs go alone."""
    pace = Pace()
    assert pace.together(100, 2) == 1
    pace.add(3.0)
    pace.add(1.0)
    assert [pace.together(waiting, 2) for waiting in (100, 8, 3, 1)] == [5, 4, 1, 1]
    pace.add(600.0)
    assert pace.together(100, 2) == 1


@dataclass
class Wire:
    """In the place of a link: what is submitted, and what comes back."""

    there: set[str]
    inbox: list[Any] = field(default_factory=list)
    sent: list[tuple[str, list[str]]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    gone: bool = False

    def workers(self) -> set[str]:
        """See `Link.workers`."""
        if self.gone:
            raise SchedulerLost
        return {*self.there}

    def submit(self, jobs: Sequence[bytes], worker: str) -> Task:
        """See `Link.submit`."""
        self.sent.append((worker, [unpacked(job).key for job in jobs]))
        return Task(str(len(self.sent)), worker, None)  # type: ignore[arg-type]

    def next(self, _seconds: float) -> Any:
        """See `Link.next`."""
        return self.inbox.pop(0) if self.inbox else None

    def cancel(self, tasks: Iterable[Task]) -> None:
        """See `Link.cancel`."""
        self.cancelled += [task.name for task in tasks]


@dataclass
class Scene:
    """A crew on a wire."""

    wire: Wire
    crew: Crew
    told: list[Event]
    kept: list[RunRecord]

    def act(self, *said: Any) -> list[list[str]]:
        """Look who is there, hear what is said, hand out; gives the keys of each task that was submitted by that."""
        before = len(self.wire.sent)
        self.wire.inbox += said
        self.crew._tick()
        for _ in said:
            self.crew._hear(0)
        self.crew._busy()
        return [keys for _, keys in self.wire.sent[before:]]


@pytest.fixture
def scene() -> Scene:
    """Eight runs and two workers."""
    told, kept = list[Event](), list[RunRecord]()
    wire = Wire({"tcp://a:1", "tcp://b:1"})
    backlog = OfRuns(AllOwed(JOBS, ()), kept.append, told.append, Alone(), RunKept)
    return Scene(wire, Crew(backlog, wire, Theirs(""), Pace()), told, kept)  # type: ignore[arg-type]


def made(run: RunRecord, job: Job) -> Reply:
    """What a worker gives back."""
    return Reply("made", sealed(replace(run, job=job, seconds=4.0)))


def test_runs_are_handed_out_in_their_order(scene: Scene, run: RunRecord) -> None:
    """One at first, then as many as are worth a task; each worker has one task."""
    keys = [job.key for job in JOBS]
    assert scene.act() == [[keys[0]], [keys[1]]]
    assert scene.act() == []
    assert scene.act(Ended("1", [made(run, JOBS[0])])) == [[*keys[2:5]]]
    assert [record.key for record in scene.kept] == [keys[0]]


def test_a_task_that_dies_loses_its_own_runs_and_each_goes_alone_then(scene: Scene, run: RunRecord) -> None:
    """Three times; then the run is given up, by its name."""
    scene.act()
    scene.act(Ended("1", [made(run, JOBS[0])]))
    scene.wire.there.discard("tcp://a:1")
    scene.act()
    lost = [event for event in scene.told if isinstance(event, RunLost)]
    assert [event.run for event in lost] == [job.name for job in JOBS[2:5]]
    assert scene.wire.cancelled == ["3"]
    scene.wire.there.add("tcp://c:1")
    assert scene.act() == [[JOBS[2].key]]
    for _ in range(2):
        scene.act(Ended(str(len(scene.wire.sent)), died=True))
    (failure,) = scene.crew.backlog.failures
    assert failure.job == JOBS[2]
    assert failure.message == "its worker tcp://c:1 was lost, and so 3 times"


def test_a_worker_that_may_make_no_runs_gets_none(scene: Scene) -> None:
    """Its run goes to another, and no try is counted; with the last one all is over."""
    scene.act()
    assert scene.act(Ended("1", [Reply("unfit", "it has torch 1")])) == []
    assert scene.told == [WorkerRefused("tcp://a:1", "it has torch 1")]
    assert scene.crew.backlog.begun[JOBS[0].key] == 0
    with pytest.raises(ClusterError, match="tcp://a:1: it has torch 1; tcp://b:1: ModuleNotFoundError: no normlab"):
        scene.act(Ended("2", error="ModuleNotFoundError: no normlab")), scene.act()


def test_what_came_back_damaged_is_made_again(scene: Scene, run: RunRecord) -> None:
    """As if its worker had been lost; what failed has its message."""
    scene.act()
    content = made(run, JOBS[0]).content[:-1] + b"x"
    assert scene.act(Ended("1", [Reply("made", content)])) == [[JOBS[0].key]]
    scene.act(Ended("2", [Reply("failed", ["gn:3 does not fit", "Traceback"])]))
    (failure,) = scene.crew.backlog.failures
    assert (failure.job, failure.message, failure.details) == (JOBS[1], "gn:3 does not fit", "Traceback")


def test_with_the_scheduler_everything_is_given_back(scene: Scene) -> None:
    """It is said of each run, and none has used up a try."""
    scene.act()
    scene.wire.gone = True
    with pytest.raises(SchedulerLost):
        scene.act()
    scene.crew.mourn()
    scene.crew.leave()
    assert [event.run for event in scene.told if isinstance(event, RunLost)] == [job.name for job in JOBS[:2]]
    assert scene.crew.backlog.free() == JOBS
    assert not any(scene.crew.backlog.begun.values())


def test_all_is_to_end_and_what_came_in_is_kept(scene: Scene, run: RunRecord) -> None:
    """What was saved is said, and nobody is waited for who has left."""
    scene.act()
    scene.wire.inbox += [Ended("1", [made(run, JOBS[0])]), None, RunSaved("x", 1, 2), Left("2")]
    scene.crew.save()
    assert [record.key for record in scene.kept] == [JOBS[0].key]
    assert RunSaved("x", 1, 2) in scene.told
    assert scene.wire.cancelled == ["2"]


def test_nobody_is_waited_for_forever(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster without workers may get some, for a while."""
    scene.wire.there.clear()
    scene.act()
    monkeypatch.setattr(crew, "PATIENCE", 0.0)
    with pytest.raises(ClusterError, match="has had no worker for 0 s; what is finished is kept"):
        scene.act()
