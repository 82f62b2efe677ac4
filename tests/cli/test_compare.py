from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from normlab import compare

Run = Callable[..., CompletedProcess[str]]
ALONE = ["--workers", "1"]  # a second process would load PyTorch for longer than it trains
FEW = ["--holdout", "250"]  # 10,000 test images would be judged for longer than so few are trained on
FAST = ["--train-images", "256", "--epochs", "1", *FEW, *ALONE]
TESTED = ["compare", "--norms", "bn,gn:4", "--seeds", "2", "--train-images", "1024", "--epochs", "2", *ALONE]
SMALL = [*TESTED, *FEW]

pytestmark = [pytest.mark.training, pytest.mark.timeout(280)]


def rows(out: Path) -> list[tuple[str, int, int]]:
    """(norm, seed, images right in the final epoch) of every run in a project."""
    query = "SELECT json_extract(recipe, '$.norm') AS norm, seed, judged_correct FROM run ORDER BY norm, seed"
    with closing(sqlite3.connect(out / "normlab-out" / "runs.db")) as store:
        return [tuple(row) for row in store.execute(query)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, mnist: object) -> Path:  # noqa: ARG001 - it has to be there
    """The folder of a project in which the study of `SMALL` was trained without an interruption."""
    folder: Path = tmp_path_factory.mktemp("whole")
    few = {"train_images": 1024, "epochs": 2, "holdout": 250}
    compare(norms=["bn", "gn:4"], seeds=2, workers=1, out=folder / "normlab-out", **few)  # type: ignore[arg-type]
    return folder


def counts(result: CompletedProcess[str]) -> tuple[int, int]:
    """How many runs were kept and how many trained, as the JSON says."""
    assert result.returncode == 0, result.stderr
    table = json.loads(result.stdout)
    return table["kept"], table["trained"]


def test_one_command_leaves_a_report_whose_numbers_are_the_stores(normlab: Run, tmp_path: Path) -> None:
    """`compare` prints a table, keeps every run and writes a report; table and store agree to the last image."""
    result = normlab(*TESTED, "--format", "json")
    assert result.returncode == 0, result.stderr
    assert {"engine lanes", "0 kept, 4 to train"} <= set(result.stderr.splitlines())
    assert (tmp_path / "normlab-out" / "compare" / "report.html").stat().st_size > 100_000
    stored = rows(tmp_path)
    assert len(stored) == 4
    table = json.loads(result.stdout)
    for arm in table["arms"]:
        correct = [right for name, _, right in stored if name == arm["arm"]]
        assert arm["final_accuracy_mean"] == pytest.approx(sum(correct) / len(correct) / 100, abs=1e-12)


@pytest.mark.long
def test_a_study_grows_by_name_and_nothing_is_trained_again(normlab: Run, project: Path) -> None:
    """The same again, a seed more, an arm more; its report is written anew each time."""
    grown = ["compare", "first", "--format", "json"]
    assert counts(normlab(*grown)) == (4, 0)
    assert counts(normlab(*grown, "--seeds", "3")) == (4, 2)
    assert counts(normlab(*grown, "--arm", "norm=ln")) == (6, 3)
    assert "ln" in (project / "first" / "report.html").read_text()


@pytest.mark.long
def test_a_study_grows_by_a_factor(normlab: Run, project: Path) -> None:  # noqa: ARG001 - `first` lies in it
    """What there was is one level of it, and keeps its runs."""
    result = normlab("compare", "first", "--vary", "dropout=0,0.1", "--format", "json")
    assert counts(result) == (4, 4)
    assert {question["factor"] for question in json.loads(result.stdout)["questions"]} == {"norm", "dropout"}


@pytest.mark.long
def test_studies_share_the_runs_that_both_need(normlab: Run, tmp_path: Path) -> None:
    """Another question on the same runs gets a folder of its own, and trains what is new."""
    assert counts(normlab("compare", "--norms", "bn,ln", "--seeds", "1", *FAST, "--format", "json")) == (0, 2)
    assert counts(normlab("compare", "--norms", "ln,in", "--seeds", "1", *FAST, "--format", "json")) == (1, 1)
    folders = sorted(path.parent.name for path in (tmp_path / "normlab-out").glob("*/report.html"))
    assert folders == ["compare", "compare-2"]


@pytest.mark.long
def test_a_study_file_and_the_same_options_are_one_study(normlab: Run, tmp_path: Path) -> None:
    """`--print-toml` writes the file that the options stand for: running it needs no new training."""
    varied = ["compare", "--vary", "batch_size=32,64", "--set", "lr={base=0.1,per=batch_size,at=128}", "--seeds", "1"]
    assert normlab(*varied, *FAST).returncode == 0
    (tmp_path / "study.toml").write_text(normlab(*varied, *FAST, "--print-toml").stdout)
    again = normlab("compare", "study.toml", "--format", "csv")
    assert "2 kept, 0 to train" in again.stderr
    assert [row["arm"] for row in csv.DictReader(io.StringIO(again.stdout))] == ["batch 32", "batch 64"]


@pytest.mark.long
def test_seeds_after_a_look_are_judged_as_such_and_fresh_ones_are_not(normlab: Run) -> None:
    """The JSON names the rules; `--fresh-seeds` takes those of which no verdict was shown."""
    begun = ["compare", "--norms", "bn,gn:4", "--seeds", "2", *FAST, "--format", "json"]
    first, more = normlab(*begun), normlab("compare", "compare", "--seeds", "3", "--format", "json")
    fresh = normlab("compare", "compare", "--seeds", "2", "--fresh-seeds", "--format", "json")
    assert [json.loads(result.stdout)["rules"] for result in (first, more, fresh)] == ["once", "grown", "once"]
    assert {run["seed"] for run in json.loads(fresh.stdout)["runs"]} == {3, 4}


@pytest.mark.long
def test_what_is_damaged_is_trained_anew_with_repair(normlab: Run, whole: Path, tmp_path: Path) -> None:
    """One flipped byte of a weights file: `--repair` makes that run again, to the same bits, and no other."""
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    before = rows(tmp_path)
    path = min((tmp_path / "normlab-out" / "weights").iterdir())
    sound = path.read_bytes()
    path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    assert counts(normlab(*SMALL, "--repair", "--format", "json")) == (3, 1)
    assert path.read_bytes() == sound
    assert rows(tmp_path) == before


@pytest.mark.long
def test_a_run_that_diverges_is_shown_and_the_others_go_on(normlab: Run, tmp_path: Path) -> None:
    """A learning rate beyond reason: diverged runs are recorded and named, no NaN stands in any sentence."""
    result = normlab("compare", "--norms", "none,bn", *SMALL[3:], "--lr", "1e9")
    assert result.returncode == 0, result.stderr
    assert "diverged" in result.stdout
    html = (tmp_path / "normlab-out" / "compare" / "report.html").read_text()
    assert not re.search(r">\s*nan\b", html, re.IGNORECASE)


@pytest.mark.long
def test_names_are_data(normlab: Run, tmp_path: Path) -> None:
    """Square brackets in an arm's name are neither markup of the terminal nor of the page, from start to report."""
    odd = ["--arm", "[/c] [red]x<b>: norm=bn", "--arm", "[bold: norm=gn:4"]
    result = normlab("compare", *odd, "--seeds", "1", *FAST)
    assert result.returncode == 0, result.stderr
    assert "[/c] [red]x<b> · seed 0:" in result.stderr
    assert "[/c] [red]x<b>" in result.stdout
    assert "[/c] [red]x<b>" in normlab("runs", "compare").stdout
    assert "x<b>" not in (tmp_path / "normlab-out" / "compare" / "report.html").read_text()


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="needs POSIX process groups")
def test_a_killed_study_continues_with_the_runs_still_owed(normlab: Run, whole: Path, tmp_path: Path) -> None:
    """After kill -9 of the whole process group nothing finished is lost or repeated, and no process is left."""
    command = [sys.executable, "-m", "normlab", *SMALL]
    process = subprocess.Popen(
        command, cwd=tmp_path, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[2/4]"):
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = rows(tmp_path)
    assert 2 <= len(kept) < 4
    _wait_until_gone(process.pid)

    result = normlab(*SMALL)
    assert result.returncode == 0, result.stderr
    assert f"{len(kept)} kept, {4 - len(kept)} to train" in result.stderr
    resumed = rows(tmp_path)
    assert set(kept) <= set(resumed)
    assert rows(whole) == resumed


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="needs POSIX process groups")
def test_ctrl_c_stops_with_a_word_and_keeps_what_is_done(tmp_path: Path, mnist: object) -> None:  # noqa: ARG001
    """SIGINT to the group, as a terminal sends it: exit code 130, one line that says how to continue."""
    command = [sys.executable, "-m", "normlab", *SMALL, "--epochs", "12"]  # training goes on while the signal travels
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whatever is run in the background ignores it, and so would this process.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - nothing happens in between
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[1/4]"):
            break
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    # Where the signal came while Python read a text as code, it ends by the signal itself; for a shell that is 130 too.
    assert process.returncode in {130, -signal.SIGINT}
    assert "the same command continues" in errors
    assert "Traceback" not in errors
    assert len(rows(tmp_path)) >= 1
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


@pytest.mark.long
def test_preprocessings_become_arms(normlab: Run, tmp_path: Path) -> None:
    """One is the recipe's, several are compared; the table names them, and the engine is the fastest."""
    one = normlab("compare", "--preprocess", "equalize", "--print-toml").stdout
    assert 'preprocess = "equalize"' in one
    result = normlab("compare", "--preprocess", "stretch,none", "--seeds", "2", *FAST, "--format", "csv")
    assert result.returncode == 0, result.stderr
    assert "engine lanes" in result.stderr.splitlines()
    found = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["arm"], row["preprocess"]) for row in found] == [("bn + stretch", "stretch"), ("bn + none", "none")]
    assert len(rows(tmp_path)) == 4
