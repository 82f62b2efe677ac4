from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import comparisons
import numpy as np
import pytest

from normlab.data import Dataset
from normlab.records import Held, Job
from normlab.spec import design
from normlab.store import Store, rows

Run = Callable[..., CompletedProcess[str]]


def test_runs_are_listed_with_what_a_person_asks_of_them(normlab: Run, project: Path) -> None:  # noqa: ARG001
    """Arm, seed, epochs, accuracy, seconds, engine, key and studies, a line each, and how many there are."""
    lines = normlab("runs").stdout.splitlines()
    assert lines[0].split() == ["arm", "seed", "epochs", "accuracy", "seconds", "engine", "key", "studies"]
    assert [line.split()[:3] for line in lines[1:-1]] == [
        ["bn", "0", "1"],
        ["gn:4", "0", "1"],
        ["bn", "1", "1"],
        ["gn:4", "1", "1"],
    ]
    assert all(line.endswith("first") for line in lines[1:-1])
    assert lines[-1] == "4 runs"


def test_json_and_csv_have_the_whole_keys(normlab: Run, project: Path) -> None:
    """The same runs for other programs; a key is the name of a weights file."""
    listed = json.loads(normlab("runs", "--format", "json").stdout)
    table = list(csv.DictReader(io.StringIO(normlab("runs", "--format", "csv").stdout)))
    assert [run["key"] for run in listed] == [row["key"] for row in table]
    assert {run["key"] for run in listed} == {path.stem for path in (project / "weights").iterdir()}
    assert all(run["studies"] == ["first"] for run in listed)


@pytest.mark.parametrize(
    ("conditions", "count"),
    [(["norm=bn"], 2), (["norm=bn", "seed=1"], 1), (["lr=0.1"], 4), (["epochs=3"], 0), (["engine=eager"], 4)],
)
def test_runs_are_filtered_by_fields(normlab: Run, project: Path, conditions: list[str], count: int) -> None:  # noqa: ARG001
    """Each condition narrows the list."""
    given = [part for condition in conditions for part in ("--where", condition)]
    assert len(json.loads(normlab("runs", *given, "--format", "json").stdout)) == count


def test_the_runs_of_one_study_have_its_arms_names(normlab: Run, project: Path, mnist: Dataset) -> None:
    """A name given by a person is kept; other studies' runs are left out."""
    study = design(arms=[{"name": "[usual]", "norm": "bn"}, {"name": "wide", "norm": "ln"}], seeds=1, name="mine")
    with Store.open(project) as store:
        jobs = [Job(arm.recipe, 0, engine="eager", data=mnist.digest) for arm in study.arms]
        for job, arm in zip(jobs, study.arms, strict=True):
            made_up = comparisons.run(arm, 0, study, mnist.test_labels, 0.01)
            store.commit(replace(made_up, job=job))
        store.note("mine", study.to_toml(), [job.key for job in jobs])
    (project / "mine").mkdir()
    (project / "mine" / "study.toml").write_text(study.to_toml())
    lines = normlab("runs", "mine").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == ["[usual]", "wide"]


def test_prune_says_what_no_study_uses_before_it_deletes(
    normlab: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing goes without a yes; then run and weights are gone, and those of studies stay."""
    stray = project / "weights" / f"{'0' * 64}.safetensors"
    stray.write_bytes(b"left by a process that was killed")
    with Store.open(project) as store:
        (job, *_), name = [row.job for row in store.listing()], "first"
        noted = store.noted(name)
        assert noted is not None
        store.note(name, noted.toml, [key for key in noted.keys if key != job.key])
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    refused = normlab("runs", "--prune")
    assert refused.stdout.startswith("1 run that no study refers to, and 1 stray file\n")
    assert stray.exists()
    assert normlab("runs", "--prune", "--yes").stdout.endswith("deleted\n")
    assert not stray.exists()
    assert not (project / "weights" / f"{job.key}.safetensors").exists()
    assert len(json.loads(normlab("runs", "--format", "json").stdout)) == 3
    assert normlab("runs", "--prune").stdout == "every run is used by a study: nothing to delete\n"


def test_a_list_changes_nothing(normlab: Run, project: Path) -> None:
    """Neither the store nor the folder around it is touched."""
    before = {path: path.stat().st_mtime_ns for path in [project, *project.rglob("*")]}
    normlab("runs")
    assert {path: path.stat().st_mtime_ns for path in [project, *project.rglob("*")]} == before


@pytest.mark.slow  # ten thousand rows are what is asked about
@pytest.mark.long
def test_ten_thousand_runs_are_listed_in_a_second(normlab: Run, tmp_path: Path) -> None:
    """A project of years: each row's checksum is verified, and the list is still there at once."""
    crowd(tmp_path / "normlab-out", 10_000)
    spent = []
    for _ in range(3):
        start = time.process_time()
        assert normlab("runs").stdout.endswith("10,000 runs\n")
        spent.append(time.process_time() - start)
    assert min(spent) < 1


def crowd(project: Path, count: int) -> None:
    """A store with so many small runs, in ten arms of one study."""
    study = design(vary={"epochs": range(1, 11)}, seeds=count // 10, name="crowd")
    held = Held(np.zeros((1, 10), np.float32), {})
    first = comparisons.run(study.arms[0], 0, study, np.zeros(10, np.int64), 0.1)
    jobs = [Job(arm.recipe, seed) for seed in study.seeds for arm in study.arms]
    with Store.open(project) as store:
        with store._transaction() as db:  # one transaction: ten thousand take minutes
            for job in jobs:
                rows.insert(db, rows.pack(replace(first, job=job, contents=held, sizes=())))
        store.note("crowd", study.to_toml(), [job.key for job in jobs])
