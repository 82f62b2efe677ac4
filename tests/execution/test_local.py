from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from normlab import training
from normlab.data import Dataset
from normlab.execution import jobs, run_all
from normlab.records import Job, RunRecord
from normlab.spec import design
from normlab.training import EpochDone, Event

pytestmark = pytest.mark.timeout(180)


def small_jobs(norms: list[str], seeds: int = 1, engine: str = "eager", **recipe: object) -> list[Job]:
    quick = {"epochs": 1, "train_images": 512, "engine": engine, **recipe}
    return jobs(design(norms=norms, l1=[0], seeds=seeds, **quick))


def ignore(_job: Job, _event: Event) -> None:
    """Nobody watches."""


@pytest.mark.usefixtures("mnist")
def test_every_job_leaves_one_record_and_tells_its_epochs() -> None:
    """Two workers share five runs; each gives one record and one word per epoch."""
    records: list[RunRecord] = []
    told: list[tuple[str, int]] = []

    def tell(job: Job, event: Event) -> None:
        if isinstance(event, EpochDone):
            told.append((job.name, event.epoch.epoch))

    todo = small_jobs(["bn", "ln", "gn", "in", "rms"])
    assert run_all(todo, records.append, tell, workers=2) == []
    assert sorted(r.arm for r in records) == ["bn", "gn", "in", "ln", "rms"]
    assert sorted(told) == sorted((job.name, 1) for job in todo)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("engine", ["eager", "lanes"])
def test_a_worker_computes_what_this_process_computes(mnist: Dataset, engine: str) -> None:
    """Side by side or alone, with one thread a run has the same bits."""
    import torch

    job = small_jobs(["gn"], engine=engine)[0]
    records: list[RunRecord] = []
    run_all([job], records.append, ignore)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        here = training.train(job, mnist)
    finally:
        torch.set_num_threads(threads)
    assert np.array_equal(records[0].probabilities, here.probabilities)


@pytest.mark.usefixtures("mnist")
def test_a_killed_worker_costs_one_run_and_the_others_go_on() -> None:
    """A worker that is shot takes its run with it; a new worker does the rest."""
    records: list[RunRecord] = []
    shot: list[str] = []

    def shoot(job: Job, _event: Event) -> None:
        if not shot:
            shot.append(job.name)
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)

    failures = run_all(small_jobs(["bn", "ln", "in"], epochs=2), records.append, shoot, workers=1)
    assert [failure.job.name for failure in failures] == shot
    assert "signal 9" in failures[0].message
    assert [record.arm for record in records] == ["ln", "in"]


@pytest.mark.usefixtures("mnist")
def test_a_run_that_raises_is_told_and_the_others_go_on() -> None:
    """An impossible run is a failure with its message; the worker takes the next one."""
    records: list[RunRecord] = []
    failures = run_all(small_jobs(["gn:3", "bn"]), records.append, ignore, workers=1)
    assert [failure.job.arm.norm for failure in failures] == ["gn:3"]
    assert "gn:3 does not fit" in failures[0].message
    assert [record.arm for record in records] == ["bn"]


@pytest.mark.usefixtures("mnist")
def test_an_interrupt_leaves_no_process_behind() -> None:
    """Ctrl-C while runs are under way ends every worker before it is passed on."""

    def interrupt(_job: Job, _event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(small_jobs(["bn", "ln"]), lambda _record: None, interrupt, workers=2)
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("mnist")
def test_a_store_that_fails_ends_the_study_at_once() -> None:
    """What keeping a record raises is not swallowed, and no worker outlives it."""

    def refuse(_record: RunRecord) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run_all(small_jobs(["bn", "ln"]), refuse, ignore, workers=1)
    assert multiprocessing.active_children() == []


def test_nothing_owed_starts_nothing() -> None:
    """A finished study costs no process."""
    assert run_all([], lambda _record: None, ignore) == []


@pytest.mark.usefixtures("mnist")
def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    """A plain script that calls `compare` runs once, though workers are spawned."""
    script = tmp_path / "study.py"
    script.write_text(
        "import normlab\n"
        "quick = {'epochs': 1, 'train_images': 256, 'engine': 'eager'}\n"
        "result = normlab.compare(norms=['ln'], l1=[0], seeds=2, out='out', **quick)\n"
        "print(len(result.comparison.runs))\n"
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "2\n"
