from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import comparisons
import pytest
from makers import maker

from normlab.cli import main
from normlab.data import Dataset
from normlab.data.split import split
from normlab.models import build
from normlab.records import Held
from normlab.spec import Study, design
from normlab.store import Store
from normlab.verbs import projects
from normlab.verbs.projects import Place

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def normlab(
    tmp_path: Path,
    mnist: object,  # noqa: ARG001 - the data set has to be there first
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    """The command line in an empty folder, 80 columns wide; the processes that it starts are real ones."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["normlab", *arguments])
            for name, value in {"COLUMNS": "80", **environment}.items():
                patch.setenv(name, value)
            return subprocess.CompletedProcess(arguments, _exit_code(), *capfd.readouterr())

    return run


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def started(tmp_path: Path, mnist: object) -> Run:  # noqa: ARG001 - the data set has to be there first
    """The command line in a process of its own, for what a process of its own is needed to see."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "normlab", *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory, mnist: Dataset) -> Path:
    """A project whose study `first` is finished: bn and gn:4 on two seeds, made up and kept as `compare` keeps runs."""
    project = tmp_path_factory.mktemp("stock") / "normlab-out"
    study = design(norms=["bn", "gn:4"], seeds=2, epochs=1, train_images=256, name="first", holdout=250, engine="eager")
    fill(project, study, mnist)
    return project


def fill(project: Path, study: Study, data: Dataset) -> None:
    """Keep a made-up run of each arm on each seed."""
    made = maker(study, "eager", data.digest)
    labels = split(data, study.recipe, study.root).judged_labels
    with Store.open(project) as store:
        for seed in study.seeds:
            for arm in study.arms:
                made_up, job = comparisons.run(arm, seed, study, labels, 0.01), made.job(arm, seed)
                weights = {name: value.numpy() for name, value in build(job).state_dict().items()}
                store.commit(replace(made_up, job=job, contents=Held(made_up.probabilities, weights)))
        projects.put(Place(study, project), store, [job.key for job in made.jobs()], "eager")


@pytest.fixture
def project(stock: Path, tmp_path: Path) -> Path:
    """A copy of that project where the command line looks for one."""
    return Path(shutil.copytree(stock, tmp_path / "normlab-out"))
