from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]
SMALL = ["compare", "--norms", "bn,gn:4", "--l1", "0", "--seeds", "2", "--train-images", "1024", "--epochs", "2"]

pytestmark = pytest.mark.timeout(280)


def folder(out: Path) -> Path:
    (only,) = (out / "normlab-out").iterdir()
    return only


def rows(store: Path) -> list[tuple[str, int, int]]:
    """(arm, seed, images right in the final epoch) of every run in a store."""
    connection = sqlite3.connect(store)
    query = (
        "SELECT arm, seed, judged_correct FROM run JOIN epoch ON epoch.run = run.id "
        "WHERE epoch = (SELECT max(epoch) FROM epoch WHERE run = run.id) ORDER BY arm, seed"
    )
    with connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_one_command_leaves_a_report_whose_numbers_are_the_stores(normlab: Run, tmp_path: Path) -> None:
    """`compare` prints a table, keeps every run and writes a report; table and store agree to the last image."""
    result = normlab(*SMALL, "--format", "json")
    assert result.returncode == 0, result.stderr
    assert "engine lanes" in result.stderr.splitlines()
    assert (folder(tmp_path) / "report.html").stat().st_size > 100_000
    stored = rows(folder(tmp_path) / "runs.sqlite")
    assert len(stored) == 4
    table = json.loads(result.stdout)
    for arm in table["arms"]:
        correct = [right for name, _, right in stored if name == arm["arm"]]
        assert arm["final_accuracy_mean"] == pytest.approx(sum(correct) / len(correct) / 100, abs=1e-12)


def test_a_finished_study_is_not_trained_again(normlab: Run, tmp_path: Path) -> None:
    """The same command finds everything in the store; other formats of the table come from there."""
    normlab(*SMALL)
    before = rows(folder(tmp_path) / "runs.sqlite")
    again = normlab(*SMALL, "--format", "csv")
    assert "4 of 4 runs are in the store, 0 to train" in again.stderr
    assert rows(folder(tmp_path) / "runs.sqlite") == before
    assert [row["arm"] for row in csv.DictReader(io.StringIO(again.stdout))] == ["bn", "gn:4"]
    assert "| bn |" in normlab("report", str(folder(tmp_path)), "--format", "markdown").stdout


def test_a_changed_spec_is_another_study(normlab: Run, tmp_path: Path) -> None:
    """One changed option makes a second folder; the first keeps its runs."""
    small = ["compare", "--norms", "ln", "--l1", "0", "--seeds", "1", "--train-images", "256", "--epochs", "1"]
    normlab(*small)
    normlab(*small, "--batch-size", "64")
    assert len(list((tmp_path / "normlab-out").iterdir())) == 2


def test_a_study_file_and_the_same_options_are_one_study(normlab: Run, tmp_path: Path) -> None:
    """`--print-toml` writes the file that the options stand for: running it needs no new training."""
    normlab(*SMALL)
    (tmp_path / "study.toml").write_text(normlab(*SMALL, "--print-toml").stdout)
    again = normlab("compare", "study.toml")
    assert again.returncode == 0
    assert "0 to train" in again.stderr


def test_a_run_that_diverges_is_shown_and_the_others_go_on(normlab: Run, tmp_path: Path) -> None:
    """A learning rate beyond reason: diverged runs are recorded and named, no NaN stands in any sentence."""
    result = normlab(*SMALL[:2], "none,bn", *SMALL[3:], "--lr", "1e9")
    assert result.returncode == 0, result.stderr
    assert "diverged" in result.stdout
    html = (folder(tmp_path) / "report.html").read_text()
    assert not re.search(r">\s*nan\b", html, re.IGNORECASE)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX process groups")
def test_a_killed_study_continues_with_the_runs_still_owed(normlab: Run, tmp_path: Path) -> None:
    """After kill -9 of the whole process group nothing finished is lost or repeated, and no process is left."""
    command = [sys.executable, "-m", "normlab", *SMALL, "--workers", "1"]
    process = subprocess.Popen(
        command, cwd=tmp_path, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[2/4]"):
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = rows(folder(tmp_path) / "runs.sqlite")
    assert 2 <= len(kept) < 4
    _wait_until_gone(process.pid)

    result = normlab(*SMALL, "--workers", "1")
    assert result.returncode == 0, result.stderr
    assert f"{len(kept)} of 4 runs are in the store, {4 - len(kept)} to train" in result.stderr
    resumed = rows(folder(tmp_path) / "runs.sqlite")
    assert set(kept) <= set(resumed)

    other = tmp_path / "other"
    other.mkdir()
    normlab(*SMALL, "--out", "other/normlab-out")
    assert rows(folder(other) / "runs.sqlite") == resumed


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX process groups")
def test_ctrl_c_stops_with_a_word_and_keeps_what_is_done(tmp_path: Path, mnist: object) -> None:  # noqa: ARG001
    """SIGINT to the group, as a terminal sends it: exit code 130, one line that says how to continue."""
    command = [sys.executable, "-m", "normlab", *SMALL, "--workers", "1"]
    process = subprocess.Popen(
        command, cwd=tmp_path, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[1/4]"):
            break
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command continues" in errors
    assert "Traceback" not in errors
    assert len(rows(folder(tmp_path) / "runs.sqlite")) >= 1
    _wait_until_gone(process.pid)


def _wait_until_gone(group: int) -> None:
    """No process of the group may outlive it by more than ten seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail(f"processes of group {group} are still running")


def test_preprocessings_become_arms(normlab: Run, tmp_path: Path) -> None:
    """One is the recipe's, several are compared; the table names them, and the engine is the fastest."""
    one = normlab("compare", "--preprocess", "equalize", "--print-toml").stdout
    assert 'preprocess = "equalize"' in one
    small = ["--seeds", "2", "--train-images", "256", "--epochs", "1", "--format", "csv"]
    result = normlab("compare", "--norms", "bn", "--l1", "0", "--preprocess", "stretch,clahe", *small)
    assert result.returncode == 0, result.stderr
    assert "engine lanes" in result.stderr.splitlines()
    found = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["arm"], row["preprocess"]) for row in found] == [("bn + stretch", "stretch"), ("bn + clahe", "clahe")]
    assert len(rows(folder(tmp_path) / "runs.sqlite")) == 4
