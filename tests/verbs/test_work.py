"""Workers that leave files, and whoever merges them."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import normlab
from normlab.errors import SpecError, StoreError
from normlab.spec import design
from normlab.store import Spool, Store

pytestmark = [pytest.mark.long, pytest.mark.training, pytest.mark.usefixtures("mnist")]

TINY = {"norms": ["bn", "ln"], "seeds": 2, "epochs": 1, "train_images": 128, "holdout": 128, "engine": "eager"}


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, mnist: object) -> Path:  # noqa: ARG001
    """A project whose study was begun, and whose four runs lie in its spool."""
    out: Path = tmp_path_factory.mktemp("left")
    begun = normlab.submit(out=out, **TINY)  # type: ignore[arg-type]
    assert begun.owed == 4
    first = normlab.work("compare", out=out, runs=1, workers=1)
    assert (first.runs, first.left) == (1, 3)
    rest = normlab.work(out / "compare", workers=2)
    assert (rest.runs, rest.left) == (3, 0)
    return out


@pytest.fixture
def project(left: Path, tmp_path: Path) -> Path:
    """The same once more."""
    return Path(shutil.copytree(left, tmp_path / "project"))


def dump(project: Path) -> list[tuple[object, ...]]:
    """All that a store holds of its runs, but for the order in which they came."""
    with sqlite3.connect(project / "runs.db") as db:
        runs = db.execute("SELECT key, epochs_sha, probabilities_sha, weights_sha, checksum FROM run ORDER BY key")
        return [tuple(row) for row in runs]


def learned(project: Path) -> set[tuple[object, ...]]:
    """What runs came to, without the time that they took."""
    with sqlite3.connect(project / "runs.db") as db:
        return set(db.execute("SELECT key, judged_correct, probabilities_sha, weights_sha FROM run"))


def test_a_worker_opens_no_database(left: Path) -> None:
    """It is on another machine, and the folder on a network: nothing came into the store."""
    with Store.reading(left) as store:
        assert store.listing() == []
    assert len(Spool(left).waiting()) == 4
    assert not list((left / "leases").iterdir())


def test_compare_keeps_what_workers_left(project: Path) -> None:
    """It trains nothing, and its numbers are those of a study that was trained here."""
    result = normlab.compare("compare", out=project)
    assert (result.kept, result.trained) == (4, 0)
    here = normlab.compare(out=project.parent / "here", **TINY)  # type: ignore[arg-type]
    finals = [[run.final.judged_correct for run in each.comparison.runs] for each in (result, here)]
    assert finals[0] == finals[1]
    assert not list((project / "spool").iterdir())


def test_files_merge_in_any_order_and_as_often_as_one_likes(project: Path, tmp_path: Path) -> None:
    """The store is the same."""
    whole, parts = (
        Path(shutil.copytree(project, tmp_path / "whole")),
        Path(shutil.copytree(project, tmp_path / "parts")),
    )
    assert len(normlab.merge(out=whole).new) == 4
    files = sorted((parts / "spool").iterdir())
    random.Random(0).shuffle(files)  # noqa: S311 - an order, no secret
    aside = tmp_path / "aside"
    shutil.move(parts / "spool", aside)
    for file in (*files, *files):
        (parts / "spool").mkdir(exist_ok=True)
        shutil.copy(aside / file.name, parts / "spool")
        normlab.merge(out=parts)
    assert dump(parts) == dump(whole)
    assert len(dump(whole)) == 4


@pytest.mark.parametrize("place", [0, 100, 5_000, -1])
def test_a_file_that_was_changed_is_left_and_its_run_is_owed(project: Path, place: int) -> None:
    """Whichever byte it was; the others are kept."""
    path, *_ = sorted((project / "spool").iterdir())
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    found = normlab.merge(out=project)
    assert (len(found.new), list(found.damaged)) == (3, [path.stem])
    assert path.exists()
    path.unlink()
    assert normlab.compare("compare", out=project).trained == 1


def test_a_run_under_anothers_name_is_not_kept(project: Path) -> None:
    """What a file is called is no proof."""
    one, other, *_ = sorted((project / "spool").iterdir())
    shutil.copy(one, other)
    assert normlab.merge(out=project).damaged == {other.stem: "it is another run's"}


def test_stores_that_grew_apart_become_one(tmp_path: Path) -> None:
    """Runs, looks and studies of all; a look that was shown elsewhere is remembered here."""
    seeds = {"a": [0, 1], "b": [1, 2], "c": [5]}
    for name, numbers in seeds.items():
        normlab.compare(out=tmp_path / name, name=name, **{**TINY, "seeds": numbers})  # type: ignore[arg-type]
    found = normlab.merge([tmp_path / name for name in "cab"], out=tmp_path / "all")
    assert (len(found.new), found.before, found.damaged) == (8, 2, {})
    with Store.reading(tmp_path / "all") as store:
        assert [study.name for study in store.studies()] == ["a", "b", "c"]
    again = normlab.merge([tmp_path / name for name in "abc"], out=tmp_path / "all")
    assert (again.new, again.before) == ([], 10)
    grown = normlab.compare(out=tmp_path / "all", name="all", **{**TINY, "seeds": [0, 1, 2, 5]})  # type: ignore[arg-type]
    assert (grown.kept, grown.trained) == (8, 0)
    assert len(grown.comparison.looks) >= 2


def test_a_damaged_run_of_another_store_stays_there(tmp_path: Path) -> None:
    """It is named, and the others come over."""
    normlab.compare(out=tmp_path / "a", **TINY)  # type: ignore[arg-type]
    weights, *_ = sorted((tmp_path / "a" / "weights").iterdir())
    weights.write_bytes(weights.read_bytes()[:-1])
    found = normlab.merge([tmp_path / "a"], out=tmp_path / "b")
    assert (len(found.new), found.damaged) == (3, {weights.stem: "its weights were changed"})


def test_a_worker_that_runs_out_of_time_has_saved_its_run(tmp_path: Path) -> None:
    """The next one goes on with it."""
    normlab.submit(out=tmp_path, **{**TINY, "norms": ["bn"], "seeds": 1, "epochs": 400})  # type: ignore[arg-type]
    cut = normlab.work("compare", out=tmp_path, seconds=4)
    assert (cut.runs, cut.left) == (0, 1)
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1
    assert not list((tmp_path / "leases").iterdir())


def test_an_engine_that_is_none_is_said(project: Path) -> None:
    """Its file was changed."""
    (project / "compare" / "engine.txt").write_text("lanec\n")
    with pytest.raises(StoreError, match="names no engine"):
        normlab.work("compare", out=project)


def test_what_cannot_be_helped_with_is_said(tmp_path: Path) -> None:
    """A study that nobody began, and a project that is not there."""
    with pytest.raises(StoreError, match="no study was begun in"):
        normlab.work("compare", out=tmp_path)
    with pytest.raises(SpecError, match="at least 5 minutes, got 60 s"):
        normlab.submit(out=tmp_path, seconds=60, **TINY)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="no project in"):
        normlab.merge(out=tmp_path / "none")


UNFOLDING = {
    "until settled": {**TINY, "seeds": 4, "until_settled": True, "margin": 0.01, "epochs": 3},
    "along a path": {**TINY, "norms": ["bn"], "l1": [1e-4, 1e-3, 1e-2], "warm_start": True, "seeds": 2, "epochs": 3},
}


@pytest.mark.parametrize("which", UNFOLDING)
def test_workers_help_where_what_comes_next_depends_on_other_runs(tmp_path: Path, which: str) -> None:
    """A worker makes what `compare` asks for, and ends after it; the runs are those of `compare` alone, to the bit."""
    study = design(**UNFOLDING[which])  # type: ignore[arg-type]
    file = tmp_path / "study.toml"
    file.write_text(study.to_toml())
    out = tmp_path / "shared"
    command = [sys.executable, "-m", "normlab", "compare", str(file), "--out", str(out), "--workers", "1"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as judging:
        while not (out / "compare" / "wanted.json").exists() and judging.poll() is None:
            time.sleep(0.1)
        done = normlab.work("compare", out=out, workers=1)
        said = judging.communicate()
    assert judging.returncode == 0, said
    assert done.runs >= 1
    assert done.left == 0
    normlab.compare(file, out=tmp_path / "alone", workers=1)
    shared, alone = (learned(tmp_path / name) for name in ("shared", "alone"))
    assert alone <= shared if study.until_settled else alone == shared
    assert not [path for path in (out / "compare").iterdir() if path.name == "wanted.json"]


def test_the_first_task_of_a_queue_judges_such_a_study(tmp_path: Path) -> None:
    """The others do what it asks for; there is one array alone, so that one process alone has the database open."""
    told = normlab.submit(out=tmp_path, array=2_000, **{**UNFOLDING["until settled"], "seeds": 1_500})  # type: ignore[arg-type]
    assert told.times == 1
    assert "#SBATCH --array=1-1000\n" in told.script
    first, others = told.script.split('if [ "$SLURM_ARRAY_TASK_ID" = 1 ]; then')[1].split("fi\n")
    assert f"normlab compare {told.folder.resolve()} --workers 1" in first
    assert f"normlab worker {told.folder.resolve()} --workers 1 --for 3480s" in others


def test_nobody_who_says_what_is_wanted_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker waits for a minute, not for ever."""
    normlab.submit(out=tmp_path, **UNFOLDING["until settled"])  # type: ignore[arg-type]
    monkeypatch.setattr("normlab.store.wanted.EXPIRY", 1.5)
    with pytest.raises(StoreError, match="nobody says what is wanted of"):
        normlab.work("compare", out=tmp_path)


SBATCH = """#!/bin/bash
script=$(mktemp) && cat > "$script"
tasks=$(sed -n 's/^#SBATCH --array=1-//p' "$script")
for task in $(seq "$tasks"); do SLURM_ARRAY_TASK_ID=$task bash "$script" >> "$SLURM_LOG" 2>&1 & done
wait
echo "Submitted batch job 7"
"""


@pytest.mark.skipif(os.name == "nt", reason="Slurm's script is a shell's")
def test_a_queue_runs_the_script_and_compare_reports(tmp_path: Path) -> None:
    """By a stand-in for sbatch that runs each task of the array; two share four runs."""
    sbatch = tmp_path / "bin" / "sbatch"
    sbatch.parent.mkdir()
    sbatch.write_text(SBATCH)
    sbatch.chmod(sbatch.stat().st_mode | stat.S_IXUSR)
    words = "submit --slurm --run --array 2 --time 10m --norms bn,ln --seeds 2 --epochs 1 --set train_images=128"
    command = [sys.executable, "-m", "normlab", *words.split(), "--holdout", "128", "--engine", "eager"]
    where = {"PATH": f"{sbatch.parent}:{os.environ['PATH']}", "SLURM_LOG": str(tmp_path / "log")}
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Submitted batch job 7\n"
    assert "then: normlab compare normlab-out/compare" in done.stderr
    assert (tmp_path / "log").read_text().count("made here") == 2
    assert normlab.compare("compare", out=tmp_path / "normlab-out").kept == 4
